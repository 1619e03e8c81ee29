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

/// In nanoseconds, biggest first.
constexpr std::array<Unit, 7> kTimes = {{{"d", 86400000000000},
                                         {"h", 3600000000000},
                                         {"m", 60000000000},
                                         {"s", 1000000000},
                                         {"ms", 1000000},
                                         {"us", 1000},
                                         {"ns", 1}}};

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

std::unexpected<Error> not_a_duration(std::string_view text) {
  return usage_error("'" + std::string(text) +
                     "' is no length of time: it is a number and a unit, such as 30s, 5m, 1h30m");
}

/// `number` and the digits behind its point, times `factor`. False if that does not fit.
bool scale(uint64_t number, std::string_view fraction, uint64_t factor, uint64_t& result) {
  if (__builtin_mul_overflow(number, factor, &result)) return false;
  uint64_t rest = factor;
  for (const char digit : fraction) {
    // What is smaller than a nanosecond is cut off.
    rest /= 10;
    if (__builtin_add_overflow(result, rest * static_cast<uint64_t>(digit - '0'), &result)) {
      return false;
    }
  }
  return true;
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

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  std::string_view rest = text;
  if (rest.empty()) return not_a_duration(text);
  uint64_t total = 0;
  uint64_t smaller_than = UINT64_MAX;
  while (!rest.empty()) {
    uint64_t number = 0;
    if (!take_number(rest, number)) return not_a_duration(text);
    std::string_view fraction;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      size_t digits = 0;
      while (digits < rest.size() && is_digit(rest[digits])) ++digits;
      if (digits == 0) return not_a_duration(text);
      fraction = rest.substr(0, digits);
      rest.remove_prefix(digits);
    }
    size_t letters = 0;
    while (letters < rest.size() && !is_digit(rest[letters])) ++letters;
    const std::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    const Unit* unit = nullptr;
    for (const Unit& known : kTimes) {
      if (known.name == name) unit = &known;
    }
    uint64_t part = 0;
    if (unit == nullptr || unit->factor >= smaller_than ||
        !scale(number, fraction, unit->factor, part) ||
        __builtin_add_overflow(total, part, &total) || total > INT64_MAX) {
      return not_a_duration(text);
    }
    smaller_than = unit->factor;
  }
  return std::chrono::nanoseconds(static_cast<int64_t>(total));
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

}  // namespace weir
