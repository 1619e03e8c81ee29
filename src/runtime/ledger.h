// Counting events: what came into each stage, and what became of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"

namespace weir {

/// What `--stats` calls a fate: "filtered".
std::string_view fate_name(Fate fate);

/// One stage's account. in + made = out + the sum over all fates but kAlive (design: every event
/// accounted for); a stage's out is the next one's in.
struct Account {
  std::string stage;  ///< its name: "from", "filter", ...
  uint64_t in = 0;
  uint64_t made = 0;
  uint64_t out = 0;
  std::array<uint64_t, kFates> fates = {};  ///< by Fate; kAlive stays 0
  uint64_t errors = 0;  ///< events on which an expression failed, which went their way all the same
  uint64_t missing = 0;      ///< fields that `set` and `rename` left as they were
  uint64_t bytes = 0;        ///< of the events that went out, where that was measured
  uint64_t nanoseconds = 0;  ///< that threads worked for the stage, likewise
};

/// The account of a branch (tee): of the events that came to the stage, those that its output could
/// not take; the others went out.
struct BranchAccount {
  uint8_t stage = 0;     ///< index of the stage that it hangs off
  std::string endpoint;  ///< where it leads to, as it was written
  uint64_t in = 0;
  uint64_t rejected = 0;
};

/// The accounts of a pipeline's stages, `from` first and `to` last, and of its branches.
class Ledger {
 public:
  explicit Ledger(std::vector<std::string> stages, std::vector<BranchAccount> branches = {});

  /// Books a batch whose way ends at stage `last`. False if a row of it has no fate, or two, or met
  /// it before it was made: some stage has lost or doubled an event.
  bool book(const Batch& batch, uint8_t last);
  /// Books that `count` events which stage `stage` held have ended otherwise.
  void end_held(uint8_t stage, uint64_t count, Fate fate);
  void book_note(const Note& note);
  /// Adds to the time of a stage. Any thread may do so at any time.
  void charge(uint8_t stage, uint64_t nanoseconds) {
    std::atomic_ref(accounts_[stage].nanoseconds).fetch_add(nanoseconds, std::memory_order_relaxed);
  }
  /// Says how many bytes the last stage has written.
  void set_written(uint64_t bytes) { accounts_.back().bytes = bytes; }

  const std::vector<Account>& accounts() const { return accounts_; }
  const std::vector<BranchAccount>& branches() const { return branches_; }
  uint64_t total(Fate fate) const;
  uint64_t rejected_by_branches() const;
  /// Events on which an expression failed, which went their way all the same.
  uint64_t errors() const;

  /// One line of JSON: {"stages":[{"stage":"from","in":..},..]}, and behind the stages the
  /// branches, if there are any: "branches":[{"stage":"tee","at":1,"endpoint":..,"in":..},..].
  std::string to_json() const;

 private:
  void book_meter(const Batch& batch, uint8_t last);

  std::vector<Account> accounts_;
  std::vector<BranchAccount> branches_;
};

}  // namespace weir
