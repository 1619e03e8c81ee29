// Included by the kernels behind block_masks.h: the demand scan (see PathScanner).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "event/block_masks.h"
#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/kernels.h"

namespace weir {
namespace {

/// The longest way into an event that the kernel follows.
constexpr size_t kDeepest = 16;

/// The number at p, if it is an integer of at most 18 digits that ends before a comma, a bracket or
/// white space. Missing otherwise: then the exact way reads it.
inline Value read_short_integer(const char* p, const char* end) {
  constexpr int kMostDigits = 18;
  const char* const start = p;
  const bool negative = p < end && *p == '-';
  if (negative) ++p;
  const char* const digits = p;
  int64_t number = 0;
  while (p < end && static_cast<unsigned char>(*p - '0') < 10 && p - digits < kMostDigits) {
    number = number * 10 + (*p++ - '0');
  }
  const auto count = p - digits;
  const bool one_way = count == 1 || (count > 1 && *digits != '0');
  if (!one_way || p == end) return Value::missing();
  if (*p != ',' && *p != '}' && *p != ']' && !is_space(*p)) return Value::missing();
  Value value = Value::of_int(negative ? -number : number);
  value.data = start;
  value.size = static_cast<uint32_t>(p - start);
  return value;
}

/// Reads the value at p and moves p behind it. An error where it is none, or does not end.
inline Value read_scanned(const char*& p, const char* end, Arena& arena) {
  const char* const start = p;
  if (p < end && *p == '"') {
    uint32_t high = 0;
    const char* const stop = skip_plain_string(p + 1, end, high);
    if (stop < end && *stop == '"') {
      Value value = Value::of_string({p + 1, static_cast<size_t>(stop - p - 1)});
      value.quote = p;
      p = stop + 1;
      return value;
    }
  } else if (const Value number = read_short_integer(p, end); !number.is_missing()) {
    p += number.size;
    return number;
  }
  p = skip_value(p, end);
  if (p == nullptr) return Value::error("");
  const std::string_view token(start, static_cast<size_t>(p - start));
  Value value = read_json_value(token, arena);
  if (value.data == nullptr && value.kind != Kind::kString) {
    value.data = token.data();
    value.size = static_cast<uint32_t>(token.size());
  }
  return value;
}

class ScanKernel {
 public:
  ScanKernel(const ScanPlan& plan, std::string_view event, const char* readable,
             std::span<Value> values, Arena& arena)
      : nodes_(plan.nodes.data()),
        end_(event.data() + event.size()),
        readable_(readable),
        values_(values),
        arena_(arena),
        left_(plan.count),
        p_(event.data()) {}

  WEIR_TARGET bool run() {
    p_ = skip_space(p_, end_);
    if (p_ >= end_ || *p_ != '{') return false;
    followed_[0] = {nodes_, nullptr, p_, 0, 1};
    ++p_;
    while (p_ < end_) {
      switch (run_from_here()) {
        case Went::kAnswered:
          return true;
        case Went::kAstray:
          return false;
        case Went::kTurned:
          break;
      }
    }
    return false;
  }

 private:
  enum class Went : uint8_t {
    kAnswered,  ///< all paths are answered
    kAstray,    ///< the exact way must decide
    kTurned,    ///< another object is followed, or a value was passed over: on from p_
  };

  struct Followed {
    const ScanNode* node;
    const ScanEdge* read_whole;  ///< paths that end at this object itself
    const char* start;
    uint64_t met;  ///< a bit for each edge met in this object
    uint32_t depth;
  };

  /// Looks at one block after the other from p_, which is outside of strings.
  WEIR_TARGET Went run_from_here() {
    const ScanNode& node = *followed_[top_].node;
    StringState state;
    for (const char* p = p_; p < end_; p += 64) {
      char copy[kKernelReach];
      const char* const bytes = readable_block(p, end_, readable_, copy);
      const Block block(bytes);
      const uint64_t text = bits_before(p, end_);
      const uint64_t backslashes = block.equal('\\') & text;
      const Strings strings = find_strings(block, backslashes, state);
      if (backslashes != 0) {
        // An escape can spell any letter of a key, and outside of strings a backslash is none.
        const uint64_t letters = Block(bytes + 1).equal('u');
        if ((backslashes & (letters | ~strings.inside)) != 0) return Went::kAstray;
      }
      const uint64_t brackets = block.equal_folded('{') | block.equal_folded('}');
      uint64_t keys = 0;
      for (const ScanEdge& edge : node.edges) {
        keys |= Block(bytes + 1).equal(edge.key[0]) & Block(bytes + 1 + edge.key.size()).equal('"');
      }
      uint64_t marks =
          ((brackets & ~strings.inside) | (keys & strings.quotes & strings.inside)) & text;
      while (marks != 0) {
        const char* const at = p + std::countr_zero(marks);
        marks &= marks - 1;
        Went went;
        if (*at != '"') {
          if (step_over(at, went)) continue;
          return went;
        }
        const char* const stopped = try_key(node, at, went);
        if (stopped == nullptr) return went;
        if (stopped == at) continue;
        if (stopped >= p + 64) {
          p_ = stopped;
          return Went::kTurned;
        }
        marks &= ~uint64_t{0} << (stopped - p);
      }
    }
    p_ = end_;
    return Went::kAstray;
  }

  /// A bracket outside of strings. True if the same object goes on being followed.
  WEIR_TARGET bool step_over(const char* at, Went& went) {
    if (*at == '{' || *at == '[') {
      ++depth_;
      return true;
    }
    --depth_;
    const Followed& ended = followed_[top_];
    if (depth_ >= ended.depth) return true;
    if (ended.read_whole != nullptr) {
      answer(*ended.read_whole,
             Value::raw(Kind::kMap, {ended.start, static_cast<size_t>(at + 1 - ended.start)}));
    }
    went = left_ == 0 || top_ == 0 ? Went::kAnswered : Went::kTurned;
    if (top_ > 0) --top_;
    p_ = at + 1;
    return false;
  }

  /// The string that opens at `at` is perhaps a key that matters. Answers where to go on: `at`
  /// itself if it is none, behind its value if that was read. Null where the block ends here: see
  /// `went`.
  WEIR_TARGET const char* try_key(const ScanNode& node, const char* at, Went& went) {
    Followed& here = followed_[top_];
    if (depth_ != here.depth) return at;
    for (size_t i = 0; i < node.edges.size(); ++i) {
      const ScanEdge& edge = node.edges[i];
      const size_t size = edge.key.size();
      if (static_cast<size_t>(end_ - at) < size + 2 || at[size + 1] != '"' ||
          std::memcmp(at + 1, edge.key.data(), size) != 0) {
        continue;
      }
      const char* p = skip_space(at + size + 2, end_);
      if (p >= end_ || *p != ':') return at;
      const uint64_t bit = uint64_t{1} << i;
      if ((here.met & bit) != 0) return at;
      here.met |= bit;
      p = skip_space(p + 1, end_);
      if (p < end_ && *p == '{' && edge.child >= 0) {
        went = follow(edge, p);
        return nullptr;
      }
      if (edge.ends.empty()) return at;
      const Value value = read_scanned(p, end_, arena_);
      if (value.is_error()) {
        went = Went::kAstray;
        return nullptr;
      }
      answer(edge, value);
      went = Went::kAnswered;
      return left_ == 0 ? nullptr : p;
    }
    return at;
  }

  WEIR_TARGET Went follow(const ScanEdge& edge, const char* brace) {
    if (top_ + 1 == kDeepest) return Went::kAstray;
    followed_[++top_] = {nodes_ + edge.child, edge.ends.empty() ? nullptr : &edge, brace, 0,
                         ++depth_};
    p_ = brace + 1;
    return Went::kTurned;
  }

  WEIR_TARGET void answer(const ScanEdge& edge, const Value& value) {
    for (const uint32_t path : edge.ends) {
      if (!values_[path].is_missing()) continue;
      values_[path] = value;
      --left_;
    }
  }

  const ScanNode* const nodes_;
  const char* const end_;
  const char* const readable_;
  const std::span<Value> values_;
  Arena& arena_;
  size_t left_;
  const char* p_;
  uint32_t depth_ = 1;
  size_t top_ = 0;
  Followed followed_[kDeepest];
};

WEIR_TARGET bool scan_blocks(const ScanPlan& plan, std::string_view event, const char* readable,
                             std::span<Value> values, Arena& arena) {
  return ScanKernel(plan, event, readable, values, arena).run();
}

}  // namespace
}  // namespace weir
