// Telling a field that no event has from one whose value selects nothing: most often it is
// misspelt. And a field that is compared with a constant of another type than it has: 500 is not
// "500".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "event/batch.h"
#include "stage/stage.h"

namespace weir {

/// Notes in the batch which of the fields that `stage` expects its events have. Called right before
/// the stage sees the batch, on any thread. Rows that a leading filter ruled out unread count as
/// having a field if its name stands in them anywhere; they tell nothing of its type.
void look_for_fields(Batch& batch, const Stage& stage, uint8_t index);

/// Adds up what was noted, over all settled batches.
class AbsentFields {
 public:
  /// Batches in order; what was noted about each row depends on the row only.
  void settle(const Batch& batch);

  /// A line for a person about each field that a stage expected and no event had, with the name
  /// that was perhaps meant, and about each that was compared with a constant which events had as
  /// another type only. `stages` are the stages' names; nothing is said of those that, by
  /// `got_all`, perhaps did not get all events.
  std::vector<std::string> messages(const std::vector<std::string>& stages,
                                    const std::function<bool(size_t stage)>& got_all) const;

 private:
  struct Expected {
    const ExpectedField* field = nullptr;
    uint8_t born = 0;  ///< where the first event came from that the stage looked at
    bool seen = false;
    bool mismatched = false;
  };
  /// The first event that was read, or that a stage made: what names there are.
  struct Example {
    bool found = false;
    bool is_list = false;
    std::vector<std::string> names;  ///< as one writes them: "http.status"
  };

  void look_for_examples(const Batch& batch);
  static bool take_example(const Row& row, Example& example);
  static bool take_example(std::string_view json, Example& example);
  std::string remedy(const ExpectedField& field, const Example& example) const;

  /// By stage, and by the place among those that it expects.
  std::map<std::pair<uint8_t, size_t>, Expected> expected_;
  std::vector<Example> examples_{256};  ///< by the stage that made the events
};

}  // namespace weir
