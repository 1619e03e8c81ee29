// Frames and members as others write them, for tests.
#pragma once

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "codec/compression.h"

namespace weir {

enum class Framing : uint8_t {
  kSized,    ///< zstd, with the size of the content in the header
  kUnsized,  ///< zstd, without
  kMember,   ///< gzip
  kStored,   ///< gzip, whose content stands in it as it is
  kBgzf,     ///< gzip, with the size of the member in an extra field; up to 64 KiB
};

inline Compression compression_of(Framing framing) {
  return framing == Framing::kSized || framing == Framing::kUnsized ? Compression::kZstd
                                                                    : Compression::kGzip;
}

/// What a gzip member may begin with (RFC 1952, section 2.3.1).
inline constexpr std::string_view kMemberHeader("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);

/// The lowest bytes of a number, the lowest first.
inline std::string low_bytes(uint64_t number, size_t size) {
  std::string bytes;
  for (; size > 0; --size, number >>= 8) bytes += static_cast<char>(number & 0xff);
  return bytes;
}

/// A gzip member of stored blocks (RFC 1951, section 3.2.4).
inline std::string stored_member(std::string_view text) {
  std::string out(kMemberHeader);
  std::string_view rest = text;
  do {
    const std::string_view block = rest.substr(0, 0xffff);
    rest.remove_prefix(block.size());
    out += rest.empty() ? '\1' : '\0';
    out += low_bytes(block.size(), 2) + low_bytes(~block.size(), 2);
    out += block;
  } while (!rest.empty());
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  return out + low_bytes(sum, 4) + low_bytes(text.size(), 4);
}

/// A frame or member with that content.
inline std::string frame(Framing framing, const std::string& text) {
  if (framing == Framing::kStored) return stored_member(text);
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
    out.insert(10, std::string("\x06\0BC\x02\0", 6) + low_bytes(last, 2));
  }
  return out;
}

}  // namespace weir
