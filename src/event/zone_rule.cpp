#include "event/zone_rule.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace weir {

namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 24 * kHour;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

/// Reads the parts of a rule, one after the other. Each answers false, or nothing, if it is not
/// there.
class ZoneRule::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool takes(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool offset_is_next() const {
    return !rest_.empty() && (is_digit(rest_[0]) || rest_[0] == '+' || rest_[0] == '-');
  }

  /// Letters, or anything in angle brackets.
  bool name(std::string& to) {
    const bool quoted = takes('<');
    size_t size = quoted ? rest_.find('>') : 0;
    while (!quoted && size < rest_.size() && is_letter(rest_[size])) ++size;
    if (size == std::string_view::npos || size < 3) return false;
    to = rest_.substr(0, size);
    rest_.remove_prefix(size + (quoted ? 1 : 0));
    return true;
  }

  std::optional<unsigned> number(unsigned most) {
    unsigned value = 0;
    if (rest_.empty() || !is_digit(rest_[0])) return std::nullopt;
    while (!rest_.empty() && is_digit(rest_[0]) && value <= most) {
      value = value * 10 + static_cast<unsigned>(rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value <= most ? std::optional(value) : std::nullopt;
  }

  /// [+-]hours[:minutes[:seconds]]
  bool time(int64_t& to) {
    const bool negative = takes('-');
    if (!negative) takes('+');
    const auto hours = number(167);
    if (!hours) return false;
    to = *hours * kHour;
    for (const int64_t unit : {int64_t{60}, int64_t{1}}) {
      if (!takes(':')) break;
      const auto part = number(59);
      if (!part) return false;
      to += *part * unit;
    }
    if (negative) to = -to;
    return true;
  }

  /// ",M3.2.0/2", ",J60" or ",59"
  bool change(Change& to) {
    if (!takes(',')) return false;
    if (takes('M')) {
      const auto month = number(12);
      const auto week = month && takes('.') ? number(5) : std::nullopt;
      const auto weekday = week && takes('.') ? number(6) : std::nullopt;
      if (!weekday || *month == 0 || *week == 0) return false;
      to.kind = Change::Kind::kWeekday;
      std::tie(to.month, to.week, to.weekday) = std::tuple(*month, *week, *weekday);
    } else {
      const bool without_leap = takes('J');
      const auto day = number(365);
      if (!day || (without_leap && *day == 0)) return false;
      to.kind = without_leap ? Change::Kind::kDayWithoutLeap : Change::Kind::kDay;
      to.day = *day;
    }
    return !takes('/') || time(to.time);
  }

 private:
  std::string_view rest_;
};

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Parser parser(text);
  ZoneRule rule;
  // POSIX counts what is behind UTC, and a zone of the east has a minus.
  int64_t behind = 0;
  if (!parser.name(rule.standard_.name) || !parser.time(behind)) return std::nullopt;
  rule.standard_.offset = -behind;
  if (parser.at_end()) return rule;
  Clock summer;
  if (!parser.name(summer.name)) return std::nullopt;
  behind -= kHour;
  if (parser.offset_is_next() && !parser.time(behind)) return std::nullopt;
  summer.offset = -behind;
  rule.summer_ = std::move(summer);
  for (Change& change : rule.changes_) {
    if (!parser.change(change)) return std::nullopt;
  }
  return parser.at_end() ? std::optional(rule) : std::nullopt;
}

std::optional<ZoneRule> ZoneRule::of_file(std::string_view content) {
  // The first version has none.
  if (!content.starts_with("TZif") || content.size() < 5 || content[4] < '2') return std::nullopt;
  if (!content.ends_with('\n')) return std::nullopt;
  content.remove_suffix(1);
  return parse(content.substr(content.rfind('\n') + 1));
}

/// Seconds from 1970 to the change, as if the clocks of before it showed UTC.
int64_t ZoneRule::Change::in(std::chrono::year year) const {
  using namespace std::chrono;
  sys_days date;
  if (kind == Kind::kWeekday) {
    const year_month of = year / std::chrono::month(month);
    const std::chrono::weekday on(weekday);
    date = week == 5 ? sys_days(of / on[last]) : sys_days(of / on[week]);
  } else {
    date = year / January / 1;
    date += days(kind == Kind::kDay ? day : day - 1);
    if (kind == Kind::kDayWithoutLeap && year.is_leap() && day >= 60) date += days(1);
  }
  return date.time_since_epoch().count() * kDay + time;
}

ZoneRule::Period ZoneRule::at(int64_t seconds) const {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  if (!summer_) return {kFirst, kLast, standard_.offset, standard_.name};
  using namespace std::chrono;
  const auto day = floor<days>(sys_seconds(std::chrono::seconds(seconds)));
  const year now = year_month_day(day).year();
  // Where summer time is all the year, it ends when it begins.
  std::array<std::pair<int64_t, bool>, 6> changes;
  for (int i = 0; i < 3; ++i) {
    const year of = now + years(i - 1);
    const auto at = static_cast<size_t>(2 * i);
    changes[at] = {changes_[0].in(of)-standard_.offset, true};
    changes[at + 1] = {changes_[1].in(of)-summer_->offset, false};
  }
  std::ranges::sort(changes);
  const auto next = std::ranges::upper_bound(changes, std::pair(seconds, true));
  if (next == changes.begin()) return {kFirst, next->first, standard_.offset, standard_.name};
  const auto before = next - 1;
  const Clock& clock = before->second ? *summer_ : standard_;
  return {before->first, next == changes.end() ? kLast : next->first, clock.offset, clock.name};
}

}  // namespace weir
