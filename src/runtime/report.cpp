#include "runtime/report.h"

#include <algorithm>
#include <utility>

namespace weir {

namespace {

/// Complaints of one kind about one stage that are said in full; the rest is counted.
constexpr uint64_t kSaidInFull = 5;

/// What an input may be whose very first line is no event; empty if there is nothing to tell.
std::string hint_on(std::string_view first_line) {
  const size_t start = first_line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  const std::string_view line =
      first_line.substr(start, first_line.find_last_not_of(" \t\r") + 1 - start);
  if (line == "{" || line == "[" || line == "[{") {
    return "this looks like JSON that is spread over lines, and weir reads one event a line: put "
           "jq "
           "-c . in front, or jq -c '.[]' for a list";
  }
  if (std::string_view("{[\"").find(line[0]) != std::string_view::npos) return {};
  return line.find(',') != std::string_view::npos
             ? "if this is CSV, say so: weir -i csv ...; plain lines are -i text"
             : "if these are plain lines, say so: weir -i text ...";
}

std::string plural(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Report::Report(std::vector<std::string> stages, RejectSink* rejects, std::string kept_in,
               bool strict, Say say)
    : ledger_(stages),
      rejects_(rejects),
      kept_in_(std::move(kept_in)),
      strict_(strict),
      say_(std::move(say)),
      complaints_(stages.size()) {}

void Report::cut_behind_reject(Batch& batch) {
  auto end = static_cast<uint32_t>(batch.rows.size());
  for (const Note& note : batch.notes) {
    if (note.kind == Note::Kind::kReject) end = std::min(end, note.row + 1);
  }
  batch.truncate(end);
}

Result<void> Report::settle(Batch& batch, uint8_t last) {
  // The run ends at the reject, so what an operator took from behind it has never happened.
  if (stops_at_reject()) cut_behind_reject(batch);
  const bool balanced = ledger_.book(batch, last);
  std::ranges::stable_sort(batch.notes, {}, &Note::row);
  for (const Note& note : batch.notes) {
    ledger_.book_note(note);
    complain(batch, note);
    if (note.kind != Note::Kind::kReject) continue;
    if (rejects_ != nullptr) {
      const std::string& stage = ledger_.accounts()[note.stage].stage;
      auto kept = rejects_->write(batch, note.row, stage, note.reason);
      if (!kept) return kept;
    }
    if (stops_at_reject())
      return std::unexpected(Error{ErrorKind::kStrict, "--strict: stopped at the first reject"});
  }
  if (!balanced) {
    return machine_error("the events do not add up: stage '" + ledger_.accounts()[last].stage +
                         "' or one before it lost or doubled some; this is a fault in weir");
  }
  return {};
}

void Report::complain(const Batch& batch, const Note& note) {
  if (note.kind == Note::Kind::kMissing) return;
  const std::string& stage = ledger_.accounts()[note.stage].stage;
  Complaints& complaints = complaints_[note.stage];
  std::string line = batch.origin == nullptr
                         ? std::string("a result")
                         : *batch.origin + ":" + std::to_string(batch.line_of(note.row));
  line += ": ";
  if (note.kind == Note::Kind::kReject) {
    ++complaints.rejects;
    if (rejects_ != nullptr || complaints.rejects > kSaidInFull) return;
    line += "rejected by " + stage + ": ";
  } else {
    if (++complaints.errors > kSaidInFull) return;
    line += stage + ": ";
  }
  say_(line + note.reason);
  const Row& row = batch.rows[note.row];
  if (note.kind != Note::Kind::kReject || batch.origin == nullptr || row.text == nullptr) return;
  if (batch.line_of(note.row) != 1) return;
  const std::string hint = hint_on(row.original());
  if (!hint.empty()) say_(hint);
}

void Report::conclude(bool kept) {
  for (size_t i = 0; i < complaints_.size(); ++i) {
    const Complaints& complaints = complaints_[i];
    const std::string& stage = ledger_.accounts()[i].stage;
    if (rejects_ != nullptr && complaints.rejects > 0) {
      say_(plural(complaints.rejects, "event was", "events were") + " rejected by " + stage +
           (kept ? " and kept in " + kept_in_ : ""));
    } else if (complaints.rejects > kSaidInFull) {
      say_(plural(complaints.rejects - kSaidInFull, "more event was", "more events were") +
           " rejected by " + stage + "; --errors FILE keeps them all");
    }
    if (complaints.errors > kSaidInFull) {
      say_("the expression of " + stage + " failed on " +
           plural(complaints.errors - kSaidInFull, "more event", "more events"));
    }
  }
}

bool Report::lost_events() const {
  return (rejects_ == nullptr && ledger_.total(Fate::kRejected) > 0) ||
         ledger_.total(Fate::kLate) > 0;
}

}  // namespace weir
