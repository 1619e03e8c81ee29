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

/// Reads the number at p, if it is a short integer that ends before a comma, a bracket or white
/// space, and moves p behind it. False otherwise: then the exact way reads it. Members are written
/// where they stay: a value that was put together in pieces and is copied as a whole right away
/// makes the processor wait.
inline bool read_whole_number(const char*& p, const char* end, Value& value) {
  const ShortInteger number = read_short_integer(p, end);
  if (number.end == nullptr || number.end == end) return false;
  const char behind = *number.end;
  if (behind != ',' && behind != '}' && behind != ']' && !is_space(behind)) return false;
  value.integer = number.value;
  value.data = p;
  value.size = static_cast<uint32_t>(number.end - p);
  value.kind = Kind::kInt;
  value.is_text = false;
  p = number.end;
  return true;
}

/// Reads the value at p and moves p behind it. False where it is none, or does not end. With kLines
/// it has to end in front of the next line feed.
template <bool kLines>
inline bool read_scanned(const char*& p, const char* end, Arena& arena, Value& value) {
  const char* const start = p;
  if (p < end && *p == '"') {
    uint32_t high = 0;
    const char* const stop = skip_plain_string(p + 1, end, high);
    if (stop < end && *stop == '"') {
      value.quote = p;
      value.data = p + 1;
      value.size = static_cast<uint32_t>(stop - p - 1);
      value.kind = Kind::kString;
      value.is_text = false;
      p = stop + 1;
      return true;
    }
  } else if (read_whole_number(p, end, value)) {
    return true;
  }
  if (kLines && p < end) {
    const void* const feed = std::memchr(p, '\n', static_cast<size_t>(end - p));
    if (feed != nullptr) end = static_cast<const char*>(feed);
  }
  p = skip_value(p, end);
  if (p == nullptr) return false;
  const std::string_view token(start, static_cast<size_t>(p - start));
  value = read_json_value(token, arena);
  if (value.is_error()) return false;
  if (value.data == nullptr && value.kind != Kind::kString) {
    value.data = token.data();
    value.size = static_cast<uint32_t>(token.size());
  }
  return true;
}

/// With kLines the event is the first of some lines, and where it ends is not known: what stands
/// behind its line feed is not looked at, and leads astray where a value or white space goes on
/// there.
template <bool kLines>
class ScanKernel {
 public:
  ScanKernel(const ScanPlan& plan, std::string_view event, const char* readable,
             std::span<Value> values, Arena& arena)
      : nodes_(plan.nodes.data()),
        one_pass_(plan.one_pass),
        end_(event.data() + event.size()),
        readable_(readable),
        values_(values),
        arena_(arena),
        left_(plan.count),
        p_(event.data()),
        searched_(event.data()) {}

  /// True if all paths are answered, or the event has no more of them.
  WEIR_TARGET bool run() {
    if constexpr (!kLines) p_ = skip_space(p_, end_);
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

  /// The line feed behind the event, once it is answered; null if what was read goes on behind it.
  WEIR_TARGET const char* find_feed() const {
    const char* p = searched_;
    uint64_t feeds = feeds_;
    while (feeds == 0) {
      p += 64;
      char copy[kKernelReach];
      feeds = Block(readable_block(p, end_, readable_, copy)).equal('\n');
    }
    const char* const feed = p + std::countr_zero(feeds);
    return feed < p_ ? nullptr : feed;
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
    const std::span<const KeyProbe> probes = followed_[top_].node->probes;
    StringState state;
    if (kLines && passes_feed()) return Went::kAstray;
    for (const char* p = p_; p < end_; p += 64) {
      char copy[kKernelReach];
      const char* const bytes = readable_block(p, end_, readable_, copy);
      const Block block(bytes);
      uint64_t text;
      if constexpr (kLines) {
        searched_ = p;
        feeds_ = block.equal('\n');
        text = (feeds_ - 1) & ~feeds_;
      } else {
        text = bits_before(p, end_);
      }
      const uint64_t backslashes = block.equal('\\') & text;
      const Strings strings = find_strings(block, backslashes, state);
      if (backslashes != 0) {
        // An escape can spell any letter of a key, and outside of strings a backslash is none.
        const uint64_t letters = Block(bytes + 1).equal('u');
        if ((backslashes & (letters | ~strings.inside)) != 0) return Went::kAstray;
      }
      const uint64_t brackets = block.equal_folded('{') | block.equal_folded('}');
      uint64_t keys = 0;
      for (const KeyProbe& probe : probes) {
        const uint64_t letters =
            block.equal(probe.letter) >> probe.letter_at | probe.letters_behind;
        const uint64_t closes = strings.quotes >> probe.close_at | probe.closes_behind;
        keys |= letters & closes;
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
        const char* const stopped = try_key(at, went);
        if (stopped == nullptr) return went;
        if (stopped == at) continue;
        if (stopped >= p + 64) {
          p_ = stopped;
          return Went::kTurned;
        }
        marks &= ~uint64_t{0} << (stopped - p);
      }
      if (kLines && feeds_ != 0) return Went::kAstray;
    }
    p_ = end_;
    return Went::kAstray;
  }

  /// True if a line feed stands in front of where it goes on.
  bool passes_feed() const {
    if (feeds_ != 0 && p_ > searched_ + std::countr_zero(feeds_)) return true;
    const char* const from = searched_ + 64;
    return p_ > from && std::memchr(from, '\n', static_cast<size_t>(p_ - from)) != nullptr;
  }

  /// A bracket outside of strings. True if the block goes on: see `went` else.
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
    if (left_ == 0 || top_ == 0) {
      went = Went::kAnswered;
      p_ = at;
      return false;
    }
    --top_;
    if (one_pass_) return true;
    went = Went::kTurned;
    p_ = at + 1;
    return false;
  }

  /// The string that opens at `at` is perhaps a key that matters. Answers where to go on: `at`
  /// itself if it is none, behind its value if that was read, or behind the brace of the object
  /// that is followed. Null where the block ends here: see `went`.
  WEIR_TARGET const char* try_key(const char* at, Went& went) {
    Followed& here = followed_[top_];
    if (depth_ != here.depth) return at;
    const ScanNode& node = *here.node;
    for (size_t i = 0; i < node.edges.size(); ++i) {
      const ScanEdge& edge = node.edges[i];
      const size_t size = edge.key.size();
      if (static_cast<size_t>(end_ - at) < size + 2 || at[size + 1] != '"' ||
          !same_bytes(at + 1, edge.key.data(), size)) {
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
        return went == Went::kTurned && one_pass_ ? p + 1 : nullptr;
      }
      if (edge.ends.empty()) return at;
      if (!read(edge, p)) {
        went = Went::kAstray;
        return nullptr;
      }
      went = Went::kAnswered;
      if (left_ > 0) return p;
      p_ = p;
      return nullptr;
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

  /// Reads the value at p, behind which p is then, for the paths that end there. False where the
  /// exact way must.
  WEIR_TARGET bool read(const ScanEdge& edge, const char*& p) {
    if (edge.ends.size() == 1 && values_[edge.ends[0]].is_missing()) {
      --left_;
      return read_scanned<kLines>(p, end_, arena_, values_[edge.ends[0]]);
    }
    Value value;
    if (!read_scanned<kLines>(p, end_, arena_, value)) return false;
    answer(edge, value);
    return true;
  }

  WEIR_TARGET void answer(const ScanEdge& edge, const Value& value) {
    for (const uint32_t path : edge.ends) {
      if (!values_[path].is_missing()) continue;
      values_[path] = value;
      --left_;
    }
  }

  const ScanNode* const nodes_;
  const bool one_pass_;
  const char* const end_;
  const char* const readable_;
  const std::span<Value> values_;
  Arena& arena_;
  size_t left_;
  const char* p_;
  const char* searched_;  ///< with kLines: the last block that was searched for line feeds,
  uint64_t feeds_ = 0;    ///< and those that it has
  uint32_t depth_ = 1;
  size_t top_ = 0;
  Followed followed_[kDeepest];
};

WEIR_TARGET bool scan_blocks(const ScanPlan& plan, std::string_view event, const char* readable,
                             std::span<Value> values, Arena& arena) {
  return ScanKernel<false>(plan, event, readable, values, arena).run();
}

WEIR_TARGET const char* scan_line_blocks(const ScanPlan& plan, std::string_view lines,
                                         const char* readable, std::span<Value> values,
                                         Arena& arena) {
  ScanKernel<true> kernel(plan, lines, readable, values, arena);
  return kernel.run() ? kernel.find_feed() : nullptr;
}

}  // namespace
}  // namespace weir
