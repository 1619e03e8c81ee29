#include "bus/lineage.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace weir {

namespace {

Relative relative_of(const std::string& queue, const Envelope& envelope, int depth) {
  const Correlation& made_of = envelope.correlation;
  return {.queue = queue,
          .eid = envelope.eid,
          .id = std::string(envelope.id),
          .timestamp = envelope.timestamp,
          .source_time = envelope.source_time,
          .source = std::string(made_of.source),
          .start = std::string(made_of.start),
          .end = std::string(made_of.end),
          .units = static_cast<uint64_t>(std::max(made_of.units, int64_t{0})),
          .gone = false,
          .depth = depth,
          .lag_ms = {}};
}

/// The queue that a correlation names as its source: some write `queue:orders` for orders.
std::string_view queue_of(std::string_view source) {
  constexpr std::string_view kScheme = "queue:";
  return source.substr(source.starts_with(kScheme) ? kScheme.size() : 0);
}

/// The first and the last event of those that another was made of.
std::optional<std::pair<Eid, Eid>> range_of(std::string_view start, std::string_view end) {
  const auto first = parse_eid(start);
  if (!first) return {};
  return std::pair{*first, parse_eid(end).value_or(*first)};
}

}  // namespace

/// What is found from one event on, level by level. Every event is in it once.
struct Lineage::Graph {
  explicit Graph(const Relative& event) : nodes{{.event = event}} {
    places[{event.queue, event.eid}] = 0;
  }

  /// Adds an event that `by` led to, unless it is there. False if that would be one too many.
  bool add(size_t by, const std::string& queue, const Envelope& envelope, int depth, size_t most) {
    if (places.contains({queue, envelope.eid})) return true;
    if (nodes.size() > most) return false;
    places[{queue, envelope.eid}] = nodes.size();
    nodes[by].found.push_back(nodes.size());
    nodes.push_back({.event = relative_of(queue, envelope, depth)});
    return true;
  }

  /// All but the first, each in front of those that it led to, or behind them.
  std::vector<Relative> in_order(bool behind) {
    std::vector<Relative> all;
    struct Open {
      size_t node;
      size_t next = 0;
    };
    std::vector<Open> open = {{.node = 0}};
    while (!open.empty()) {
      Open& at = open.back();
      const std::vector<size_t>& found = nodes[at.node].found;
      if (at.next == 0 && !behind && at.node > 0) all.push_back(std::move(nodes[at.node].event));
      if (at.next < found.size()) {
        open.push_back({.node = found[at.next++]});
        continue;
      }
      if (behind && at.node > 0) all.push_back(std::move(nodes[at.node].event));
      open.pop_back();
    }
    return all;
  }

  std::vector<Node> nodes;
  std::map<std::pair<std::string, Eid>, size_t> places;
};

/// Makes the block with the first event from `from` on the one that was read last. False if there
/// is none.
Result<bool> Lineage::load(const std::string& queue, const Eid& from) {
  if (seen_ && seen_->queue == queue && seen_->first <= from && from <= seen_->last) return true;
  seen_.reset();
  auto stored =
      bus_.read(queue, {.from = from, .before = {}, .event_time = {}, .envelopes_only = true});
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return false;
  Seen& seen = seen_.emplace();
  seen.queue = queue;
  seen.first = (*stored)->first;
  seen.last = (*stored)->last;
  if (auto done = decode_envelopes((*stored)->block, seen.first, seen.envelopes); !done) {
    const std::string first = eid_text(seen.first);
    seen_.reset();
    return machine_error("queue:" + queue + ": the block from " + first + " on is damaged: " +
                         done.error() + "; 'weir queue fsck' tells what is lost");
  }
  return true;
}

/// Calls `see` for the envelopes of a queue from `from` on, until it answers false.
template <typename See>
Result<void> Lineage::look(const std::string& queue, const Eid& from, const See& see) {
  Eid next = from;
  while (true) {
    auto loaded = load(queue, next);
    if (!loaded) return std::unexpected(loaded.error());
    if (!*loaded) return {};
    const std::vector<Envelope>& rows = seen_->envelopes.rows;
    for (auto row = std::ranges::lower_bound(rows, next, {}, &Envelope::eid); row != rows.end();
         ++row) {
      if (!see(*row)) return {};
    }
    next = seen_->last.after(1);
  }
}

Result<std::vector<Relative>> Lineage::find(const Eid& eid, std::string_view only) {
  std::vector<Relative> found;
  for (const QueueFacts& queue : queues_) {
    if (!only.empty() && queue.name != only) continue;
    auto looked = look(queue.name, eid, [&](const Envelope& envelope) {
      if (envelope.eid == eid) found.push_back(relative_of(queue.name, envelope, 0));
      return false;
    });
    if (!looked) return std::unexpected(looked.error());
  }
  return found;
}

Result<std::vector<Relative>> Lineage::find_gone(const Eid& eid, std::string_view only) {
  std::set<std::string, std::less<>> sources;
  const std::string text = eid_text(eid);
  for (const QueueFacts& queue : queues_) {
    // As in `effects`.
    auto looked = look(queue.name, {.ms = eid.ms}, [&](const Envelope& envelope) {
      const Correlation& made_of = envelope.correlation;
      const bool names = made_of.start == text || made_of.end == text;
      const std::string_view queue_named = queue_of(made_of.source);
      if (names && made_of.is_there() && (only.empty() || queue_named == only)) {
        sources.emplace(queue_named);
      }
      return true;
    });
    if (!looked) return std::unexpected(looked.error());
  }
  std::vector<Relative> found;
  for (const std::string& source : sources) {
    Relative& event = found.emplace_back();
    event.queue = source;
    event.eid = eid;
    event.gone = true;
  }
  return found;
}

Result<std::vector<Relative>> Lineage::causes(const Relative& event) {
  Graph graph(event);
  // What is found is added at the end, and looked up in its turn: level by level.
  for (size_t at = 0; at < graph.nodes.size(); ++at) {
    const Relative made = graph.nodes[at].event;
    const auto range = range_of(made.start, made.end);
    const std::string source(queue_of(made.source));
    if (source.empty() || !range) continue;
    uint64_t among = 0;
    std::optional<int64_t> newest;
    auto looked = look(source, range->first, [&](const Envelope& envelope) {
      if (envelope.eid > range->second) return false;
      if (!graph.add(at, source, envelope, made.depth - 1, most_)) {
        cut_ = true;
        return false;
      }
      ++among;
      newest = std::max(newest.value_or(envelope.timestamp), envelope.timestamp);
      return true;
    });
    if (!looked) return std::unexpected(looked.error());
    graph.nodes[at].event.among = among;
    if (newest && !cut_) graph.nodes[at].event.lag_ms = made.timestamp - *newest;
  }
  std::vector<Relative> all = graph.in_order(true);
  all.push_back(std::move(graph.nodes.front().event));
  return all;
}

Result<std::vector<Relative>> Lineage::effects(const Relative& event) {
  Graph graph(event);
  size_t begin = 0;
  while (begin < graph.nodes.size()) {
    // One level: where each of its events is found, by queue and in order.
    std::map<std::string, std::map<Eid, size_t>, std::less<>> level;
    Eid earliest = graph.nodes[begin].event.eid;
    const size_t end = graph.nodes.size();
    for (size_t at = begin; at < end; ++at) {
      const Relative& cause = graph.nodes[at].event;
      level[cause.queue][cause.eid] = at;
      earliest = std::min(earliest, cause.eid);
    }
    for (const QueueFacts& queue : queues_) {
      // Nothing is written before what caused it, by this machine's clock.
      auto looked = look(queue.name, {.ms = earliest.ms}, [&](const Envelope& envelope) {
        const Correlation& made_of = envelope.correlation;
        const auto causes = level.find(queue_of(made_of.source));
        if (causes == level.end()) return true;
        const auto range = range_of(made_of.start, made_of.end);
        if (!range) return true;
        const auto cause = causes->second.lower_bound(range->first);
        if (cause == causes->second.end() || cause->first > range->second) return true;
        const Relative& by = graph.nodes[cause->second].event;
        std::optional<int64_t> lag_ms;
        if (!by.gone) lag_ms = envelope.timestamp - by.timestamp;
        const size_t place = graph.nodes.size();
        if (!graph.add(cause->second, queue.name, envelope, by.depth + 1, most_)) {
          cut_ = true;
          return false;
        }
        if (place < graph.nodes.size()) graph.nodes[place].event.lag_ms = lag_ms;
        return true;
      });
      if (!looked) return std::unexpected(looked.error());
    }
    begin = end;
  }
  return graph.in_order(false);
}

}  // namespace weir
