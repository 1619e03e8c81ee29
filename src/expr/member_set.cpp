#include "expr/member_set.h"

#include <algorithm>

#include "event/key.h"
#include "expr/compare.h"

namespace weir::expr {

bool MemberSet::contains(const Value& value) {
  const auto is_equal = [&](const Value& known) { return equal(known, value, arena_); };
  if (many_.empty()) return std::any_of(few_.data(), few_.data() + size_, is_equal);
  key_.clear();
  if (!append_key(value, key_).empty()) return false;
  // A NaN has a key, and equals nothing: it would be compared with every other.
  const auto found = many_.find(key_);
  return found != many_.end() && is_equal(found->second);
}

void MemberSet::insert(const Value& value) {
  if (size_ < kFew && many_.empty()) {
    few_[size_++] = value;
    return;
  }
  for (size_t i = 0; i < size_; ++i) index(few_[i]);
  size_ = 0;
  index(value);
}

void MemberSet::index(const Value& value) {
  key_.clear();
  if (append_key(value, key_).empty()) many_.emplace(key_, value);
}

}  // namespace weir::expr
