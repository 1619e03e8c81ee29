#include "event/members.h"

#include <algorithm>
#include <vector>

#include "event/json_bytes.h"
#include "event/object.h"

namespace weir {

namespace {

/// A path of which the first `done` names are behind us.
struct State {
  size_t path;
  size_t done;
};

class MemberEditor {
 public:
  MemberEditor(std::string_view json, std::span<const Path> paths,
               const std::function<MemberEdit(std::span<const MemberMet>)>& decide,
               std::string& out)
      : end_(json.data() + json.size()),
        copied_(json.data()),
        paths_(paths),
        decide_(decide),
        out_(out) {}

  /// Edits the object that starts at p.
  void object(const char* p, std::span<const State> states) {
    std::vector<State> further;
    std::vector<MemberMet> met;
    bool any_stays = false;
    walk_members(p, end_, [&](const Member& member) {
      const std::string_view key = decode_key(member.key, arena_);
      further.clear();
      met.clear();
      for (const State state : states) {
        const size_t spelled = names_spelled(key, paths_[state.path], state.done);
        if (spelled == 0) continue;
        if (state.done + spelled == paths_[state.path].names.size()) {
          met.push_back({state.path, state.done, member.value.data()});
        } else {
          further.push_back({state.path, state.done + spelled});
        }
      }
      const MemberEdit edit = met.empty() ? MemberEdit{} : decide_(met);
      if (edit.goes) {
        // A comma goes along: the one in front, or, of the first members, the one behind with the
        // white space behind it.
        const char* const begin = member.all.data();
        const char* const next = begin + member.all.size();
        if (any_stays) {
          replace(begin - 1, next, {});
        } else if (next < end_ && *next == ',') {
          replace(member.key.data() - 1, skip_space(next + 1, end_), {});
        } else {
          replace(std::max(begin, copied_), next, {});
        }
      } else if (!edit.key.empty()) {
        replace(member.key.data() - 1, member.key.data() + member.key.size() + 1, edit.key);
      } else if (!further.empty() && member.value[0] == '{') {
        object(member.value.data(), further);
      }
      any_stays = any_stays || !edit.goes;
      return true;
    });
  }

  /// Appends what is left; false if nothing was edited.
  bool finish() {
    if (edited_) out_.append(copied_, end_);
    return edited_;
  }

 private:
  void replace(const char* begin, const char* end, std::string_view with) {
    out_.append(copied_, begin);
    out_ += with;
    copied_ = end;
    edited_ = true;
  }

  const char* end_;
  const char* copied_;  ///< what is before it has been appended
  std::span<const Path> paths_;
  const std::function<MemberEdit(std::span<const MemberMet>)>& decide_;
  std::string& out_;
  Arena arena_;
  bool edited_ = false;
};

}  // namespace

bool edit_members(std::string_view json, std::span<const Path> paths,
                  const std::function<MemberEdit(std::span<const MemberMet>)>& decide,
                  std::string& out) {
  const char* const end = json.data() + json.size();
  const char* const start = skip_space(json.data(), end);
  if (start >= end || *start != '{') return false;
  std::vector<State> states;
  for (size_t i = 0; i < paths.size(); ++i) states.push_back({i, 0});
  MemberEditor editor(json, paths, decide, out);
  editor.object(start, states);
  return editor.finish();
}

}  // namespace weir
