#include "sink/name_template.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "base/file.h"
#include "event/fill.h"
#include "event/json_value.h"
#include "event/surrogate.h"
#include "expr/lexer.h"

namespace weir {
namespace {

/// What a part of a path may have (NAME_MAX), and a whole one beside the NUL at its end.
constexpr size_t kLongestPart = 255;
constexpr size_t kLongestPath = PATH_MAX - 1;

/// The length of the expression that `text` begins with, up to the brace that ends it; npos if none
/// does. A brace in a string or behind one that was opened is the expression's own.
size_t expression_length(std::string_view text) {
  for (size_t end = text.find('}'); end != std::string_view::npos; end = text.find('}', end + 1)) {
    const auto tokens = expr::tokenize(text.substr(0, std::min(end, expr::kMaxSource)));
    if (!tokens) continue;
    const auto count = [&](std::string_view brace) {
      return std::ranges::count_if(*tokens, [&](const expr::Token& token) {
        return token.kind == expr::TokenKind::kPunctuation && token.text == brace;
      });
    };
    if (count("{") == count("}")) return end;
  }
  return std::string_view::npos;
}

/// Calls `take` with each part of a path; false as soon as that answers false.
template <typename Take>
bool for_each_part(std::string_view path, Take&& take) {
  while (true) {
    const size_t slash = path.find('/');
    if (!take(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_a_name(std::string_view part) { return !part.empty() && part != "." && part != ".."; }

/// Appends a value as it stands in a name. Answers an empty text, or what it is instead of one.
std::string append_value(const Value& value, std::string& name) {
  switch (value.kind) {
    case Kind::kMissing:
      return " is missing";
    case Kind::kError:
      return ": " + std::string(value.text());
    case Kind::kNull:
      return " is null";
    case Kind::kList:
    case Kind::kMap:
    case Kind::kOptional:
    case Kind::kBytes:
      return " is no text, number, boolean or time";
    case Kind::kString:
      if (has_lone_surrogate(value)) return ": " + std::string(kLoneSurrogate);
      name += value.text();
      return {};
    default:
      break;
  }
  std::string json;
  if (const std::string problem = write_json(value, json); !problem.empty()) return ": " + problem;
  const bool quoted = json.starts_with('"');
  name.append(json, quoted ? 1 : 0, json.size() - (quoted ? 2 : 0));
  return {};
}

/// True if one of the C0 or C1 set, or DEL, is in `text`, which is well-formed UTF-8.
bool has_control_character(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080 to U+009F are c2 80 to c2 9f.
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

/// Why `text`, which an event gave, may not stand in a name; `leads` where a part of the path
/// begins with it. Empty if it may.
std::string_view wrong_text(std::string_view text, bool leads) {
  if (text.empty()) return " is empty";
  if (text.find('/') != std::string_view::npos) return " has a '/' in it";
  if (has_control_character(text)) return " has a control character in it";
  if (text == "." || text == ".." || (leads && text.front() == '.')) return " begins with a dot";
  if (leads && text.front() == '-') return " begins with a hyphen";
  return {};
}

/// Where somebody may have meant a member of `meta`, a hint.
std::string meant_meta(const std::string& source) {
  const auto names = meta_names();
  if (std::ranges::find(names, source) == names.end()) return {};
  return " (where the event came from is {meta." + source + "})";
}

}  // namespace

Result<std::vector<NamePiece>> split_name(std::string_view text) {
  std::vector<NamePiece> pieces(1);
  size_t at = 0;
  while (at < text.size()) {
    if (pieces.back().is_expression) pieces.emplace_back();
    if (text[at] != '{' || text.substr(at).starts_with("{{")) {
      pieces.back().text += text[at];
      at += text[at] == '{' ? 2 : 1;
      continue;
    }
    const size_t length = expression_length(text.substr(at + 1));
    if (length == std::string_view::npos) {
      return usage_error("'" + std::string(text) + "': the expression behind '" +
                         std::string(text.substr(0, at + 1)) +
                         "' does not end: a '}' is missing (a brace in a name is written '{{')");
    }
    if (pieces.back().text.empty()) pieces.pop_back();
    pieces.push_back({.text = std::string(text.substr(at + 1, length)), .is_expression = true});
    at += length + 2;
  }
  return pieces;
}

Result<NameTemplate> NameTemplate::parse(std::string_view text, PathTable& paths,
                                         const expr::Limits& limits) {
  auto pieces = split_name(text);
  if (!pieces) return std::unexpected(pieces.error());
  NameTemplate made;
  made.folder_ = ".";
  if (NamePiece& first = pieces->front(); !first.is_expression) {
    const size_t slash = first.text.rfind('/');
    if (slash != std::string::npos) {
      made.prefix_ = first.text.substr(0, slash + 1);
      made.folder_ = folder_of(made.prefix_);
      first.text.erase(0, slash + 1);
    }
  }
  std::string shape;
  for (NamePiece& piece : *pieces) {
    shape += piece.is_expression ? std::string("{}") : piece.text;
    std::vector<expr::Program> programs;
    if (piece.is_expression) {
      // Archives are made of queues more than of anything else.
      const bool is_queue = piece.text == "queue";
      auto program = expr::Program::of(is_queue ? "meta.queue" : piece.text, paths, limits);
      if (!program) return std::unexpected(program.error());
      for (const int slot : program->slots()) {
        if (std::ranges::find(made.slots_, slot) == made.slots_.end()) made.slots_.push_back(slot);
      }
      programs.push_back(std::move(*program));
    }
    made.parts_.push_back({std::move(piece), std::move(programs)});
  }
  if (!for_each_part(shape, is_a_name)) {
    return usage_error("'" + std::string(text) +
                       "': behind the first expression no part of the name is empty, '.' or '..'");
  }
  return made;
}

std::string_view NameTemplate::ending() const {
  const NamePiece& last = parts_.back().piece;
  return last.is_expression ? std::string_view() : last.text;
}

std::string NameTemplate::make(const expr::Frame& frame, std::string& name) const {
  name.clear();
  for (const Part& part : parts_) {
    if (!part.piece.is_expression) {
      name += part.piece.text;
      continue;
    }
    const size_t start = name.size();
    const Value value = part.program.front().eval(frame);
    std::string problem = append_value(value, name);
    const std::string_view text = std::string_view(name).substr(start);
    if (problem.empty()) problem = wrong_text(text, start == 0 || name[start - 1] == '/');
    if (problem.empty()) continue;
    return "its file has no name: {" + part.piece.text + "}" + problem +
           (value.is_missing() ? meant_meta(part.piece.text) : "");
  }
  const bool fits = for_each_part(
      name, [](std::string_view part) { return is_a_name(part) && part.size() <= kLongestPart; });
  if (fits && prefix_.size() + name.size() <= kLongestPath) return {};
  return "its file has no name: what the event makes is too long for one";
}

}  // namespace weir
