#include "event/json_check.h"

#include <cstdint>
#include <cstring>

#include "base/utf8.h"
#include "event/json_bytes.h"

namespace weir {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Which container each open level is, one bit a level.
class Levels {
 public:
  int depth() const { return depth_; }
  void push(bool object) {
    const auto at = static_cast<unsigned>(depth_++);
    const uint64_t bit = uint64_t{1} << (at % 64);
    bits_[at / 64] = object ? bits_[at / 64] | bit : bits_[at / 64] & ~bit;
  }
  void pop() { --depth_; }
  bool in_object() const {
    const auto at = static_cast<unsigned>(depth_ - 1);
    return (bits_[at / 64] >> (at % 64) & 1) != 0;
  }

 private:
  uint64_t bits_[kMaxDepth / 64] = {};
  int depth_ = 0;
};

/// One pass over the text. Every step either moves `p_` on or sets `problem_`.
class Checker {
 public:
  /// `deepest` is at most kMaxDepth.
  Checker(std::string_view text, int deepest)
      : begin_(text.data()), p_(text.data()), end_(text.data() + text.size()), deepest_(deepest) {}

  std::string run() {
    if (!document()) return describe(problem_, p_);
    if (high_ != 0) {
      const size_t bad = find_bad_utf8({begin_, static_cast<size_t>(end_ - begin_)});
      if (bad != std::string_view::npos) return describe("not well-formed UTF-8", begin_ + bad);
    }
    return {};
  }

 private:
  std::string describe(const char* problem, const char* at) const {
    return "byte " + std::to_string(at - begin_ + 1) + ": " + problem;
  }

  bool fail(const char* problem) {
    problem_ = p_ >= end_ ? "the event ends too early" : problem;
    return false;
  }

  bool document() {
    p_ = skip_space(p_, end_);
    Levels levels;
    while (true) {
      bool opened = false;
      if (!value_start(levels, opened)) return false;
      if (opened) continue;
      if (!close_levels(levels)) return false;
      if (levels.depth() == 0) break;
    }
    if (p_ < end_) {
      problem_ = "something follows the value";
      return false;
    }
    return true;
  }

  /// At the start of a value: reads a scalar or an empty container whole, or opens a container (and
  /// reads the first key of an object) and sets `opened`.
  bool value_start(Levels& levels, bool& opened) {
    if (p_ >= end_) return fail("");
    switch (*p_) {
      case '"':
        return string();
      case '{':
      case '[': {
        if (levels.depth() >= deepest_) return fail("nested more than 1024 deep");
        const bool object = *p_ == '{';
        p_ = skip_space(p_ + 1, end_);
        if (p_ < end_ && *p_ == (object ? '}' : ']')) {
          ++p_;
          return true;
        }
        levels.push(object);
        opened = true;
        return !object || key();
      }
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  /// Behind a value: closes the containers that end here and steps over a comma to the next value.
  bool close_levels(Levels& levels) {
    while (true) {
      p_ = skip_space(p_, end_);
      if (levels.depth() == 0) return true;
      const bool object = levels.in_object();
      if (p_ < end_ && *p_ == ',') {
        p_ = skip_space(p_ + 1, end_);
        return !object || key();
      }
      if (p_ >= end_ || *p_ != (object ? '}' : ']')) {
        return fail(object ? "expected ',' or '}' in an object" : "expected ',' or ']' in a list");
      }
      ++p_;
      levels.pop();
    }
  }

  bool key() {
    if (p_ >= end_ || *p_ != '"') return fail("expected a key in quotes");
    if (!string()) return false;
    p_ = skip_space(p_, end_);
    if (p_ >= end_ || *p_ != ':') return fail("expected ':' after a key");
    p_ = skip_space(p_ + 1, end_);
    return true;
  }

  bool string() {
    ++p_;
    while (true) {
      p_ = skip_plain_string(p_, end_, high_);
      if (p_ >= end_) return fail("");
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (*p_ != '\\') return fail("a control character in a string");
      if (!escape()) return false;
    }
  }

  bool escape() {
    ++p_;
    if (p_ >= end_) return fail("");
    if (*p_ == 'u') {
      for (int i = 0; i < 4; ++i) {
        ++p_;
        if (p_ >= end_ || !is_hex(*p_)) return fail("expected four hex digits after \\u");
      }
    } else if (std::string_view("\"\\/bfnrt").find(*p_) == std::string_view::npos) {
      return fail("no such escape in a string");
    }
    ++p_;
    return true;
  }

  bool word(std::string_view expected) {
    const auto left = static_cast<size_t>(end_ - p_);
    if (left < expected.size() || std::string_view(p_, expected.size()) != expected) {
      problem_ = "expected a value";
      return false;
    }
    p_ += expected.size();
    return true;
  }

  bool number() {
    if (*p_ != '-' && !is_digit(*p_)) return fail("expected a value");
    if (*p_ == '-') ++p_;
    if (p_ >= end_ || !is_digit(*p_)) return fail("expected a digit");
    if (*p_ == '0') {
      ++p_;
      if (p_ < end_ && is_digit(*p_)) return fail("a number starts with a superfluous 0");
    } else {
      digits();
    }
    if (p_ < end_ && *p_ == '.') {
      ++p_;
      if (p_ >= end_ || !is_digit(*p_)) return fail("expected a digit after the decimal point");
      digits();
    }
    if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
      ++p_;
      if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (p_ >= end_ || !is_digit(*p_)) return fail("expected a digit in the exponent");
      digits();
    }
    return true;
  }

  void digits() {
    while (p_ < end_ && is_digit(*p_)) ++p_;
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  int deepest_;
  const char* problem_ = "";
  uint32_t high_ = 0;
};

}  // namespace

std::string check_json(std::string_view text, int inside, const char* readable) {
  return check_json_with(best_kernels(), text, inside, readable);
}

std::string check_json_with(const Kernels* kernels, std::string_view text, int inside,
                            const char* readable) {
  // Kernels know fewer levels than there may be, and nothing of those outside.
  constexpr int kMostInside = kMaxDepth - 64;
  if (readable == nullptr) readable = text.data() + text.size();
  if (kernels != nullptr && inside <= kMostInside && kernels->check(text, readable)) return {};
  return Checker(text, kMaxDepth - inside).run();
}

}  // namespace weir
