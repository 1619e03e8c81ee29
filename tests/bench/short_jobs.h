// What the benchmark measures with little input: how fast a program starts, and how promptly it
// passes an event on.
#pragma once

#include <string>
#include <vector>

namespace weir::bench {

struct Started {
  std::string name;
  double cpu_ms;  ///< medians
  double wall_ms;
};

/// Runs each program that is installed on one event, many times, in turn. `scratch` is a folder.
std::vector<Started> measure_starts(const std::string& scratch, int rounds);

struct Passed {
  std::string name;
  double p50_ms;  ///< from before a line is written to when it was read at the other end
  double p99_ms;
};

/// Writes lines to each program that is installed, one every few milliseconds, and reads each back
/// before the next. A program from which one does not come within a second is left out with a word;
/// if it is weir, which is the first, std::runtime_error is thrown.
std::vector<Passed> measure_delays(int lines);

}  // namespace weir::bench
