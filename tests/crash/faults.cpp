// usage: weir-faults WEIR SHIM SCRATCH [--thorough] [--only PIPELINE] [--with FAULT] [--verbose]
//
// Runs a pipeline of every kind that is exactly once with one call of the operating system failing
// (fault_shim.cpp): the first, the second, the third, until a run does not come to it. A run that a
// fault ends says so and ends with status 3; the next one, without a fault, goes on where it was.
// Then who judges counts what is lost, doubled and out of order in the outputs, by their lines
// alone. What is killed instead of failing is judged alike.
//
// Reads fail likewise, also those of a run that goes on after one that was killed and left a log
// behind. There are many, so that only some of them are met without --thorough.
//
// After one of the faults a second one meets the run that goes on. With --thorough so it does after
// each; there are more events and kinds of faults, all that can begins without a bus, and the bus
// is looked into after each run.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runner/process.h"

namespace weir::test {
namespace {

namespace fs = std::filesystem;

/// What a run is told of the fault that shall meet it, in the words of the shim.
struct Fault {
  std::string_view with;
  std::string_view call;
  /// How the run ends: it may fail, it must not notice, or it is killed.
  enum class End { kFails, kPasses, kKilled } end;
  bool always = true;  ///< also without --thorough: no other is much like it
  /// The run goes on after one that was killed, whose log has to be read.
  bool after_kill = false;

  bool reads() const { return call == "read"; }
  std::string text() const {
    return std::string(with) + (reads() ? "-read" : "") + (after_kill ? "-again" : "");
  }
};

constexpr Fault kFaults[] = {
    {"eio", "any", Fault::End::kFails},
    {"broken", "any", Fault::End::kFails},
    {"enospc", "any", Fault::End::kFails, false},
    {"full", "any", Fault::End::kFails},
    {"short", "write", Fault::End::kPasses},
    {"kill", "any", Fault::End::kKilled, false},
    {"torn", "any", Fault::End::kKilled},
    {"power", "any", Fault::End::kKilled},
    {"eio", "read", Fault::End::kFails},
    {"broken", "read", Fault::End::kFails, false},
    {"short", "read", Fault::End::kPasses},
    {"eio", "read", Fault::End::kFails, true, true},
    {"short", "read", Fault::End::kPasses, false, true},
};

/// What leaves a log behind that has commits in it.
constexpr Fault kKill = {"kill", "sync", Fault::End::kKilled};
constexpr int kKillAt = 3;

/// Where broken lines end up.
constexpr std::string_view kRejects = "queue:bot.rejects";

/// A pipeline, and where its events end up.
struct Pipeline {
  std::string_view name;
  std::vector<std::string> words;
  std::vector<std::string> outputs;  ///< queue:NAME, or a file
  bool explodes = false;             ///< two events for each
  bool begins = false;               ///< without a bus, which it makes
  bool tidies = false;               ///< a bus with a block for each event
  int keeps = 0;                     ///< only the last so many events; 0: all
};

std::vector<Pipeline> pipelines() {
  const auto bot = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"--as", "bot", "--commit-every", "8"});
    return words;
  };
  return {
      {"queue-to-queue",
       bot({"from", "queue:in", "then", "explode", "list", "then", "to", "queue:out"}),
       {"queue:out"},
       true},
      {"file-to-queue",
       bot({"from", "in.ndjson", "then", "to", "queue:out"}),
       {"queue:out"},
       false,
       true},
      {"queue-to-file",
       bot({"from", "queue:in", "then", "to", "files/out.ndjson"}),
       {"files/out.ndjson"}},
      {"file-to-file",
       bot({"from", "in.ndjson", "then", "to", "files/out.ndjson"}),
       {"files/out.ndjson"}},
      {"file-to-packed",
       bot({"from", "in.ndjson", "then", "explode", "list", "then", "to", "files/out.ndjson.zst"}),
       {"files/out.ndjson.zst"},
       true},
      {"tee-to-queues",
       bot({"from", "queue:in", "then", "tee", "queue:a", "then", "tee", "queue:b", "then", "to",
            "queue:out"}),
       {"queue:a", "queue:b", "queue:out"}},
      {"held-to-queue",
       bot({"from", "queue:in", "then", "batch", "--count", "5", "--per-run", "then", "explode",
            "events", "--alone", "then", "to", "queue:out"}),
       {"queue:out"}},
      {"tee-to-both",
       bot({"from", "in.ndjson", "then", "tee", "files/copy.ndjson", "then", "to", "queue:out"}),
       {"files/copy.ndjson", "queue:out"}},
      // Its rejects go to a queue of their own, with the rest.
      {"rejects",
       bot({"from", "mixed.ndjson", "then", "to", "queue:out"}),
       {"queue:out", std::string(kRejects)},
       false,
       true},
      // Without a memory it begins anew, and its file is there as a whole or not at all.
      {"no-bot",
       {"from", "in.ndjson", "then", "to", "files/out.ndjson"},
       {"files/out.ndjson"},
       false,
       true},
      {.name = "compact",
       .words = {"queue", "compact", "in"},
       .outputs = {"queue:in"},
       .tidies = true},
      {.name = "trim",
       .words = {"queue", "trim", "in", "--max-events", "5", "--yes"},
       .outputs = {"queue:in"},
       .tidies = true,
       .keeps = 5},
  };
}

/// What there was at fault with an output.
struct Verdict {
  uint64_t lost = 0;
  uint64_t doubled = 0;
  uint64_t moved = 0;  ///< stands behind one that should come after it
  uint64_t strange = 0;

  bool is_good() const { return lost + doubled + moved + strange == 0; }
  std::string text() const {
    return std::to_string(lost) + " lost, " + std::to_string(doubled) + " doubled, " +
           std::to_string(moved) + " out of order, " + std::to_string(strange) + " strange";
  }
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The oracle: knows nothing but the lines that should be there, each of them another.
Verdict judge(std::string_view should, std::string_view is) {
  std::map<std::string_view, size_t> place;
  for (const std::string_view line : lines_of(should)) place.emplace(line, place.size());
  std::vector<int> seen(place.size());
  Verdict verdict;
  size_t greatest = 0;
  for (const std::string_view line : lines_of(is)) {
    const auto found = place.find(line);
    if (found == place.end()) {
      ++verdict.strange;
      continue;
    }
    if (seen[found->second]++ > 0) ++verdict.doubled;
    if (found->second < greatest) ++verdict.moved;
    greatest = std::max(greatest, found->second);
  }
  verdict.lost = static_cast<uint64_t>(std::ranges::count(seen, 0));
  return verdict;
}

/// What became of the runs of a pipeline with one kind of fault.
struct Tally {
  int points = 0;  ///< calls at which it met a run
  int failed = 0;
  int passed = 0;  ///< runs that it met and that ended well
  /// Of these, in which the log of SQLite could not be synced, by the first fault and by a second.
  std::array<int, 2> unsynced = {};
  bool reached_sqlite = false;  ///< it met a call that is SQLite's own
  std::set<std::string> wrong;
  std::map<std::string, int> said;      ///< what failing runs said
  std::map<std::string, int> unharmed;  ///< the calls that a run could do without
};

/// One pipeline under one kind of fault, in a folder of its own.
class Trial {
 public:
  Trial(const Pipeline& pipeline, const Fault& fault, std::string weir, std::string shim,
        fs::path start, fs::path folder, int events, bool thorough)
      : pipeline_(pipeline),
        fault_(fault),
        weir_(std::move(weir)),
        shim_(std::move(shim)),
        start_(std::move(start)),
        folder_(std::move(folder)),
        thorough_(thorough) {
    for (int n = pipeline.keeps > 0 ? events - pipeline.keeps + 1 : 1; n <= events; ++n) {
      const std::string number = std::to_string(n);
      rejected_ += "{\"line\":" + std::to_string(2 * n) + "}\n";
      if (pipeline.explodes) {
        expected_ += "{\"n\":" + number + ",\"list\":" + number + "}\n";
        expected_ += "{\"n\":" + number + ",\"list\":\"x\"}\n";
      } else {
        expected_ += "{\"n\":" + number + ",\"list\":[" + number + ",\"x\"]}\n";
      }
    }
  }

  Tally run() {
    if (fault_.after_kill) begin_killed();
    const int stride = fault_.reads() && !thorough_ ? kReads : 1;
    for (int at = 1; at_every_call(at, 0); at += stride) {
      if (!thorough_ && at != kTwice) continue;
      const int step = thorough_ ? kStep : 4;
      for (int again = thorough_ ? 1 + at % step : 1; at_every_call(at, again); again += step) {
      }
    }
    fs::remove_all(folder_);
    return tally_;
  }

 private:
  /// Only every so many calls of the second run are met, each time others: there are many pairs.
  static constexpr int kStep = 29;
  /// Without --thorough, a second fault follows upon this one alone.
  static constexpr int kTwice = 33;
  /// Without --thorough only every so manyth read is met.
  static constexpr int kReads = 3;
  static constexpr std::chrono::seconds kLimit{60};

  std::string words(int at, int again) const {
    return std::string(pipeline_.name) + ", " + fault_.text() + " at call " + std::to_string(at) +
           (again > 0 ? " and " + std::to_string(again) : "");
  }
  void wrong(const std::string& what) { tally_.wrong.insert(what); }

  /// Kills a run, and lets all others begin with what it left.
  void begin_killed() {
    const fs::path killed = folder_.string() + ".killed";
    fs::remove_all(killed);
    fs::remove_all(folder_);
    fs::copy(start_, folder_, fs::copy_options::recursive);
    const int status = start(pipeline_.words, &kKill, kKillAt);
    if (status != 128 + SIGKILL) wrong("the run to be killed ended with " + std::to_string(status));
    fs::rename(folder_, killed);
    start_ = killed;
  }

  /// Starts anew, meets the call, and in the next run perhaps another. False if there was no such
  /// call.
  bool at_every_call(int at, int again) {
    fs::remove_all(folder_);
    fs::copy(start_, folder_, fs::copy_options::recursive);
    if (!meet(at, words(at, again))) return false;
    if (again > 0) {
      if (!meet(again, words(at, again))) return false;
    }
    ++tally_.points;
    const int status = start(pipeline_.words, nullptr, 0);
    if (status != 0) {
      wrong(words(at, again) + ": the next run ended with " + std::to_string(status) + ": " +
            read_file(err()));
    }
    look(words(at, again));
    return true;
  }

  /// A run that the fault meets. False if it did not.
  bool meet(int at, const std::string& where) {
    fs::remove(log());
    const int status = start(pipeline_.words, &fault_, at);
    const std::string met = read_file(log());
    if (met.empty()) {
      if (status != 0) wrong(where + ", which was not met: ended with " + std::to_string(status));
      return false;
    }
    const std::string said = read_file(err());
    const std::string here = where + ", a " + met.substr(0, met.size() - 1) + ": ";
    if (met.contains("the.bus-wal") || (fault_.reads() && met.contains("the.bus"))) {
      tally_.reached_sqlite = true;
    }
    if (fault_.end == Fault::End::kKilled) {
      if (status != 128 + SIGKILL) wrong(here + "ended with " + std::to_string(status));
      ++tally_.failed;
    } else if (status == 0) {
      ++tally_.passed;
      if (fault_.end == Fault::End::kFails) do_without(met, here);
      look(here + "the run ended well");
    } else if (status != 3 || fault_.end == Fault::End::kPasses) {
      wrong(here + "ended with " + std::to_string(status) + ": " + said);
    } else {
      ++tally_.failed;
      ++tally_.said[said];
      const std::vector<std::string_view> lines = lines_of(said);
      const bool is_said = !lines.empty() && std::ranges::all_of(lines, [](std::string_view line) {
        return line.starts_with("weir: ");
      });
      // What cannot be read is not damaged for that. Of a journal that SQLite has closed again
      // nobody knows more than its own words.
      const bool is_named = !fault_.reads() || said.contains(": input/output error") ||
                            said.ends_with(": disk I/O error\n");
      if (!is_said || !is_named) wrong(here + "said: " + said);
    }
    return true;
  }

  /// A call failed, and the run ended well. Not so where events lie.
  void do_without(const std::string& met, const std::string& here) {
    ++tally_.unharmed[met];
    // Who removes blocks tries with fewer of them where there is no room.
    const bool tries_again = pipeline_.keeps > 0 && fault_.with == "enospc";
    const bool is_write = met == "write of the.bus-wal\n" && !tries_again;
    if (met.contains("ndjson") || is_write) wrong(here + "was passed over");
    // The last connection syncs once more before it tidies up; else what is synced is a commit.
    const bool is_sync = met == "sync of the.bus-wal\n" && fault_.with != "full";
    const size_t which = here.contains(" and ") ? 1 : 0;
    if (is_sync && !thorough_ && ++tally_.unsynced[which] > 1) wrong(here + "was passed over");
  }

  int start(const std::vector<std::string>& words, const Fault* fault, int at,
            const std::string& out = "/dev/null") {
    Command command;
    command.words = words;
    command.words.insert(command.words.begin(), {weir_, "--bus", "the.bus"});
    // Few events at a time, so that there are some commits.
    command.environment = {"WEIR_BATCH_ROWS=4", "LC_ALL=C", "LD_PRELOAD=" + shim_,
                           "WEIR_FAULT_BELOW=" + folder_.string()};
    if (fault != nullptr) {
      command.environment.push_back("WEIR_FAULT_CALL=" + std::string(fault->call));
      command.environment.push_back("WEIR_FAULT_WITH=" + std::string(fault->with));
      command.environment.push_back("WEIR_FAULT_AT=" + std::to_string(at));
      command.environment.push_back("WEIR_FAULT_LOG=" + log());
    }
    command.directory = folder_;
    command.out = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    command.err = ::open(err().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    Process process(command);
    ::close(command.out);
    ::close(command.err);
    return process.wait(kLimit).status;
  }

  /// Holds each output against what it should be.
  void look(const std::string& where) {
    for (const std::string& output : pipeline_.outputs) {
      std::string text;
      if (output.ends_with(".ndjson")) {
        text = read_file(folder_ / output);
      } else {
        std::vector<std::string> read = {"from", output, "then", "to", "-"};
        if (output == kRejects) read.insert(read.begin() + 2, {"then", "select", "line"});
        const int status = start(read, nullptr, 0, folder_ / "read");
        if (status != 0) wrong(where + ", " + output + " cannot be read: " + read_file(err()));
        text = read_file(folder_ / "read");
      }
      const Verdict verdict = judge(output == kRejects ? rejected_ : expected_, text);
      if (!verdict.is_good()) wrong(where + ", " + output + ": " + verdict.text());
    }
    if (!thorough_ || !fs::exists(folder_ / "the.bus")) return;
    if (start({"queue", "fsck"}, nullptr, 0, folder_ / "read") != 0) {
      wrong(where + ", fsck: " + read_file(folder_ / "read") + read_file(err()));
    }
  }

  std::string err() const { return folder_.string() + ".err"; }
  std::string log() const { return folder_.string() + ".log"; }

  const Pipeline& pipeline_;
  const Fault& fault_;
  std::string weir_;
  std::string shim_;
  fs::path start_;
  fs::path folder_;
  bool thorough_;
  std::string expected_;
  std::string rejected_;  ///< the lines of mixed.ndjson that are broken
  Tally tally_;
};

/// What the bus of a folder has in it when a run begins.
enum class Bus { kNone, kBlock, kBlocks };

/// The folder that runs begin with: the events in a file, in another with a broken line behind
/// each, and in a queue, in one block or in one for each.
void make_start(const std::string& weir, const fs::path& folder, int events, Bus bus) {
  fs::create_directories(folder / "files");
  std::string lines;
  std::string mixed;
  const auto to_queue = [&](const std::string& file) {
    Command command{.words = {weir, "--bus", "the.bus", "from", file, "then", "to", "queue:in"},
                    .environment = {},
                    .directory = folder};
    if (Process(command).wait(std::chrono::seconds(60)).status == 0) return;
    std::fprintf(stderr, "the bus to begin with cannot be made\n");
    std::exit(1);
  };
  for (int n = 1; n <= events; ++n) {
    const std::string number = std::to_string(n);
    const std::string line = "{\"n\":" + number + ",\"list\":[" + number + ",\"x\"]}\n";
    lines += line;
    mixed += line + "{\"n\":" + number + "\n";
    if (bus != Bus::kBlocks) continue;
    write_file(folder / "one.ndjson", line);
    to_queue("one.ndjson");
  }
  write_file(folder / "in.ndjson", lines);
  write_file(folder / "mixed.ndjson", mixed);
  if (bus == Bus::kBlock) to_queue("in.ndjson");
}

int main_of(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) {
    std::fprintf(stderr,
                 "usage: weir-faults WEIR SHIM SCRATCH [--thorough] [--only PIPELINE] "
                 "[--with FAULT] [--verbose]\n");
    return 2;
  }
  const std::string& weir = arguments[0];
  const std::string& shim = arguments[1];
  const fs::path scratch = fs::absolute(arguments[2]);
  bool thorough = false;
  bool verbose = false;
  std::string only;
  std::string with;
  for (size_t i = 3; i < arguments.size(); ++i) {
    if (arguments[i] == "--thorough") thorough = true;
    if (arguments[i] == "--verbose") verbose = true;
    if (arguments[i] == "--only" && i + 1 < arguments.size()) only = arguments[++i];
    if (arguments[i] == "--with" && i + 1 < arguments.size()) with = arguments[++i];
  }
  const int events = thorough ? 40 : 12;
  fs::remove_all(scratch);
  make_start(weir, scratch / "start-without", events, Bus::kNone);
  make_start(weir, scratch / "start-with", events, Bus::kBlock);
  make_start(weir, scratch / "start-small", events, Bus::kBlocks);

  std::vector<Pipeline> all = pipelines();
  std::erase_if(all, [&](const Pipeline& one) { return !only.empty() && one.name != only; });
  struct Task {
    const Pipeline* pipeline;
    const Fault* fault;
    Tally tally;
  };
  std::vector<Task> tasks;
  for (const Pipeline& pipeline : all) {
    for (const Fault& fault : kFaults) {
      if (fault.after_kill && pipeline.name == "no-bot") continue;
      if (!with.empty() && fault.text() != with) continue;
      if (fault.always || thorough) tasks.push_back({&pipeline, &fault, {}});
    }
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < tasks.size(); i = next++) {
      const Pipeline& pipeline = *tasks[i].pipeline;
      const bool reads_queue = std::ranges::count(pipeline.words, "queue:in") > 0;
      const bool begins =
          !tasks[i].fault->after_kill && (pipeline.begins || (thorough && !reads_queue));
      const char* const start = pipeline.tidies ? "start-small" : "start-with";
      tasks[i].tally = Trial(pipeline, *tasks[i].fault, weir, shim,
                             scratch / (begins && !pipeline.tidies ? "start-without" : start),
                             scratch / std::to_string(i), events, thorough)
                           .run();
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
      workers.emplace_back(work);
    }
  }

  int points = 0;
  bool good = !tasks.empty();
  for (const Task& task : tasks) {
    const Tally& tally = task.tally;
    points += tally.points;
    std::printf("%-15s %-16s %5d points: %d runs failed, %d were unharmed\n",
                std::string(task.pipeline->name).c_str(), task.fault->text().c_str(), tally.points,
                tally.failed, tally.passed);
    if (verbose) {
      for (const auto& [said, times] : tally.said) std::printf("  %d %s", times, said.c_str());
      for (const auto& [call, times] : tally.unharmed) {
        std::printf("  %d unharmed: %s", times, call.c_str());
      }
    }
    for (const std::string& wrong : tally.wrong) std::printf("  %s\n", wrong.c_str());
    // A fault that meets nothing would prove nothing, nor would one that SQLite never meets.
    const bool uses_bus = task.pipeline->name != "no-bot";
    if (tally.points == 0 || (uses_bus && !tally.reached_sqlite)) {
      std::printf("  SQLite's calls are not reached\n");
      good = false;
    }
    good = good && tally.wrong.empty();
  }
  if (!good) return 1;
  std::printf("%d faults: 0 lost, 0 doubled, 0 out of order\n", points);
  fs::remove_all(scratch);
  return 0;
}

}  // namespace
}  // namespace weir::test

int main(int count, char** words) { return weir::test::main_of({words + 1, words + count}); }
