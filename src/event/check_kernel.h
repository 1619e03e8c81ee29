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

  /// The first bytes that are no `spaces` behind the bytes `tokens`, or at the bytes `places`.
  /// Without kSpaced there are no spaces.
  template <bool kSpaced>
  WEIR_TARGET uint64_t find(uint64_t tokens, uint64_t spaces, uint64_t places = 0) {
    const uint64_t next = tokens << 1 | carry | places;
    carry = tokens >> 63;
    if constexpr (!kSpaced) return next;
    // A bit that is added at the front of a run of spaces comes out behind the run.
    uint64_t moved = 0;
    if (__builtin_add_overflow(spaces, next & spaces, &moved)) carry = 1;
    return (next | moved) & ~spaces;
  }
};

/// The containers that are open, a bit for each.
class OpenContainers {
 public:
  /// Takes the brackets of a block in. Fails if one closes what is not open, if more are open than
  /// there are bits, or if there is a second outermost one. `objects` gets the bytes whose
  /// innermost container is an object, `outside` those before and behind the outermost.
  WEIR_TARGET bool take(uint64_t openers, uint64_t closers, uint64_t braces, uint64_t& objects,
                        uint64_t& outside) {
    objects = in_object() ? ~uint64_t{0} : 0;
    outside = depth_ == 0 ? ~uint64_t{0} : 0;
    for (uint64_t left = openers | closers; left != 0; left &= left - 1) {
      const uint64_t bit = left & -left;
      const bool before = in_object();
      const bool brace = (braces & bit) != 0;
      if ((openers & bit) != 0) {
        if (depth_ == kMost || (depth_ == 0 && started_)) return false;
        if (depth_ == 0) outside = bit - 1;
        kinds_ = kinds_ << 1 | (brace ? 1 : 0);
        ++depth_;
        started_ = true;
      } else {
        if (depth_ == 0 || brace != before) return false;
        kinds_ >>= 1;
        --depth_;
        if (depth_ == 0) outside |= ~(bit | (bit - 1));
      }
      if (in_object() != before) objects ^= -bit;
    }
    return true;
  }
  bool all_closed() const { return depth_ == 0 && started_; }

 private:
  static constexpr uint32_t kMost = 63;
  bool in_object() const { return (kinds_ & 1) != 0; }

  uint64_t kinds_ = 0;  ///< the innermost in the lowest bit: 1 is an object
  uint32_t depth_ = 0;
  bool started_ = false;
};

class CheckKernel {
 public:
  CheckKernel(std::string_view text, const char* readable)
      : begin_(text.data()), end_(text.data() + text.size()), readable_(readable) {
    behind_colon_.carry = 1;  // a value is expected at the very front
  }

  WEIR_TARGET bool run() {
    for (const char* p = begin_; p < end_; p += 64) {
      char copy[kKernelReach];
      if (!take(Block(readable_block(p, end_, readable_, copy)), p)) return false;
    }
    if (!containers_.all_closed() || state_.inside != 0) return false;
    return !has_high_ || is_utf8({begin_, static_cast<size_t>(end_ - begin_)});
  }

 private:
  WEIR_TARGET bool take(const Block& block, const char* p) {
    const uint64_t text = bits_before(p, end_);
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
    has_high_ = has_high_ || (block.high() & text) != 0;

    const uint64_t out = text & ~(inside | quotes);
    uint64_t white = block.equal(' ') & out;
    const uint64_t controls = block.below(0x20) & text;
    if (controls != 0) {
      if ((controls & inside) != 0) return false;
      white |= (block.equal('\t') | block.equal('\n') | block.equal('\r')) & out;
    }
    const Structure structure = {.opens = quotes & inside,
                                 .closes = quotes & ~inside,
                                 .inside = inside,
                                 .colons = block.equal(':') & out,
                                 .commas = block.equal(',') & out,
                                 .open_braces = block.equal('{') & out,
                                 .close_braces = block.equal('}') & out,
                                 .open_brackets = block.equal('[') & out,
                                 .close_brackets = block.equal(']') & out};
    const uint64_t scalars = out & ~(structure.bytes() | white);
    uint64_t starts = 0;
    uint64_t behind_scalars = 0;
    if (!take_scalars(block, p, scalars, starts, behind_scalars)) return false;

    uint64_t in_object = 0;
    uint64_t outside = 0;
    if (!containers_.take(structure.open_braces | structure.open_brackets,
                          structure.close_braces | structure.close_brackets,
                          structure.open_braces | structure.close_braces, in_object, outside)) {
      return false;
    }
    if ((outside & text & ~white) != 0) return false;
    const uint64_t spaces = white | ~text;
    return spaces == 0
               ? follows_grammar<false>(structure, in_object, starts, behind_scalars, 0)
               : follows_grammar<true>(structure, in_object, starts, behind_scalars, spaces);
  }

  /// Tokens of a block.
  struct Structure {
    uint64_t opens;  ///< quotes
    uint64_t closes;
    uint64_t inside;  ///< of strings, from the opening quote to before the closing one
    uint64_t colons;
    uint64_t commas;
    uint64_t open_braces;
    uint64_t close_braces;
    uint64_t open_brackets;
    uint64_t close_brackets;

    WEIR_TARGET uint64_t bytes() const {
      return colons | commas | open_braces | close_braces | open_brackets | close_brackets;
    }
  };

  /// True if behind each token there is one that may follow, and every token follows one that it
  /// may follow. `starts` are the first bytes of numbers and words, `behind_scalars` those behind
  /// them.
  template <bool kSpaced>
  WEIR_TARGET bool follows_grammar(const Structure& is, uint64_t in_object, uint64_t starts,
                                   uint64_t behind_scalars, uint64_t spaces) {
    const uint64_t closers = is.close_braces | is.close_brackets;
    const uint64_t items = is.commas & ~in_object;
    const uint64_t behind_brace = behind_brace_.find<kSpaced>(is.open_braces, spaces);
    const uint64_t behind_field = behind_field_.find<kSpaced>(is.commas & in_object, spaces);
    const uint64_t keys = (behind_brace | behind_field) & is.opens;
    // From where keys open to where they close: a bit added at the front of a string's inside comes
    // out behind it.
    uint64_t key_ends = 0;
    key_goes_on_ = __builtin_add_overflow(is.inside, keys | key_goes_on_, &key_ends) ? 1 : 0;
    key_ends &= ~is.inside;

    const uint64_t behind_key = behind_key_.find<kSpaced>(key_ends, spaces);
    const uint64_t behind_bracket = behind_bracket_.find<kSpaced>(is.open_brackets, spaces);
    const uint64_t wanted = behind_colon_.find<kSpaced>(is.colons | items, spaces) |
                            (behind_bracket & ~is.close_brackets);
    const uint64_t values = (is.opens & ~keys) | is.open_braces | is.open_brackets | starts;
    const uint64_t empty = (behind_brace & is.close_braces) | (behind_bracket & is.close_brackets);
    const uint64_t behind_value =
        behind_value_.find<kSpaced>((is.closes & ~key_ends) | closers, spaces, behind_scalars);
    const uint64_t wrong = (behind_field & ~is.opens) |
                           (behind_brace & ~(is.opens | is.close_braces)) |
                           (behind_key ^ is.colons) | (wanted ^ values) |
                           (behind_value ^ ((is.commas | closers) & ~empty));
    return wrong == 0;
  }

  /// Numbers and words: runs of bytes outside of strings that are nothing else.
  WEIR_TARGET bool take_scalars(const Block& block, const char* p, uint64_t scalars,
                                uint64_t& starts, uint64_t& behind) {
    const uint64_t shifted = scalars << 1 | scalar_goes_on_;
    scalar_goes_on_ = scalars >> 63;
    starts = scalars & ~shifted;
    behind = shifted & ~scalars;
    const uint64_t digits = block.within('0', '9') & scalars;
    const uint64_t whole_starts = starts & digits;
    const uint64_t zeros = block.equal('0') & whole_starts;
    if (((zeros << 1 | zero_before_) & digits) != 0) return false;
    zero_before_ = zeros >> 63;
    uint64_t whole_ends = 0;
    digits_go_on_ =
        __builtin_add_overflow(digits, whole_starts | digits_go_on_, &whole_ends) ? 1 : 0;
    for (uint64_t left = whole_ends & ~digits & scalars; left != 0; left &= left - 1) {
      if (!is_number_tail(p + std::countr_zero(left), end_)) return false;
    }
    for (uint64_t left = starts & ~digits; left != 0; left &= left - 1) {
      if (!is_word_or_negative(p + std::countr_zero(left), end_)) return false;
    }
    return true;
  }

  const char* const begin_;
  const char* const end_;
  const char* const readable_;
  StringState state_;
  OpenContainers containers_;
  bool has_high_ = false;
  uint64_t key_goes_on_ = 0;
  uint64_t scalar_goes_on_ = 0;
  uint64_t digits_go_on_ = 0;
  uint64_t zero_before_ = 0;
  Behind behind_brace_;
  Behind behind_bracket_;
  Behind behind_field_;  ///< a comma in an object
  Behind behind_key_;
  Behind behind_colon_;  ///< or a comma in a list
  Behind behind_value_;
};

WEIR_TARGET bool check_blocks(std::string_view text, const char* readable) {
  return CheckKernel(text, readable).run();
}

}  // namespace
}  // namespace weir
