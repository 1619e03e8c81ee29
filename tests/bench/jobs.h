// What the benchmark measures: jobs, who does them, and the marks that weir is held to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/answer.h"

namespace weir::bench {

/// A file of events.
enum class Input : uint8_t {
  kUsual,  ///< the usual ones
  kZstd,   ///< the same, compressed
  kGzip,
  kWide,  ///< other shapes (see generate.cpp)
  kTiny,
  kLast,
};

struct Contender {
  std::string name;
  /// `{in}` stands for the input's path, `{users}` for that of the table of users, `{scripts}` for
  /// the folder of the peers' programs. The input is its stdin, too.
  std::vector<std::string> words;
  /// It reads the first quarter, and fewer rounds.
  bool slow = false;
  /// What the job asks for, unless it only reads the events.
  bool answers = true;
};

struct Job {
  std::string id;  ///< a letter, and more behind it where jobs share the letter
  std::string name;
  Input input;
  AnswerKind answer;
  std::vector<Contender> contenders;  ///< the first is weir on one thread
};

/// A demand on the ratio of two speeds in one run: that of `who` over the least of those of
/// `others`, who are contenders of the same job, or of another: "b/weir -j2".
struct Mark {
  std::string job;
  std::string who;
  std::vector<std::string> others;
  double at_least;
};

/// The jobs that stream files; what is done once for a short input is in short_jobs.h, queues
/// are in queues.h.
std::vector<Job> jobs();
std::vector<Mark> marks();

}  // namespace weir::bench
