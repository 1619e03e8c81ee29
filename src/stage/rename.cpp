// rename: give fields other names.
#include "event/rename.h"

#include <algorithm>
#include <utility>

#include "expr/expr.h"
#include "stage/verbs.h"

namespace weir {

namespace {

constexpr Positional kPositionals[] = {
    {.metavar = "'NEW = OLD'",
     .at_least = 1,
     .at_most = -1,
     .help = "the new name of a field, and the one that it has; all are renamed at once"},
};

class Rename final : public Map {
 public:
  explicit Rename(const PlanContext& plan) : Map(plan), paths_(plan.paths) {}

  /// Adds `NEW = OLD`, several between commas; errors are all other forms, and names that get into
  /// each other's way.
  Result<void> add(const std::string& source) {
    auto list = expr::parse_renamings(source);
    if (!list) return std::unexpected(list.error());
    for (expr::Named& named : *list) {
      if (auto added = add(std::move(named.target), *expr::path_of(*named.node)); !added) {
        return added;
      }
    }
    return {};
  }

  Result<void> open() override {
    renamer_ = std::make_unique<FieldRenamer>(std::move(renamings_), paths_);
    return {};
  }

  void apply(Batch& batch) const override {
    std::vector<Value> values(reads_.size());
    batch.retain([&](uint32_t row) {
      std::string problem;
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = batch.columns[static_cast<size_t>(reads_[i])][row];
        if (!values[i].is_missing()) continue;
        problem = "the field '" + paths_.path(reads_[i]).to_string() + "' is missing";
        if (strict_) break;
        batch.note(row, index_, Note::Kind::kMissing, std::move(problem));
        problem.clear();
      }
      if (problem.empty()) problem = renamer_->rename(batch, row, values);
      if (problem.empty()) return true;
      batch.reject(row, index_, std::move(problem));
      return false;
    });
  }

 private:
  Result<void> add(Path to, Path from) {
    for (const Path* path : {&to, &from}) {
      if (path->root == Path::Root::kEvent && !path->is_whole()) continue;
      return usage_error("rename: '" + path->to_string() +
                         "' is no field: rename works on fields, not the whole event or meta");
    }
    for (const Renaming& other : renamings_) {
      if (overlaps(other.from, from)) return clash(other.from, from, "is renamed twice");
      if (overlaps(other.to, to)) return clash(other.to, to, "is the new name of two fields");
    }
    reads_.push_back(paths_.slot(from));
    expects_.push_back({.slot = reads_.back(), .path = from, .by_itself = true});
    renamings_.push_back({std::move(to), std::move(from)});
    return {};
  }

  static std::unexpected<Error> clash(const Path& one, const Path& other, const char* what) {
    const std::string name = other.to_string();
    if (one == other) return usage_error("rename: '" + name + "' " + what);
    return usage_error("rename: '" + name + "' and '" + one.to_string() +
                       "' lie one inside of the other: put a second rename behind for one of them");
  }

  PathTable& paths_;
  std::vector<Renaming> renamings_;
  std::unique_ptr<FieldRenamer> renamer_;
};

Result<std::unique_ptr<Stage>> make(const Arguments& arguments, const PlanContext& plan) {
  auto rename = std::make_unique<Rename>(plan);
  const std::vector<std::string>& words = arguments.positionals;
  const auto has_equals = [](const std::string& word) { return word.find('=') != word.npos; };
  if (words.size() == 2 && std::ranges::none_of(words, has_equals)) {
    return usage_error("rename: expected NEW = OLD in one argument, as in rename '" + words[1] +
                       " = " + words[0] + "'");
  }
  for (const std::string& word : words) {
    std::string source = word;
    // As in `a = b, c = d` without quotes around all of it.
    if (source.ends_with(',') && &word != &words.back()) source.pop_back();
    if (auto added = rename->add(source); !added) return std::unexpected(added.error());
  }
  return rename;
}

}  // namespace

const Verb kRename = {
    .command = {.name = "rename",
                .summary = "give fields other names",
                .positionals = kPositionals,
                .options = {}},
    .make = make,
};

}  // namespace weir
