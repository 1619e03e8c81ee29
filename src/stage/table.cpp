#include "stage/verbs.h"

namespace weir {

namespace {

constexpr const Verb* kVerbs[] = {
    &kAggregate,  //
    &kBatch,      //
    &kDrop,       //
    &kEnrich,     //
    &kExplode,    //
    &kFilter,     //
    &kFlatten,    //
    &kFormat,     //
    &kHead,       //
    &kParse,      //
    &kRename,     //
    &kSample,     //
    &kSelect,     //
    &kSet,        //
    &kTail,       //
    &kTee,        //
    &kUnflatten,  //
    &kUnzip,      //
    &kZip,        //
};

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

}  // namespace weir
