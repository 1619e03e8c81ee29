// Included by the kernels behind block_masks.h: is a text JSON (RFC 8259)? See check_json.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/utf8.h"
#include "event/block_masks.h"
#include "event/json_bytes.h"
#include "event/kernels.h"

namespace weir {
namespace {

inline bool is_decimal(char c) { return static_cast<unsigned char>(c - '0') < 10; }

inline bool is_hexadecimal(char c) {
  return is_decimal(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6;
}

inline const char* skip_digits(const char* p, const char* end) {
  while (p < end && is_decimal(*p)) ++p;
  return p;
}

/// True if a number or a word may end before p.
inline bool ends_scalar(const char* p, const char* end) {
  return p == end || *p == ',' || *p == '}' || *p == ']' || is_space(*p);
}

/// True if p, behind the whole part of a number, is where the number ends, or where a fraction or
/// an exponent starts and then the number ends.
inline bool is_number_tail(const char* p, const char* end) {
  if (p < end && *p == '.') {
    const char* const digits = ++p;
    p = skip_digits(p, end);
    if (p == digits) return false;
  }
  if (p < end && (*p | 0x20) == 'e') {
    ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    const char* const digits = p;
    p = skip_digits(p, end);
    if (p == digits) return false;
  }
  return ends_scalar(p, end);
}

/// True if a value starts at p that is a word or a negative number.
inline bool is_word_or_negative(const char* p, const char* end) {
  const auto is_word = [&](const char* spelled, size_t size) {
    return static_cast<size_t>(end - p) >= size && std::memcmp(p, spelled, size) == 0 &&
           ends_scalar(p + size, end);
  };
  if (*p == 't') return is_word("true", 4);
  if (*p == 'f') return is_word("false", 5);
  if (*p == 'n') return is_word("null", 4);
  if (*p != '-') return false;
  const char* const digits = p + 1;
  const char* const behind = skip_digits(digits, end);
  const bool whole = behind > digits && (*digits != '0' || behind - digits == 1);
  return whole && is_number_tail(behind, end);
}

/// True if p, behind a backslash, is the rest of an escape.
inline bool is_escape(const char* p, const char* end) {
  if (p >= end) return false;
  if (*p != 'u') return std::memchr("\"\\/bfnrt", *p, 8) != nullptr;
  return end - p > 4 && is_hexadecimal(p[1]) && is_hexadecimal(p[2]) && is_hexadecimal(p[3]) &&
         is_hexadecimal(p[4]);
}

/// What comes behind tokens of one kind, white space passed over, from block to block.
struct Behind {
  uint64_t carry = 0;  ///< 1 if a token is behind us, and what follows it is not yet met

  /// The first bytes that are no `spaces` behind the bytes `tokens`. Without kSpaced there are no
  /// spaces.
  template <bool kSpaced>
  WEIR_TARGET uint64_t find(uint64_t tokens, uint64_t spaces) {
    const uint64_t next = tokens << 1 | carry;
    carry = tokens >> 63;
    if constexpr (!kSpaced) return next;
    // A bit that is added at the front of a run of spaces comes out behind the run.
    uint64_t moved = 0;
    if (__builtin_add_overflow(spaces, next & spaces, &moved)) carry = 1;
    return (next | moved) & ~spaces;
  }
};

/// The brackets of a block, outside of strings.
struct Brackets {
  uint64_t open_braces;
  uint64_t close_braces;
  uint64_t open_lists;
  uint64_t close_lists;
};

/// The containers that are open, the outermost among them, which is closed elsewhere.
class OpenContainers {
 public:
  explicit OpenContainers(bool object) : objects_(object ? 1 : 0), in_list_(object ? 0 : kAll) {}

  /// Takes the brackets of a block in. False if one closes what is not open, if the outermost
  /// container is closed, or if more are open than there are bits. `in_list` gets the bytes whose
  /// innermost container is a list, brackets aside.
  WEIR_TARGET bool take(const Brackets& is, uint64_t& in_list) {
    return (simple_ && take_simple(is, in_list)) || take_each(is, in_list);
  }

  /// True if the outermost container alone is open.
  bool one_is_open() const { return simple_ && objects_ + (in_list_ != 0 ? 1 : 0) == 1; }

 private:
  static constexpr uint64_t kAll = ~uint64_t{0};
  static constexpr int kMostObjects = 60;

  /// As `take` where lists hold no containers, as most do: then it is enough to count objects.
  /// False if that is not so, or not seen at once.
  WEIR_TARGET bool take_simple(const Brackets& is, uint64_t& in_list) {
    const uint64_t braces = is.open_braces | is.close_braces;
    in_list = Block::prefix_xor(is.open_lists | is.close_lists) ^ in_list_;
    const uint64_t nested =
        (braces & in_list) | (is.open_lists & ~in_list) | (is.close_lists & in_list);
    // Objects that open and close right after one another do not count: a bit that is added behind
    // an opening brace comes out at the next brace. How the others lie, a closing one before an
    // opening one or behind it, is not looked at.
    const uint64_t next_braces = ~braces + (is.open_braces << 1);
    const int unpaired = std::popcount(is.close_braces & ~next_braces);
    const int opened = std::popcount(is.open_braces);
    const bool some_is_left = unpaired == 0 || unpaired < objects_;
    if (nested != 0 || !some_is_left || objects_ + opened > kMostObjects) return false;
    objects_ += opened - std::popcount(is.close_braces);
    in_list_ = -(in_list >> 63);
    return true;
  }

  [[gnu::noinline]] bool take_each(const Brackets& is, uint64_t& in_list) {
    if (simple_) {
      kinds_ = (uint64_t{2} << objects_) - 1;
      if (in_list_ != 0) kinds_ <<= 1;
    }
    in_list = (kinds_ & 1) - 1;
    const uint64_t openers = is.open_braces | is.open_lists;
    for (uint64_t left = openers | is.close_braces | is.close_lists; left != 0; left &= left - 1) {
      const uint64_t bit = left & -left;
      const uint64_t before = kinds_ & 1;
      if ((openers & bit) != 0) {
        if (kinds_ >> 63 != 0) return false;
        kinds_ = kinds_ << 1 | ((is.open_braces & bit) != 0 ? 1 : 0);
      } else {
        if (((is.close_braces & bit) != 0 ? 1 : 0) != before) return false;
        kinds_ >>= 1;
        if (kinds_ == 1) return false;
      }
      if ((kinds_ & 1) != before) in_list ^= -bit;
    }
    in_list_ = (kinds_ & 1) - 1;
    const uint64_t objects = kinds_ >> (in_list_ & 1);
    simple_ = (objects & (objects + 1)) == 0;
    objects_ = static_cast<int>(std::bit_width(objects)) - 1;
    return true;
  }

  bool simple_ = true;  ///< no list holds a container: kinds_ means nothing
  int objects_;         ///< that are open; means nothing if not simple
  uint64_t in_list_;    ///< all ones if the innermost one is a list
  uint64_t kinds_ = 0;  ///< a bit for each, the innermost the lowest; 1 is an object. One bit more.
};

/// Checks what lies behind the bracket that opens the outermost container, up to the one that
/// closes it, which are known.
class CheckKernel {
 public:
  CheckKernel(bool object, const char* begin, const char* end, const char* readable)
      : begin_(begin), end_(end), readable_(readable), containers_(object) {
    behind_sign_.carry = 1;
    behind_opener_.carry = 1;
    key_places_.carry = object ? 1 : 0;
  }

  WEIR_TARGET bool run() {
    const char* p = begin_;
    for (; end_ - p > 64; p += 64) {
      if (!take<false>(Block(p), p)) return false;
    }
    char copy[kKernelReach];
    if (!take<true>(Block(readable_block(p, end_, readable_, copy)), p)) return false;
    if (!containers_.one_is_open() || state_.inside != 0) return false;
    return high_ == 0 || is_utf8({begin_, static_cast<size_t>(end_ - begin_)});
  }

 private:
  /// Tokens of a block.
  struct Tokens {
    uint64_t opens;   ///< quotes
    uint64_t inside;  ///< of strings, from the opening quote to before the closing one
    uint64_t scalars;
    uint64_t starts;  ///< of scalars
    uint64_t colons;
    uint64_t commas;
    uint64_t openers;
    uint64_t closers;
    uint64_t key_places;  ///< what a key may follow
    uint64_t close_braces;
  };

  template <bool kLast>
  WEIR_TARGET bool take(const Block& block, const char* p) {
    const uint64_t text = kLast ? bits_before(p, end_) : ~uint64_t{0};
    const uint64_t backslashes = block.equal('\\') & text;
    uint64_t quotes = block.equal('"') & text;
    if ((backslashes | state_.escaped) != 0) {
      const uint64_t escaped = find_escaped(backslashes, state_);
      quotes &= ~escaped;
      for (uint64_t left = escaped; left != 0; left &= left - 1) {
        if (!is_escape(p + std::countr_zero(left), end_)) return false;
      }
    }
    const uint64_t inside = Block::prefix_xor(quotes) ^ state_.inside;
    state_.inside = -(inside >> 63);
    if ((backslashes & ~inside) != 0) return false;
    high_ |= block.high() & text;

    const uint64_t out = text & ~(inside | quotes);
    uint64_t white = block.equal(' ') & out;
    const uint64_t controls = block.below(0x20) & text;
    if (controls != 0) {
      if ((controls & inside) != 0) return false;
      white |= (block.equal('\t') | block.equal('\n') | block.equal('\r')) & out;
    }
    Brackets brackets = {.open_braces = block.equal('{') & out,
                         .close_braces = block.equal('}') & out,
                         .open_lists = block.equal('[') & out,
                         .close_lists = block.equal(']') & out};
    Tokens tokens = {.opens = quotes & inside,
                     .inside = inside,
                     .scalars = 0,
                     .starts = 0,
                     .colons = block.equal(':') & out,
                     .commas = block.equal(',') & out,
                     .openers = brackets.open_braces | brackets.open_lists,
                     .closers = brackets.close_braces | brackets.close_lists,
                     .key_places = 0,
                     .close_braces = brackets.close_braces};
    tokens.scalars =
        out & ~(white | tokens.openers | tokens.closers | tokens.colons | tokens.commas);
    if (!take_scalars(block, p, tokens)) return false;

    if constexpr (kLast) {
      const uint64_t last = uint64_t{1} << (end_ - p - 1);
      brackets.close_braces &= ~last;
      brackets.close_lists &= ~last;
    }
    uint64_t in_list = 0;
    if (!containers_.take(brackets, in_list)) return false;
    tokens.key_places = brackets.open_braces | (tokens.commas & ~in_list);
    const uint64_t wrong =
        white == 0 ? find_wrong<false>(tokens, 0) : find_wrong<true>(tokens, white);
    return (wrong & text) == 0;
  }

  /// Tokens that may not follow the one before them. What a value may follow must be followed by
  /// one, or be an opening bracket that the closing one follows; so whatever else there is follows
  /// a value, and a value never follows another. Behind a brace and the commas of an object keys
  /// must follow, behind keys and nowhere else colons.
  template <bool kSpaced>
  WEIR_TARGET uint64_t find_wrong(const Tokens& is, uint64_t spaces) {
    const uint64_t behind_sign =
        behind_sign_.find<kSpaced>(is.colons | is.commas | is.openers, spaces);
    const uint64_t behind_opener = behind_opener_.find<kSpaced>(is.openers, spaces);
    const uint64_t values = is.opens | is.openers | is.starts;
    const uint64_t key_places = key_places_.find<kSpaced>(is.key_places, spaces);
    // From where keys open to where they close: a bit added at the front of a string's inside comes
    // out behind it.
    uint64_t key_ends = 0;
    key_goes_on_ =
        __builtin_add_overflow(is.inside, (key_places & is.opens) | key_goes_on_, &key_ends) ? 1
                                                                                             : 0;
    const uint64_t behind_key = behind_key_.find<kSpaced>(key_ends & ~is.inside, spaces);
    return (behind_sign ^ (values | (behind_opener & is.closers))) |
           (key_places & ~(is.opens | is.close_braces)) | (behind_key ^ is.colons);
  }

  /// Numbers and words: runs of bytes outside of strings that are nothing else. Notes their starts.
  [[gnu::always_inline]] WEIR_TARGET inline bool take_scalars(const Block& block, const char* p,
                                                              Tokens& tokens) {
    const uint64_t scalars = tokens.scalars;
    tokens.starts = scalars & ~(scalars << 1 | scalar_goes_on_);
    scalar_goes_on_ = scalars >> 63;
    const uint64_t digits = block.within('0', '9') & scalars;
    const uint64_t whole_starts = tokens.starts & digits;
    const uint64_t zeros = block.equal('0') & whole_starts;
    if (((zeros << 1 | zero_before_) & digits) != 0) return false;
    zero_before_ = zeros >> 63;
    uint64_t whole_ends = 0;
    digits_go_on_ =
        __builtin_add_overflow(digits, whole_starts | digits_go_on_, &whole_ends) ? 1 : 0;
    for (uint64_t left = whole_ends & ~digits & scalars; left != 0; left &= left - 1) {
      if (!is_number_tail(p + std::countr_zero(left), end_)) return false;
    }
    for (uint64_t left = tokens.starts & ~digits; left != 0; left &= left - 1) {
      if (!is_word_or_negative(p + std::countr_zero(left), end_)) return false;
    }
    return true;
  }

  const char* const begin_;
  const char* const end_;
  const char* const readable_;
  StringState state_;
  OpenContainers containers_;
  uint64_t high_ = 0;  ///< not 0 if there are bytes beyond ASCII
  uint64_t key_goes_on_ = 0;
  uint64_t scalar_goes_on_ = 0;
  uint64_t digits_go_on_ = 0;
  uint64_t zero_before_ = 0;
  Behind behind_sign_;  ///< a colon, a comma or an opening bracket
  Behind behind_opener_;
  Behind key_places_;
  Behind behind_key_;
};

WEIR_TARGET bool check_blocks(std::string_view text, const char* readable) {
  const char* begin = skip_space(text.data(), text.data() + text.size());
  const char* end = text.data() + text.size();
  while (end > begin && is_space(end[-1])) --end;
  if (end - begin < 2) return false;
  const bool object = *begin == '{' && end[-1] == '}';
  if (!object && !(*begin == '[' && end[-1] == ']')) return false;
  return CheckKernel(object, begin + 1, end, readable).run();
}

}  // namespace
}  // namespace weir
