#include "event/needle.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "event/kernels.h"
#include "event/rarity.h"

namespace weir {

Needle::Needle(std::string text) : text_(std::move(text)) {
  std::tie(first_, second_) = rarest_two(std::string_view(text_).substr(0, kNeedleReach));
}

const char* Needle::find(std::string_view json, const char* readable) const {
  const char* const end = json.data() + json.size();
  if (const Kernels* const kernels = best_kernels(); kernels != nullptr) {
    return kernels->find_needle({text_, first_, second_}, json,
                                readable == nullptr ? end : readable);
  }
  const size_t place = std::min(json.find(text_), json.find("\\u"));
  return place == std::string_view::npos ? end : json.data() + place;
}

const char* Needle::find(std::string_view lines, const char* readable, LineCount& count) const {
  if (const Kernels* const kernels = best_kernels(); kernels != nullptr) {
    return kernels->find_needle_in_lines({text_, first_, second_}, lines, readable, count);
  }
  const char* const place = find(lines, readable);
  char before = '\n';
  for (const char* p = lines.data(); p < place; before = *p++) {
    if (*p != '\n') continue;
    ++count.feeds;
    count.has_blanks = count.has_blanks || static_cast<uint8_t>(before) <= ' ';
  }
  return place;
}

NeedleSearch::NeedleSearch(const Needle& needle, const Batch& batch)
    : needle_(needle), batch_(batch) {
  if (batch.alive.empty() || needle.text().empty()) return;
  const Row& last = batch.rows[batch.alive.back()];
  if (batch.readable_end(last) != nullptr) end_ = last.json().data() + last.json().size();
}

bool NeedleSearch::may_be_in(const Row& row) {
  const std::string_view json = row.json();
  const char* const readable = batch_.readable_end(row);
  const char* const begin = json.data();
  const char* const end = begin + json.size();
  if (readable == nullptr || end_ == nullptr || begin >= end_) {
    return needle_.may_be_in(json, readable);
  }
  if (begin < from_ || begin > place_) {
    from_ = begin;
    place_ = needle_.find({begin, static_cast<size_t>(end_ - begin)}, readable);
  }
  if (end <= place_) return false;
  // What was found may end behind this row.
  const auto left = static_cast<size_t>(end - place_);
  return left >= std::max(needle_.text().size(), size_t{2}) || needle_.may_be_in(json, readable);
}

}  // namespace weir
