#include "runner/case.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <regex>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "runner/process.h"

namespace weir::test {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kExpect = "expect.";

// What must not be visible in the result. Between them each number of threads and each batch size
// stands beside another one; batches of one row keep several threads busy with any input.
const std::vector<Variant> kVariants = {{"", "1"}, {"", "2"}, {"1", "2"}, {"7", "4"}};
// Where each run takes long, a case has one of those with the most going on, by its name: any other
// choice would change with the cases beside it.
const std::vector<Variant> kBusyVariants = {{"1", "4"}, {"7", "2"}};

std::vector<Variant> variants_of(const std::string& name, bool few) {
  if (!few) return kVariants;
  return {kBusyVariants[name.size() % kBusyVariants.size()]};
}

std::string title_of(const std::string& name, const Variant& variant) {
  return name + (variant.batch_rows.empty() ? "" : " with WEIR_BATCH_ROWS=" + variant.batch_rows) +
         " with WEIR_JOBS=" + variant.jobs;
}

bool is_expectation(const std::string& name) {
  return name == "out" || name == "err" || name == "code" || name == "once" ||
         name.starts_with(kExpect);
}

// A child sees the same few variables on every machine, plus what steers the sanitizers.
std::vector<std::string> environment(const Setting& setting, const fs::path& scratch,
                                     const Variant& variant) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> result = {
      "PATH=" + setting.programs.string() + ":" + (path == nullptr ? "/usr/bin:/bin" : path),
      "LC_ALL=C", "TZ=UTC", "HOME=" + scratch.string(), "TMPDIR=" + scratch.string()};
  for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) result.push_back(std::string(name) + "=" + value);
  }
  result.push_back("WEIR_JOBS=" + variant.jobs);
  if (!variant.batch_rows.empty()) result.push_back("WEIR_BATCH_ROWS=" + variant.batch_rows);
  return result;
}

std::string indented(const std::string& text, size_t most_lines) {
  std::string result;
  size_t lines = 0;
  for (size_t at = 0; at < text.size();) {
    if (++lines > most_lines) return result + "    ...\n";
    const size_t end = std::min(text.find('\n', at), text.size());
    result += "    " + text.substr(at, std::min<size_t>(end - at, 400)) + "\n";
    at = end + 1;
  }
  return result;
}

/// What a clock said, and therefore no two runs say, as 0: `"ms":1.234` and `1.2 ms` at the end of
/// a line.
std::string without_times(const std::string& text) {
  static const std::regex in_json("\"ms\":[0-9]+\\.[0-9]+");
  static const std::regex in_table(" +[0-9]+\\.[0-9] ms\n");
  return std::regex_replace(std::regex_replace(text, in_json, "\"ms\":0"), in_table, " 0 ms\n");
}

}  // namespace

Case::Case(fs::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)) {}

std::string Case::run(const Setting& setting) const {
  std::string report;
  std::optional<std::map<std::string, std::string>> wanted;
  if (!setting.update) wanted = expected();
  for (const Variant& variant : variants_of(name_, setting.few)) {
    const Given given = run_once(setting, variant);
    const std::string title = title_of(name_, variant);
    if (given.timed_out) {
      report += "FAILED " + title + ": still running after " +
                std::to_string(setting.limit.count() / 1000) + " s\n";
    } else {
      if (!wanted) {
        update(given);
        wanted = expected();
      }
      const std::string text = differences(setting, *wanted, given.files);
      if (!text.empty()) report += "FAILED " + title + "\n" + text;
    }
    // One account is enough, and other variants of a case that hangs only cost time.
    if (!report.empty() || fs::exists(folder_ / "once")) break;
  }
  return report;
}

Given Case::run_once(const Setting& setting, const Variant& variant) const {
  std::string flat = name_;
  std::replace(flat.begin(), flat.end(), '/', '_');
  const fs::path home = setting.scratch / flat;
  const fs::path scratch = home / "work";
  fs::remove_all(home);
  fs::create_directories(scratch);
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (is_expectation(entry.path().filename().string())) continue;
    fs::copy(entry.path(), scratch / entry.path().filename(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }

  const fs::path out = home / "out";
  const fs::path err = home / "err";
  Command command;
  command.words = {"/bin/sh", "cmd"};
  command.environment = environment(setting, home, variant);
  command.directory = scratch.string();
  command.in = open((scratch / "in").c_str(), O_RDONLY | O_CLOEXEC);
  command.out = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  command.err = open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  Ended ended;
  {
    Process process(command);
    for (const int fd : {command.in, command.out, command.err}) {
      if (fd >= 0) close(fd);
    }
    ended = process.wait(setting.limit);
  }

  Given given;
  given.timed_out = ended.timed_out;
  given.files["out"] = read_file(out.string());
  given.files["err"] = without_times(read_file(err.string()));
  given.files["code"] = std::to_string(ended.status) + "\n";
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kExpect)) continue;
    const fs::path made = scratch / name.substr(kExpect.size());
    if (fs::exists(made)) given.files[name] = read_file(made.string());
  }
  fs::remove_all(home);
  return given;
}

std::map<std::string, std::string> Case::expected() const {
  std::map<std::string, std::string> result = {{"out", ""}, {"err", ""}, {"code", "0\n"}};
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (is_expectation(name) && name != "once") result[name] = read_file(entry.path().string());
  }
  if (!result["code"].ends_with('\n')) result["code"] += '\n';
  return result;
}

// A file that says what its absence says (nothing written, status 0) is not kept.
void Case::update(const Given& given) const {
  for (const auto& [name, content] : given.files) {
    const bool usual =
        name == "code" ? content == "0\n" : (name == "out" || name == "err") && content.empty();
    if (usual) {
      fs::remove(folder_ / name);
    } else {
      write_file((folder_ / name).string(), content);
    }
  }
}

std::string Case::differences(const Setting& setting,
                              const std::map<std::string, std::string>& wanted,
                              const std::map<std::string, std::string>& given) const {
  std::string report;
  for (const auto& [name, content] : wanted) {
    const auto found = given.find(name);
    if (found != given.end() && found->second == content) continue;
    if (found == given.end()) {
      report += "  " + name.substr(kExpect.size()) + " was not written\n";
      continue;
    }
    std::string flat = name_;
    std::replace(flat.begin(), flat.end(), '/', '_');
    const std::string base = (setting.scratch / (flat + "." + name)).string();
    write_file(base + ".wanted", content);
    write_file(base + ".given", found->second);
    const std::string shown = base + ".diff";
    Command diff;
    diff.words = {"diff",          "--text",         "-u",
                  "--label",       name + " wanted", "--label",
                  name + " given", base + ".wanted", base + ".given"};
    diff.out = open(shown.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    {
      Process process(diff);
      process.wait(setting.limit);
    }
    close(diff.out);
    report += indented(read_file(shown), 40);
    for (const char* ending : {".wanted", ".given", ".diff"}) fs::remove(base + ending);
  }
  return report;
}

std::vector<Case> find_cases(const fs::path& folder) {
  std::set<fs::path> found;
  if (fs::exists(folder / "cmd")) found.insert(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == "cmd") found.insert(entry.path().parent_path());
  }
  std::vector<Case> cases;
  for (const fs::path& path : found) {
    cases.emplace_back(path, (path.parent_path().filename() / path.filename()).string());
  }
  return cases;
}

}  // namespace weir::test
