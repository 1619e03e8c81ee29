// run-cases: runs case folders and says which of them fail. See case.h for what a folder holds.
//
//   run-cases --programs DIR --scratch DIR [--update] [--few] [--limit SECONDS] [--jobs N]
//             FOLDER...
//
// Exit status: 0 if all passed, 1 if some failed, 2 for a wrong call.

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runner/case.h"

namespace {

using weir::test::Case;
using weir::test::Setting;

constexpr const char* kUsage =
    "usage: run-cases --programs DIR --scratch DIR [--update] [--few] [--limit SECONDS] "
    "[--jobs N] FOLDER...\n";

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

int run(const std::vector<std::string>& words) {
  Setting setting;
  int jobs = 2;
  std::vector<Case> cases;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool has_value = i + 1 < words.size();
    if (word == "--update") {
      setting.update = true;
    } else if (word == "--few") {
      setting.few = true;
    } else if (word == "--programs" && has_value) {
      setting.programs = std::filesystem::absolute(words[++i]);
    } else if (word == "--scratch" && has_value) {
      setting.scratch = std::filesystem::absolute(words[++i]);
    } else if (word == "--limit" && has_value) {
      setting.limit = std::chrono::seconds(number(words[++i]));
    } else if (word == "--jobs" && has_value) {
      jobs = number(words[++i]);
    } else if (!word.starts_with("--")) {
      std::filesystem::path folder = std::filesystem::absolute(word).lexically_normal();
      if (!folder.has_filename()) folder = folder.parent_path();
      const std::vector<Case> found = weir::test::find_cases(folder);
      if (found.empty()) {
        std::fprintf(stderr, "run-cases: no case (a folder with a file cmd) in %s\n", word.c_str());
        return 2;
      }
      cases.insert(cases.end(), found.begin(), found.end());
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  if (setting.programs.empty() || setting.scratch.empty() || cases.empty() || jobs < 1) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  std::filesystem::create_directories(setting.scratch);

  std::atomic<size_t> next = 0;
  std::atomic<size_t> failed = 0;
  std::mutex printing;
  auto work = [&] {
    for (size_t i = next++; i < cases.size(); i = next++) {
      std::string report;
      try {
        report = cases[i].run(setting);
      } catch (const std::exception& error) {
        report = "FAILED " + cases[i].name() + ": " + error.what() + "\n";
      }
      if (report.empty()) continue;
      ++failed;
      const std::lock_guard lock(printing);
      std::fputs(report.c_str(), stdout);
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < jobs; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();

  std::printf("cases: %zu passed, %zu failed\n", cases.size() - failed, failed.load());
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "run-cases: %s\n", error.what());
    return 2;
  }
}
