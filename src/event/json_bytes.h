// Finding the bytes of JSON text that matter, sixteen at a time where the machine can (SSE2 is part
// of every x86-64), one at a time elsewhere. All functions look at [p, end) only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir {

/// JSON's white space (RFC 8259, section 2).
inline bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The first byte that is no white space.
inline const char* skip_space(const char* p, const char* end) {
  while (p < end && is_space(*p)) ++p;
  return p;
}

/// True if there is nothing but white space in `text`.
inline bool is_blank(std::string_view text) {
  return skip_space(text.data(), text.data() + text.size()) == text.data() + text.size();
}

/// True if the `size` bytes at a and b are the same.
inline bool same_bytes(const char* a, const char* b, size_t size) {
  if (size < 4) {
    for (size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  // Two words that overlap cover what is no multiple of their size.
  const auto differ = [&]<typename Word>(Word, size_t at) {
    Word left;
    Word right;
    std::memcpy(&left, a + at, sizeof left);
    std::memcpy(&right, b + at, sizeof right);
    return left != right;
  };
  if (size < 8) return !differ(uint32_t{}, 0) && !differ(uint32_t{}, size - 4);
  for (size_t at = 0; at + 8 < size; at += 8) {
    if (differ(uint64_t{}, at)) return false;
  }
  return !differ(uint64_t{}, size - 8);
}

/// True for what JSON spells in a string in another way than by itself or by `\u` (RFC 8259,
/// section 7): by a short escape, or not at all.
inline bool has_short_escape(char c) {
  return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) < ' ';
}

/// A whole number of at most 18 digits, as JSON spells it; what follows it may be more of it.
struct ShortInteger {
  int64_t value;
  const char* end;  ///< null if there is none
};

inline ShortInteger read_short_integer(const char* p, const char* end) {
  constexpr int kMostDigits = 18;
  const bool negative = p < end && *p == '-';
  if (negative) ++p;
  const char* const digits = p;
  const char* const most = end - p > kMostDigits ? p + kMostDigits : end;
  int64_t value = 0;
  while (p < most && static_cast<unsigned char>(*p - '0') < 10) value = value * 10 + (*p++ - '0');
  const auto count = p - digits;
  const bool is_one = count == 1 || (count > 1 && *digits != '0');
  return {negative ? -value : value, is_one ? p : nullptr};
}

/// The first quote or backslash: inside a string, the first byte that is not simply content.
inline const char* find_quote_or_escape(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hits =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  while (p < end && *p != '"' && *p != '\\') ++p;
  return p;
}

/// The closing quote of the string whose content starts at p, or `end`.
inline const char* find_closing_quote(const char* p, const char* end) {
  while (true) {
    p = find_quote_or_escape(p, end);
    if (p >= end || *p == '"') return p;
    p = end - p > 2 ? p + 2 : end;
  }
}

/// The first quote or bracket of either kind, opening or closing.
inline const char* find_quote_or_bracket(const char* p, const char* end) {
#if defined(__SSE2__)
  // '[' and '{', ']' and '}' differ in one bit (0x20), so two comparisons find the four.
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i fold = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i folded = _mm_or_si128(bytes, fold);
    const __m128i brackets =
        _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close));
    const __m128i hits = _mm_or_si128(brackets, _mm_cmpeq_epi8(bytes, quote));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(hits));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#endif
  while (p < end && *p != '"' && *p != '{' && *p != '}' && *p != '[' && *p != ']') ++p;
  return p;
}

/// The end of a string's plain content: the first quote, backslash or control character. `high`
/// gets its top bit set if a byte beyond ASCII was passed.
inline const char* skip_plain_string(const char* p, const char* end, uint32_t& high) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i control = _mm_set1_epi8(0x1f);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes);
    const __m128i ends =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(ends, low)));
    const auto beyond = static_cast<uint32_t>(_mm_movemask_epi8(bytes));
    if (mask != 0) {
      const int stop = std::countr_zero(mask);
      high |= beyond & ((1U << stop) - 1);
      return p + stop;
    }
    high |= beyond;
  }
#endif
  for (; p < end; ++p) {
    const auto c = static_cast<unsigned char>(*p);
    if (c == '"' || c == '\\' || c < 0x20) break;
    high |= c & 0x80U;
  }
  return p;
}

/// Behind the value that starts at p: strings honoured, brackets counted without looking at their
/// kind, nothing else checked. Null if a string or bracket does not end; of a number or a word, the
/// first byte that cannot belong to one.
inline const char* skip_value(const char* p, const char* end) {
  if (p < end && *p == '"') {
    p = find_closing_quote(p + 1, end);
    return p < end ? p + 1 : nullptr;
  }
  if (p < end && (*p == '{' || *p == '[')) {
    uint32_t depth = 0;
    while (p < end) {
      if (*p == '"') {
        p = find_closing_quote(p + 1, end);
        if (p >= end) return nullptr;
      } else if (*p == '{' || *p == '[') {
        ++depth;
      } else if (--depth == 0) {
        return p + 1;
      }
      p = find_quote_or_bracket(p + 1, end);
    }
    return nullptr;
  }
  while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != ':' && !is_space(*p)) ++p;
  return p;
}

}  // namespace weir
