// Regular expressions.
#pragma once

#include <re2/re2.h>

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace weir::expr {

/// The most memory that one compiled pattern may take, in bytes.
inline constexpr int64_t kPatternMemory = int64_t{8} << 20;

/// Compiles a pattern in RE2's syntax, which CEL prescribes: searching takes time linear in the
/// text. Fails with RE2's reason.
std::expected<std::unique_ptr<re2::RE2>, std::string> compile_pattern(std::string_view pattern);

/// True if the pattern is found anywhere in `text`.
bool search(const re2::RE2& pattern, std::string_view text);

}  // namespace weir::expr
