// A pipeline as a bot: one run at a time, what its stages hold from run to run, and its commits.
#pragma once

#include "base/result.h"
#include "runtime/plan.h"

namespace weir {

/// Lets one run of the bot, or of each shard of it, in at a time, and none while it is paused
/// (an error of kClosed); its stages get what they held when the run before ended. An error of
/// kUsage if that was another pipeline. Does nothing without a bot. Called before the ends are
/// open.
Result<void> open_bot(Pipeline& pipeline);

/// Commits what the bot has written, how far it has come and what its stages hold. Called where
/// everything that its source gave is out or held. Does nothing without a bot.
Result<void> commit_bot(Pipeline& pipeline);

}  // namespace weir
