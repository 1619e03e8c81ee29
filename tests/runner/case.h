// One case folder: a command, its input, and what it must give.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weir::test {

/// How all cases are run.
struct Setting {
  std::filesystem::path programs;  ///< the folder that is first on PATH: it holds weir
  std::filesystem::path scratch;   ///< an existing folder for copies of the cases
  std::chrono::milliseconds limit{10'000};
  bool update = false;  ///< write what was given into the case instead of comparing
  bool few = false;     ///< one variant a case, with much going on: for slow builds
};

/// How weir is told to run a case; the result is the same with all.
struct Variant {
  std::string batch_rows;  ///< WEIR_BATCH_ROWS; empty: not set
  std::string jobs;        ///< WEIR_JOBS
};

/// What a case gave: the status, and the content of each file by its name in the case folder
/// ("out", "err", "code" and "expect.NAME" for a file NAME that the command wrote).
struct Given {
  std::map<std::string, std::string> files;
  bool timed_out = false;
};

/// A folder with the files
///   cmd          a shell snippet, run with sh in a copy of the folder
///   in           its standard input (none: /dev/null)
///   out, err     what it writes to stdout and stderr (none: nothing)
///   code         its exit status (none: 0)
///   expect.NAME  the content of the file NAME after the run
///   once         present if the case is not to be run again with other variants
/// and anything else the command reads.
class Case {
 public:
  /// `folder` holds a cmd; `name` is how it is called in messages: verb/case.
  Case(std::filesystem::path folder, std::string name);

  /// Runs the case with each variant. Gives a readable account of what differs, empty if nothing
  /// does. With `update` the first run's result is written into the folder first.
  std::string run(const Setting& setting) const;

  const std::string& name() const { return name_; }

 private:
  Given run_once(const Setting& setting, const Variant& variant) const;
  std::map<std::string, std::string> expected() const;
  void update(const Given& given) const;
  std::string differences(const Setting& setting, const std::map<std::string, std::string>& wanted,
                          const std::map<std::string, std::string>& given) const;

  std::filesystem::path folder_;
  std::string name_;
};

/// All cases at and below `folder`, in order of their names.
std::vector<Case> find_cases(const std::filesystem::path& folder);

}  // namespace weir::test
