#include "sink/temporary_name.h"

#include <sys/random.h>

#include <array>
#include <string_view>

#include "base/file.h"

namespace weir {

std::string with_ending(const std::string& path, const std::string& ending) {
  /// Names may have 255 bytes; this leaves room for an ending of ours.
  constexpr size_t kLongestName = 240;
  const size_t name_size = name_of(path).size();
  const size_t cut = name_size > kLongestName ? name_size - kLongestName : 0;
  return path.substr(0, path.size() - cut) + ending;
}

std::string temporary_ending() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::array<unsigned char, 6> bytes{};
  // Without random bytes the name is a plain one; O_EXCL guards against a clash in any case.
  if (::getrandom(bytes.data(), bytes.size(), GRND_NONBLOCK) < 0) bytes.fill(0);
  std::string ending = ".weir-";
  for (const unsigned char byte : bytes) ending += kLetters[byte % kLetters.size()];
  return ending;
}

}  // namespace weir
