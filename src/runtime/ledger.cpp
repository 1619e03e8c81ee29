#include "runtime/ledger.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/utf8.h"
#include "event/json_value.h"

namespace weir {

namespace {

constexpr std::array<const char*, kFates> kFateNames = {
    "alive", "filtered", "rejected", "late", "deduplicated", "cut", "absorbed", "held"};

}  // namespace

std::string_view fate_name(Fate fate) { return kFateNames[static_cast<size_t>(fate)]; }

Ledger::Ledger(std::vector<std::string> stages, std::vector<BranchAccount> branches)
    : branches_(std::move(branches)) {
  for (std::string& stage : stages) accounts_.push_back({.stage = std::move(stage)});
}

bool Ledger::book(const Batch& batch, uint8_t last) {
  std::vector<std::array<uint64_t, kFates>> ended(accounts_.size());
  std::vector<uint64_t> born(accounts_.size());
  uint64_t alive = 0;
  bool in_order = true;
  for (const Row& row : batch.rows) {
    // What was held was booked as far as the stage that held it.
    const uint8_t enters = std::max(row.born, batch.held_at);
    ++born[enters];
    if (row.fate == Fate::kAlive) {
      ++alive;
    } else {
      ++ended[row.fate_stage][static_cast<size_t>(row.fate)];
      in_order = in_order && enters <= row.fate_stage;
    }
  }
  for (const RuledOut& run : batch.ruled_out) {
    born[0] += run.events;
    ended[run.stage][static_cast<size_t>(Fate::kFiltered)] += run.events;
  }
  uint64_t left = 0;
  for (size_t i = 0; i <= last; ++i) {
    Account& account = accounts_[i];
    for (BranchAccount& branch : branches_) branch.in += branch.stage == i ? left : 0;
    // What a stage makes appears between its in and its out, and so does what it held; what `from`
    // makes is what comes in.
    account.in += left;
    if (i > 0 && i == batch.held_at) {
      account.fates[static_cast<size_t>(Fate::kHeld)] -= born[i];
    } else {
      (i == 0 ? account.in : account.made) += born[i];
    }
    left += born[i];
    for (size_t fate = 1; fate < kFates; ++fate) {
      account.fates[fate] += ended[i][fate];
      left -= ended[i][fate];
    }
    account.out += left;
  }
  book_meter(batch, last);
  return in_order && left == alive && alive == batch.alive.size();
}

void Ledger::book_meter(const Batch& batch, uint8_t last) {
  const Meter& meter = batch.meter;
  for (size_t stage = 0; stage < meter.nanoseconds.size(); ++stage) {
    charge(static_cast<uint8_t>(stage), meter.nanoseconds[stage]);
  }
  if (meter.bytes.empty()) return;
  for (const RuledOut& run : batch.ruled_out) {
    for (size_t stage = 0; stage < run.stage; ++stage) accounts_[stage].bytes += run.bytes();
  }
  for (uint32_t row = 0; row < batch.rows.size(); ++row) {
    const Row& event = batch.rows[row];
    const size_t end = event.fate == Fate::kAlive ? size_t{last} + 1 : event.fate_stage;
    uint32_t bytes = event.bytes();
    for (size_t stage = std::max(event.born, batch.held_at); stage < end; ++stage) {
      if (stage < meter.bytes.size() && row < meter.bytes[stage].size()) {
        bytes = meter.bytes[stage][row];
      }
      accounts_[stage].bytes += bytes;
    }
  }
}

void Ledger::end_held(uint8_t stage, uint64_t count, Fate fate) {
  accounts_[stage].fates[static_cast<size_t>(Fate::kHeld)] -= count;
  accounts_[stage].fates[static_cast<size_t>(fate)] += count;
}

void Ledger::book_note(const Note& note) {
  if (note.kind == Note::Kind::kError) ++accounts_[note.stage].errors;
  if (note.kind == Note::Kind::kMissing) ++accounts_[note.stage].missing;
  if (note.kind != Note::Kind::kBranchReject) return;
  for (BranchAccount& branch : branches_) branch.rejected += branch.stage == note.stage ? 1 : 0;
}

uint64_t Ledger::errors() const {
  uint64_t sum = 0;
  for (const Account& account : accounts_) sum += account.errors;
  return sum;
}

uint64_t Ledger::rejected_by_branches() const {
  uint64_t sum = 0;
  for (const BranchAccount& branch : branches_) sum += branch.rejected;
  return sum;
}

uint64_t Ledger::total(Fate fate) const {
  uint64_t sum = 0;
  for (const Account& account : accounts_) sum += account.fates[static_cast<size_t>(fate)];
  return sum;
}

std::string Ledger::to_json() const {
  std::string json = "{\"stages\":[";
  const auto add = [&json](const char* name, uint64_t count) {
    json += std::string(",\"") + name + "\":" + std::to_string(count);
  };
  for (const Account& account : accounts_) {
    if (json.back() != '[') json += ',';
    json += "{\"stage\":";
    write_json_string(account.stage, json);
    add("in", account.in);
    add("made", account.made);
    add("out", account.out);
    for (size_t fate = 1; fate < kFates; ++fate) add(kFateNames[fate], account.fates[fate]);
    add("errors", account.errors);
    add("missing", account.missing);
    add("bytes", account.bytes);
    char time[32];
    std::snprintf(time, sizeof time, ",\"ms\":%.3f",
                  static_cast<double>(account.nanoseconds) / 1e6);
    json += time;
    json += '}';
  }
  json += ']';
  for (const BranchAccount& branch : branches_) {
    json += &branch == branches_.data() ? ",\"branches\":[" : ",";
    json += "{\"stage\":";
    write_json_string(accounts_[branch.stage].stage, json);
    add("at", branch.stage);
    json += ",\"endpoint\":";
    write_json_string(well_formed_utf8(branch.endpoint), json);
    add("in", branch.in);
    add("out", branch.in - branch.rejected);
    add("rejected", branch.rejected);
    json += '}';
  }
  json += branches_.empty() ? "}" : "]}";
  return json;
}

}  // namespace weir
