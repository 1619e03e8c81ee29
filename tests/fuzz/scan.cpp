// Reading JSON: the scan does what its specification (event/json_scan.h) says, on any bytes, by all
// kernels and by none; the checker refuses or accepts, by all of them alike; and what is accepted
// reads the same by way of values. The input is a line of paths between commas, and behind it the
// event.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "event/json_check.h"
#include "event/json_scan.h"
#include "event/json_value.h"
#include "event/number_needle.h"
#include "event/record.h"
#include "require.h"

namespace {

using namespace weir;

/// The specification, step by step.
class Reference {
 public:
  Reference(const std::vector<Path>& paths, std::string_view text)
      : paths_(paths), text_(text), found_(paths.size()) {}

  /// The spellings of the values ("" where there is none), or nothing if the line is broken.
  std::optional<std::vector<std::string>> run() {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != '{') {
      if (!check_json(text_).empty()) return std::nullopt;
      return found_;
    }
    ++at_;
    std::vector<State> all;
    for (size_t i = 0; i < paths_.size(); ++i) all.push_back({i, 0});
    if (!all.empty() && follow(all) == End::kBroken) return std::nullopt;
    return found_;
  }

 private:
  struct State {
    size_t path;
    size_t done;
  };
  enum class End : uint8_t { kObject, kAnswered, kBroken };

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }

  /// The string whose opening quote is at `at_`, quotes included; `at_` goes behind it.
  std::optional<std::string_view> string() {
    const size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return std::nullopt;
    return text_.substr(start, ++at_ - start);
  }

  /// A value up to its end.
  std::optional<std::string_view> value() {
    const size_t start = at_;
    size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (at_ > start && depth == 0) {
          ++at_;
          continue;
        }
        if (!string()) return std::nullopt;
        if (depth == 0) return text_.substr(start, at_ - start);
        continue;
      }
      const bool bracketed = text_[start] == '{' || text_[start] == '[';
      if (bracketed) {
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) return text_.substr(start, ++at_ - start);
      } else if (std::string_view(",]}: \t\r\n").contains(c)) {
        return text_.substr(start, at_ - start);
      }
      ++at_;
    }
    // A number or a word may end with the line.
    const bool open = start < text_.size() && std::string_view("\"{[").contains(text_[start]);
    if (open) return std::nullopt;
    return text_.substr(start);
  }

  bool answer(const std::vector<State>& ends, std::string_view spelling) {
    for (const State& state : ends) {
      if (found_[state.path].empty()) found_[state.path] = spelling;
    }
    return std::ranges::none_of(found_, &std::string::empty);
  }

  End follow(const std::vector<State>& states) {
    std::set<std::string, std::less<>> seen;
    size_t depth = 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != '"') {
        ++at_;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) return End::kObject;
        continue;
      }
      const auto spelling = string();
      if (!spelling) return End::kBroken;
      if (depth != 1) continue;
      const size_t behind = at_;
      skip_space();
      if (at_ >= text_.size() || text_[at_] != ':') {
        at_ = behind;
        continue;
      }
      ++at_;
      Arena arena;
      const Value decoded = read_json_value(*spelling, arena);
      // Without an escape there is nothing to decode, whatever the bytes are.
      const std::string key(spelling->contains('\\')
                                ? decoded.is_error() ? std::string_view() : decoded.text()
                                : spelling->substr(1, spelling->size() - 2));
      std::vector<State> ends;
      std::vector<State> further;
      for (const State& state : states) {
        const size_t names = names_spelled(key, paths_[state.path], state.done);
        if (names == 0) continue;
        const State next = {state.path, state.done + names};
        (next.done == paths_[next.path].names.size() ? ends : further).push_back(next);
      }
      if ((ends.empty() && further.empty()) || !seen.insert(key).second) continue;
      skip_space();
      const size_t start = at_;
      if (at_ < text_.size() && text_[at_] == '{' && !further.empty()) {
        ++at_;
        const End end = follow(further);
        if (end != End::kObject) return end;
        if (answer(ends, text_.substr(start, at_ - start))) return End::kAnswered;
        continue;
      }
      if (ends.empty()) continue;
      const auto token = value();
      if (!token || read_json_value(*token, arena).is_error()) return End::kBroken;
      if (answer(ends, *token)) return End::kAnswered;
    }
    return End::kBroken;
  }

  const std::vector<Path>& paths_;
  std::string_view text_;
  std::vector<std::string> found_;
  size_t at_ = 0;
};

std::vector<Path> read_paths(std::string_view head) {
  std::vector<Path> paths;
  while (!head.empty() && paths.size() < 4) {
    const size_t comma = std::min(head.find(','), head.size());
    const std::string_view name = head.substr(0, comma);
    const bool plain = std::ranges::all_of(
        name, [](char c) { return c == '.' || (c >= 'a' && c <= 'z') || c == '\xc3'; });
    const bool whole = name.empty() || name.starts_with('.') || name.ends_with('.') ||
                       name.contains("..") || !plain;
    const Path path = Path::dotted(name);
    if (!whole && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
    head.remove_prefix(std::min(head.size(), comma + 1));
  }
  return paths;
}

std::string spelling_of(const Value& value) {
  std::string text;
  if (!value.is_missing()) {
    const std::string problem = write_json(value, text);
    require(problem.empty(), "a value that was read cannot be written", problem);
  }
  return text;
}

/// What was read of an event, and where it stands.
std::string describe(const std::vector<Value>& values, std::string_view event) {
  std::string said;
  for (const Value& value : values) {
    said += std::to_string(static_cast<int>(value.kind));
    if (value.kind == Kind::kString) {
      said += "@" + std::to_string(value.quote - event.data());
    } else if (value.is_number() || value.kind == Kind::kBool) {
      said += "#" + std::to_string(value.bits);
    }
    if (!value.is_missing()) said += "=" + std::string(value.text());
    said += ' ';
  }
  return said;
}

/// All that a scan by these kernels says: why the event is broken, or the values, and where they
/// stand.
std::string scan_by(const Kernels* kernels, const std::vector<Path>& paths, std::string_view event,
                    const char* readable) {
  PathScanner scanner(paths);
  scanner.use(kernels);
  std::vector<Value> values(paths.size());
  Arena arena;
  std::string said = scanner.scan(event, values, arena, readable);
  return said.empty() ? describe(values, event) : "broken: " + said;
}

/// Lines that the kernel is sure of, scanned where they stand, against the same lines alone.
void hold_lines(const Kernels& kernels, const std::vector<Path>& paths, std::string_view lines,
                const char* readable) {
  PathScanner scanner(paths);
  scanner.use(&kernels);
  std::vector<Value> values(paths.size());
  for (size_t feed; !lines.empty(); lines.remove_prefix(feed + 1)) {
    feed = lines.find('\n');
    Arena arena;
    const char* const found = scanner.scan_line(lines, values, arena, readable);
    if (found == nullptr) continue;
    const std::string_view line = lines.substr(0, feed);
    require(found == line.data() + feed, "a line ends elsewhere", kernels.name, line);
    require_same(kernels.name, describe(values, line),
                 scan_by(nullptr, paths, line, line.data() + feed));
  }
}

/// What lacks a number has no such field, and is the same among other lines.
void hold_numbers(const std::vector<Path>& paths, std::string_view text, const char* readable) {
  if (paths.empty()) return;
  const auto needle = NumberNeedle::of(paths[0], 5, INT64_MAX);
  if (!needle) return;
  const auto is_lacked = [&](std::string_view event) {
    if (!needle->is_lacked_by(event)) return false;
    Arena arena;
    Value value;
    const std::string broken = PathScanner({paths[0]}).scan(event, {&value, 1}, arena, nullptr);
    require(
        !broken.empty() || value.is_missing() || (value.kind == Kind::kInt && value.integer < 5),
        "an event is said to lack its number", event);
    return true;
  };
  is_lacked(text);
  if (best_kernels() == nullptr) return;
  std::string_view lines = text.substr(0, text.rfind('\n') + 1);
  NumberSearch search(*needle, lines, readable);
  while (!lines.empty()) {
    NumberSearch::Front front = search.next();
    for (; front.events > 0; --front.events) {
      const size_t feed = lines.find('\n');
      require(is_lacked(lines.substr(0, feed)), "a line does not lack its number", lines);
      front.bytes -= feed + 1;
      lines.remove_prefix(feed + 1);
    }
    require(front.bytes == 0, "lines end elsewhere", lines);
    if (lines.empty()) return;
    const size_t feed = lines.find('\n');
    require(!is_lacked(lines.substr(0, feed)), "a line lacks its number", lines);
    lines.remove_prefix(feed + 1);
  }
}

/// Where a name of the paths may be spelled in the event, and where quotes are.
void hold_finders(const Kernels& kernels, const std::vector<Path>& paths, std::string_view event,
                  const char* readable) {
  if (!paths.empty() && !paths[0].names.empty() && !paths[0].names[0].text.empty()) {
    const std::string& needle = paths[0].names[0].text;
    const size_t place = std::min({event.find(needle), event.find("\\u"), event.size()});
    const size_t first = std::min(needle.size(), kNeedleReach) - 1;
    require(kernels.find_needle({needle, first, 0}, event, readable) == event.data() + place,
            "a needle is elsewhere", kernels.name, event);
  }
  std::vector<uint32_t> places(event.size() + kMoreFound + 1);
  places.resize(kernels.find_byte(event, '"', event.size() + 1, places.data()));
  size_t at = 0;
  for (const uint32_t place : places) {
    require(event.find('"', at) == place, "a quote is elsewhere", kernels.name, event);
    at = place + size_t{1};
  }
  require(event.find('"', at) == std::string_view::npos, "a quote is lost", kernels.name, event);
}

/// The kernels against the exact ways. `event` has memory of its own, `readable` is behind it.
void hold_kernels(const std::vector<Path>& paths, std::string_view event, const char* readable) {
  const std::string scanned = scan_by(nullptr, paths, event, readable);
  const std::string checked = check_json_with(nullptr, event);
  for (const Kernels* kernels : usable_kernels()) {
    require_same(kernels->name, scan_by(kernels, paths, event, readable), scanned);
    require_same(kernels->name, check_json_with(kernels, event, 0, readable), checked);
    require(checked.empty() || !kernels->check(event, readable), "a kernel takes what is no JSON",
            kernels->name, event);
    hold_finders(*kernels, paths, event, readable);
    hold_lines(*kernels, paths, event.substr(0, event.rfind('\n') + 1), readable);
  }
  hold_numbers(paths, event, readable);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t head = std::min(input.find('\n'), input.size());
  const std::vector<Path> paths = read_paths(input.substr(0, head));
  const std::string_view rest = input.substr(std::min(input.size(), head + 1));
  // Memory of its own, so that a look over either end is seen.
  const auto memory = std::make_unique<char[]>(rest.size());
  std::ranges::copy(rest, memory.get());
  const std::string_view event(memory.get(), rest.size());

  hold_kernels(paths, event, event.data() + event.size());
  // The same with neighbours that look as if they went on with it.
  std::string among(event);
  while (among.size() < event.size() + kKernelReach) among += "\"}]\\,:\"a\":{\"a\":\"";
  hold_kernels(paths, std::string_view(among).substr(0, event.size()), among.data() + among.size());

  Arena arena;
  std::vector<Value> values(paths.size());
  const bool broken = !PathScanner(paths).scan(event, values, arena).empty();
  const auto wanted = Reference(paths, event).run();
  require(broken == !wanted, "broken or not", broken ? "broken" : "fine",
          wanted ? "fine" : "broken");
  const bool valid = check_json(event).empty();
  require(!valid || !broken, "a valid event is broken to the scan", event);
  if (broken) return 0;
  for (size_t i = 0; i < paths.size(); ++i) {
    require_same(paths[i].to_string(), spelling_of(values[i]), (*wanted)[i]);
  }
  if (!valid) return 0;

  const size_t first = event.find_first_not_of(" \t\r\n");
  const size_t last = event.find_last_not_of(" \t\r\n");
  const std::string_view whole = event.substr(first, last + 1 - first);
  const Value value = read_json_value(whole, arena);
  require(!value.is_error(), "a valid event cannot be read", value.text());
  require_same("the whole event", spelling_of(value), whole);
  for (size_t i = 0; i < paths.size(); ++i) {
    const Value inside = read_inside(value, paths[i], 0, arena);
    require_same("inside the event", spelling_of(inside), spelling_of(values[i]));
  }
  return 0;
}
