// Functions of CEL's "network" extension: IP addresses and ranges of them.
#include "base/utf8.h"
#include "event/ip.h"
#include "expr/function.h"

namespace weir::expr {

namespace {

std::string_view keep(const IpBytes& bytes, Arena& arena) {
  return arena.copy({bytes.data(), bytes.size()});
}

Value unreadable(const Call& call, size_t i, std::string_view reason) {
  return call.fail({reason, ": '", beginning(call[i].text(), 60), "'"});
}

/// Argument `i`, an address or the text of one.
Value address_argument(const Call& call, size_t i) {
  if (call[i].kind == Kind::kIp) return call[i];
  if (call[i].kind != Kind::kString) return call.wrong_type(i, "an IP address or its text");
  const auto bytes = read_ip(call[i].text());
  if (!bytes) return unreadable(call, i, bytes.error());
  return Value::of_ip(keep(*bytes, call.arena));
}

/// Argument `i`, a range or the text of one.
Value range_argument(const Call& call, size_t i) {
  if (call[i].kind == Kind::kCidr) return call[i];
  if (call[i].kind != Kind::kString) return call.wrong_type(i, "an address range or its text");
  const auto range = read_ip_range(call[i].text());
  if (!range) return unreadable(call, i, range.error());
  return Value::of_cidr(keep(range->address, call.arena), static_cast<uint64_t>(range->prefix));
}

Value to_ip(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  return address_argument(call, 0);
}

Value to_cidr(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  return range_argument(call, 0);
}

Value is_ip(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  return Value::of(read_ip(call[0].text()).has_value());
}

Value is_cidr(const Call& call) {
  if (call[0].kind != Kind::kString) return call.wrong_type(0, "a string");
  return Value::of(read_ip_range(call[0].text()).has_value());
}

Value is_canonical(const Call& call) {
  const Value address = to_ip(call);
  if (address.is_error()) return address;
  char text[kLongestAddress];
  return Value::of(std::string_view(text, put_address(address, text)) == call[0].text());
}

// What addresses there are: the extension takes the words from Go's net/netip. RFC 6890 lists the
// blocks and the documents behind them.

/// The addresses that begin with the first `prefix` bits of these two bytes and zeros.
struct Block {
  unsigned char first;
  unsigned char second;
  uint64_t prefix;
};

bool is_in(const Value& address, Block block) {
  IpBytes bytes{};
  address.text().copy(bytes.data(), bytes.size());
  const size_t start = is_ipv4(address) ? 12 : 0;
  bytes[start] = static_cast<char>(block.first);
  bytes[start + 1] = static_cast<char>(block.second);
  if (block.prefix > 16) bytes[start + 2] = 0;
  return share_prefix(address, Value::of_ip({bytes.data(), bytes.size()}), block.prefix);
}

bool is_all(const Value& address, unsigned char byte, unsigned char last) {
  const std::string_view bytes = address.text().substr(is_ipv4(address) ? 12 : 0);
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) != byte) return false;
  }
  return static_cast<unsigned char>(bytes.back()) == last;
}

bool unspecified(const Value& address) { return is_all(address, 0, 0); }

bool loopback(const Value& address) {
  return is_ipv4(address) ? is_in(address, {127, 0, 8}) : is_all(address, 0, 1);
}

bool multicast(const Value& address) {
  return is_ipv4(address) ? is_in(address, {224, 0, 4}) : is_in(address, {0xff, 0, 8});
}

bool link_local_unicast(const Value& address) {
  return is_ipv4(address) ? is_in(address, {169, 254, 16}) : is_in(address, {0xfe, 0x80, 10});
}

bool link_local_multicast(const Value& address) {
  if (is_ipv4(address)) return is_in(address, {224, 0, 24});
  // The second byte holds four flags and the scope, which is 2.
  return is_in(address, {0xff, 0, 8}) && (address.text()[1] & 0x0f) == 2;
}

bool global_unicast(const Value& address) {
  const bool broadcast = is_ipv4(address) && is_all(address, 255, 255);
  return !broadcast && !unspecified(address) && !loopback(address) && !multicast(address) &&
         !link_local_unicast(address);
}

template <auto kTest>
Value test(const Call& call) {
  if (call[0].kind != Kind::kIp) return call.wrong_type(0, "an IP address, as ip(text) makes it");
  return Value::of(kTest(call[0]));
}

Value family(const Call& call) {
  if (call[0].kind != Kind::kIp) return call.wrong_type(0, "an IP address, as ip(text) makes it");
  return Value::of_int(is_ipv4(call[0]) ? 4 : 6);
}

Value need_range(const Call& call) {
  return call.wrong_type(0, "an address range, as cidr(text) makes it");
}

Value contains_ip(const Call& call) {
  if (call[0].kind != Kind::kCidr) return need_range(call);
  const Value address = address_argument(call, 1);
  if (address.is_error()) return address;
  return Value::of(is_ipv4(call[0]) == is_ipv4(address) &&
                   share_prefix(call[0], address, call[0].prefix));
}

Value contains_cidr(const Call& call) {
  if (call[0].kind != Kind::kCidr) return need_range(call);
  const Value range = range_argument(call, 1);
  if (range.is_error()) return range;
  return Value::of(is_ipv4(call[0]) == is_ipv4(range) && call[0].prefix <= range.prefix &&
                   share_prefix(call[0], range, call[0].prefix));
}

Value address_of(const Call& call) {
  if (call[0].kind != Kind::kCidr) return need_range(call);
  return Value::of_ip(call[0].text());
}

Value masked(const Call& call) {
  if (call[0].kind != Kind::kCidr) return need_range(call);
  return Value::of_cidr(keep(first_address(call[0]), call.arena), call[0].prefix);
}

Value prefix_length(const Call& call) {
  if (call[0].kind != Kind::kCidr) return need_range(call);
  return Value::of_int(static_cast<int64_t>(call[0].prefix));
}

constexpr auto kGlobal = Function::kGlobal;
constexpr auto kMethod = Function::kMethod;
constexpr Function kRows[] = {
    {"ip", kGlobal, 1, 1, to_ip, kIpType, "ip(text)", "the address that the text is"},
    {"isIP", kGlobal, 1, 1, is_ip, kBoolType, "isIP(text)", "whether the text is an address"},
    {"ip.isCanonical", kGlobal, 1, 1, is_canonical, kBoolType, "ip.isCanonical(text)",
     "whether the address is written as RFC 5952 has it"},
    {"family", kMethod, 1, 1, family, kIntType, "ip(text).family()", "4 or 6"},
    {"isUnspecified", kMethod, 1, 1, test<unspecified>, kBoolType, "ip(text).isUnspecified()",
     "whether it is 0.0.0.0 or ::"},
    {"isLoopback", kMethod, 1, 1, test<loopback>, kBoolType, "ip(text).isLoopback()",
     "whether it is the machine itself"},
    {"isGlobalUnicast", kMethod, 1, 1, test<global_unicast>, kBoolType,
     "ip(text).isGlobalUnicast()", "whether it is one machine's, and not link-local"},
    {"isLinkLocalUnicast", kMethod, 1, 1, test<link_local_unicast>, kBoolType,
     "ip(text).isLinkLocalUnicast()", "whether it is in 169.254.0.0/16 or fe80::/10"},
    {"isLinkLocalMulticast", kMethod, 1, 1, test<link_local_multicast>, kBoolType,
     "ip(text).isLinkLocalMulticast()", "whether it is in 224.0.0.0/24 or ff02::/16"},
    {"cidr", kGlobal, 1, 1, to_cidr, kCidrType, "cidr(text)",
     "the range of addresses that the text is"},
    {"isCIDR", kGlobal, 1, 1, is_cidr, kBoolType, "isCIDR(text)",
     "whether the text is a range of addresses"},
    {"containsIP", kMethod, 2, 2, contains_ip, kBoolType, "cidr(text).containsIP(address)",
     "whether the address is in the range"},
    {"containsCIDR", kMethod, 2, 2, contains_cidr, kBoolType, "cidr(text).containsCIDR(range)",
     "whether the other range is in the range"},
    {"ip", kMethod, 1, 1, address_of, kIpType, "cidr(text).ip()",
     "the address that the range is written with"},
    {"masked", kMethod, 1, 1, masked, kCidrType, "cidr(text).masked()",
     "the range with the first of its addresses"},
    {"prefixLength", kMethod, 1, 1, prefix_length, kIntType, "cidr(text).prefixLength()",
     "the bits that all its addresses have in common"},
};

}  // namespace

std::span<const Function> network_functions() { return kRows; }

}  // namespace weir::expr
