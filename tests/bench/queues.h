// What the benchmark measures of queues: weir's beside a compressed file, a table and a stream.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

/// One way to keep events: they are appended to a new store, and read from it. Some do one of both.
struct Kept {
  std::string name;
  bool slow = false;           ///< it got the first quarter of the events
  double bytes = 0;            ///< of the events that it got
  std::vector<double> append;  ///< seconds, each until it is on the disk (but see the table)
  std::vector<double> read;    ///< seconds
  double stored_bytes = 0;     ///< what they take on the disk; 0: not measured
  int64_t append_peak_kib =
      0;  ///< of the process that was started; 0: it is not the one that works
  int64_t read_peak_kib = 0;
  std::string problem;  ///< why it is out of the race
};

struct QueueFigures {
  std::vector<Kept> kept;
  std::string absent;       ///< who is not here
  uint64_t events = 0;      ///< that each got and gave back
  double since_ms = -1;     ///< to the first event in a long queue; -1: not measured
  uint64_t long_queue = 0;  ///< how many events that has
  double lag_ms = -1;       ///< `weir lag` with 100 bots and 100 queues
};

struct QueueSettings {
  std::string folder;  ///< for what is made, which is removed at the end
  std::string events;  ///< the file of all, and that of the first quarter
  std::string cut;
  int rounds = 5;
  int slow_rounds = 3;
  uint64_t long_queue = 0;  ///< how many small events for --since; 0: leave that out
};

/// Measures all that is installed, in interleaved rounds. What is read back in the first is held
/// against what was appended, byte by byte. Throws std::runtime_error if weir fails.
QueueFigures measure_queues(const QueueSettings& settings);

}  // namespace weir::bench
