#include "event/path.h"

#include <algorithm>

namespace weir {

namespace {

bool is_word(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string with_dots(const Path& path) {
  std::string text;
  for (const Path::Name& name : path.names) {
    if (!text.empty()) text += '.';
    text += name.text;
  }
  return text;
}

}  // namespace

size_t names_spelled(std::string_view key, const Path& path, size_t first) {
  for (size_t next = first; next < path.names.size(); ++next) {
    const Path::Name& name = path.names[next];
    if (next > first) {
      if (!name.joins || key.empty() || key[0] != '.') return 0;
      key.remove_prefix(1);
    }
    if (!key.starts_with(name.text)) return 0;
    key.remove_prefix(name.text.size());
    if (key.empty()) return next + 1 - first;
  }
  return 0;
}

Path Path::dotted(std::string_view text) {
  Path path;
  for (size_t start = 0; start <= text.size();) {
    const size_t dot = std::min(text.find('.', start), text.size());
    path.names.push_back({std::string(text.substr(start, dot - start)), !path.names.empty()});
    start = dot + 1;
  }
  return path;
}

Path Path::single(std::string_view name) {
  Path path;
  path.names.push_back({std::string(name), false});
  return path;
}

std::string Path::to_string() const {
  std::string text = root == Root::kMeta ? "meta" : "";
  for (const Name& name : names) {
    const bool plain = is_word(name.text) && (name.joins || text.empty() || root == Root::kMeta);
    if (plain) {
      if (!text.empty()) text += '.';
      text += name.text;
    } else {
      if (text.empty()) text = "this";
      text += "['" + name.text + "']";
    }
  }
  return text.empty() ? "this" : text;
}

bool overlaps(const Path& changed, const Path& read) {
  if (changed.root != read.root) return false;
  if (changed.names.empty() || read.names.empty()) return true;
  // Compared by their dotted spelling, which every way to write a path shares: it may answer true
  // for two paths that never meet, and then a column is read once more than needed.
  const std::string a = with_dots(changed);
  const std::string b = with_dots(read);
  const std::string& shorter = a.size() < b.size() ? a : b;
  const std::string& longer = a.size() < b.size() ? b : a;
  return longer.starts_with(shorter) &&
         (longer.size() == shorter.size() || longer[shorter.size()] == '.');
}

int PathTable::slot(const Path& path) {
  if (const std::optional<int> known = find(path)) return *known;
  paths_.push_back(path);
  return size() - 1;
}

std::optional<int> PathTable::find(const Path& path) const {
  const auto found = std::ranges::find(paths_, path);
  if (found == paths_.end()) return std::nullopt;
  return static_cast<int>(found - paths_.begin());
}

std::vector<int> PathTable::overlapping(std::span<const Path> changed) const {
  std::vector<int> slots;
  for (int slot = 0; slot < size(); ++slot) {
    const auto meets = [&](const Path& field) { return overlaps(field, path(slot)); };
    if (std::ranges::any_of(changed, meets)) slots.push_back(slot);
  }
  return slots;
}

}  // namespace weir
