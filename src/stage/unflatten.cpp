// unflatten: make nested objects and lists of flat keys.
#include "stage/reshape.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "FIELDS",
     .at_least = 0,
     .at_most = -1,
     .help = "only into these fields; all keys with the separator if left out"},
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  return make_reshape("unflatten", unflatten, arguments, plan);
}

}  // namespace

const Verb kUnflatten = {
    .command = {.name = "unflatten",
                .summary = "make nested objects and lists of flat keys",
                .positionals = kPositionals,
                .options = kSeparatorOption},
    .make = make,
};

}  // namespace weir
