// What verbs share that change fields one by one, each by itself.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "event/edit.h"
#include "stage/stage.h"

namespace weir {

/// A Map that gives each of its fields a new value, made of the old one alone. A field that is
/// missing stays so, and is counted; --strict rejects the event.
class EachField : public Map {
 public:
  /// Takes the fields as they were written on the command line, once. Errors are wrong names.
  Result<void> add(std::span<const std::string> words);

  Result<void> open() override;
  void apply(Batch& batch) const override;

 protected:
  explicit EachField(const PlanContext& plan) : Map(plan), paths_(plan.paths) {}

  /// The new value, or kError and the reason why the event is rejected; it lives as long as
  /// `arena`.
  virtual Value change(const Value& value, Arena& arena) const = 0;

 private:
  /// Changes field `i`. Answers an empty text, or why the row is rejected.
  std::string change_field(Batch& batch, uint32_t row, size_t i, Arena& arena) const;

  PathTable& paths_;
  std::vector<Path> fields_;
  std::vector<int> slots_;  ///< of the fields
  std::vector<std::unique_ptr<FieldWriter>> writers_;
};

}  // namespace weir
