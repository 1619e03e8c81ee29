#include "codec/unwritten.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "codec/format.h"

namespace weir {
namespace {

struct Ending {
  std::string_view ending;
  std::string_view kind;    ///< what is behind such a name, for people
  std::string_view remedy;  ///< a command that compresses; of formats, what to do
};

constexpr Ending kCompressed[] = {
    {".xz", "xz", "xz"},
    {".lzma", "lzma", "xz --format=lzma"},
    {".bz2", "bzip2", "bzip2"},
    {".lz4", "lz4", "lz4"},
    {".lz", "lzip", "lzip"},
    {".br", "brotli", "brotli"},
    {".z", "compress", "compress"},
};

constexpr std::string_view kPack = "write .ndjson, and pack that";
constexpr std::string_view kConvert = "write .ndjson or .csv, and convert that";
constexpr std::string_view kSheet = "write .csv, which spreadsheets open";

constexpr Ending kFormats[] = {
    {".xlsx", "a spreadsheet", kSheet}, {".xls", "a spreadsheet", kSheet},
    {".ods", "a spreadsheet", kSheet},  {".parquet", "Parquet", kConvert},
    {".arrow", "Arrow", kConvert},      {".feather", "Arrow", kConvert},
    {".orc", "ORC", kConvert},          {".avro", "Avro", kConvert},
    {".sqlite", "SQLite", kConvert},    {".sqlite3", "SQLite", kConvert},
    {".yaml", "YAML", kConvert},        {".yml", "YAML", kConvert},
    {".xml", "XML", kConvert},          {".html", "HTML", kConvert},
    {".zip", "a zip archive", kPack},   {".7z", "a 7z archive", kPack},
    {".tar", "a tar archive", kPack},   {".tgz", "a tar archive", kPack},
};

bool has_ending(std::string_view name, std::string_view ending) {
  if (name.size() <= ending.size()) return false;
  return std::ranges::equal(name.substr(name.size() - ending.size()), ending, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
}

const Ending* find(std::span<const Ending> endings, std::string_view name) {
  for (const Ending& ending : endings) {
    if (has_ending(name, ending.ending)) return &ending;
  }
  return nullptr;
}

}  // namespace

std::string why_not_written(std::string_view name, const NamedOutput& output) {
  const std::string shown = "'" + std::string(name) + "' would be ";
  if (!output.has_compression) {
    if (const Ending* found = find(kCompressed, name); found != nullptr) {
      const std::string_view inner = name.substr(0, name.size() - found->ending.size());
      const Format format = output_format_of_name(inner);
      const std::string option =
          has_header(format) ? " -o " + std::string(format_name(format)) : std::string();
      const std::string by_pipe =
          "weir" + option + " ... | " + std::string(found->remedy) + " > " + std::string(name);
      return shown + std::string(found->kind) + " data, which weir does not write: write .zst or " +
             ".gz, or " + (output.may_be_piped ? "pipe it: " + by_pipe : "compress it afterwards") +
             (output.has_options ? "; --compress none takes the name as it is" : "");
    }
  }
  if (output.has_format) return {};
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (!has_ending(name, ending)) continue;
    name.remove_suffix(ending.size());
    break;
  }
  const Ending* found = find(kFormats, name);
  if (found == nullptr) return {};
  return shown + std::string(found->kind) + ", which weir does not write: " +
         (output.has_options
              ? std::string(found->remedy) + "; --format ndjson takes the name as it is"
              : "write .ndjson");
}

}  // namespace weir
