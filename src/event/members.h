// Taking members out of an object's text, or giving them other keys.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "event/path.h"

namespace weir {

/// A member of an object at which a path ends.
struct MemberMet {
  size_t path = 0;              ///< index of the path
  size_t done = 0;              ///< how many of its names lead to the object that the member is in
  const char* value = nullptr;  ///< where the member's value starts in the text
};

/// What becomes of a member.
struct MemberEdit {
  bool goes = false;
  std::string key;  ///< what its key shall be, as a JSON string; empty: as it is
};

/// Asks `decide` about every member of the object `json` at which some of the paths end, in every
/// spelling and of doubled keys each, and appends the text with its edits; all else keeps its
/// bytes. What a member of a path that goes on holds is looked at unless the member was edited.
/// Answers false, and appends nothing, if there is no edit or `json` is no object. Needs text that
/// was checked.
bool edit_members(std::string_view json, std::span<const Path> paths,
                  const std::function<MemberEdit(std::span<const MemberMet>)>& decide,
                  std::string& out);

}  // namespace weir
