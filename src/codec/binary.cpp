#include "codec/binary.h"

#include <algorithm>

namespace weir {

namespace {

using namespace std::string_view_literals;

// The first bytes are those of file(1)'s magic, long enough that no text starts like them by
// chance.
constexpr BinaryKind kKinds[] = {
    {"xz", "\xfd\x37zXZ\0"sv, "xz -dc "},
    {"bzip2", "BZh91AY&SY"sv, "bzip2 -dc "},
    {"lz4", "\x04\x22\x4d\x18"sv, "lz4 -dc "},
    {"lzip", "LZIP\x01"sv, "lzip -dc "},
    {"compress", "\x1f\x9d"sv, "gzip -dc "},
    {"zip", "PK\x03\x04"sv, "unzip -p ", false},
    {"7z", "7z\xbc\xaf\x27\x1c"sv, "7z x -so ", false},
    {"Parquet", "PAR1\x15"sv, "duckdb -c \"copy '", false, "' to '/dev/stdout' (format json)\""},
};

/// Behind the name, mode, owner and so on of the first file (POSIX ustar).
constexpr std::string_view kTarMagic = "ustar";
constexpr size_t kTarOffset = 257;
constexpr BinaryKind kTar = {"tar", kTarMagic, "tar -xOf ", false};

/// An archive starts with a name that is filled up with NUL bytes; an input with a line end before
/// the first of these is none.
std::optional<bool> is_tar(std::string_view content, bool whole) {
  const std::string_view header = content.substr(0, kTarOffset + kTarMagic.size());
  const size_t first = header.find_first_of("\n\0"sv);
  if (first != std::string_view::npos && header[first] == '\n') return false;
  if (header.size() == kTarOffset + kTarMagic.size()) return header.ends_with(kTarMagic);
  return whole ? std::optional(false) : std::nullopt;
}

}  // namespace

std::optional<const BinaryKind*> detect_binary(std::string_view content, bool whole) {
  for (const BinaryKind& kind : kKinds) {
    if (content.starts_with(kind.magic)) return &kind;
    if (!whole && kind.magic.starts_with(content)) return std::nullopt;
  }
  const std::optional<bool> tar = is_tar(content, whole);
  if (!tar) return std::nullopt;
  return *tar ? &kTar : nullptr;
}

std::string remedy_for(const BinaryKind& kind, std::string_view name, bool standard) {
  std::string command(kind.command);
  if (standard && kind.streams) {
    command.pop_back();
  } else {
    command += standard ? "FILE" : name;
  }
  return command + std::string(kind.behind_name) + " | weir ...";
}

}  // namespace weir
