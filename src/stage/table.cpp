#include "stage/verbs.h"

namespace weir {

namespace {

constexpr const Verb* kVerbs[] = {
    &kAggregate,  //
    &kEnrich,     //
    &kFilter,     //
    &kHead,       //
    &kSet,        //
};

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

}  // namespace weir
