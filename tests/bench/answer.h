// What a program of the benchmark answered, in a form that can be compared with what another did.
#pragma once

#include <cstdint>
#include <string>

namespace weir::bench {

enum class AnswerKind : uint8_t {
  kNone,    ///< it reads the events and does something else
  kNumber,  ///< a number, with something around it perhaps
  kEvents,  ///< JSON objects, one a line, in any order and spelling
  kCsv,     ///< a header, then rows in any order and spelling
};

/// The answer in the file, told in a few words: equal answers are told in equal words. Members that
/// are null count as missing, and numbers by twelve digits, since programs round sums differently.
/// Reads a line at a time: a child's peak memory is counted from this process's size on, which
/// therefore must stay small. Throws std::runtime_error for what is no such answer.
std::string answer_of(const std::string& path, AnswerKind kind);

/// A hash of all bytes of the file, in their order.
uint64_t hash_of_bytes(const std::string& path);

}  // namespace weir::bench
