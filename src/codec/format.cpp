#include "codec/format.h"

#include <cctype>
#include <string>

namespace weir {
namespace {

/// The name behind the last slash in lower case, without the ending of a compression.
std::string plain_name(std::string_view file_name) {
  const size_t slash = file_name.rfind('/');
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  std::string name;
  for (const char c : file_name) {
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const std::string_view ending : {".gz", ".zst"}) {
    if (!name.ends_with(ending)) continue;
    name.resize(name.size() - ending.size());
    break;
  }
  return name;
}

}  // namespace

std::string_view format_name(Format format) {
  switch (format) {
    case Format::kCsv:
      return "csv";
    case Format::kTsv:
      return "tsv";
    case Format::kTable:
      return "table";
    case Format::kText:
      return "text";
    case Format::kNdjson:
      break;
  }
  return "ndjson";
}

std::optional<Format> find_format(std::string_view name) {
  if (name == "ndjson" || name == "jsonl") return Format::kNdjson;
  if (name == "csv") return Format::kCsv;
  if (name == "tsv") return Format::kTsv;
  if (name == "table") return Format::kTable;
  if (name == "text") return Format::kText;
  return std::nullopt;
}

Format format_of_name(std::string_view file_name) {
  const std::string name = plain_name(file_name);
  for (const std::string_view ending : {".ndjson", ".jsonl", ".json"}) {
    if (name.ends_with(ending)) return Format::kNdjson;
  }
  if (name.ends_with(".csv")) return Format::kCsv;
  if (name.ends_with(".tsv") || name.ends_with(".tab")) return Format::kTsv;
  // The part before the first dot is the name proper: a file called `log` says nothing.
  size_t dot = name.find('.');
  while (dot != std::string::npos) {
    const size_t next = name.find('.', dot + 1);
    const std::string_view part = std::string_view(name).substr(
        dot + 1, next == std::string::npos ? std::string::npos : next - dot - 1);
    if (part == "log" || part == "txt") return Format::kText;
    dot = next;
  }
  return Format::kNdjson;
}

Format output_format_of_name(std::string_view file_name) {
  const Format format = format_of_name(file_name);
  return has_header(format) ? format : Format::kNdjson;
}

std::optional<Format> detect_format(Format by_name, std::string_view content, bool whole) {
  if (by_name != Format::kText) return by_name;
  const std::string_view front = content.substr(0, kDetectionBytes);
  const size_t first = front.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos) {
    return front[first] == '{' ? Format::kNdjson : Format::kText;
  }
  if (whole || front.size() == kDetectionBytes) return Format::kText;
  return std::nullopt;
}

}  // namespace weir
