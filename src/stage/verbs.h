// Every verb, by name. Each is defined in the file of its name.
#pragma once

#include <span>

#include "stage/stage.h"

namespace weir {

extern const Verb kAggregate;
extern const Verb kEnrich;
extern const Verb kFilter;
extern const Verb kHead;
extern const Verb kSet;

/// All verbs in alphabetical order (stage/table.cpp).
std::span<const Verb* const> verbs();

}  // namespace weir
