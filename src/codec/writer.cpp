#include "codec/writer.h"

#include "base/names.h"
#include "codec/csv_row.h"

namespace weir {

Result<std::unique_ptr<Writer>> make_writer(Format format, WriterOptions options) {
  const bool has_columns = has_header(format) || format == Format::kTable;
  if (!has_columns && !options.columns.empty()) {
    return usage_error("--columns is for CSV and tables, and the output is " +
                       std::string(format_name(format)));
  }
  if (options.separator && !has_header(format)) {
    return usage_error("--separator is for CSV and TSV, and the output is " +
                       std::string(format_name(format)));
  }
  const char separator = options.separator.value_or(separator_of(format));
  if (auto checked = check_csv_separator(separator); !checked) {
    return std::unexpected(checked.error());
  }
  if (options.envelopes && format != Format::kNdjson) {
    return usage_error("--envelope is for NDJSON, and the output is " +
                       std::string(format_name(format)));
  }
  if (auto checked = check_names("--columns", options.columns); !checked) {
    return std::unexpected(checked.error());
  }
  switch (format) {
    case Format::kCsv:
    case Format::kTsv:
      return make_csv_writer(separator, std::move(options));
    case Format::kTable:
      return make_table_writer(std::move(options));
    case Format::kText:
      return make_text_writer(options.stage_index);
    case Format::kNdjson:
      break;
  }
  return options.envelopes ? make_envelope_writer(options.stage_index)
                           : make_ndjson_writer(options.stage_index);
}

}  // namespace weir
