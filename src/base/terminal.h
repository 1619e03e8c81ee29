// Asking the terminal.
#pragma once

#include <cstdint>

namespace weir {

/// What a terminal is like that an output goes to.
struct Terminal {
  uint32_t width = 0;   ///< in columns; 0: it is no terminal
  bool colour = false;  ///< it may be sent escape sequences
};

/// The terminal behind a descriptor, if it is one. Its width is COLUMNS in the environment, else
/// what it says. It has no colour where NO_COLOR is set or TERM is dumb.
Terminal terminal_of(int fd);

/// True if the descriptor is a terminal. False for -1.
bool is_terminal(int fd);

/// How many characters fit on a line of the terminal; 80 if it does not say.
int terminal_columns(int fd);

}  // namespace weir
