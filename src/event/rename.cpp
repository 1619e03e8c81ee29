#include "event/rename.h"

#include <algorithm>

#include "event/json_value.h"
#include "event/members.h"
#include "event/record.h"
#include "event/remove.h"

namespace weir {

namespace {

std::vector<Path> all_paths(const std::vector<Renaming>& renamings) {
  std::vector<Path> paths;
  for (const Renaming& renaming : renamings) paths.push_back(renaming.from);
  for (const Renaming& renaming : renamings) paths.push_back(renaming.to);
  return paths;
}

std::vector<Path> old_paths(const std::vector<Path>& all) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2)};
}

}  // namespace

FieldRenamer::FieldRenamer(std::vector<Renaming> renamings, const PathTable& paths)
    : fields_(all_paths(renamings)),
      count_(renamings.size()),
      scanner_(old_paths(fields_)),
      touched_(paths, paths.overlapping(fields_)) {
  for (Renaming& renaming : renamings) {
    std::vector<int>& same = slots_.emplace_back();
    for (int slot = 0; slot < paths.size(); ++slot) {
      if (paths.path(slot) == renaming.to) same.push_back(slot);
    }
    writers_.push_back(std::make_unique<FieldWriter>(std::move(renaming.to), paths));
  }
}

/// The key under which field `i` has its new path in the object that the first `done` names of its
/// old path lead to; empty if there is none.
std::string FieldRenamer::new_key(size_t i, size_t done) const {
  const std::vector<Path::Name>& from = fields_[i].names;
  const std::vector<Path::Name>& to = fields_[count_ + i].names;
  if (to.size() <= done) return {};
  for (size_t name = 0; name < done; ++name) {
    if (to[name].text != from[name].text) return {};
  }
  // Several names share one key only where the old key was such a one.
  const bool was_flat = from.size() - done > 1;
  std::string key = to[done].text;
  for (size_t name = done + 1; name < to.size(); ++name) {
    if (!was_flat || !to[name].joins) return {};
    key += '.' + to[name].text;
  }
  return key;
}

std::string FieldRenamer::rename_text(Batch& batch, Row& row, std::vector<bool>& stayed) const {
  std::vector<Value> found(count_);
  Arena arena;
  std::string broken = scanner_.scan(row.json(), found, arena);
  if (!broken.empty()) return broken;
  std::vector<std::string> keys(count_);
  const auto is_field = [&](const MemberMet& member) {
    if (member.path >= count_ || found[member.path].is_missing()) return false;
    const Value& value = found[member.path];
    return member.value == (value.kind == Kind::kString ? value.quote : value.data);
  };
  // First find out which fields can stay where they are: the new names of those, and of no others,
  // are to be cleared.
  std::string changed;
  edit_members(
      row.json(), fields_,
      [&](std::span<const MemberMet> members) {
        for (const MemberMet& member : members) {
          if (!is_field(member)) continue;
          const std::string key = new_key(member.path, member.done);
          stayed[member.path] = !key.empty();
          if (stayed[member.path]) write_json_string(key, keys[member.path]);
        }
        return MemberEdit{};
      },
      changed);
  edit_members(
      row.json(), fields_,
      [&](std::span<const MemberMet> members) {
        MemberEdit edit;
        for (const MemberMet& member : members) {
          const size_t i = member.path % count_;
          if (is_field(member) && stayed[i]) return MemberEdit{.goes = false, .key = keys[i]};
          edit.goes = edit.goes || (member.path < count_ ? !found[i].is_missing() : stayed[i]);
        }
        return edit;
      },
      changed);
  if (!changed.empty()) row.set_text(batch.arena.copy(changed));
  return {};
}

void FieldRenamer::rename_cells(Batch& batch, Row& row, std::span<const Value> values,
                                std::vector<bool>& stayed) const {
  std::vector<std::string> new_names(row.schema->names.size());
  std::vector<Path> gone;
  for (size_t i = 0; i < count_; ++i) {
    if (values[i].is_missing()) continue;
    gone.push_back(fields_[i]);
    const RecordPlace place = find_place(row, fields_[i], batch.arena);
    if (place.names < fields_[i].names.size()) continue;
    new_names[place.column] = new_key(i, 0);
    stayed[i] = !new_names[place.column].empty();
    if (stayed[i]) gone.push_back(fields_[count_ + i]);
  }
  edit_record(batch, row, gone, new_names);
}

std::string FieldRenamer::rename(Batch& batch, uint32_t row, std::span<const Value> values) const {
  if (std::ranges::all_of(values, [](const Value& value) { return value.is_missing(); })) return {};
  std::vector<bool> stayed(count_, false);
  Row& event = batch.rows[row];
  if (event.is_record()) {
    rename_cells(batch, event, values, stayed);
  } else {
    std::string problem = rename_text(batch, event, stayed);
    if (!problem.empty()) return problem;
  }
  touched_.refill(batch, row);
  for (size_t i = 0; i < count_; ++i) {
    if (values[i].is_missing()) continue;
    if (stayed[i]) {
      for (const int slot : slots_[i]) put_column(batch, slot, row, values[i]);
    } else {
      std::string problem = writers_[i]->write(batch, row, values[i]);
      if (!problem.empty()) return problem;
    }
  }
  return {};
}

}  // namespace weir
