// The accounts of a run as a table for people (--stats=table).
#pragma once

#include <string>

#include "runtime/ledger.h"

namespace weir {

/// A row for each stage, with its place in the pipeline as `weir explain` numbers it, and one for
/// the whole run, in which the ins, outs and bytes between stages cancel. A column in which nothing
/// was counted is left out, but for in and out. A line for each branch follows. Each line ends with
/// a newline.
std::string stats_table(const Ledger& ledger);

}  // namespace weir
