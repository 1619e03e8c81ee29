#include "codec/frames.h"

#include <algorithm>

namespace weir {
namespace {

constexpr Frame kPartial{.kind = Frame::Kind::kPartial};
constexpr Frame kOther{.kind = Frame::Kind::kOther};

/// `size` bytes from `at`, the lowest first.
uint64_t number_at(std::string_view bytes, size_t at, size_t size) {
  uint64_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[at + i]);
  return number;
}

/// A frame of that size is at the front, if it is all there.
Frame of_size(std::string_view bytes, uint64_t packed, uint64_t content) {
  if (packed > kLargestFrame || content > kLargestFrame) return kOther;
  if (packed > bytes.size()) return kPartial;
  return {.kind = Frame::Kind::kWhole, .packed = packed, .content = content};
}

Frame find_zstd(std::string_view bytes) {
  constexpr uint64_t kMagic = 0xfd2fb528;
  constexpr uint64_t kSkippable = 0x184d2a50;
  constexpr size_t kBlockHeader = 3;
  constexpr size_t kLargestBlock = size_t{128} << 10;
  constexpr size_t kChecksum = 4;
  if (bytes.size() < 9) return kPartial;
  const uint64_t magic = number_at(bytes, 0, 4);
  if ((magic & ~uint64_t{15}) == kSkippable) return of_size(bytes, 8 + number_at(bytes, 4, 4), 0);
  if (magic != kMagic) return kOther;

  // Section 3.1.1.1: what of the header is there, and how wide, is in its first byte.
  const auto descriptor = static_cast<uint8_t>(bytes[4]);
  const bool single_segment = (descriptor & 0x20) != 0;
  const bool has_checksum = (descriptor & 0x04) != 0;
  constexpr size_t kDictionaryBytes[] = {0, 1, 2, 4};
  constexpr size_t kSizeBytes[] = {0, 2, 4, 8};
  const size_t size_bytes = descriptor < 0x40 && single_segment ? 1 : kSizeBytes[descriptor >> 6];
  // A window of more than 128 MiB, which the decoder does not take.
  constexpr uint8_t kLargestWindow = 17 << 3;
  if (!single_segment && static_cast<uint8_t>(bytes[5]) > kLargestWindow) return kOther;
  const size_t size_at = 5 + (single_segment ? 0 : 1) + kDictionaryBytes[descriptor & 3];
  size_t at = size_at + size_bytes;
  if (bytes.size() < at) return kPartial;
  uint64_t told = UINT64_MAX;
  if (size_bytes > 0) told = number_at(bytes, size_at, size_bytes) + (size_bytes == 2 ? 256 : 0);
  if (size_bytes > 0 && told > kLargestFrame) return kOther;

  // Section 3.1.1.2: the blocks.
  uint64_t bound = 0;
  for (bool last = false; !last;) {
    if (bytes.size() < at + kBlockHeader) return at > kLargestFrame ? kOther : kPartial;
    const uint64_t header = number_at(bytes, at, kBlockHeader);
    const uint64_t kind = header >> 1 & 3;
    const uint64_t size = header >> 3;
    if (kind == 3 || size > kLargestBlock) return kOther;
    constexpr uint64_t kRaw = 0;
    constexpr uint64_t kRepeated = 1;
    at += kBlockHeader + (kind == kRepeated ? 1 : size);
    bound += kind == kRaw || kind == kRepeated ? size : kLargestBlock;
    last = (header & 1) != 0;
    if (at > kLargestFrame || bound > kLargestFrame + kLargestBlock) return kOther;
  }
  return of_size(bytes, at + (has_checksum ? kChecksum : 0), std::min(told, bound));
}

constexpr std::string_view kMember("\x1f\x8b\x08", 3);
constexpr size_t kMemberHeader = 10;
constexpr size_t kMemberTrailer = 8;  // the checksum and the size
constexpr uint8_t kHasExtra = 4;

/// True if RFC 1952, section 2.3.1, has a member begin like that, or zlib does on some systems
/// (zutil.h). In compressed bytes that are none it is so once in some 10^11.
bool may_be_member(std::string_view bytes) {
  constexpr uint8_t kReserved = 0xe0;
  constexpr uint8_t kLastSystem = 19;
  constexpr uint8_t kUnknownSystem = 255;
  if (!bytes.starts_with(kMember) || bytes.size() < kMemberHeader) return false;
  const auto effort = static_cast<uint8_t>(bytes[8]);
  const auto system = static_cast<uint8_t>(bytes[9]);
  return (static_cast<uint8_t>(bytes[3]) & kReserved) == 0 &&
         (effort == 0 || effort == 2 || effort == 4) &&
         (system <= kLastSystem || system == kUnknownSystem);
}

/// The member at the front ends where the next one seems to begin. It is given up where far more
/// places than chance makes have the first byte of one: each of them takes time.
Frame guess_gzip(std::string_view bytes, size_t searched) {
  constexpr size_t kMostPerByte = 1032;  // that deflate makes of one
  constexpr size_t kMostStarts = kLargestFrame / 64;
  size_t at = std::max(searched, kMemberHeader + kMemberTrailer);
  for (size_t starts = 0; starts < kMostStarts; ++starts, ++at) {
    at = std::min(bytes.find(kMember.front(), at), bytes.size());
    if (at > kLargestFrame) return kOther;
    if (bytes.size() - at < kMemberHeader) return {.kind = Frame::Kind::kPartial, .searched = at};
    if (!may_be_member(bytes.substr(at))) continue;
    const uint64_t content = number_at(bytes, at - 4, 4);
    if (content <= at * kMostPerByte) return of_size(bytes, at, content);
  }
  return kOther;
}

Frame find_gzip(std::string_view bytes, size_t searched) {
  constexpr size_t kExtra = kMemberHeader + 2;  // where extra fields begin, behind their length
  if (bytes.size() < kMemberHeader) {
    return kMember.starts_with(bytes.substr(0, kMember.size())) ? kPartial : kOther;
  }
  if (!bytes.starts_with(kMember)) return kOther;
  if ((static_cast<uint8_t>(bytes[3]) & kHasExtra) != 0) {
    if (bytes.size() < kExtra) return kPartial;
    const size_t end = kExtra + number_at(bytes, kExtra - 2, 2);
    if (bytes.size() < end) return kPartial;
    for (size_t at = kExtra; at + 4 <= end;) {
      const size_t size = number_at(bytes, at + 2, 2);
      if (bytes.substr(at, 2) == "BC" && size == 2 && at + 6 <= end) {
        const size_t packed = number_at(bytes, at + 4, 2) + 1;
        if (packed < end + kMemberTrailer) return kOther;
        if (bytes.size() < packed) return kPartial;
        return of_size(bytes, packed, number_at(bytes, packed - 4, 4));
      }
      at += 4 + size;
    }
  }
  return may_be_member(bytes) ? guess_gzip(bytes, searched) : kOther;
}

}  // namespace

Frame find_frame(Compression compression, std::string_view bytes, size_t searched) {
  return compression == Compression::kGzip ? find_gzip(bytes, searched) : find_zstd(bytes);
}

}  // namespace weir
