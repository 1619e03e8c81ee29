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

uint64_t search_cost(const re2::RE2& pattern, std::string_view text) {
  // A pattern of usual size is searched for by an automaton that looks at each byte once.
  constexpr uint64_t kUsualSize = 64;
  return text.size() * (1 + static_cast<uint64_t>(pattern.ProgramSize()) / kUsualSize);
}

bool search(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace weir::expr
