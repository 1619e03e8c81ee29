// batch: one event of several.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"
#include "bus/session.h"
#include "event/edit.h"
#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/lineage.h"
#include "event/record.h"
#include "event/time.h"
#include "expr/expr.h"
#include "stage/held.h"
#include "stage/per_run.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr OptionRow kOptions[] = {
    {.name = "--count",
     .short_name = 'n',
     .type = OptionType::kNumber,
     .metavar = "COUNT",
     .help = "close a batch that has so many events"},
    {.name = "--bytes",
     .short_name = 'b',
     .type = OptionType::kSize,
     .metavar = "SIZE",
     .help = "close a batch before it is longer than this, as JSON: 256KiB; at most 512MiB",
     .detail = "An event that is longer by itself is a batch of its own."},
    {.name = "--time",
     .short_name = 't',
     .type = OptionType::kText,
     .metavar = "DURATION",
     .help = "close a batch when its first event has waited so long: 500ms, 10s, 1m30s",
     .detail = "By the clock, also while the input has nothing to say."},
    {.name = "--field",
     .short_name = 'f',
     .type = OptionType::kText,
     .metavar = "FIELD",
     .help = "the field that the list of the events becomes; events if left out"},
    {.name = kPerRun.name,
     .help = "in a bot: close the batch that is open at the end of a run",
     .detail = "Else it goes on in the next run."},
};

/// No batch is longer, but for one of a single event: whoever reads it has it in memory whole.
constexpr uint64_t kMostBytes = uint64_t{512} << 20;

/// When a batch is closed. At least one of the three was given.
struct BatchLimits {
  uint64_t count = UINT64_MAX;
  uint64_t bytes = kMostBytes;
  std::optional<Clock::duration> time;
};

/// A clock that counts nanoseconds goes no further than 292 years.
constexpr int64_t kCentury = int64_t{36'525} * 86'400;

std::string_view without_space(std::string_view json) {
  const char* const begin = skip_space(json.data(), json.data() + json.size());
  const char* end = json.data() + json.size();
  while (end > begin && is_space(end[-1])) --end;
  return {begin, static_cast<size_t>(end - begin)};
}

class Batcher final : public Operator {
 public:
  /// `goes_on`: what is open at the end of the input goes on in the next run.
  Batcher(const PlanContext& plan, const BatchLimits& limits, const Path& field, bool goes_on)
      : Operator(plan),
        limits_(limits),
        goes_on_(goes_on),
        inside_(static_cast<int>(field.names.size()) + 1),
        budget_(*plan.memory) {
    std::string around;
    set_field("{}", field, "[]", around);
    const size_t middle = around.rfind(']');
    head_ = around.substr(0, middle);
    tail_ = around.substr(middle);
    begin();
  }

  bool makes_events() const override { return true; }
  bool passes_rows_on() const override { return true; }

  Keeps keeps() const override { return Keeps::kState; }

  /// The open batch is saved in pieces, so that a commit costs what was added: the last piece is
  /// saved anew while it is small, and then followed by another.
  void save(std::vector<StateChange>& changes) override {
    const auto put = [&](std::string key, std::optional<std::string> value) {
      changes.push_back({.stage = index_, .key = std::move(key), .value = std::move(value)});
    };
    if (text_.size() > saved_) {
      put(piece_key(full_pieces_), text_.substr(piece_begin_));
      put(std::string(kHead), head_text());
      end_piece();
    }
    const size_t pieces = full_pieces_ + (saved_ > piece_begin_ ? 1 : 0);
    for (size_t i = pieces; i < saved_pieces_; ++i) put(piece_key(i), std::nullopt);
    if (pieces == 0 && saved_pieces_ > 0) put(std::string(kHead), std::nullopt);
    saved_pieces_ = pieces;
  }

  bool load(std::span<StateEntry> entries) override {
    // The head comes behind the pieces.
    if (entries.size() < 2 || entries.back().key != kHead) return false;
    if (!read_head(entries.back().value)) return false;
    const auto pieces = entries.first(entries.size() - 1);
    size_t bytes = 0;
    for (const StateEntry& piece : pieces) bytes += piece.value.size();
    text_.reserve(text_.size() + bytes);
    for (StateEntry& piece : pieces) {
      if (piece.key != piece_key(saved_pieces_++)) return false;
      full_pieces_ = saved_pieces_ - 1;
      piece_begin_ = text_.size();
      // Two copies of a large batch would be one too many.
      text_ += std::exchange(piece.value, {});
      end_piece();
    }
    holds_too_much_ = memory_->exceeded_with(bytes);
    return true;
  }

  std::string holds() const override {
    std::string most = format_size(limits_.bytes);
    if (limits_.count != UINT64_MAX) most = format_count(limits_.count) + " or " + most;
    return "the events of one batch, at most " + most + ", within --memory";
  }

  std::optional<Clock::time_point> due() const override {
    if (!limits_.time || events_ == 0) return std::nullopt;
    return first_at_ + *limits_.time;
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    if (holds_too_much_) return holds_too_much("batch", events_, *memory_);
    while (!ended_) {
      const auto pulled = upstream.next(out);
      if (!pulled) return pulled;
      if (limits_.time) now_ = upstream.now();
      if (*pulled == Pull::kIdle) {
        return is_due() ? give(out) : pulled;
      }
      if (*pulled == Pull::kEnd) {
        ended_ = true;
        break;
      }
      if (auto taken = take(out); !taken) return std::unexpected(taken.error());
      if (!out.alive.empty()) return pulled;
      if (auto absorbed = upstream.absorb(out); !absorbed) {
        return std::unexpected(absorbed.error());
      }
    }
    if (events_ == 0 || (goes_on_ && !is_due())) return Pull::kEnd;
    return give(out);
  }

 private:
  /// A piece that was saved is saved again with what was added, up to this size: with a usual event
  /// behind it, it still fits into a page of SQLite, which gives an entry 4 KiB.
  static constexpr size_t kPieceBytes = 3072;
  static constexpr std::string_view kHead = "head";

  /// Behind which all of its pieces come, in order.
  static std::string piece_key(size_t number) {
    constexpr size_t kDigits = 10;
    const std::string digits = std::to_string(number);
    return "events " + std::string(kDigits - digits.size(), '0') + digits;
  }

  /// All of the text is saved now.
  void end_piece() {
    saved_ = text_.size();
    if (saved_ - piece_begin_ < kPieceBytes) return;
    piece_begin_ = saved_;
    ++full_pieces_;
  }

  /// What is to be known of the open batch beside its events: how many they are, when the first of
  /// them came by the clock of the system, in ms, and where they are from.
  std::string head_text() const {
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - first_at_);
    const int64_t since = limits_.time ? now_ms() - age.count() : 0;
    return std::to_string(events_) + " " + std::to_string(since) + " " + lineage_.text();
  }

  bool read_head(std::string_view text) {
    int64_t since = 0;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, events_);
    if (first.ec != std::errc() || first.ptr == end) return false;
    const auto second = std::from_chars(first.ptr + 1, end, since);
    if (second.ec != std::errc() || second.ptr == end) return false;
    const auto lineage = Lineage::parse({second.ptr + 1, end});
    if (!lineage) return false;
    lineage_ = *lineage;
    const int64_t age = std::clamp(now_ms() - since, int64_t{0}, kCentury * 1000);
    now_ = Clock::now();
    first_at_ = now_ - std::chrono::milliseconds(age);
    return true;
  }

  /// A batch that was closed: its place among the rows is in front of row `before`.
  struct Closed {
    uint32_t before;
    Row row;
    bool by_next = false;  ///< it is closed by that row, and not by the one behind which it stands
  };

  bool is_due() const {
    const auto at = due();
    return at && now_ >= *at;
  }

  /// Begins the next batch.
  void begin() {
    text_ = head_;
    events_ = 0;
    full_pieces_ = 0;
    piece_begin_ = saved_ = text_.size();
    lineage_.clear();
    memory_.emplace(budget_);
  }

  /// The row of the batch that is open, whose memory is `out`'s; begins the next one.
  Row close(Batch& out) {
    text_ += tail_;
    Row row;
    row.set_text(out.arena.copy(text_));
    row.born = index_;
    row.is_made = true;
    row.line = envelopes_.add(lineage_);
    begin();
    return row;
  }

  /// The batch that is open and nothing else.
  Result<Pull> give(Batch& out) {
    out.reset();
    out.rows.push_back(close(out));
    out.alive.push_back(0);
    out.made = envelopes_.take();
    return Pull::kBatch;
  }

  /// Adds the events of `out` to batches. All of its rows end here; those of the batches that were
  /// closed meanwhile stand between them, each in front of what came when it was closed already: so
  /// whoever has had enough below cuts off the same, wherever the batches of the source end.
  Result<void> take(Batch& out) {
    closed_.clear();
    if (is_due()) closed_.push_back({.before = 0, .row = close(out)});
    bool too_much = false;
    out.retain([&](uint32_t row) {
      event_.clear();
      std::string problem = append_event(out.rows[row]);
      if (!problem.empty()) {
        out.reject(row, index_, std::move(problem));
        return false;
      }
      if (events_ > 0 && bytes_with(event_.size() + 1) > limits_.bytes) {
        closed_.push_back({.before = row, .row = close(out), .by_next = true});
        too_much = false;
      }
      too_much = add(out, row) || too_much;
      out.end(row, index_, Fate::kAbsorbed);
      if (events_ >= limits_.count || bytes_with(0) >= limits_.bytes) {
        closed_.push_back({.before = row + 1, .row = close(out)});
        too_much = false;
      }
      return false;
    });
    insert_closed(out);
    if (too_much) return holds_too_much("batch", events_, *memory_);
    return {};
  }

  /// Appends the event's JSON to `event_`. Answers an empty text, or why it cannot stand in a list.
  std::string append_event(const Row& row) {
    if (row.is_record()) return write_record(row, event_, inside_);
    return write_json(Value::raw(Kind::kMap, without_space(row.json())), event_, inside_);
  }

  /// Adds the event to the open batch. True if the process was found to hold too much.
  bool add(const Batch& from, uint32_t row) {
    if (events_ == 0) first_at_ = now_;
    if (events_ > 0) text_ += ',';
    text_ += event_;
    ++events_;
    lineage_.add(from, row);
    return memory_->exceeded_with(event_.size() + 1);
  }

  /// How long the open batch would be with `more` bytes in it.
  uint64_t bytes_with(size_t more) const { return text_.size() + more + tail_.size(); }

  void insert_closed(Batch& out) {
    // They are filled anew from the events that there are now.
    for (std::vector<Value>& column : out.columns) column.clear();
    if (closed_.empty()) return;
    std::vector<Row> rows;
    std::vector<uint64_t> offsets;
    std::vector<uint32_t> places(out.rows.size());
    rows.reserve(out.rows.size() + closed_.size());
    const auto add_row = [&](const Row& row, uint64_t offset) {
      rows.push_back(row);
      if (!out.offsets.empty()) offsets.push_back(offset);
    };
    size_t next = 0;
    const auto add_closed = [&](uint32_t before, bool by_next) {
      for (; next < closed_.size() && closed_[next].before == before; ++next) {
        if (closed_[next].by_next != by_next) break;
        out.alive.push_back(static_cast<uint32_t>(rows.size()));
        add_row(closed_[next].row, 0);
      }
    };
    auto run = out.ruled_out.begin();
    for (uint32_t row = 0; row <= out.rows.size(); ++row) {
      add_closed(row, false);
      for (; run != out.ruled_out.end() && run->row == row; ++run) {
        run->row = static_cast<uint32_t>(rows.size());
      }
      add_closed(row, true);
      if (row == out.rows.size()) break;
      places[row] = static_cast<uint32_t>(rows.size());
      add_row(out.rows[row], out.offsets.empty() ? 0 : out.offsets[row]);
    }
    for (Note& note : out.notes) note.row = places[note.row];
    for (std::vector<uint32_t>& bytes : out.meter.bytes) {
      std::vector<uint32_t> moved(rows.size());
      for (uint32_t row = 0; row < bytes.size(); ++row) moved[places[row]] = bytes[row];
      bytes = std::move(moved);
    }
    out.rows = std::move(rows);
    out.offsets = std::move(offsets);
    out.made = envelopes_.take();
  }

  BatchLimits limits_;
  bool goes_on_;
  int inside_;        ///< how many lists and objects are around an event
  std::string head_;  ///< what stands in front of the events
  std::string tail_;  ///< and behind them
  const MemoryBudget& budget_;

  std::string text_;     ///< of the batch that is open, but for what stands behind the events
  uint64_t events_ = 0;  ///< in it
  Clock::time_point first_at_;
  Lineage lineage_;
  std::optional<MemoryWatch> memory_;

  MadeEnvelopes envelopes_;
  std::vector<Closed> closed_;
  std::string event_;
  Clock::time_point now_;
  bool ended_ = false;
  bool holds_too_much_ = false;  ///< already when it begins

  // What of the open batch is saved; begins anew with each.
  size_t saved_ = 0;         ///< so many bytes of its text
  size_t full_pieces_ = 0;   ///< how many pieces are not saved anew
  size_t piece_begin_ = 0;   ///< where the text begins that is in none of those
  size_t saved_pieces_ = 0;  ///< how many there are of this batch or the one that was saved last
};

Result<BatchLimits> read_limits(const Arguments& arguments) {
  BatchLimits limits;
  if (!arguments.has("--count") && !arguments.has("--bytes") && !arguments.has("--time")) {
    return usage_error("batch: say when a batch is closed: --count, --bytes or --time");
  }
  if (arguments.has("--count")) {
    const std::string_view text = arguments.get("--count");
    std::from_chars(text.data(), text.data() + text.size(), limits.count);
    if (limits.count == 0) return usage_error("batch: --count takes 1 or more");
  }
  if (arguments.has("--bytes")) {
    limits.bytes = *parse_size(arguments.get("--bytes"));
    if (limits.bytes == 0 || limits.bytes > kMostBytes) {
      return usage_error("batch: --bytes takes 1 to 512MiB");
    }
  }
  if (arguments.has("--time")) {
    const auto span = parse_duration(arguments.get("--time"));
    if (!span || *span <= Duration{}) {
      return usage_error("batch: --time takes a span of time such as 500ms, 10s or 1m30s, not '" +
                         std::string(arguments.get("--time")) + "'");
    }
    limits.time = std::chrono::seconds(std::min(span->seconds, kCentury)) +
                  std::chrono::nanoseconds(span->nanoseconds);
  }
  return limits;
}

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  const auto limits = read_limits(arguments);
  if (!limits) return std::unexpected(limits.error());
  const auto field = expr::parse_field(arguments.get("--field", "events"));
  if (!field) return std::unexpected(field.error());
  const bool goes_on = plan.bot && !answers_per_run(arguments);
  return std::make_unique<Batcher>(plan, *limits, *field, goes_on);
}

}  // namespace

const Verb kBatch = {
    .command = {.name = "batch",
                .summary = "make one event of several",
                .positionals = {},
                .options = kOptions},
    .make = make,
};

}  // namespace weir
