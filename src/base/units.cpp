#include "base/units.h"

#include <array>
#include <cctype>

namespace weir {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr uint64_t kKi = 1024;
constexpr std::array<Unit, 13> kSizes = {{{"b", 1},
                                          {"k", kKi},
                                          {"m", kKi* kKi},
                                          {"g", kKi* kKi* kKi},
                                          {"t", kKi* kKi* kKi* kKi},
                                          {"kib", kKi},
                                          {"mib", kKi* kKi},
                                          {"gib", kKi* kKi* kKi},
                                          {"tib", kKi* kKi* kKi* kKi},
                                          {"kb", 1000},
                                          {"mb", 1000000},
                                          {"gb", 1000000000},
                                          {"tb", 1000000000000}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes digits off the front of `text`. False if there are none, or too many for 64 bits.
bool take_number(std::string_view& text, uint64_t& number) {
  if (text.empty() || !is_digit(text.front())) return false;
  number = 0;
  while (!text.empty() && is_digit(text.front())) {
    if (__builtin_mul_overflow(number, uint64_t{10}, &number) ||
        __builtin_add_overflow(number, static_cast<uint64_t>(text.front() - '0'), &number)) {
      return false;
    }
    text.remove_prefix(1);
  }
  return true;
}

std::unexpected<Error> not_a_size(std::string_view text) {
  return usage_error("'" + std::string(text) +
                     "' is no size: it is a whole number and a unit, such as 64MiB, 500kB, 4096");
}

}  // namespace

Result<uint64_t> parse_size(std::string_view text) {
  std::string_view rest = text;
  uint64_t number = 0;
  if (!take_number(rest, number)) return not_a_size(text);
  if (rest.empty()) return number;
  if (rest.front() == ' ') rest.remove_prefix(1);
  std::string unit;
  for (const char c : rest) {
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const Unit& known : kSizes) {
    if (known.name != unit) continue;
    if (__builtin_mul_overflow(number, known.factor, &number)) return not_a_size(text);
    return number;
  }
  return not_a_size(text);
}

std::string format_size(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kNames = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  size_t power = 0;
  while (power + 1 < kNames.size() && bytes >= kKi && bytes % kKi == 0) {
    bytes /= kKi;
    ++power;
  }
  return std::to_string(bytes) + " " + std::string(kNames[power]);
}

std::string format_count(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

}  // namespace weir
