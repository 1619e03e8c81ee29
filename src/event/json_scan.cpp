#include "event/json_scan.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "event/json_bytes.h"
#include "event/json_check.h"
#include "event/json_value.h"

namespace weir {

namespace {

/// Followed objects are at most as many as a path has names; deeper paths than this are read by no
/// one, and are missing.
constexpr size_t kMaxFollowed = 64;
/// Keys of one object that are remembered as met (one bit each).
constexpr size_t kMaxEdges = 256;

}  // namespace

PathScanner::PathScanner(const PathTable& paths, std::span<const int> slots) {
  std::vector<Path> wanted;
  for (const int slot : slots) wanted.push_back(paths.path(slot));
  build(wanted);
}

PathScanner::PathScanner(const std::vector<Path>& paths) { build(paths); }

void PathScanner::build(const std::vector<Path>& paths) {
  count_ = paths.size();
  // Subset construction: a node is the set of places that the paths can be at in one object. A step
  // takes one name, or several that join into one flat key.
  std::vector<std::vector<State>> sets(1);
  for (uint32_t path = 0; path < paths.size(); ++path) sets[0].push_back({path, 0});
  for (size_t node = 0; node < sets.size(); ++node) {
    std::vector<std::pair<std::string, std::vector<State>>> steps;
    for (const State at : sets[node]) {
      const std::vector<Path::Name>& names = paths[at.path].names;
      std::string key;
      for (uint32_t next = at.done; next < names.size(); ++next) {
        if (next > at.done) {
          if (!names[next].joins) break;
          key += '.';
        }
        key += names[next].text;
        auto step =
            std::ranges::find(steps, key, &std::pair<std::string, std::vector<State>>::first);
        if (step == steps.end()) step = steps.insert(steps.end(), {key, {}});
        step->second.push_back({at.path, next + 1});
      }
    }
    Node made;
    for (const auto& [key, states] : steps) {
      Edge edge;
      edge.key = key;
      std::vector<State> further;
      for (const State state : states) {
        const bool ends = state.done == paths[state.path].names.size();
        if (ends) edge.ends.push_back(state.path);
        if (!ends) further.push_back(state);
      }
      if (!further.empty()) {
        const auto known = std::ranges::find(sets, further);
        edge.child = static_cast<int>(known - sets.begin());
        if (known == sets.end()) sets.push_back(further);
      }
      made.edges.push_back(std::move(edge));
    }
    nodes_.push_back(std::move(made));
  }
}

const PathScanner::Edge* PathScanner::match(const Node& node, std::string_view raw_key) const {
  if (std::memchr(raw_key.data(), '\\', raw_key.size()) == nullptr) {
    for (const Edge& edge : node.edges) {
      if (edge.key == raw_key) return &edge;
    }
    return nullptr;
  }
  Arena arena;
  const Value key = read_json_value({raw_key.data() - 1, raw_key.size() + 2}, arena);
  if (key.kind != Kind::kString) return nullptr;
  for (const Edge& edge : node.edges) {
    if (edge.key == key.text()) return &edge;
  }
  return nullptr;
}

std::string PathScanner::scan(std::string_view event, std::span<Value> values, Arena& arena) const {
  std::ranges::fill(values, Value::missing());
  const char* const end = event.data() + event.size();
  const char* p = skip_space(event.data(), end);
  if (p >= end || *p != '{') return check_json(event);
  if (count_ == 0) return {};

  struct Followed {
    const Node* node;
    uint32_t depth;
    std::array<uint64_t, kMaxEdges / 64> met;  ///< a bit for each edge met in this object
    const Edge* read_whole;                    ///< paths that end at this object itself
    const char* start;
  };
  std::array<Followed, kMaxFollowed> followed;
  size_t top = 0;
  followed[0] = {&nodes_[0], 1, {}, nullptr, p};
  uint32_t depth = 1;
  size_t left = count_;
  const auto answer = [&](const Edge& edge, const Value& value) {
    for (const uint32_t path : edge.ends) {
      if (!values[path].is_missing()) continue;
      values[path] = value;
      --left;
    }
  };

  ++p;
  while (true) {
    p = find_quote_or_bracket(p, end);
    if (p >= end) return "the event ends inside an object";
    if (*p == '{' || *p == '[') {
      ++depth;
      ++p;
      continue;
    }
    if (*p != '"') {
      --depth;
      ++p;
      if (depth >= followed[top].depth) continue;
      const Followed ended = followed[top];
      if (ended.read_whole != nullptr) {
        answer(*ended.read_whole,
               Value::raw(Kind::kMap, {ended.start, static_cast<size_t>(p - ended.start)}));
      }
      if (left == 0 || top == 0) return {};
      --top;
      continue;
    }
    const char* const content = p + 1;
    const char* const close = find_closing_quote(content, end);
    if (close >= end) return "the event ends inside a string";
    p = close + 1;
    Followed& here = followed[top];
    if (depth != here.depth) continue;
    const char* const colon = skip_space(p, end);
    if (colon >= end || *colon != ':') continue;
    p = colon + 1;
    const Edge* edge = match(*here.node, {content, static_cast<size_t>(close - content)});
    if (edge == nullptr) continue;
    const auto number = static_cast<size_t>(edge - here.node->edges.data());
    if (number < kMaxEdges) {
      uint64_t& met = here.met[number / 64];
      const uint64_t bit = uint64_t{1} << (number % 64);
      if ((met & bit) != 0) continue;
      met |= bit;
    }
    p = skip_space(p, end);
    if (p < end && *p == '{' && edge->child >= 0 && top + 1 < kMaxFollowed) {
      ++depth;
      followed[++top] = {&nodes_[static_cast<size_t>(edge->child)],
                         depth,
                         {},
                         edge->ends.empty() ? nullptr : edge,
                         p};
      ++p;
      continue;
    }
    if (edge->ends.empty()) continue;
    const char* const start = p;
    p = skip_value(p, end);
    if (p == nullptr) return "the event ends inside a value";
    const std::string_view token(start, static_cast<size_t>(p - start));
    Value value = read_json_value(token, arena);
    if (value.is_error()) {
      return "the value of '" + edge->key + "' is no JSON value";
    }
    if (value.data == nullptr && value.kind != Kind::kString) {
      value.data = token.data();
      value.size = static_cast<uint32_t>(token.size());
    }
    answer(*edge, value);
    if (left == 0) return {};
  }
}

}  // namespace weir
