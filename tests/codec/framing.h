// Running a framer over text that is cut into pieces in every way.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "codec/framer.h"

namespace weir {

/// What came out, a line for each row: its line number, and its cells in brackets, or its text, or
/// why it was rejected.
inline std::vector<std::string> describe_rows(const Batch& batch) {
  std::vector<std::string> rows;
  size_t note = 0;
  for (uint32_t i = 0; i < batch.rows.size(); ++i) {
    const Row& row = batch.rows[i];
    std::string text = std::to_string(batch.line_of(i)) + " ";
    if (row.fate == Fate::kRejected) {
      text += "! " + batch.notes[note++].reason;
    } else if (row.is_record()) {
      for (size_t c = 0; c < row.schema->names.size(); ++c) {
        text += "[" + row.schema->names[c] + "=" + std::string(row.cells[c].text()) + "]";
      }
    } else {
      text += std::string(row.json());
    }
    rows.push_back(text);
  }
  return rows;
}

/// Gives `framer` the bytes of `text` in pieces of `step`, at most `max_rows` rows at a time.
inline std::vector<std::string> frame(Framer& framer, const std::string& text,
                                      size_t step = SIZE_MAX, size_t max_rows = SIZE_MAX) {
  std::vector<std::string> rows;
  size_t begin = 0;
  size_t end = 0;
  while (true) {
    end = step < text.size() - end ? end + step : text.size();
    const bool last = end == text.size();
    while (true) {
      Batch batch;
      // A buffer of its own for each piece, so that a look behind its end is seen by the sanitizer.
      batch.buffer = Buffer(end - begin);
      std::memcpy(batch.buffer.data(), text.data() + begin, end - begin);
      const auto taken = framer.take({batch.buffer.data(), end - begin}, last, max_rows, batch);
      if (!taken) {
        rows.push_back("error: " + taken.error().message);
        return rows;
      }
      begin += *taken;
      for (std::string& row : describe_rows(batch)) rows.push_back(std::move(row));
      if (batch.rows.empty()) break;
    }
    if (last) return rows;
  }
}

}  // namespace weir
