// NDJSON: a line is an event (https://github.com/ndjson/ndjson-spec). Nothing is checked here:
// whether a line is JSON is decided where it must be known.

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "codec/framer.h"
#include "codec/lines.h"
#include "event/line_judge.h"
#include "event/needle.h"
#include "event/number_needle.h"

namespace weir {
namespace {

/// Of so many events that a sieve let through it is told whether it pays,
constexpr size_t kTried = 16;
/// which it does from so many ruled out for each. Of so many searches for a number it is told
/// whether they pay, which they do from so many lines passed by each: they cost less than to judge
/// a line.
constexpr size_t kWorthWhile = 8;
constexpr size_t kWorthSearching = 2;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Whole lines at the front of a text.
using Front = NumberSearch::Front;

/// The lines in front of the first one that the needle may be in. Nothing if it can't be told how
/// many events they are without a look at each: some may be blank.
std::optional<Front> lines_without(const Needle& needle, std::string_view lines,
                                   const char* readable) {
  LineCount count;
  const char* const place = needle.find(lines, readable, count);
  if (count.has_blanks) return {};
  Front front{.events = count.feeds};
  if (front.events > 0) {
    const auto before = static_cast<size_t>(place - lines.data());
    const void* const last = memrchr(lines.data(), '\n', before);
    front.bytes = static_cast<size_t>(static_cast<const char*>(last) - lines.data()) + 1;
  }
  return front;
}

/// Rules lines out by their fields, and, once that was done with one, by the number that the filter
/// is for, as long as that pays.
class Judging {
 public:
  Judging(const LineJudge& judge, const NumberNeedle* number, const char* readable)
      : judge_(judge), number_(number), readable_(readable), reading_(judge.make_reading()) {}

  /// The lines in front of the first one that is not ruled out. The text is that of the call
  /// before, from behind that line on.
  Front lines_against(std::string_view lines) {
    Front front;
    while (front.bytes < lines.size()) {
      if (search_) pass(search_->next(), front);
      const std::string_view rest = lines.substr(front.bytes);
      if (rest.empty()) break;
      const char* const feed = judge_.rules_out(rest, readable_, reading_);
      if (feed == nullptr) break;
      front.bytes = static_cast<size_t>(feed - lines.data()) + 1;
      ++front.events;
      if (number_ == nullptr) continue;
      search_.emplace(*std::exchange(number_, nullptr), lines.substr(front.bytes), readable_);
    }
    return front;
  }

 private:
  void pass(const Front& found, Front& front) {
    front.bytes += found.bytes;
    front.events += found.events;
    found_ += found.events;
    // That is for good: it has to know every line from the first on.
    if (++searches_ % kTried == 0 && found_ < searches_ * kWorthSearching) search_.reset();
  }

  const LineJudge& judge_;
  const NumberNeedle* number_;
  const char* readable_;
  LineJudge::Reading reading_;
  std::optional<NumberSearch> search_;
  size_t searches_ = 0;
  size_t found_ = 0;
};

class NdjsonReader : public LineReader {
  using LineReader::LineReader;

  /// A carriage return before the line feed is part of the event, so that an event that nobody
  /// touched leaves with the bytes it came with. Lines of white space only are no events.
  void add_line(std::string_view text, uint32_t line, Batch& batch) const override {
    if (text.empty() || (is_blank(text.front()) && std::ranges::all_of(text, is_blank))) return;
    batch.add_text(text, line);
  }

  void sift(Batch& batch, const Sieve& sieve) const override {
    // No line of the stretch can be too long.
    if (batch.uncut.text.size() > max_event()) return;
    const char* const readable = batch.buffer.data() + batch.buffer.capacity() + Buffer::kPadding;
    if (sieve.needle != nullptr) {
      const auto search = [&](std::string_view lines) {
        return lines_without(*sieve.needle, lines, readable);
      };
      sift_by(search, {.stage = sieve.stage}, batch);
    }
    if (sieve.judge != nullptr) {
      Judging judging(*sieve.judge, sieve.number, readable);
      const auto judge = [&](std::string_view lines) {
        return std::optional(judging.lines_against(lines));
      };
      sift_by(judge, {.stage = sieve.stage, .was_judged = true}, batch);
    }
  }

  /// Notes the lines in front that `rule_out` answers, as `noted` but for their place, makes a row
  /// of the next one, and so on; stops where nothing is answered or too few are ruled out for a
  /// row.
  template <typename RuleOut>
  void sift_by(const RuleOut& rule_out, RuledOut noted, Batch& batch) const {
    std::string_view& lines = batch.uncut.text;
    size_t ruled_out = 0;
    for (size_t tried = 1; !lines.empty() && batch.rows.size() < batch.uncut.most_rows; ++tried) {
      const std::optional<Front> front = rule_out(lines);
      if (!front) return;
      if (front->events > 0) {
        noted.row = static_cast<uint32_t>(batch.rows.size());
        noted.events = static_cast<uint32_t>(front->events);
        noted.text = lines.substr(0, front->bytes);
        batch.ruled_out.push_back(noted);
        batch.lines += front->events;
        lines.remove_prefix(front->bytes);
        ruled_out += front->events;
      }
      if (lines.empty()) return;
      const size_t feed = lines.find('\n');
      add(lines.substr(0, feed), static_cast<uint32_t>(batch.lines++), batch);
      lines.remove_prefix(feed + 1);
      if (tried % kTried == 0 && ruled_out < tried * kWorthWhile) return;
    }
  }
};

}  // namespace

std::unique_ptr<Framer> make_ndjson_framer(const FramingOptions& options) {
  return std::make_unique<LineFramer>(options,
                                      std::make_shared<const NdjsonReader>(options.max_event));
}

}  // namespace weir
