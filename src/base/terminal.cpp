#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace weir {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Terminal terminal_of(int fd) {
  if (!is_terminal(fd)) return {};
  const std::string_view columns = variable("COLUMNS");
  uint32_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (width == 0) width = static_cast<uint32_t>(terminal_columns(fd));
  return {.width = width, .colour = variable("NO_COLOR").empty() && variable("TERM") != "dumb"};
}

bool is_terminal(int fd) { return isatty(fd) == 1; }

int terminal_columns(int fd) {
  struct winsize size {};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace weir
