#include "bench/answer.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace weir::bench {

namespace {

/// FNV-1a, its bits mixed once more, so that sums of hashes tell things apart.
uint64_t hash(std::string_view text, uint64_t seed) {
  uint64_t h = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
  return h ^ (h >> 27);
}

/// To twelve digits: sums that were added in another order differ further behind, and no sum of the
/// events has a digit there that could be rounded this way or that.
uint64_t hash_number(double number) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%.12g", number + 0.0);
  return hash({text, static_cast<size_t>(size)}, 1);
}

uint64_t hash_value(simdjson::dom::element value) {
  using simdjson::dom::element_type;
  uint64_t sum = 0;
  switch (value.type()) {
    case element_type::OBJECT:
      for (const auto& [key, member] : simdjson::dom::object(value)) {
        if (!member.is_null()) sum += hash(key, hash_value(member));
      }
      return hash("object", sum);
    case element_type::ARRAY:
      for (const simdjson::dom::element item : simdjson::dom::array(value)) {
        sum = hash("item", sum ^ hash_value(item));
      }
      return sum;
    case element_type::STRING:
      return hash(std::string_view(value), 2);
    case element_type::BOOL:
      return bool(value) ? 3 : 4;
    case element_type::NULL_VALUE:
      return 5;
    default:
      return hash_number(double(value));
  }
}

uint64_t hash_cell(const std::string& cell) {
  double number = 0;
  const char* const end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, number);
  return error == std::errc() && stop == end ? hash_number(number) : hash(cell, 2);
}

/// A row of CSV without line feeds in its cells.
uint64_t hash_row(const std::string& line) {
  uint64_t sum = 0;
  std::string cell;
  bool quoted = false;
  for (size_t i = 0; i <= line.size(); ++i) {
    const bool ends = i == line.size() || (line[i] == ',' && !quoted);
    if (ends) {
      sum = hash("cell", sum ^ hash_cell(cell));
      cell.clear();
    } else if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cell += line[i++];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] != '\r') {
      cell += line[i];
    }
  }
  return sum;
}

std::string first_number(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(4096, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const size_t begin = text.find_first_of("0123456789");
  if (begin == std::string::npos) throw std::runtime_error("there is no number in the answer");
  return text.substr(begin, text.find_first_not_of("0123456789", begin) - begin) + " events";
}

}  // namespace

std::string answer_of(const std::string& path, AnswerKind kind) {
  if (kind == AnswerKind::kNone) return "";
  if (kind == AnswerKind::kNumber) return first_number(path);
  std::ifstream file(path, std::ios::binary);
  simdjson::dom::parser parser;
  uint64_t lines = 0;
  uint64_t sum = 0;
  std::string line;
  if (kind == AnswerKind::kCsv) std::getline(file, line);
  for (; std::getline(file, line); ++lines) {
    if (kind == AnswerKind::kCsv) {
      sum += hash_row(line);
      continue;
    }
    simdjson::dom::element event;
    if (parser.parse(line).get(event) != simdjson::SUCCESS) {
      throw std::runtime_error("line " + std::to_string(lines + 1) + " of the answer is no JSON");
    }
    sum += hash_value(event);
  }
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016" PRIx64, sum);
  return std::to_string(lines) + " lines (" + digest + ")";
}

uint64_t hash_of_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string piece(size_t{1} << 16, '\0');
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    for (const char c : std::string_view(piece).substr(0, static_cast<size_t>(file.gcount()))) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  return hash;
}

}  // namespace weir::bench
