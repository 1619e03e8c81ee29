// queue fsck: whether queues are as they were written, and what can be saved of those that are not.
#pragma once

#include <string>
#include <string_view>

#include "base/option.h"
#include "base/result.h"
#include "bus/session.h"
#include "cli/commands.h"

namespace weir {

/// The option that names a new bus for what is whole.
inline constexpr std::string_view kSalvage = "--salvage";

/// Checks a queue, or all if `name` is empty.
Result<Answer> check_queues(const BusSession& session, const std::string& name,
                            const Arguments& arguments);

}  // namespace weir
