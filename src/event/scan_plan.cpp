#include "event/scan_plan.h"

#include <algorithm>
#include <utility>

#include "event/rarity.h"

namespace weir {

namespace {

/// A path of which the first `done` names are behind us.
struct State {
  uint32_t path;
  uint32_t done;
  bool operator==(const State&) const = default;
};

/// More keys than this are found faster by looking at each.
constexpr size_t kMostKeys = 8;
/// So many kinds of keys may be looked for where only some of them can be.
constexpr size_t kFewProbes = 4;
/// A key and its two quotes lie within a block and its neighbour.
constexpr size_t kLongestKey = 62;

/// True if the key has one spelling without escapes of two letters.
bool is_plain(const std::string& key) {
  const auto odd = [](char c) {
    return c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) < 0x20;
  };
  return !key.empty() && key.size() <= kLongestKey && std::ranges::none_of(key, odd);
}

bool fits_kernels(const ScanNode& node) {
  return node.edges.size() <= kMostKeys &&
         std::ranges::all_of(node.edges, is_plain, &ScanEdge::key);
}

void add_probes(const ScanNode& node, std::vector<KeyProbe>& probes) {
  for (const ScanEdge& edge : node.edges) {
    const KeyProbe probe(edge.key);
    if (std::ranges::find(probes, probe) == probes.end()) probes.push_back(probe);
  }
}

}  // namespace

KeyProbe::KeyProbe(std::string_view key) {
  const auto* const rarest = std::ranges::max_element(key, {}, rarity);
  letter = *rarest;
  letter_at = static_cast<uint8_t>(rarest - key.begin() + 1);
  close_at = static_cast<uint8_t>(key.size() + 1);
  letters_behind = ~uint64_t{0} << (64 - letter_at);
  closes_behind = ~uint64_t{0} << (64 - close_at);
}

ScanPlan::ScanPlan(const std::vector<Path>& paths) : count(paths.size()) {
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
    ScanNode made;
    for (const auto& [key, states] : steps) {
      ScanEdge edge;
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
    nodes.push_back(std::move(made));
  }
  for_kernels = count > 0 && std::ranges::all_of(nodes, fits_kernels);
  if (!for_kernels) return;
  std::vector<KeyProbe> all;
  for (ScanNode& node : nodes) {
    add_probes(node, node.probes);
    add_probes(node, all);
  }
  one_pass = all.size() <= kFewProbes;
  if (!one_pass) return;
  for (ScanNode& node : nodes) node.probes = all;
}

}  // namespace weir
