#include "expr/pattern.h"

namespace weir::expr {

std::expected<std::unique_ptr<re2::RE2>, std::string> compile_pattern(std::string_view pattern,
                                                                      int64_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  auto compiled =
      std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  return compiled;
}

SharedPattern::SharedPattern(std::unique_ptr<const re2::RE2> pattern) : original_(*pattern) {
  place_of_this_thread() = pattern.release();
}

SharedPattern::~SharedPattern() {
  for (const auto& copy : copies_) delete copy.load();
}

std::atomic<const re2::RE2*>& SharedPattern::place_of_this_thread() const {
  static std::atomic<size_t> threads = 0;
  thread_local const size_t number = threads++;
  return copies_[number % kCopies];
}

const re2::RE2& SharedPattern::mine() const {
  auto& place = place_of_this_thread();
  const re2::RE2* known = place.load(std::memory_order_acquire);
  if (known != nullptr) return *known;
  auto copy = std::make_unique<const re2::RE2>(original_.pattern(), original_.options());
  return place.compare_exchange_strong(known, copy.get()) ? *copy.release() : *known;
}

uint64_t search_cost(const re2::RE2& pattern, std::string_view text) {
  // A pattern of usual size is searched for by an automaton that looks at each byte once.
  constexpr uint64_t kUsualSize = 64;
  return text.size() * (1 + static_cast<uint64_t>(pattern.ProgramSize()) / kUsualSize);
}

bool search(const re2::RE2& pattern, std::string_view text) {
  return pattern.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                       0);
}

}  // namespace weir::expr
