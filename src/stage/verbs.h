// Every verb, by name. Each is defined in the file of its name.
#pragma once

#include <span>

#include "stage/stage.h"

namespace weir {

extern const Verb kAggregate;
extern const Verb kBatch;
extern const Verb kDrop;
extern const Verb kEnrich;
extern const Verb kExplode;
extern const Verb kFilter;
extern const Verb kFlatten;
extern const Verb kFormat;
extern const Verb kHead;
extern const Verb kParse;
extern const Verb kRename;
extern const Verb kSelect;
extern const Verb kSample;
extern const Verb kSet;
extern const Verb kTail;
extern const Verb kTee;
extern const Verb kUnflatten;
extern const Verb kUnzip;
extern const Verb kZip;

/// All verbs in alphabetical order (stage/table.cpp).
std::span<const Verb* const> verbs();

}  // namespace weir
