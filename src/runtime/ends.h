// The ends of a pipeline, `from` and `to`: what people may write there, and what is made of it.
#pragma once

#include <memory>
#include <string>

#include "base/option.h"
#include "base/result.h"
#include "sink/rejects.h"
#include "sink/sink.h"
#include "source/source.h"

namespace weir {

/// What the ends need to know of the global options.
struct EndSettings {
  std::string input_format;            ///< -i, or empty
  std::string output_format;           ///< -o, or empty
  size_t max_event = size_t{8} << 20;  ///< bytes
  uint32_t batch_rows = 0;             ///< most rows in a batch; 0: as many as fit
};

extern const Command kFrom;
extern const Command kTo;

/// Checks the arguments of `from` and makes the source; opens nothing.
Result<std::unique_ptr<Source>> make_from(const Arguments& arguments, const EndSettings& settings);

/// Checks the arguments of `to` and makes the sink; opens nothing. `index` is the sink's stage
/// index.
Result<std::unique_ptr<Sink>> make_to(const Arguments& arguments, const EndSettings& settings,
                                      uint8_t index);

/// The sink for `--errors ENDPOINT`. Refuses one that `to` writes as well: the order of the lines
/// would depend on chance; and one that `from` reads.
Result<std::unique_ptr<RejectSink>> make_errors(const std::string& endpoint, const Arguments& from,
                                                const Arguments& to);

}  // namespace weir
