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

std::vector<Path> paths_of(const PathTable& paths, std::span<const int> slots) {
  std::vector<Path> wanted;
  for (const int slot : slots) wanted.push_back(paths.path(slot));
  return wanted;
}

}  // namespace

PathScanner::PathScanner(const PathTable& paths, std::span<const int> slots)
    : PathScanner(paths_of(paths, slots)) {}

PathScanner::PathScanner(const std::vector<Path>& paths) : plan_(paths) { use(best_kernels()); }

const ScanEdge* PathScanner::match(const ScanNode& node, std::string_view raw_key) const {
  if (std::memchr(raw_key.data(), '\\', raw_key.size()) == nullptr) {
    for (const ScanEdge& edge : node.edges) {
      if (edge.key == raw_key) return &edge;
    }
    return nullptr;
  }
  Arena arena;
  const Value key = read_json_value({raw_key.data() - 1, raw_key.size() + 2}, arena);
  if (key.kind != Kind::kString) return nullptr;
  for (const ScanEdge& edge : node.edges) {
    if (edge.key == key.text()) return &edge;
  }
  return nullptr;
}

std::string PathScanner::scan(std::string_view event, std::span<Value> values, Arena& arena,
                              const char* readable) const {
  if (readable == nullptr) readable = event.data() + event.size();
  if (scan_quickly(event, values, arena, readable)) return {};
  std::ranges::fill(values, Value::missing());
  return scan_exactly(event, values, arena);
}

std::string PathScanner::scan_exactly(std::string_view event, std::span<Value> values,
                                      Arena& arena) const {
  const char* const end = event.data() + event.size();
  const char* p = skip_space(event.data(), end);
  if (p >= end || *p != '{') return check_json(event);
  if (plan_.count == 0) return {};

  struct Followed {
    const ScanNode* node;
    uint32_t depth;
    std::array<uint64_t, kMaxEdges / 64> met;  ///< a bit for each edge met in this object
    const ScanEdge* read_whole;                ///< paths that end at this object itself
    const char* start;
  };
  std::array<Followed, kMaxFollowed> followed;
  size_t top = 0;
  followed[0] = {&plan_.nodes[0], 1, {}, nullptr, p};
  uint32_t depth = 1;
  size_t left = plan_.count;
  const auto answer = [&](const ScanEdge& edge, const Value& value) {
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
    const ScanEdge* edge = match(*here.node, {content, static_cast<size_t>(close - content)});
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
      followed[++top] = {&plan_.nodes[static_cast<size_t>(edge->child)],
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
