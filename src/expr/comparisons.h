// Comparisons that the type of a field decides: status == "500" where status is a number.
#pragma once

#include <vector>

#include "event/batch.h"
#include "expr/ast.h"

namespace weir::expr {

/// A field that is compared with a constant by ==, != or `in`, and what to say where it is always
/// of another type.
struct Comparison {
  Path field;
  Counterpart counterpart;
};

/// The comparisons on which all of `node` depends (behind &&, || and !) with numbers, true and
/// false, and with texts that read as one of these.
std::vector<Comparison> comparisons(const Node& node);

}  // namespace weir::expr
