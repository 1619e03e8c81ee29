// Small things that the parts of the benchmark share.
#pragma once

#include <string>
#include <vector>

namespace weir::bench {

/// Whether a program is to be found on PATH.
bool installed(const std::string& program);

/// Of at least one value; of an even number the mean of the middle ones.
double median(std::vector<double> values);

}  // namespace weir::bench
