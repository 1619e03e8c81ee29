#include "event/number_needle.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "event/json_bytes.h"
#include "event/rarity.h"

namespace weir {
namespace {

/// White space that does not end a line.
const char* skip_blanks(const char* p, const char* end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
  return p;
}

}  // namespace

std::optional<NumberNeedle> NumberNeedle::of(const Path& path, int64_t least, int64_t most) {
  if (path.names.empty()) return {};
  const std::string& name = path.names.back().text;
  if (name.empty() || std::ranges::any_of(name, has_short_escape)) return {};
  return NumberNeedle(name + '"', least, most);
}

NumberNeedle::NumberNeedle(std::string key_end, int64_t least, int64_t most)
    : key_end_(std::move(key_end)), least_(least), most_(most) {
  std::tie(first_, second_) = rarest_two(std::string_view(key_end_).substr(0, kNeedleReach));
}

NumberNeedle::Found NumberNeedle::look_at(const char* place, const char* end) const {
  const auto behind = static_cast<size_t>(end - place);
  if (*place == '\n') return Found::kPerhaps;
  if (*place == '\\') return behind > 1 && place[1] == 'u' ? Found::kPerhaps : Found::kNothing;
  const size_t size = key_end_.size();
  if (behind < size || !same_bytes(place, key_end_.data(), size)) return Found::kNothing;

  const char* p = skip_blanks(place + size, end);
  if (p >= end || *p == '\n') return Found::kPerhaps;
  if (*p != ':') return Found::kNothing;
  // What the scan reads as a whole number, too.
  const ShortInteger number = read_short_integer(skip_blanks(p + 1, end), end);
  if (number.end == nullptr) return Found::kPerhaps;
  const char after = number.end < end ? *number.end : '\n';
  const bool ends = after == ',' || after == '}' || after == ']' || is_space(after);
  return ends && (number.value < least_ || number.value > most_) ? Found::kOutside
                                                                 : Found::kPerhaps;
}

bool NumberNeedle::is_lacked_by(std::string_view json) const {
  if (!json.starts_with('{')) return false;
  const char* const end = json.data() + json.size();
  bool has_key = false;
  for (const std::string_view wanted : {std::string_view(key_end_), std::string_view("\\u")}) {
    for (size_t at = 0; (at = json.find(wanted, at)) != std::string_view::npos; ++at) {
      const Found found = look_at(json.data() + at, end);
      if (found == Found::kPerhaps) return false;
      has_key = has_key || found == Found::kOutside;
    }
  }
  return has_key;
}

NumberSearch::NumberSearch(const NumberNeedle& needle, std::string_view lines, const char* readable)
    : needle_(needle), lines_(lines), readable_(readable) {}

size_t NumberSearch::line_end(const char* p) const {
  const char* const end = lines_.data() + lines_.size();
  const void* const feed = std::memchr(p, '\n', static_cast<size_t>(end - p));
  if (feed == nullptr) return lines_.size();
  return static_cast<size_t>(static_cast<const char*>(feed) - lines_.data()) + 1;
}

NumberSearch::Front NumberSearch::next() {
  const char* const text = lines_.data();
  const NeedleBytes wanted = {needle_.key_end_, needle_.first_, needle_.second_};
  // Line feeds are counted and not looked at: by their number it is known at each key which line
  // that is in, and so whether every line before has one, too.
  size_t lacking = line_;           // lines before this one have a key, and so far nothing else,
  const char* last = text + from_;  // the first key of the last of them,
  const char* before_last = last;   // and of the one before
  bool stopped = from_ < lines_.size() && text[from_] != '{';
  for (; !stopped; ++looked_at_) {
    if (looked_at_ == places_.count) {
      looked_at_ = 0;
      best_kernels()->note_places(wanted, lines_, readable_, places_);
      if (places_.count == 0) break;
    }
    const auto [at, line] = places_.all[looked_at_];
    if (line < line_) continue;  // in the line that was stopped at
    const NumberNeedle::Found found = needle_.look_at(text + at, text + lines_.size());
    if (found == NumberNeedle::Found::kNothing) continue;
    if (line > lacking) break;  // a line has no key; this place is one for the next call
    stopped = found == NumberNeedle::Found::kPerhaps;
    if (stopped && line < lacking) {
      --lacking;
      last = before_last;
    } else if (!stopped && line == lacking) {
      ++lacking;
      before_last = std::exchange(last, text + at);
    }
  }
  const size_t to = lacking == line_ ? from_ : line_end(last);
  const Front front{.events = lacking - line_, .bytes = to - from_};
  line_ = lacking + 1;
  from_ = line_end(text + to);
  return front;
}

}  // namespace weir
