#include "codec/framer.h"

#include <algorithm>

#include "base/units.h"

namespace weir {

std::unique_ptr<Framer> make_framer(Format format, const FramingOptions& options) {
  switch (format) {
    case Format::kCsv:
    case Format::kTsv:
      return make_csv_framer(options.separator.value_or(separator_of(format)), options);
    case Format::kText:
      return make_text_framer(options);
    case Format::kNdjson:
    case Format::kTable:  // is only written
      break;
  }
  return make_ndjson_framer(options);
}

std::string too_long_reason(uint64_t length, size_t max_event) {
  return "event of " + std::to_string(length) + " bytes is longer than --max-event (" +
         format_size(max_event) + ")";
}

void add_rejected_row(Batch& batch, std::string_view source, uint32_t line, std::string reason) {
  const auto index = static_cast<uint32_t>(batch.rows.size());
  Row& row = batch.rows.emplace_back();
  row.source = source.data();
  row.source_size = static_cast<uint32_t>(source.size());
  row.line = line;
  batch.reject(index, 0, std::move(reason));
}

void add_cut_row(Batch& batch, std::string_view head, uint64_t length, uint32_t line,
                 size_t max_event) {
  add_rejected_row(batch, head.substr(0, kCutBytes), line, too_long_reason(length, max_event));
  // The row has no text; its size is free to say how long the event was.
  batch.rows.back().text_size = static_cast<uint32_t>(std::min<uint64_t>(length, UINT32_MAX));
}

}  // namespace weir
