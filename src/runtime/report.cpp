#include "runtime/report.h"

#include <algorithm>
#include <utility>

#include "event/json_check.h"

namespace weir {

namespace {

/// Complaints of one kind about one stage that are said in full; the rest is counted.
constexpr uint64_t kSaidInFull = 5;

std::string_view trim(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) return {};
  return line.substr(start, line.find_last_not_of(" \t\r") + 1 - start);
}

/// True for the first row of an input that is evidently JSON spread over lines.
bool starts_spread_json(const Batch& batch) {
  if (batch.origin == nullptr || batch.rows.empty() || batch.rows[0].is_record()) return false;
  if (batch.line_of(0) != 1) return false;
  const std::string_view line = trim(batch.rows[0].original());
  return line == "{" || line == "[" || line == "[{";
}

/// What an input may be whose very first line is no event; empty if there is nothing to tell.
std::string hint_on(std::string_view first_line) {
  const std::string_view line = trim(first_line);
  if (line.empty() || std::string_view("{[\"").find(line[0]) != std::string_view::npos) return {};
  if (check_json(line).empty()) return {};
  return line.find(',') != std::string_view::npos
             ? "if this is CSV, say so: weir -i csv ...; plain lines are -i text"
             : "if these are plain lines, say so: weir -i text ...";
}

bool is_reject(const Note& note) {
  return note.kind == Note::Kind::kReject || note.kind == Note::Kind::kBranchReject;
}

std::string plural(uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Report::Report(Ledger ledger, RejectSink* rejects, std::string kept_in, bool strict, Say say)
    : ledger_(std::move(ledger)),
      rejects_(rejects),
      kept_in_(std::move(kept_in)),
      strict_(strict),
      say_(std::move(say)),
      complaints_(ledger_.accounts().size()),
      pulled_(ledger_.accounts().size()) {}

void Report::cut_behind_reject(Batch& batch) {
  std::optional<uint32_t> first;
  for (const Note& note : batch.notes) {
    if (is_reject(note)) first = std::min(first.value_or(note.row), note.row);
  }
  if (first) batch.truncate(*first + 1);
}

Result<void> Report::settle(Batch& batch, uint8_t last) {
  // The run ends at the reject, so what an operator took from behind it has never happened.
  if (stops_at_reject()) cut_behind_reject(batch);
  if (batch.origin != spread_ && starts_spread_json(batch)) say_spread(batch);
  if (!batch.remark.empty()) say_remark(batch);
  absent_fields_.settle(batch);
  const bool balanced = ledger_.book(batch, last);
  std::ranges::stable_sort(batch.notes, {}, &Note::row);
  for (const Note& note : batch.notes) {
    ledger_.book_note(note);
    complain(batch, note);
    if (!is_reject(note)) continue;
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
  if (settled_) settled_();
  return {};
}

/// Says once what each line of such an input would have to be rejected for.
void Report::say_spread(const Batch& batch) {
  spread_ = batch.origin;
  if (++spread_inputs_ > kSaidInFull) return;
  const bool list = trim(batch.rows[0].original()).starts_with('[');
  std::string remedy = list ? "jq -c '.[]'" : "jq -c .";
  if (spread_->is_peer) {
    remedy += " writes it so";
  } else {
    remedy += (spread_->name == "stdin" ? "" : " " + spread_->name) + " | weir ...";
  }
  say_(spread_->name + ": is JSON spread over lines, and weir reads one event a line: " + remedy);
}

void Report::say_remark(const Batch& batch) {
  if (++remarks_ > kSaidInFull) return;
  say_((batch.origin == nullptr ? "" : batch.origin->name + ": ") + batch.remark);
}

void Report::complain(const Batch& batch, const Note& note) {
  if (note.kind == Note::Kind::kMissing) return;
  // What the output shows already is only counted.
  if (note.kind == Note::Kind::kError && note.reason.empty()) return;
  const std::string& stage = ledger_.accounts()[note.stage].stage;
  Complaints& complaints = complaints_[note.stage];
  const Origin* const origin = batch.origin_of(note.row).get();
  std::string line = batch.place_of(note.row) + ": ";
  if (is_reject(note)) {
    if (origin != nullptr && origin == spread_.get() && rejects_ == nullptr) return;
    ++complaints.rejects;
    if (rejects_ != nullptr || complaints.rejects > kSaidInFull) return;
    line += "rejected by " + stage + ": ";
  } else {
    if (++complaints.errors == 1) complaints.first_error = line + note.reason;
    if (complaints.errors > kSaidInFull) return;
    line += stage + ": ";
  }
  say_(line + note.reason);
  const Row& row = batch.rows[note.row];
  if (note.kind != Note::Kind::kReject || origin == nullptr || row.text == nullptr) return;
  if (batch.line_of(note.row) != 1 || origin->envelopes != nullptr) return;
  const std::string hint = hint_on(row.original());
  if (!hint.empty()) say_(hint);
}

/// Says on how many events the expression of a stage failed: all of them means that it is wrong.
void Report::conclude_errors(const Account& account, const Complaints& complaints) {
  const uint64_t failed = complaints.errors;
  if (failed > 1 && failed == account.in) {
    say_("the expression of " + account.stage + " failed on all " + std::to_string(failed) +
         " events, and " + (account.out == 0 ? "none" : "all") +
         " went on; the first: " + complaints.first_error);
  } else if (failed > kSaidInFull) {
    say_("the expression of " + account.stage + " failed on " +
         plural(failed - kSaidInFull, "more event", "more events") + ", on " +
         std::to_string(failed) + " of " + std::to_string(account.in) + " in all");
  }
}

void Report::conclude(bool kept) {
  if (spread_inputs_ > kSaidInFull) {
    say_(plural(spread_inputs_ - kSaidInFull, "more input is", "more inputs are") +
         " JSON spread over lines");
  }
  if (remarks_ > kSaidInFull) {
    say_("the CSV header is one cell in " +
         plural(remarks_ - kSaidInFull, "more input", "more inputs"));
  }
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
    conclude_errors(ledger_.accounts()[i], complaints);
  }
}

/// True if all events came to the stage: no operator above it had enough, and it was pulled from
/// until the end. Where one below had enough, that is known if another in between, such as
/// aggregate, has read to the end.
bool Report::got_all(size_t stage) const {
  const auto from = pulled_.begin() + static_cast<std::ptrdiff_t>(stage);
  if (std::find(pulled_.begin(), from, Pulled::kPart) != from) return false;
  const auto known =
      std::find_if(from, pulled_.end(), [](Pulled pulled) { return pulled != Pulled::kUnknown; });
  return known == pulled_.end() || *known == Pulled::kAll;
}

void Report::say_absent_fields() {
  std::vector<std::string> stages;
  for (const Account& account : ledger_.accounts()) stages.push_back(account.stage);
  const std::vector<std::string> lines =
      absent_fields_.messages(stages, [this](size_t stage) { return got_all(stage); });
  for (size_t i = 0; i < lines.size() && i < kSaidInFull; ++i) say_(lines[i]);
  if (lines.size() > kSaidInFull) {
    say_(plural(lines.size() - kSaidInFull, "more field was", "more fields were") +
         " in no event, or of another type");
  }
}

bool Report::lost_events() const {
  const uint64_t rejected = ledger_.total(Fate::kRejected) + ledger_.rejected_by_branches();
  return (rejects_ == nullptr && rejected > 0) || ledger_.total(Fate::kLate) > 0;
}

}  // namespace weir
