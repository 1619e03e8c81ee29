// flatten: make nested objects and lists flat.
#include "stage/reshape.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 0,
     .at_most = -1,
     .help = "only these fields; all that are objects or lists if left out"},
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  return make_reshape("flatten", flatten, arguments, plan);
}

}  // namespace

const Verb kFlatten = {
    .command = {.name = "flatten",
                .summary = "make nested objects and lists flat",
                .positionals = kPositionals,
                .options = kSeparatorOption},
    .make = make,
};

}  // namespace weir
