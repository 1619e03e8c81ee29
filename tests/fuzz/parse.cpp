// The lexer and the parser: whatever the bytes are, they are read or refused; what was read is
// printed as a text that reads as the same tree; and compiling it ends well, too.
#include <cstdint>

#include "expr/expr.h"
#include "same_tree.h"

using namespace weir;
using namespace weir::expr;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string source(reinterpret_cast<const char*>(data), size);
  for (const Dialect dialect : {Dialect::kEvents, Dialect::kStandard}) {
    const auto node = parse(source, dialect);
    if (!node) continue;
    print_and_read(**node, dialect);
    fields(**node);
    PathTable paths;
    if (const auto program = Program::compile(**node, source, paths, dialect)) program->needles();
  }
  if (const auto named = parse_assignment(source)) print_and_read(*named->node);
  if (const auto list = parse_list(source)) {
    for (const Named& named : *list) print_and_read(*named.node);
  }
  static_cast<void>(parse_fields(source));
  return 0;
}
