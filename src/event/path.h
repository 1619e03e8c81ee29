// Where in an event a value stands.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A way into an event: `a.b` is member b of a, or the flat key "a.b"; of the spellings the first
/// in the text wins. `this['a.b']` is one name with a dot in it and has no second spelling. A path
/// without names is the whole event (`this`).
struct Path {
  struct Name {
    std::string text;
    /// May stand behind the name before it in one flat key, with a dot between ("a.b").
    bool joins = false;
    bool operator==(const Name&) const = default;
  };
  enum class Root : uint8_t {
    kEvent,
    kMeta,  ///< where the event came from: `meta.file`, `meta.line`
  };

  Root root = Root::kEvent;
  std::vector<Name> names;

  bool operator==(const Path&) const = default;
  bool is_whole() const { return root == Root::kEvent && names.empty(); }

  /// `a.b.c` as one writes it on a command line: split at dots, each name joining the one before.
  static Path dotted(std::string_view text);
  /// One name, taken as it stands, dots and all.
  static Path single(std::string_view name);
  /// How a person would write the path: "a.b", "this['a.b'].c", "meta.line", "this".
  std::string to_string() const;
};

/// How many names of `path`, from `first` on, `key` spells when joined by dots; 0 if none.
size_t names_spelled(std::string_view key, const Path& path, size_t first);

/// True if a change of `changed` can change what is found at `read`: one is the other, or leads
/// into the other, in any spelling.
bool overlaps(const Path& changed, const Path& read);

/// The paths that a pipeline's stages read, numbered. A number is called a slot; it is the index of
/// the path's column in every batch (see event/batch.h). Filled while the pipeline is planned,
/// constant afterwards.
class PathTable {
 public:
  /// The slot of `path`, new or known.
  int slot(const Path& path);
  /// The slot of `path` if a stage reads it.
  std::optional<int> find(const Path& path) const;
  /// The slots of what a change of these fields can change.
  std::vector<int> overlapping(std::span<const Path> changed) const;
  const Path& path(int slot) const { return paths_[static_cast<size_t>(slot)]; }
  int size() const { return static_cast<int>(paths_.size()); }

 private:
  std::vector<Path> paths_;
};

}  // namespace weir
