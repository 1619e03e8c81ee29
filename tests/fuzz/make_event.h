// Events that are well formed, made of arbitrary bytes.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "decisions.h"

namespace weir {

inline constexpr std::array<std::string_view, 8> kFields = {"a", "b", "c",   "d",
                                                            "x", "y", "a.b", "int"};

/// Values that some family of functions takes for more than text or a number.
inline constexpr std::array<std::string_view, 44> kScalars = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "-7",
    "3.50",
    "3.0",
    "1e3",
    "-0",
    "-0.0",
    "1e400",
    "5e-324",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "123456789012345678901234567890",
    R"("")",
    R"("a")",
    R"("12")",
    R"("1.5e2")",
    R"("\u0061\n")",
    R"("\ud800")",
    R"("\ud83d\ude00z")",
    R"("abcabc")",
    R"("a,b,,c")",
    R"("\u00e9\u0000\"\\\/")",
    R"("YWJj/+==")",
    R"("%s %d %.3f %x %e %b %o %%")",
    R"("([a-c])(b+)?|$")",
    R"("\\1\\2")",
    R"("2026-11-24T10:00:00Z")",
    R"("2024-02-29T23:59:60.123456789+14:00")",
    R"("0001-01-01T00:00:00Z")",
    R"("9999-12-31T23:59:59.999999999Z")",
    R"("1h2m3.5s")",
    R"("-292y")",
    R"("Europe/Berlin")",
    R"("-09:30")",
    R"("%Y-%m-%dT%H:%M:%S%z %j %b")",
    R"("10.1.2.3")",
    R"("2001:db8::1")",
    R"("10.0.0.0/8")",
    R"("fe80::/10")"};

/// Makes JSON objects whose names are those of kFields.
class EventMaker {
 public:
  explicit EventMaker(Decisions& decisions) : decisions_(decisions) {}

  std::string event() {
    std::string text = "{";
    for (size_t i = decisions_.below(7); i > 0; --i) {
      if (text.size() > 1) text += ',';
      text += '"' + decisions_.of(kFields) + "\":" + json(0);
    }
    return text + "}";
  }

 private:
  std::string json(int depth) {
    const size_t shape = depth > 3 ? 0 : decisions_.below(6);
    if (shape < 4) return decisions_.of(kScalars);
    std::string text = shape == 4 ? "[" : "{";
    for (size_t i = decisions_.below(5); i > 0; --i) {
      if (text.size() > 1) text += ", ";
      if (shape == 5) text += '"' + decisions_.of(kFields) + "\": ";
      text += json(depth + 1);
    }
    return text + (shape == 4 ? "]" : "}");
  }

  Decisions& decisions_;
};

}  // namespace weir
