#include "event/line_judge.h"

#include <algorithm>

namespace weir {

LineJudge::Reading LineJudge::make_reading() const {
  Reading reading;
  reading.scratch.resize(slots_.size());
  reading.columns.resize(static_cast<size_t>(*std::ranges::max_element(slots_)) + 1);
  for (const int slot : slots_) reading.columns[static_cast<size_t>(slot)].resize(1);
  return reading;
}

const char* LineJudge::rules_out(std::string_view lines, const char* readable,
                                 Reading& reading) const {
  reading.arena.reset();
  // One value is read where it stays: a copy of what was written in pieces makes the processor
  // wait.
  std::vector<Value>& first = reading.columns[static_cast<size_t>(slots_[0])];
  std::vector<Value>& values = slots_.size() == 1 ? first : reading.scratch;
  const char* const feed = scanner_.scan_line(lines, values, reading.arena, readable);
  if (feed == nullptr || std::ranges::any_of(values, &Value::is_missing)) return nullptr;
  for (size_t i = 0; slots_.size() > 1 && i < slots_.size(); ++i) {
    reading.columns[static_cast<size_t>(slots_[i])][0] = values[i];
  }
  return is_ruled_out_by(reading) ? feed : nullptr;
}

}  // namespace weir
