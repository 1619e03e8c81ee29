#include <algorithm>
#include <unordered_map>

#include "event/flatten.h"
#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"
#include "event/object.h"

namespace weir {

namespace {

/// A tree of the names that flat keys are made of.
class NameTree {
 public:
  static constexpr uint32_t kNone = 0;  ///< the root, which is nobody's child
  struct Node {
    std::string_view name;
    std::string_view value;  ///< of a leaf: its text
    uint32_t first = kNone;  ///< child
    uint32_t last = kNone;   ///< child
    uint32_t next = kNone;   ///< sibling
    uint32_t children = 0;
  };

  const Node& node(uint32_t index) const { return nodes_[index]; }

  /// The child of that name, or kNone.
  uint32_t find(uint32_t parent, std::string_view name) const {
    const Node& above = nodes_[parent];
    // Neighbours mostly go the same way.
    if (above.last != kNone && nodes_[above.last].name == name) return above.last;
    if (above.children > kFew) {
      const auto known = index_.find({parent, name});
      return known == index_.end() ? kNone : known->second;
    }
    uint32_t child = above.first;
    while (child != kNone && nodes_[child].name != name) child = nodes_[child].next;
    return child;
  }

  uint32_t add(uint32_t parent, std::string_view name) {
    const auto added = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({.name = name, .value = {}});
    Node& above = nodes_[parent];
    (above.last == kNone ? above.first : nodes_[above.last].next) = added;
    above.last = added;
    if (++above.children == kFew + 1) {
      for (uint32_t child = above.first; child != kNone; child = nodes_[child].next) {
        index_.emplace(Place{parent, nodes_[child].name}, child);
      }
    } else if (above.children > kFew) {
      index_.emplace(Place{parent, name}, added);
    }
    return added;
  }

  void set_value(uint32_t node, std::string_view value) { nodes_[node].value = value; }

  /// Appends what the node stands for. As deep as the keys have names, at most kMaxDepth.
  void write(uint32_t index, std::string& out) const {
    const Node& at = nodes_[index];
    if (at.first == kNone) {
      out += at.value;
      return;
    }
    const bool list = is_list(at);
    out += list ? '[' : '{';
    for (uint32_t child = at.first; child != kNone; child = nodes_[child].next) {
      if (child != at.first) out += ',';
      if (!list) {
        write_json_string(nodes_[child].name, out);
        out += ':';
      }
      write(child, out);
    }
    out += list ? ']' : '}';
  }

 private:
  static constexpr uint32_t kFew = 16;  ///< children that are looked through one by one

  struct Place {
    uint32_t parent;
    std::string_view name;
    bool operator==(const Place&) const = default;
  };
  struct PlaceHash {
    size_t operator()(const Place& place) const {
      return std::hash<std::string_view>()(place.name) ^
             (place.parent * size_t{0x9e3779b97f4a7c15});
    }
  };

  bool is_list(const Node& at) const {
    uint32_t i = 0;
    for (uint32_t child = at.first; child != kNone; child = nodes_[child].next) {
      if (nodes_[child].name != std::to_string(i++)) return false;
    }
    return true;
  }

  std::vector<Node> nodes_ = {{}};
  std::unordered_map<Place, uint32_t, PlaceHash> index_;  ///< children of nodes with many
};

/// Puts the members of an event into a tree, and the tree into a text.
class Unflattener {
 public:
  Unflattener(const Flatness& flatness, std::string& out, std::vector<bool>* met)
      : flatness_(flatness), out_(out), met_(met) {}

  Reshaped run(std::string_view json) {
    const char* const end = json.data() + json.size();
    const char* const start = skip_space(json.data(), end);
    if (start >= end || *start != '{') return {};
    std::string problem;
    const char* const close = walk_members(start, end, [&](const Member& member) {
      problem = take(member);
      return problem.empty();
    });
    if (!changed_ || !problem.empty()) return {.changed = false, .problem = problem};
    out_.append(json.data(), start + 1);
    for (size_t i = 0; i < order_.size(); ++i) {
      if (i > 0) out_ += ',';
      write(order_[i]);
    }
    out_.append(close, end);
    return {.changed = true, .problem = {}};
  }

 private:
  struct Entry {
    std::string_view text;  ///< a member that stays as it is, or the white space before a new one
    uint32_t node;          ///< of a new one
  };

  /// Answers why the member has no place, or an empty text.
  std::string take(const Member& member) {
    const std::string_view key = decode_key(member.key, arena_);
    const size_t first = key.find(flatness_.separator);
    const std::string_view name = key.substr(0, first);
    if (met_ != nullptr) flatness_.note(name, *met_);
    if (first == std::string_view::npos || !flatness_.is_meant(name)) {
      // Doubled keys are no business of ours, but for those of new objects.
      const uint32_t same = tree_.find(NameTree::kNone, key);
      if (same != NameTree::kNone && tree_.node(same).first != NameTree::kNone) return clash(key);
      if (same == NameTree::kNone) tree_.set_value(tree_.add(NameTree::kNone, key), member.value);
      order_.push_back({member.all, NameTree::kNone});
      return {};
    }
    if (const int depth = nesting(member.value) + names_in(key); depth > kMaxDepth) {
      return "unflattened, the key " + shown_key(key) + " would be nested more than 1024 deep";
    }
    uint32_t node = tree_.find(NameTree::kNone, name);
    if (node == NameTree::kNone) {
      node = tree_.add(NameTree::kNone, name);
      order_.push_back({{member.all.data(), member.key.data() - 1}, node});
    } else if (tree_.node(node).first == NameTree::kNone) {
      return clash(key);
    }
    return place(node, key, first, member.value);
  }

  /// Puts a value below the node of the key's first name, which ends at `end_of_name`.
  std::string place(uint32_t node, std::string_view key, size_t end_of_name,
                    std::string_view value) {
    changed_ = true;
    while (end_of_name != std::string_view::npos) {
      const size_t begin = end_of_name + flatness_.separator.size();
      end_of_name = key.find(flatness_.separator, begin);
      const std::string_view name = key.substr(begin, end_of_name - begin);
      const bool is_last = end_of_name == std::string_view::npos;
      const uint32_t known = tree_.find(node, name);
      if (known != NameTree::kNone && (is_last || tree_.node(known).first == NameTree::kNone)) {
        return clash(key);
      }
      node = known == NameTree::kNone ? tree_.add(node, name) : known;
    }
    tree_.set_value(node, value);
    return {};
  }

  static std::string clash(std::string_view key) {
    return "unflattened, the key " + shown_key(key) + " would collide with another one";
  }

  /// How many names the key has, up to one more than are allowed.
  int names_in(std::string_view key) const {
    int names = 1;
    size_t at = 0;
    while (names <= kMaxDepth && (at = key.find(flatness_.separator, at)) != key.npos) {
      ++names;
      at += flatness_.separator.size();
    }
    return names;
  }

  void write(const Entry& entry) {
    out_ += entry.text;
    if (entry.node == NameTree::kNone) return;
    write_json_string(tree_.node(entry.node).name, out_);
    out_ += ':';
    tree_.write(entry.node, out_);
  }

  const Flatness& flatness_;
  std::string& out_;
  std::vector<bool>* met_;
  Arena arena_;
  NameTree tree_;
  std::vector<Entry> order_;
  bool changed_ = false;
};

}  // namespace

Reshaped unflatten(std::string_view json, const Flatness& flatness, std::string& out,
                   std::vector<bool>* met) {
  return Unflattener(flatness, out, met).run(json);
}

}  // namespace weir
