#include "codec/compression.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "codec/gzip.h"
#include "codec/zstd.h"

namespace weir {

std::string_view compression_name(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
    case Compression::kNone:
      break;
  }
  return "none";
}

std::optional<Compression> find_compression(std::string_view name) {
  if (name == "gzip") return Compression::kGzip;
  if (name == "zstd") return Compression::kZstd;
  if (name == "none") return Compression::kNone;
  return std::nullopt;
}

Compression compression_of_name(std::string_view file_name) {
  const auto ends_with = [&](std::string_view ending) {
    if (file_name.size() <= ending.size()) return false;
    return std::ranges::equal(
        file_name.substr(file_name.size() - ending.size()), ending,
        [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  };
  if (ends_with(".gz")) return Compression::kGzip;
  if (ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

std::optional<Compression> detect_compression(std::string_view bytes, bool whole) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
  constexpr std::string_view kSkippable = "\x50\x2a\x4d\x18";
  if (bytes.starts_with(kGzip)) return Compression::kGzip;
  if (bytes.starts_with(kZstd)) return Compression::kZstd;
  // The low half of a skippable frame's first byte is free.
  std::string front(bytes.substr(0, kSkippable.size()));
  if (!front.empty()) front[0] = static_cast<char>(front[0] & ~0x0f);
  if (front == kSkippable) return Compression::kZstd;
  const bool may_become = !whole && (kGzip.starts_with(bytes) || kZstd.starts_with(bytes) ||
                                     kSkippable.starts_with(front));
  if (may_become) return std::nullopt;
  return Compression::kNone;
}

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  return compression == Compression::kGzip ? make_gzip_decoder() : make_zstd_decoder();
}

std::expected<std::string, std::string> decompress(Compression compression, std::string_view bytes,
                                                   size_t most) {
  // To make one takes longer than to decode the content of a field.
  thread_local std::array<std::unique_ptr<Decoder>, 3> decoders;
  std::unique_ptr<Decoder>& decoder = decoders[static_cast<size_t>(compression)];
  if (decoder == nullptr) {
    decoder = make_decoder(compression);
  } else {
    decoder->reset();
  }
  std::string out;
  while (out.size() <= most) {
    const size_t size = out.size();
    const size_t room = std::min(std::max(2 * size, size_t{16} << 10), most + 1 - size);
    out.resize(size + room);
    size_t filled = 0;
    while (filled < room) {
      const auto got = decoder->decode(bytes, true, out.data() + size + filled, room - filled);
      if (!got) return std::unexpected(got.error());
      if (*got == 0) break;
      filled += *got;
    }
    out.resize(size + filled);
    if (filled < room) break;
  }
  return out;
}

int highest_level(Compression compression) {
  return compression == Compression::kGzip ? 9 : compression == Compression::kZstd ? 19 : 0;
}

Result<void> check_level(Compression compression, int level) {
  if (level != 0 && compression == Compression::kNone) {
    return usage_error("a level of compression is given, and the output is not compressed");
  }
  if (level < 0 || level > highest_level(compression)) {
    return usage_error("the levels of " + std::string(compression_name(compression)) +
                       " are 1 to " + std::to_string(highest_level(compression)));
  }
  return {};
}

std::unique_ptr<Encoder> make_encoder(Compression compression, int level) {
  return compression == Compression::kGzip ? make_gzip_encoder(level) : make_zstd_encoder(level);
}

}  // namespace weir
