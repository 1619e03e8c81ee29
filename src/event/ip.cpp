#include "event/ip.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace weir {

namespace {

constexpr std::string_view kNoIp = "this is no IP address";
constexpr std::string_view kNoRange = "this is no address range";
constexpr std::string_view kZone = "an address with a zone (%) is not allowed";
constexpr std::string_view kMapped = "IPv4 inside of IPv6 (::ffff:1.2.3.4) is not allowed";

constexpr size_t kIpv4At = 12;
constexpr std::string_view kIpv4Start("\0\0\0\0\0\0\0\0\0\0\xff\xff", kIpv4At);

bool has_ipv4(std::string_view bytes) { return bytes.starts_with(kIpv4Start); }

/// Reads all of `text` as a decimal number up to `most`, without sign or leading zero.
bool read_decimal(std::string_view text, unsigned most, unsigned& number) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return false;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && number <= most;
}

/// Reads a.b.c.d to four bytes at `to`.
bool read_ipv4(std::string_view text, char* to) {
  for (int i = 0; i < 4; ++i) {
    const size_t end = i < 3 ? text.find('.') : text.size();
    unsigned number = 0;
    if (end == std::string_view::npos || !read_decimal(text.substr(0, end), 255, number)) {
      return false;
    }
    *to++ = static_cast<char>(number);
    if (i < 3) text.remove_prefix(end + 1);
  }
  return true;
}

bool read_group(std::string_view text, unsigned& number) {
  if (text.empty() || text.size() > 4) return false;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, 16);
  return read.ec == std::errc{} && read.ptr == end;
}

/// Reads groups of four hexadecimal digits between colons; the last two may be spelled a.b.c.d.
bool read_ipv6(std::string_view text, IpBytes& bytes) {
  size_t size = 0;
  size_t gap = bytes.size() + 1;
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty() && size < bytes.size()) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (group.find('.') != std::string_view::npos) {
      if (colon != std::string_view::npos || size + 4 > bytes.size()) return false;
      if (!read_ipv4(group, bytes.data() + size)) return false;
      size += 4;
      text = {};
      break;
    }
    unsigned number = 0;
    if (!read_group(group, number)) return false;
    bytes[size++] = static_cast<char>(number >> 8);
    bytes[size++] = static_cast<char>(number & 0xff);
    if (colon == std::string_view::npos) {
      text = {};
      break;
    }
    text.remove_prefix(colon + 1);
    if (text.starts_with(':')) {
      if (gap <= bytes.size()) return false;
      gap = size;
      text.remove_prefix(1);
    } else if (text.empty()) {
      return false;
    }
  }
  if (!text.empty()) return false;
  if (size == bytes.size()) return gap > bytes.size();
  if (gap > bytes.size()) return false;
  // What was read behind the gap belongs to the end.
  std::copy_backward(bytes.begin() + static_cast<std::ptrdiff_t>(gap),
                     bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end());
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(gap), bytes.size() - size, '\0');
  return true;
}

/// At most four digits.
char* put_number(unsigned number, int base, char* to) {
  return std::to_chars(to, to + 4, number, base).ptr;
}

char* put_ipv6(std::string_view bytes, char* to) {
  const auto group = [&](size_t i) {
    return unsigned{static_cast<unsigned char>(bytes[2 * i])} << 8 |
           static_cast<unsigned char>(bytes[2 * i + 1]);
  };
  // The longest run of zeros, the first of equally long ones, is left out if it is two groups.
  size_t begin = 8;
  size_t length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i > length) {
      begin = i;
      length = end - i;
    }
  }
  for (size_t i = 0; i < 8; ++i) {
    if (i == begin) {
      *to++ = ':';
      *to++ = ':';
      i += length - 1;
      continue;
    }
    if (i > 0 && i != begin + length) *to++ = ':';
    to = put_number(group(i), 16, to);
  }
  return to;
}

}  // namespace

std::expected<IpBytes, std::string_view> read_ip(std::string_view text) {
  IpBytes bytes{};
  if (text.find(':') == std::string_view::npos) {
    std::ranges::copy(kIpv4Start, bytes.begin());
    if (!read_ipv4(text, bytes.data() + kIpv4At)) return std::unexpected(kNoIp);
    return bytes;
  }
  if (text.find('%') != std::string_view::npos) return std::unexpected(kZone);
  if (!read_ipv6(text, bytes)) return std::unexpected(kNoIp);
  if (has_ipv4({bytes.data(), bytes.size()}) && text.find('.') != std::string_view::npos) {
    return std::unexpected(kMapped);
  }
  return bytes;
}

std::expected<IpRange, std::string_view> read_ip_range(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::unexpected(kNoRange);
  const std::string_view address = text.substr(0, slash);
  const auto bytes = read_ip(address);
  if (!bytes) return std::unexpected(bytes.error() == kNoIp ? kNoRange : bytes.error());
  const bool ipv4 = has_ipv4({bytes->data(), bytes->size()});
  if (ipv4 && address.find(':') != std::string_view::npos) return std::unexpected(kMapped);
  unsigned prefix = 0;
  if (!read_decimal(text.substr(slash + 1), ipv4 ? 32 : 128, prefix)) {
    return std::unexpected(kNoRange);
  }
  return IpRange{*bytes, static_cast<int>(prefix)};
}

bool is_ipv4(const Value& address) { return has_ipv4(address.text()); }

char* put_address(const Value& address, char* to) {
  const std::string_view bytes = address.text();
  if (has_ipv4(bytes)) {
    for (size_t i = kIpv4At; i < bytes.size(); ++i) {
      if (i > kIpv4At) *to++ = '.';
      to = put_number(static_cast<unsigned char>(bytes[i]), 10, to);
    }
  } else {
    to = put_ipv6(bytes, to);
  }
  if (address.kind != Kind::kCidr) return to;
  *to++ = '/';
  return put_number(static_cast<unsigned>(address.prefix), 10, to);
}

bool share_prefix(const Value& a, const Value& b, uint64_t prefix) {
  const uint64_t bits = prefix + (is_ipv4(a) ? 8 * kIpv4At : 0);
  const auto whole = static_cast<size_t>(bits / 8);
  if (a.text().substr(0, whole) != b.text().substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const int different = a.text()[whole] ^ b.text()[whole];
  return (different & (0xff00 >> bits % 8) & 0xff) == 0;
}

IpBytes first_address(const Value& range) {
  const uint64_t bits = range.prefix + (is_ipv4(range) ? 8 * kIpv4At : 0);
  IpBytes bytes{};
  range.text().copy(bytes.data(), bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint64_t kept = std::min<uint64_t>(8, bits > 8 * i ? bits - 8 * i : 0);
    bytes[i] = static_cast<char>(bytes[i] & (0xff00 >> kept) & 0xff);
  }
  return bytes;
}

}  // namespace weir
