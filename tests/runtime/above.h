// A source for tests of what pulls it.
#pragma once

#include "runtime/segment.h"
#include "source/source.h"

namespace weir {

/// The source, as something to pull.
class Above final : public Link {
 public:
  explicit Above(Source& source) : source_(source) {}
  Result<Pull> next(Batch& batch) override {
    batch.reset();
    return source_.next(batch);
  }
  bool reads_on() const override { return source_.reads_on(); }

 private:
  Source& source_;
};

}  // namespace weir
