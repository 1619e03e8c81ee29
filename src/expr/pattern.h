// Regular expressions.
#pragma once

#include <re2/re2.h>

#include <array>
#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "expr/limits.h"

namespace weir::expr {

/// Compiles a pattern in RE2's syntax, which CEL prescribes: searching takes time linear in the
/// text. Fails with RE2's reason, also where the compiled pattern would take more than `memory`
/// bytes.
std::expected<std::unique_ptr<re2::RE2>, std::string> compile_pattern(
    std::string_view pattern, int64_t memory = Limits{}.pattern);

/// A pattern that many threads search with. RE2 takes a lock for each search, which costs more than
/// a short text does where another thread takes it too: so each thread has a copy, which may be as
/// large as the pattern.
class SharedPattern {
 public:
  /// The pattern becomes the calling thread's.
  explicit SharedPattern(std::unique_ptr<const re2::RE2> pattern);
  SharedPattern(const SharedPattern&) = delete;
  SharedPattern& operator=(const SharedPattern&) = delete;
  ~SharedPattern();

  /// The calling thread's copy, made when it first asks.
  const re2::RE2& mine() const;

 private:
  /// Of so many threads each has one of its own; any more share them.
  static constexpr size_t kCopies = 16;

  std::atomic<const re2::RE2*>& place_of_this_thread() const;

  const re2::RE2& original_;  ///< one of the copies
  mutable std::array<std::atomic<const re2::RE2*>, kCopies> copies_{};
};

/// How many bytes of text a search may be worth: RE2 is linear in the text, but on a large pattern
/// it may look at all of the pattern for each byte.
uint64_t search_cost(const re2::RE2& pattern, std::string_view text);

/// True if the pattern is found anywhere in `text`.
bool search(const re2::RE2& pattern, std::string_view text);

}  // namespace weir::expr
