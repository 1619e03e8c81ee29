#include "codec/writer.h"

#include <unordered_set>

namespace weir {

Result<std::unique_ptr<Writer>> make_writer(Format format, WriterOptions options) {
  if (format == Format::kText) {
    return usage_error("text can be read and not written: the formats to write are ndjson and csv");
  }
  if (format == Format::kNdjson) {
    if (!options.columns.empty())
      return usage_error("--columns is for CSV, and the output is ndjson");
    return make_ndjson_writer(options.stage_index);
  }
  std::unordered_set<std::string_view> seen;
  for (const std::string& column : options.columns) {
    if (column.empty()) return usage_error("--columns has an empty name in it");
    if (!seen.insert(column).second) return usage_error("--columns names '" + column + "' twice");
  }
  return make_csv_writer(std::move(options));
}

}  // namespace weir
