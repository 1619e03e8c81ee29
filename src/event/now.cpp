#include "event/now.h"

#include <chrono>
#include <optional>

namespace weir {

namespace {

std::optional<Timestamp>& fixed() {
  static std::optional<Timestamp> time;
  return time;
}

Timestamp read_clock() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds);
  return {seconds.count(), static_cast<uint32_t>(rest.count())};
}

}  // namespace

Timestamp now() {
  if (fixed()) return *fixed();
  static const Timestamp start = read_clock();
  return start;
}

void fix_now(Timestamp time) { fixed() = time; }

}  // namespace weir
