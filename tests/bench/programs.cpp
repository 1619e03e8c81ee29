#include "bench/programs.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace weir::bench {

bool installed(const std::string& program) {
  const char* variable = std::getenv("PATH");
  std::string_view path = variable == nullptr ? "" : variable;
  while (!path.empty()) {
    const size_t end = std::min(path.find(':'), path.size());
    if (access((std::string(path.substr(0, end)) + "/" + program).c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace weir::bench
