#include "runtime/ledger.h"

#include <utility>

#include "event/json_value.h"

namespace weir {

namespace {

constexpr std::array<const char*, kFates> kFateNames = {
    "alive", "filtered", "rejected", "late", "deduplicated", "cut", "absorbed", "held"};

}  // namespace

Ledger::Ledger(std::vector<std::string> stages) {
  for (std::string& stage : stages) accounts_.push_back({.stage = std::move(stage)});
}

bool Ledger::book(const Batch& batch, uint8_t last) {
  std::vector<std::array<uint64_t, kFates>> ended(accounts_.size());
  uint64_t alive = 0;
  for (const Row& row : batch.rows) {
    if (row.fate == Fate::kAlive) {
      ++alive;
    } else {
      ++ended[row.fate_stage][static_cast<size_t>(row.fate)];
    }
  }
  uint64_t left = batch.rows.size();
  for (size_t i = batch.born; i <= last; ++i) {
    Account& account = accounts_[i];
    // What a stage makes appears between its in and its out.
    (i == batch.born && i > 0 ? account.made : account.in) += left;
    for (size_t fate = 1; fate < kFates; ++fate) {
      account.fates[fate] += ended[i][fate];
      left -= ended[i][fate];
    }
    account.out += left;
  }
  return left == alive && alive == (batch.alive.size());
}

void Ledger::book_note(const Note& note) {
  if (note.kind == Note::Kind::kError) ++accounts_[note.stage].errors;
  if (note.kind == Note::Kind::kMissing) ++accounts_[note.stage].missing;
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
    json += '}';
  }
  json += "]}";
  return json;
}

}  // namespace weir
