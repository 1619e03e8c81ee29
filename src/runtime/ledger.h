// Counting events: what came into each stage, and what became of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "event/batch.h"

namespace weir {

/// One stage's account. in + made = out + the sum over all fates but kAlive (design: every event
/// accounted for); a stage's out is the next one's in.
struct Account {
  std::string stage;  ///< its name: "from", "filter", ...
  uint64_t in = 0;
  uint64_t made = 0;
  uint64_t out = 0;
  std::array<uint64_t, kFates> fates = {};  ///< by Fate; kAlive stays 0
  uint64_t errors = 0;  ///< events on which an expression failed, which went their way all the same
  uint64_t missing = 0;  ///< fields that `set` left as they were
};

/// The accounts of a pipeline's stages, `from` first and `to` last.
class Ledger {
 public:
  explicit Ledger(std::vector<std::string> stages);

  /// Books a batch whose way ends at stage `last`. False if a row of it has no fate, or two: some
  /// stage has lost or doubled an event.
  bool book(const Batch& batch, uint8_t last);
  void book_note(const Note& note);

  const std::vector<Account>& accounts() const { return accounts_; }
  uint64_t total(Fate fate) const;

  /// One line of JSON: {"stages":[{"stage":"from","in":..},..]}.
  std::string to_json() const;

 private:
  std::vector<Account> accounts_;
};

}  // namespace weir
