// Included by the kernels behind their Block: all loops over it, as they are offered to others.
#pragma once

#include "event/check_kernel.h"
#include "event/find_kernel.h"
#include "event/number_kernel.h"
#include "event/scan_kernel.h"

namespace weir {
namespace {

constexpr Kernels kernel_set(std::string_view name) {
  return {.name = name,
          .scan = scan_blocks,
          .scan_line = scan_line_blocks,
          .check = check_blocks,
          .find_byte = find_byte_in_blocks,
          .count_byte = count_byte_in_blocks,
          .find_needle = find_needle_in_blocks,
          .find_needle_in_lines = find_needle_in_lines_in_blocks,
          .note_places = note_places_in_blocks};
}

}  // namespace
}  // namespace weir
