// Compressed streams, both ways, behind one interface.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir {

enum class Compression : uint8_t { kNone, kGzip, kZstd };

/// What people call them, for option rows.
inline constexpr std::string_view kCompressions = "gzip zstd none";

/// "gzip", "zstd", "none".
std::string_view compression_name(Compression compression);
/// The compression of that name, or nothing.
std::optional<Compression> find_compression(std::string_view name);
/// What a file's name says: .gz, .zst (in any case of letters).
Compression compression_of_name(std::string_view file_name);

/// What the first bytes of an input say (RFC 1952: 1f 8b; RFC 8878: 28 b5 2f fd, and 50..5f 2a 4d
/// 18 for a skippable frame). Nothing if that takes more bytes (never more than 4); `whole` says
/// that there are no more.
std::optional<Compression> detect_compression(std::string_view bytes, bool whole);

/// Takes compressed bytes, gives what is in them. Members and frames that follow each other are one
/// stream (RFC 1952, section 2.2; RFC 8878, section 3).
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Decodes from the front of `in` (which shrinks) into `to`, and answers how many bytes it wrote
  /// there. If that is less than `room`, `in` is used up and all that it says came out, or a frame
  /// has ended. If that is nothing, `in` is used up. `last` tells that nothing follows `in`. The
  /// error says what is wrong ("gzip data ends early ..."), and comes after every byte that could
  /// be decoded; after it the decoder is done.
  virtual std::expected<size_t, std::string> decode(std::string_view& in, bool last, char* to,
                                                    size_t room) = 0;
  /// Decodes `in`, which is whole frames, apart from any stream, and answers how many bytes are in
  /// them: at most `room`. Nothing if that is not so or they are damaged; the decoder is to be
  /// reset before it decodes a stream.
  virtual std::optional<size_t> decode_frames(std::string_view in, char* to, size_t room) = 0;
  /// True if a frame has ended, and nothing was seen of what follows it.
  virtual bool between_frames() const = 0;
  /// Begins another stream, whatever became of the one before.
  virtual void reset() = 0;
};

/// A decoder for `compression`, which is not kNone.
std::unique_ptr<Decoder> make_decoder(Compression compression);

/// What is in `bytes`, the whole of a stream in `compression` (not kNone). Of more than `most`
/// bytes only the first `most` + 1 come out, so that the caller sees that there is more. The error
/// is that of the decoder.
std::expected<std::string, std::string> decompress(Compression compression, std::string_view bytes,
                                                   size_t most);

/// Compresses a stream.
class Encoder {
 public:
  enum class Mode : uint8_t {
    kMore,   ///< more follows
    kFlush,  ///< all so far must be readable at the other end now
    kEnd,    ///< the stream ends
  };
  virtual ~Encoder() = default;
  /// Compresses `in` and appends to `out`. Answers an empty text, or what went wrong.
  virtual std::string encode(std::string_view in, Mode mode, std::string& out) = 0;
};

/// The levels that make_encoder takes: gzip 1 to 9, zstd 1 to 19; 0 is the usual one (6 and 3).
int highest_level(Compression compression);

/// An error (kUsage) if an output in `compression` (kNone too) cannot have that level.
Result<void> check_level(Compression compression, int level);

/// An encoder for `compression`, which is not kNone. The same bytes give the same stream: no time
/// and no name is written into it.
std::unique_ptr<Encoder> make_encoder(Compression compression, int level);

}  // namespace weir
