// A model of a bus, which no engine is behind: what it does and holds is what a bus must do and
// hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bus/bus.h"

namespace weir {

/// An event that is to be appended.
struct NewEvent {
  std::string payload;
  std::string id;
  std::string cause;  ///< an eid; may be empty
  std::optional<int64_t> source_time;
  std::optional<int64_t> written;
  std::optional<Eid> eid;
};
using Piece = std::vector<NewEvent>;

/// What one commit does.
struct Change {
  struct NewEvents {
    std::string queue;
    std::vector<Piece> pieces;
  };
  std::vector<NewEvents> appends;
  std::vector<Move> moves;
  std::vector<StateMove> states;
  int64_t now;
};

/// An event in a queue, as text: of a long payload what tells it from others.
inline std::string text_of(const Eid& eid, int64_t written, int64_t time, std::string_view id,
                           std::string_view cause, std::string_view payload) {
  std::string text = "  " + eid_text(eid) + " " + std::to_string(written) + " ";
  text += std::to_string(time) + " '";
  text.append(id).append("' '").append(cause).append("' ").append(payload.substr(0, 30));
  if (payload.size() > 30) {
    text += "... " + std::to_string(payload.size()) + " bytes, ";
    text += std::to_string(std::hash<std::string_view>()(payload));
  }
  return text + "\n";
}

/// What a bus does, on maps in memory.
struct Model {
  struct Event {
    Eid eid;
    int64_t time;
    std::string text;
    uint64_t payload_bytes;
  };
  using Events = std::vector<Event>;
  struct Queue {
    std::vector<Events> blocks;
    std::optional<Eid> last;
    std::optional<Eid> trimmed;
  };
  struct State {
    uint64_t version = 0;
    std::string pipeline;
    std::map<std::pair<uint8_t, std::string>, std::string> entries;
  };
  struct Bot {
    bool paused = false;
    BotWords words;
    std::map<std::string, Checkpoint> checkpoints;
    std::map<uint32_t, State> states;  ///< by shard
  };
  std::map<std::string, Queue> queues;
  std::map<std::string, Bot> bots;

  bool move(const Move& move) {
    auto& checkpoints = bots[move.bot].checkpoints;
    const bool is_there = checkpoints.contains(move.source);
    if ((is_there ? checkpoints[move.source].position : "") != move.from) return false;
    if (move.exists && !is_there) return false;
    checkpoints[move.source] = move.to;
    if (move.forgets) checkpoints.erase(move.source);
    return true;
  }
  bool change(const StateMove& move) {
    State& state = bots[move.bot].states[move.shard];
    if (state.version++ != move.from) return false;
    state.pipeline = move.pipeline;
    if (move.forgets) state.entries.clear();
    for (const StateChange& one : move.changes) {
      state.entries.erase({one.stage, one.key});
      if (one.value) state.entries[{one.stage, one.key}] = *one.value;
    }
    return true;
  }
  bool append(Queue& queue, const Piece& piece, int64_t now) {
    const Eid end = queue.last ? queue.last->after(1) : Eid();
    Eid next = piece.front().eid.value_or(std::max(end, Eid{now, 0}));
    if (next < end) return false;
    Events& block = queue.blocks.emplace_back();
    for (const NewEvent& event : piece) {
      const Eid eid = event.eid.value_or(next);
      const int64_t written = event.written.value_or(eid.ms);
      const int64_t time = event.source_time.value_or(written);
      block.push_back({eid, time, text_of(eid, written, time, event.id, event.cause, event.payload),
                       event.payload.size() + 1});
      queue.last = eid;
      next = eid.after(1);
    }
    return queue.last->ms < kLastMillisecond;
  }
  bool commit(const Change& change) {
    Model changed = *this;
    for (const Move& one : change.moves) {
      if (!changed.move(one)) return false;
    }
    for (const StateMove& one : change.states) {
      if (!changed.change(one)) return false;
    }
    for (const auto& [name, pieces] : change.appends) {
      Queue& queue = changed.queues[name];
      for (const Piece& piece : pieces) {
        if (!changed.append(queue, piece, change.now)) return false;
      }
    }
    *this = std::move(changed);
    return true;
  }
  /// All at once: a bus takes so few blocks in one step.
  uint64_t trim(const std::string& name, const Eid& before) {
    uint64_t gone = 0;
    Queue none;
    Queue& queue = queues.contains(name) ? queues[name] : none;
    while (!queue.blocks.empty() && queue.blocks.front().back().eid < before) {
      gone += queue.blocks.front().size();
      queue.trimmed = queue.blocks.front().back().eid;
      queue.blocks.erase(queue.blocks.begin());
    }
    return gone;
  }
  void compact(const std::string& name, const Eid& from) {
    if (!queues.contains(name)) return;
    auto& blocks = queues[name].blocks;
    const auto first =
        std::ranges::find_if(blocks, [&](const Events& block) { return block.back().eid >= from; });
    if (first == blocks.end()) return;
    for (auto next = first + 1; next != blocks.end(); ++next) {
      first->insert(first->end(), next->begin(), next->end());
    }
    blocks.erase(first + 1, blocks.end());
  }
  Result<void> mark(const std::string& name, const QueueMarks& marks) {
    Queue& queue = queues[name];
    queue.last = std::max(queue.last, marks.last);
    queue.trimmed = std::max(queue.trimmed, marks.trimmed);
    return {};
  }
  bool remove_queue(const std::string& name) { return queues.erase(name) > 0; }
  bool remove_bot(const std::string& name) { return bots.erase(name) > 0; }
  Result<void> pause_bot(const std::string& name, bool paused) {
    bots[name].paused = paused;
    return {};
  }
  Result<void> describe_bot(const std::string& name, const BotWords& words) {
    bots[name].words = words;
    return {};
  }
  std::optional<Split> split(const std::string& bot, const std::string& source,
                             const std::optional<Split>& wanted) {
    const auto known = bots.find(bot);
    for (const auto& [name, checkpoint] :
         known == bots.end() ? Bot().checkpoints : known->second.checkpoints) {
      const SourceParts parts = read_source(name);
      if (parts.shard && parts.source == source) return parts.shard->split;
    }
    if (!wanted) return std::nullopt;
    auto& checkpoints = bots[bot].checkpoints;
    Checkpoint whole;
    if (checkpoints.contains(source)) {
      whole = checkpoints[source];
    } else if (const auto queue = queues.find(source.substr(source.find(':') + 1));
               queue != queues.end() && queue->second.trimmed) {
      whole.position = eid_text(*queue->second.trimmed);
    }
    whole.records = 0;
    for (uint32_t number = 1; number <= wanted->count; ++number) {
      checkpoints[shard_source(source, {.number = number, .split = *wanted})] = whole;
    }
    checkpoints.erase(source);
    return wanted;
  }

  Events all(const std::string& name) const {
    Events events;
    const auto queue = queues.find(name);
    if (queue == queues.end()) return events;
    for (const Events& block : queue->second.blocks) {
      events.insert(events.end(), block.begin(), block.end());
    }
    return events;
  }
};

}  // namespace weir
