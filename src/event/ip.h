// IP addresses and ranges of them.
#pragma once

#include <array>
#include <expected>
#include <string_view>

#include "event/value.h"

namespace weir {

/// The 16 bytes of an IPv6 address, in the order of the network. IPv4 addresses stand in the form
/// ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2), so the two families share one form.
using IpBytes = std::array<char, 16>;

/// An address and how many bits of it, from the first on, the range's addresses share. For IPv4 the
/// bits count from its own first one.
struct IpRange {
  IpBytes address{};
  int prefix = 0;
};

/// Reads an address: four decimal numbers without leading zeros, or IPv6 (RFC 4291, section 2.2,
/// where `::` stands for at least one group). Fails with the reason. Zones (%eth0) are refused, and
/// IPv4 in the clothes of IPv6 (::ffff:1.2.3.4); ::ffff:102:304 is the address 1.2.3.4.
std::expected<IpBytes, std::string_view> read_ip(std::string_view text);

/// Reads `address/prefix`. The address may have bits beyond the prefix. The prefix has no leading
/// zero. Any spelling of IPv4 in IPv6 is refused, as its prefix could be meant either way.
std::expected<IpRange, std::string_view> read_ip_range(std::string_view text);

/// For a value of kind kIp or kCidr: is it IPv4?
bool is_ipv4(const Value& address);

/// The longest text of an address or range.
inline constexpr size_t kLongestAddress = sizeof "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" - 1;

/// Writes an address or range (kIp, kCidr) in its canonical form (RFC 5952) at `to`, which has room
/// for kLongestAddress bytes. Answers behind it.
char* put_address(const Value& address, char* to);

/// True if the first `prefix` bits of the addresses are the same, which are of one family.
bool share_prefix(const Value& a, const Value& b, uint64_t prefix);

/// The range's first address: all bits behind the prefix are 0.
IpBytes first_address(const Value& range);

}  // namespace weir
