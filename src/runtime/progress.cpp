#include "runtime/progress.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/file.h"
#include "base/terminal.h"
#include "base/units.h"

namespace weir {

namespace {

/// Bytes in decimal units, as disks and networks are measured: "123.4 MB".
std::string megabytes(double bytes) {
  constexpr std::array<const char*, 4> kUnits = {"kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (bytes /= 1000; bytes >= 1000 && unit + 1 < kUnits.size(); bytes /= 1000) ++unit;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

/// "0:07", "12:34", "1:02:03".
std::string clock_time(uint64_t seconds) {
  std::array<char, 32> text{};
  const uint64_t hours = seconds / 3600;
  const auto minutes = static_cast<unsigned>(seconds / 60 % 60);
  const auto rest = static_cast<unsigned>(seconds % 60);
  if (hours > 0) {
    std::snprintf(text.data(), text.size(), "%llu:%02u:%02u",
                  static_cast<unsigned long long>(hours), minutes, rest);
  } else {
    std::snprintf(text.data(), text.size(), "%u:%02u", minutes, rest);
  }
  return text.data();
}

/// How much of all is read, and how long the rest will take at this pace.
std::string share_of(double read, double total, double seconds) {
  // A file may grow while it is read.
  const double share = total > read ? read / total : 1;
  std::string text = std::to_string(static_cast<int>(100 * share)) + "%  ";
  if (share > 0) {
    text += clock_time(static_cast<uint64_t>(seconds * (1 - share) / share)) + " left  ";
  }
  return text;
}

}  // namespace

std::string progress_line(const Standing& standing) {
  const double seconds = std::max(standing.elapsed.count(), 0.001);
  std::string line;
  double read = 0;
  if (standing.bytes.read) {
    read = static_cast<double>(*standing.bytes.read);
    if (standing.bytes.total) {
      line += share_of(read, static_cast<double>(*standing.bytes.total), seconds);
    }
  }
  line += format_count(standing.in) + " in  " + format_count(standing.out) + " out";
  if (standing.bytes.read) line += "  " + megabytes(read);
  const double rate = static_cast<double>(standing.in) / seconds;
  line += "  " + format_count(static_cast<uint64_t>(rate)) + " events/s";
  if (standing.bytes.read) line += "  " + megabytes(read / seconds) + "/s";
  return line;
}

void Progress::update() {
  if (Clock::now() - drawn_ >= kInterval) draw();
}

void Progress::say(const Say& say, std::string_view line) {
  const bool shown = width_ > 0;
  erase();
  say(line);
  if (shown) draw();
}

void Progress::draw() {
  drawn_ = Clock::now();
  show(progress_line({.in = ledger_.accounts().front().in,
                      .out = ledger_.accounts().back().out,
                      .bytes = source_.amount(),
                      .elapsed = drawn_ - start_}));
}

void Progress::erase() {
  if (width_ > 0) show("");
}

/// Writes a line over the one that is there. The cursor stays in front of it, so that whoever
/// writes to the terminal beside us begins at the margin. The last column stays empty: some
/// terminals wrap as soon as it is written.
void Progress::show(const std::string& line) {
  const auto room = static_cast<size_t>(std::max(terminal_columns(fd_) - 1, 0));
  std::string text = line.substr(0, room);
  const size_t width = text.size();
  text.resize(std::max(width, std::min(width_, room)), ' ');
  width_ = width;
  // A terminal that is gone is no reason to end the run.
  write_all(system_files(), fd_, "\r" + text + "\r");
}

}  // namespace weir
