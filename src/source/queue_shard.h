// Which events of a queue belong to a shard.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bus/shard.h"
#include "event/batch.h"
#include "event/fill.h"
#include "event/path.h"
#include "expr/expr.h"

namespace weir {

/// The share that `--shard` and `--key` of `from` name. Tells by the events as they lie in the
/// queue, so that it does not depend on the run: neither on what it reads nor on where it begins.
class QueueShard {
 public:
  /// `shard` is "I/N", `key` an expression. Errors are of kind kUsage.
  static Result<std::unique_ptr<QueueShard>> make(std::string_view shard, std::string_view key);

  const Shard& shard() const { return shard_; }

  /// Looks at the events of a block: `payloads`, a line each, in `buffer`.
  void look(const Buffer& buffer, std::string_view payloads, std::shared_ptr<const Origin> origin);
  /// Whether the event at that place of the block is one of the shard.
  bool has(size_t index) const { return has_[index]; }
  /// Why that event has no key; empty if it has. Such events belong to the shard of null, so that
  /// one run rejects them.
  const std::string& problem(size_t index) const;

  /// What a person should know at the end; empty if nothing.
  std::string message() const;

 private:
  QueueShard() = default;

  Shard shard_;
  PathTable paths_;
  std::unique_ptr<expr::Program> program_;
  std::unique_ptr<ColumnFiller> filler_;
  Batch batch_;
  std::vector<bool> has_;
  std::vector<std::pair<size_t, std::string>> problems_;  ///< by place, ascending
  bool seen_events_ = false;
  bool seen_keys_ = false;
};

}  // namespace weir
