// Where the frames of zstd data and the members of gzip data end, without decoding them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "codec/compression.h"

namespace weir {

/// What stands at the front of some bytes.
struct Frame {
  enum class Kind : uint8_t {
    kWhole,    ///< a frame that can be decoded by itself, whole, or several, or so it is guessed
    kPartial,  ///< the beginning of one, perhaps
    kOther,    ///< one that is too large, or no frame
  };
  Kind kind = Kind::kOther;
  size_t packed = 0;    ///< of a whole one: its bytes
  size_t content = 0;   ///< at most so many bytes are in it, if it is sound
  size_t searched = 0;  ///< of a partial one: for the next look, when there are more bytes
};

/// The largest frame, packed or not, that is told apart.
inline constexpr size_t kLargestFrame = size_t{2} << 20;

/// Looks at the front of `bytes`, which is between two frames of a stream in `compression` (not
/// kNone). `searched` is that of a look at fewer of them. Of zstd (RFC 8878, section 3.1) all
/// frames are told apart, skippable ones too, whose window a decoder takes; of gzip the members
/// that bgzip makes, which say their size in an extra field (BGZF: the SAM specification,
/// section 4.1). Others are taken to end where the header of another (RFC 1952, section 2.3.1)
/// seems to stand. It may be bytes of the member that look like one: then the whole one does not
/// decode by itself, though nothing is wrong with it.
Frame find_frame(Compression compression, std::string_view bytes, size_t searched = 0);

}  // namespace weir
