// format, and IP addresses.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

namespace {

std::string standard(std::string_view source) { return OnEvent("{}", Dialect::kStandard)(source); }

/// The text that format makes, or what is wrong.
std::string format(const std::string& text, const std::string& values) {
  const std::string shown = standard("'" + text + "'.format([" + values + "])");
  return shown.substr(shown.find(' ') + 1);
}

}  // namespace

TEST_CASE("format: text") {
  CHECK(format("", "") == R"("")");
  CHECK(format("%s and %s%%", "'a', 'b'") == R"("a and b%")");
  CHECK(format("%%%s", "1") == R"("%1")");
  CHECK(format("%s", "true") == R"("true")");
  CHECK(format("%s", "null") == R"("null")");
  CHECK(format("%s %s %s", "1, 2u, 3.0") == R"("1 2 3")");
  CHECK(format("%s %s", "1e-7, 1e22") == R"("0.0000001 10000000000000000000000")");
  CHECK(format("%s", "0.0 / 0.0") == R"("NaN")");
  CHECK(format("%s", "-1.0 / 0.0") == R"("-Infinity")");
  CHECK(format("%s", R"(b"x\xff")") == R"("x�")");
  CHECK(format("%s", "type(1)") == R"("int")");
  CHECK(format("%s", "['a', 1.5, null, [b'c']]") == R"("[a, 1.5, null, [c]]")");
  CHECK(format("%s", "{'k': 'x', 6: [], true: {}}") == R"("{6: [], k: x, true: {}}")");
  CHECK(format("%s", R"x(duration("90.5s"))x") == R"("90.5s")");
  CHECK(format("%s", R"x([timestamp("2023-02-03T23:31:20+01:00")])x") ==
        R"("[2023-02-03T22:31:20Z]")");
  CHECK(format("%s", "optional.none()") == "format: %s cannot write an optional");
  CHECK(format("%s %s", "ip('1.2.3.4'), cidr('::/0')") == R"("1.2.3.4 ::/0")");
}

TEST_CASE("format: numbers") {
  CHECK(format("%d %d %d", "-5, 7u, 1.5") == R"("-5 7 1.5")");
  CHECK(format("%f", "2.71828") == R"("2.718280")");
  CHECK(format("%.3f", "-123.4999") == R"("-123.500")");
  CHECK(format("%.0f %.0f %.0f", "2.5, 3.5, 123.0") == R"("2 4 123")");
  CHECK(format("%.1f %f", "3, 2u") == R"("3.0 2.000000")");
  CHECK(format("%.6e", "1052.032911275") == R"("1.052033e+03")");
  CHECK(format("%e", "2") == R"("2.000000e+00")");
  CHECK(format("%e %f", "1.0 / 0.0, 0.0 / 0.0") == R"("Infinity NaN")");
  CHECK(format("%b %b %b %b", "5, -5, 64u, true") == R"("101 -101 1000000 1")");
  CHECK(format("%o %o", "11, 65535u") == R"("13 177777")");
  CHECK(format("%x %X %x", "-255, 500u, 26") == R"("-ff 1F4 1a")");
  CHECK(format("%x %X", "'Hi!', b'byte string'") == R"("486921 6279746520737472696E67")");
  CHECK(format("%.1000f", "1.0e308").size() == 309 + 1 + 1000 + 2);
  OnEvent cells({{"n", "7"}, {"s", "007x"}});
  CHECK(cells("'%d %s %.1f'.format([n, s, n])") == "string \"7 007x 7.0\"");
  CHECK(cells("'%x'.format([n])") == "string \"37\"");
}

TEST_CASE("format: errors") {
  CHECK(format("%a", "1") == "format: there is no %a, but %s %d %f %e %b %x %X %o and %%");
  CHECK(format("%é", "1").starts_with("format: there is no %é, but"));
  CHECK(format("%E", "0.5").starts_with("format: there is no %E"));
  CHECK(format("%d %d", "1") == "format: the text has more places than there are values");
  CHECK(format("%d", "1, 2") == "format: there are more values than places");
  CHECK(format("50%", "1") == "format: the text ends behind a %: a percent sign is written %%");
  CHECK(format("%.", "1") == "format: behind %. stands a precision from 0 to 1000");
  CHECK(format("%.1001f", "1").starts_with("format: behind %."));
  CHECK(format("%d", "'a'") == "format: %d needs a number, and this is a string");
  CHECK(format("%f", "null") == "format: %f needs a number, and this is null");
  CHECK(format("%b", "'a'") == "format: %b needs an int, uint or bool, and this is a string");
  CHECK(format("%o", "true") == "format: %o needs an int or uint, and this is a bool");
  CHECK(format("%x", "0.5") ==
        "format: %x needs an int, uint, string or bytes, and this is a double");
  CHECK(standard("'%s'.format('a')") ==
        "error: format needs a list of values, and this is a string");
}

TEST_CASE("strings.quote") {
  CHECK(standard(R"(strings.quote('a\a\b\f\n\r\t\v\\"é'))") ==
        R"(string "\"a\\a\\b\\f\\n\\r\\t\\v\\\\\\\"é\"")");
  CHECK(standard("strings.quote('')") == R"(string "\"\"")");
}

TEST_CASE("positions beyond a text") {
  CHECK(standard("'hello'.indexOf('l', 20)") == "int -1");
  CHECK(standard("'hello'.lastIndexOf('l', 20)") == "int -1");
  CHECK(standard("'hello'.indexOf('', 5)") == "int 5");
  CHECK(standard("'hello'.charAt(5)") == "string \"\"");
  CHECK(standard("'hello'.charAt(6)") == "error: the position is outside of the text");
  CHECK(standard("'hello'.indexOf('l', -1)") == "error: the position is outside of the text");
}

TEST_CASE("IP addresses: what is one") {
  for (const std::string_view good :
       {"0.0.0.0", "255.255.255.255", "::", "::1", "1::", "2001:DB8::1", "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "64:ff9b::1.2.3.4", "::ffff:c0a8:1"}) {
    CAPTURE(good);
    CHECK(standard("isIP('" + std::string(good) + "')") == "bool true");
  }
  for (const std::string_view bad : {"",
                                     "1.2.3",
                                     "1.2.3.4.5",
                                     "1.2.3.256",
                                     "01.2.3.4",
                                     "1.2.3.",
                                     "+1.2.3.4",
                                     " 1.2.3.4",
                                     ":",
                                     ":::",
                                     "1:2",
                                     "1:2:3:4:5:6:7:8:9",
                                     "1:2:3:4:5:6:7:8:",
                                     "1::2::3",
                                     "::12345",
                                     "::g",
                                     "1:2:3:4:5:6:7:1.2.3.4",
                                     "1.2.3.4::",
                                     "::ffff:1.2.3.4",
                                     "fe80::1%en0",
                                     "[::1]",
                                     "1:2:3:4::5:6:7:8"}) {
    CAPTURE(bad);
    CHECK(standard("isIP('" + std::string(bad) + "')") == "bool false");
  }
  CHECK(standard("ip('fe80::1%en0')") ==
        "error: an address with a zone (%) is not allowed: 'fe80::1%en0'");
  CHECK(standard("ip('::ffff:1.2.3.4')") ==
        "error: IPv4 inside of IPv6 (::ffff:1.2.3.4) is not allowed: '::ffff:1.2.3.4'");
  CHECK(standard("ip('x')") == "error: this is no IP address: 'x'");
  CHECK(standard("ip(1)") == "error: ip needs a string, and this is an int");
}

TEST_CASE("IP addresses: how they are written") {
  CHECK(standard("string(ip('2001:DB8:0:0:1:0:0:1'))") == "string \"2001:db8::1:0:0:1\"");
  CHECK(standard("string(ip('1:0:2:0:0:0:3:4'))") == "string \"1:0:2::3:4\"");
  CHECK(standard("string(ip('1:0:2:3:4:5:6:7'))") == "string \"1:0:2:3:4:5:6:7\"");
  CHECK(standard("string(ip('0:0::0'))") == "string \"::\"");
  CHECK(standard("string(ip('1:0:0:0:0:0:0:0'))") == "string \"1::\"");
  CHECK(standard("ip('192.168.0.1')") == "net.IP \"192.168.0.1\"");
  CHECK(standard("ip.isCanonical('2001:db8::1')") == "bool true");
  CHECK(standard("ip.isCanonical('2001:DB8::1')") == "bool false");
  CHECK(standard("ip.isCanonical('127.0.0.1.0')") == "error: this is no IP address: '127.0.0.1.0'");
}

TEST_CASE("IP addresses: kinds, equality and order") {
  CHECK(standard("ip('10.0.0.1').family()") == "int 4");
  CHECK(standard("ip('::1').family()") == "int 6");
  CHECK(standard("ip('127.8.0.1').isLoopback() && ip('::1').isLoopback()") == "bool true");
  CHECK(standard("ip('0.0.0.0').isUnspecified() && ip('::').isUnspecified()") == "bool true");
  CHECK(standard("ip('10.0.0.1').isGlobalUnicast()") == "bool true");
  CHECK(standard("['255.255.255.255', '127.0.0.1', '224.0.0.1', '169.254.1.1', '::', 'ff02::1']"
                 ".exists(a, ip(a).isGlobalUnicast())") == "bool false");
  CHECK(standard("['169.254.169.254', 'fe80::1', 'febf::'].all(a, ip(a).isLinkLocalUnicast())") ==
        "bool true");
  CHECK(standard("['169.253.1.1', 'fec0::'].exists(a, ip(a).isLinkLocalUnicast())") ==
        "bool false");
  CHECK(standard("['224.0.0.9', 'ff02::1', 'ff12::1'].all(a, ip(a).isLinkLocalMulticast())") ==
        "bool true");
  CHECK(standard("['224.0.1.9', 'ff01::1'].exists(a, ip(a).isLinkLocalMulticast())") ==
        "bool false");
  CHECK(standard("ip('::ffff:c0a8:1') == ip('192.168.0.1')") == "bool true");
  CHECK(standard("ip('::1') == '::1'") == "bool false");
  CHECK(standard("[ip('::1'), ip('10.0.0.10'), ip('10.0.0.9')].sort().map(a, string(a))") ==
        R"(list ["10.0.0.9","10.0.0.10","::1"])");
  CHECK(standard("'x'.family()") ==
        "error: family needs an IP address, as ip(text) makes it, and this is a string");
}

TEST_CASE("address ranges") {
  CHECK(standard("cidr('192.168.0.1/24')") == "net.CIDR \"192.168.0.1/24\"");
  for (const std::string_view bad :
       {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "::/129", "10.0.0/8",
        "::ffff:c0a8:1/24", "fe80::1%en0/24", "/8"}) {
    CAPTURE(bad);
    CHECK(standard("isCIDR('" + std::string(bad) + "')") == "bool false");
  }
  CHECK(standard("cidr('192.168.0.0/')") == "error: this is no address range: '192.168.0.0/'");
  CHECK(standard("cidr('10.0.0.0/8').containsIP('10.255.0.1')") == "bool true");
  CHECK(standard("cidr('10.0.0.0/9').containsIP(ip('10.128.0.0'))") == "bool false");
  CHECK(standard("cidr('0.0.0.0/0').containsIP('9.9.9.9')") == "bool true");
  CHECK(standard("cidr('0.0.0.0/0').containsIP('::1')") == "bool false");
  CHECK(standard("cidr('::/0').containsIP('1.2.3.4')") == "bool false");
  CHECK(standard("cidr('2001:db8::/33').containsIP('2001:db8:8000::')") == "bool false");
  CHECK(standard("cidr('10.0.0.0/8').containsIP('x')") == "error: this is no IP address: 'x'");
  CHECK(standard("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')") == "bool true");
  CHECK(standard("cidr('10.0.0.0/16').containsCIDR(cidr('10.0.0.0/8'))") == "bool false");
  CHECK(standard("cidr('10.0.0.0/8').containsCIDR('::/96')") == "bool false");
  CHECK(standard("string(cidr('192.168.0.1/22').ip())") == "string \"192.168.0.1\"");
  CHECK(standard("string(cidr('192.168.3.1/22').masked())") == "string \"192.168.0.0/22\"");
  CHECK(standard("string(cidr('ffff:ffff::/20').masked())") == "string \"ffff:f000::/20\"");
  CHECK(standard("cidr('::1/128').prefixLength()") == "int 128");
  CHECK(standard("cidr('10.0.0.1/8') == cidr('10.0.0.0/8')") == "bool false");
  CHECK(standard("'10.0.0.0/8'.masked()") ==
        "error: masked needs an address range, as cidr(text) makes it, and this is a string");
}

TEST_CASE("addresses of events") {
  OnEvent on(R"({"client":"10.1.2.3","ip":"::1","bad":"-","n":5})");
  CHECK(on("cidr('10.0.0.0/8').containsIP(client)") == "bool true");
  CHECK(on("ip(ip).isLoopback()") == "bool true");
  CHECK(on("ip.isCanonical(ip)") == "bool true");
  CHECK(on("cidr('10.0.0.0/8').containsIP(bad)") == "error: this is no IP address: '-'");
  CHECK(on("cidr('10.0.0.0/8').containsIP(n)") ==
        "error: containsIP needs an IP address or its text, and this is an int");
  CHECK(on("ip(client) < ip('10.1.2.4')") == "bool true");
  CHECK(on("{'net': cidr(client + '/16').masked()}") == R"(map {"net":"10.1.0.0/16"})");
}

}  // namespace weir::expr
