// explode: make an event of each element of a list.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "event/edit.h"
#include "event/event_writer.h"
#include "event/json_bytes.h"
#include "event/json_value.h"
#include "event/remove.h"
#include "expr/expr.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELD", .at_least = 1, .at_most = 1, .help = "the list"},
};

constexpr OptionRow kOptions[] = {
    {.name = "--alone",
     .type = OptionType::kFlag,
     .help = "the element alone becomes the event: what stood beside the list is left out",
     .detail = "Each keeps its bytes; so events come out of a batch as they went in."},
    {.name = "--keep-empty",
     .type = OptionType::kFlag,
     .help = "keep events whose list is empty, null or missing",
     .detail = "An empty list is taken out of its event; null stays null."},
};

/// What one batch grows to, in bytes, before it is handed on.
constexpr size_t kBatchBytes = size_t{1} << 20;

/// An Operator although it remembers nothing: one event may become any number, and those leave in
/// batches of bounded size, in the midst of an event if need be.
class Explode final : public Operator {
 public:
  Explode(const PlanContext& plan, Path field, bool keep_empty, bool alone)
      : Operator(plan),
        paths_(plan.paths),
        field_(std::move(field)),
        keep_empty_(keep_empty),
        alone_(alone) {
    slot_ = plan.paths.slot(field_);
    reads_ = {slot_};
    expects_.push_back({.slot = slot_, .path = field_, .by_itself = true});
  }

  Result<void> open() override {
    writer_ = std::make_unique<FieldWriter>(field_, paths_);
    remover_ = std::make_unique<FieldRemover>(std::vector<Path>{field_}, paths_);
    if (alone_) replacer_ = std::make_unique<EventWriter>(paths_);
    return {};
  }

  Keeps keeps() const override { return Keeps::kNothing; }
  std::string holds() const override {
    return "the events of one batch, while those made of them leave";
  }

  Result<Pull> next(Upstream& upstream, Batch& out) override {
    if (input_ == nullptr) {
      // What was handed on may still lean on the last one.
      auto input = std::make_shared<Batch>();
      auto pulled = upstream.next(*input);
      if (!pulled || *pulled != Pull::kBatch) return pulled;
      std::ranges::stable_sort(input->notes, {}, &Note::row);
      input_ = std::move(input);
      row_ = 0;
      note_ = 0;
      run_ = 0;
    }
    start(out);
    while (bytes_ < kBatchBytes && (list_ || row_ < input_->rows.size())) {
      if (list_) {
        add_element(out);
      } else {
        add_row(out);
      }
    }
    for (std::vector<Value>& column : out.columns) {
      if (!column.empty()) column.resize(out.rows.size());
    }
    if (!list_ && row_ == input_->rows.size()) {
      pass_ruled_out(out);
      input_.reset();
    }
    return Pull::kBatch;
  }

  bool leave(Batch& out) override {
    if (input_ == nullptr) return false;
    start(out);
    list_.reset();
    while (row_ < input_->rows.size()) {
      const uint32_t row = copy_next(out);
      if (out.rows[row].fate == Fate::kAlive) out.alive.push_back(row);
    }
    pass_ruled_out(out);
    input_.reset();
    return true;
  }

 private:
  /// An empty batch with the origin of the input, whose memory it may lean on.
  void start(Batch& out) {
    bytes_ = 0;
    if (list_) list_->last.reset();
    out.reset();
    // What was noted about the input as a whole goes with the first part of it.
    std::swap(out.sightings, input_->sightings);
    std::swap(out.remark, input_->remark);
    std::swap(out.meter.nanoseconds, input_->meter.nanoseconds);
    out.parent = input_;
    out.held_at = input_->held_at;
    out.shown_at = input_->shown_at;
    out.schemas = input_->schemas;
    out.buffer = input_->buffer;
    out.origin = input_->origin;
    out.made = input_->made;
    out.first_line = input_->first_line;
    out.buffer_offset = input_->buffer_offset;
    out.columns.resize(input_->columns.size());
  }

  /// Appends the next row of the input, its notes with it.
  uint32_t copy_next(Batch& out) {
    pass_ruled_out(out);
    const auto from = row_++;
    const uint32_t row = copy_row(out, *input_, from);
    for (; note_ < input_->notes.size() && input_->notes[note_].row == from; ++note_) {
      out.notes.push_back(std::move(input_->notes[note_]));
      out.notes.back().row = row;
    }
    return row;
  }

  /// Passes the next row of the input on. If it has elements, it ends here, and `list_` holds them.
  void add_row(Batch& out) {
    const auto from = row_;
    const uint32_t row = copy_next(out);
    if (out.rows[row].fate != Fate::kAlive) return;
    out.alive.push_back(row);
    const Value& value = input_->columns[static_cast<size_t>(slot_)][from];
    const bool is_list = value.kind == Kind::kList;
    const bool is_one = !is_list && !value.is_missing() && value.kind != Kind::kNull;
    if (is_one && !alone_) return;
    if (strict_ && !keep_empty_ && value.is_missing()) {
      out.reject(row, index_, "the field '" + field_.to_string() + "' is missing");
      out.alive.pop_back();
      return;
    }
    if (is_list || is_one) {
      // An aggregate may have made the list, so that it has no text yet.
      const bool has_text = is_list && value.data != nullptr;
      text_ = is_one ? "[" : "";
      std::string problem = has_text ? std::string() : write_json(value, text_);
      if (!problem.empty()) {
        out.reject(row, index_, field_.to_string() + ": " + problem);
        out.alive.pop_back();
        return;
      }
      if (is_one) text_ += ']';
      const std::string_view text = has_text ? value.text() : text_;
      const char* const end = text.data() + text.size();
      const char* const first = skip_space(text.data() + 1, end);
      if (*first != ']') list_ = List{from, first, end, std::nullopt};
    }
    if (keep_empty_ && !list_) {
      if (is_list) remover_->remove(out, row);
      return;
    }
    out.end(row, index_, Fate::kAbsorbed);
    out.alive.pop_back();
  }

  /// Makes an event of the next element: the one before it in this batch with another element, else
  /// the event that came.
  void add_element(Batch& out) {
    const char* const end = skip_value(list_->next, list_->end);
    const Value element =
        read_json_value({list_->next, static_cast<size_t>(end - list_->next)}, out.arena);
    const uint32_t row =
        list_->last ? copy_row(out, out, *list_->last) : copy_row(out, *input_, list_->row);
    out.rows[row].born = index_;
    out.rows[row].fate = Fate::kAlive;
    out.alive.push_back(row);
    std::string problem;
    if (alone_) {
      // The list may be text of ours, which another takes the place of.
      const std::string_view text = {list_->next, static_cast<size_t>(end - list_->next)};
      replacer_->replace_text(out, row, text_.empty() ? text : out.arena.copy(text));
    } else {
      problem = writer_->write(out, row, element);
    }
    if (!problem.empty()) {
      out.reject(row, index_, std::move(problem));
      out.alive.pop_back();
    }
    bytes_ += out.rows[row].text_size;
    list_->last = row;
    const char* const comma = skip_space(end, list_->end);
    list_->next = skip_space(comma + 1, list_->end);
    if (*comma != ',') list_.reset();
  }

  /// Passes on what was ruled out in front of the next row of the input.
  void pass_ruled_out(Batch& out) {
    for (; run_ < input_->ruled_out.size() && input_->ruled_out[run_].row == row_; ++run_) {
      out.ruled_out.push_back(input_->ruled_out[run_]);
      out.ruled_out.back().row = static_cast<uint32_t>(out.rows.size());
    }
  }

  /// Appends a copy of a row, with its columns, its place and what was measured of it.
  uint32_t copy_row(Batch& out, const Batch& from, uint32_t row) {
    const Row copied = from.rows[row];  // `from` may be `out`
    out.rows.push_back(copied);
    if (!from.offsets.empty()) {
      const uint64_t offset = from.offsets[row];
      out.offsets.push_back(offset);
    }
    const size_t cells = copied.is_record() ? copied.schema->names.size() : 0;
    bytes_ += sizeof(Row) + (cells + from.columns.size()) * sizeof(Value);
    for (size_t slot = 0; slot < from.columns.size(); ++slot) {
      if (row >= from.columns[slot].size()) continue;
      const Value value = from.columns[slot][row];
      out.columns[slot].resize(out.rows.size());
      out.columns[slot].back() = value;
    }
    out.meter.bytes.resize(from.meter.bytes.size());
    for (size_t stage = 0; stage < from.meter.bytes.size(); ++stage) {
      if (row >= from.meter.bytes[stage].size()) continue;
      const uint32_t bytes = from.meter.bytes[stage][row];
      out.meter.bytes[stage].resize(out.rows.size());
      out.meter.bytes[stage].back() = bytes;
    }
    return static_cast<uint32_t>(out.rows.size() - 1);
  }

  /// The elements that an event is to become.
  struct List {
    uint32_t row;                  ///< of the input
    const char* next;              ///< the next element
    const char* end;               ///< behind the closing bracket
    std::optional<uint32_t> last;  ///< the row that was made last
  };

  PathTable& paths_;
  Path field_;
  bool keep_empty_;
  bool alone_;
  int slot_;
  std::unique_ptr<FieldWriter> writer_;
  std::unique_ptr<EventWriter> replacer_;  ///< with --alone
  std::unique_ptr<FieldRemover> remover_;

  std::shared_ptr<Batch> input_;  ///< rows from `row_` on are still to come
  uint32_t row_ = 0;
  size_t note_ = 0;
  size_t run_ = 0;
  std::optional<List> list_;
  std::string text_;  ///< of a list that had none
  size_t bytes_ = 0;  ///< of rows that are in the batch that is being made
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto field = expr::parse_field(arguments.positionals[0]);
  if (!field) return std::unexpected(field.error());
  return std::make_unique<Explode>(plan, std::move(*field), arguments.has("--keep-empty"),
                                   arguments.has("--alone"));
}

}  // namespace

const Verb kExplode = {
    .command = {.name = "explode",
                .summary = "make an event of each element of a list",
                .positionals = kPositionals,
                .options = kOptions},
    .make = make,
};

}  // namespace weir
