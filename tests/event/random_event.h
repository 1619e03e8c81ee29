// Events made by chance, the same on every machine, for tests that hold two ways against each
// other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/random.h"

namespace weir::test {

using bench::Random;

/// A JSON value: containers have keys from a to d, in any order and more than once.
inline std::string random_value(Random& random, int depth) {
  static const std::vector<std::string> kScalars = {"0",
                                                    "-1",
                                                    "12.5",
                                                    "1e3",
                                                    "true",
                                                    "false",
                                                    "null",
                                                    "\"\"",
                                                    "\"a\"",
                                                    "\"x\\n\\u00e9\"",
                                                    "\"\\\\\"",
                                                    "\"\\\"}\"",
                                                    "\"\xc3\xa9\xe2\x82\xac\"",
                                                    "9007199254740993",
                                                    "\"long enough to fill a register\""};
  const size_t kind = random.below(depth > 4 ? 5 : 8);
  if (kind < 5) return kScalars[random.below(kScalars.size())];
  std::string text = kind == 7 ? "[" : "{";
  for (size_t i = random.below(4); i > 0; --i) {
    if (text.size() > 1) text += random.below(3) == 0 ? " , " : ",";
    if (kind != 7) text += "\"" + std::string(1, static_cast<char>('a' + random.below(4))) + "\":";
    text += random_value(random, depth + 1);
  }
  return text + (kind == 7 ? "]" : "}");
}

/// A JSON object most of the time, with white space around it now and then.
inline std::string random_event(Random& random) {
  if (random.below(16) == 0) return random_value(random, 0);
  std::string text = random.below(8) == 0 ? " {" : "{";
  for (size_t i = random.below(7); i > 0; --i) {
    if (text.back() != '{') text += random.below(4) == 0 ? " ,\t" : ",";
    static const std::vector<std::string> kKeys = {"a",   "b",   "c",   "d",
                                                   "a.b", "b.a", "c.c", "long_key"};
    text += "\"" + kKeys[random.below(kKeys.size())] + (random.below(8) == 0 ? "\" : " : "\":");
    text += random_value(random, random.below(3) == 0 ? 0 : 2);
  }
  return text + (random.below(8) == 0 ? "} \r" : "}");
}

/// Changes a few bytes of a text that is not empty.
inline void mutate(std::string& text, Random& random) {
  static const std::string kBytes = "{}[]\",:\\ 0123-+.eEtfn\x80\xff\x01";
  const size_t at = random.below(text.size());
  switch (random.below(4)) {
    case 0:
      text.erase(at, 1 + random.below(3));
      break;
    case 1:
      text.insert(at, 1, kBytes[random.below(kBytes.size())]);
      break;
    case 2:
      text[at] = kBytes[random.below(kBytes.size())];
      break;
    default:
      text.insert(at, text.substr(random.below(text.size()), random.below(6)));
      break;
  }
}

}  // namespace weir::test
