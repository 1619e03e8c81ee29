// What flatten and unflatten share: two verbs that take the same words.
#pragma once

#include "event/flatten.h"
#include "stage/stage.h"

namespace weir {

/// Their option; `--separator`.
extern const OptionRow kSeparatorOption[1];

/// Checks the arguments of `verb` and makes a Map that does `reshape` to every event.
Result<std::unique_ptr<Stage>> make_reshape(const char* verb, Reshape reshape,
                                            const Arguments& arguments, const PlanContext& plan);

}  // namespace weir
