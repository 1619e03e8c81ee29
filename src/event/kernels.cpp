#include "event/kernels.h"

#include <algorithm>
#include <vector>

namespace weir {

#if defined(__x86_64__)

std::span<const Kernels* const> usable_kernels() {
  static const std::vector<const Kernels*> usable = [] {
    std::vector<const Kernels*> found;
    __builtin_cpu_init();
    const bool has_avx2 = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
                          __builtin_cpu_supports("avx2");
    if (has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) {
      found.push_back(&kAvx512Kernels);
    }
    if (has_avx2) found.push_back(&kAvx2Kernels);
    found.push_back(&kSse2Kernels);
    return found;
  }();
  return usable;
}

#else

std::span<const Kernels* const> usable_kernels() { return {}; }

#endif

const Kernels* best_kernels() {
  static const Kernels* const best = usable_kernels().empty() ? nullptr : usable_kernels()[0];
  return best;
}

size_t find_byte(std::string_view text, char wanted, size_t most, uint32_t* places) {
  if (const Kernels* const kernels = best_kernels(); kernels != nullptr) {
    return kernels->find_byte(text, wanted, most, places);
  }
  size_t count = 0;
  for (size_t at = 0; count < most && (at = text.find(wanted, at)) != std::string_view::npos;
       ++at) {
    places[count++] = static_cast<uint32_t>(at);
  }
  return count;
}

size_t count_byte(std::string_view text, char wanted) {
  if (const Kernels* const kernels = best_kernels(); kernels != nullptr) {
    return kernels->count_byte(text, wanted);
  }
  return static_cast<size_t>(std::ranges::count(text, wanted));
}

}  // namespace weir
