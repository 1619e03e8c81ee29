// Frames and members as others write them, for tests.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "codec/compression.h"

namespace weir {

enum class Framing : uint8_t {
  kSized,    ///< zstd, with the size of the content in the header
  kUnsized,  ///< zstd, without
  kMember,   ///< gzip
  kBgzf,     ///< gzip, with the size of the member in an extra field; up to 64 KiB
};

inline Compression compression_of(Framing framing) {
  return framing == Framing::kSized || framing == Framing::kUnsized ? Compression::kZstd
                                                                    : Compression::kGzip;
}

/// A frame or member with that content.
inline std::string frame(Framing framing, const std::string& text) {
  const auto encoder = make_encoder(compression_of(framing), 1);
  std::string out;
  std::string_view rest = text;
  if (framing == Framing::kUnsized) {
    CHECK(encoder->encode(rest.substr(0, 1), Encoder::Mode::kMore, out).empty());
    rest.remove_prefix(std::min<size_t>(1, rest.size()));
  }
  CHECK(encoder->encode(rest, Encoder::Mode::kEnd, out).empty());
  if (framing == Framing::kBgzf) {
    out[3] = 4;  // there is an extra field
    const size_t last = out.size() + 8 - 1;
    REQUIRE(last < size_t{1} << 16);
    const char size[] = {static_cast<char>(last & 0xff), static_cast<char>(last >> 8)};
    out.insert(10, std::string("\x06\0BC\x02\0", 6) + std::string(size, 2));
  }
  return out;
}

}  // namespace weir
