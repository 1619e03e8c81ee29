#include "stage/reshape.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/utf8.h"
#include "event/fill.h"
#include "expr/expr.h"
#include "stage/sought_fields.h"

namespace weir {

namespace {

class ReshapeStage final : public Map {
 public:
  ReshapeStage(const PlanContext& plan, Reshape reshape, Flatness flatness,
               std::span<const Path> fields)
      : Map(plan),
        paths_(plan.paths),
        reshape_(reshape),
        flatness_(std::move(flatness)),
        sought_(fields) {}

  Result<void> open() override {
    const Path whole;
    slots_ = paths_.overlapping({&whole, 1});
    filler_ = std::make_unique<ColumnFiller>(paths_, slots_);
    return {};
  }

  void apply(Batch& batch) const override {
    if (batch.alive.empty()) return;
    const uint8_t born = batch.rows[batch.alive.front()].born;
    std::vector<bool> met = sought_.none_met();
    batch.retain([&](uint32_t row) {
      // Once all were met the others need not be asked.
      const bool asks = std::ranges::find(met, false) != met.end();
      Reshaped done = reshape_row(batch, row, flatness_, reshape_, asks ? &met : nullptr);
      if (!done.problem.empty()) {
        batch.reject(row, index_, std::move(done.problem));
        return false;
      }
      if (done.changed) refill(batch, row);
      return true;
    });
    sought_.note(batch, index_, born, met);
  }

 private:
  /// Reads all columns again. A text that reads as a number stays one where it is still found.
  void refill(Batch& batch, uint32_t row) const {
    std::vector<Value> before;
    for (const int slot : slots_) before.push_back(at(batch, slot, row));
    filler_->refill(batch, row);
    for (size_t i = 0; i < slots_.size(); ++i) {
      Value value = at(batch, slots_[i], row);
      if (!before[i].is_text || value.kind != Kind::kString) continue;
      value.is_text = value.text() == before[i].text();
      put_column(batch, slots_[i], row, value);
    }
  }

  static Value at(const Batch& batch, int slot, uint32_t row) {
    const auto index = static_cast<size_t>(slot);
    const bool filled = index < batch.columns.size() && row < batch.columns[index].size();
    return filled ? batch.columns[index][row] : Value::missing();
  }

  const PathTable& paths_;
  Reshape reshape_;
  Flatness flatness_;
  SoughtFields sought_;
  std::vector<int> slots_;
  std::unique_ptr<ColumnFiller> filler_;
};

}  // namespace

const OptionRow kSeparatorOption[1] = {
    {.name = "--separator",
     .short_name = 's',
     .type = OptionType::kText,
     .metavar = "TEXT",
     .help = "what stands between the names in a flat key, instead of a dot"},
};

Result<std::unique_ptr<Stage>> make_reshape(const char* verb, Reshape reshape,
                                            const Arguments& arguments, const PlanContext& plan) {
  Flatness flatness;
  auto fields = expr::parse_fields(arguments.positionals);
  if (!fields) return std::unexpected(fields.error());
  for (const Path& field : *fields) {
    if (field.names.size() > 1) {
      return usage_error(std::string(verb) + ": '" + field.to_string() + "' lies inside of '" +
                         field.names[0].text + "': " + verb + " takes fields of the event itself");
    }
    flatness.names.push_back(field.names[0].text);
  }
  flatness.separator = arguments.get("--separator", flatness.separator);
  if (flatness.separator.empty() || !is_utf8(flatness.separator)) {
    return usage_error(std::string(verb) +
                       ": --separator takes a text of at least one character, in UTF-8");
  }
  return std::make_unique<ReshapeStage>(plan, reshape, std::move(flatness), *fields);
}

}  // namespace weir
