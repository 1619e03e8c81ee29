#include "event/envelope.h"

#include <charconv>
#include <cstdio>

#include "base/arena.h"
#include "event/json_value.h"
#include "event/object.h"
#include "event/time.h"

namespace weir {
namespace {

constexpr int64_t kMinute = 60;
constexpr int64_t kDay = 86'400;

/// Appends `number`, at least `width` digits.
void append_digits(int64_t number, size_t width, std::string& out) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  const auto size = static_cast<size_t>(end - digits);
  if (size < width) out.append(width - size, '0');
  out.append(digits, size);
}

/// Takes a number of exactly `width` digits off the front.
std::optional<int64_t> take_digits(std::string_view& text, size_t width) {
  if (text.size() < width) return std::nullopt;
  int64_t number = 0;
  for (const char c : text.substr(0, width)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(width);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool is_date(int64_t year, int64_t month, int64_t day) {
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const auto days = days_to(year, static_cast<int>(month), static_cast<int>(day));
  return civil_time(days * kDay).month == month;
}

std::string_view text_of(std::string_view json, Arena& texts) {
  if (!json.starts_with('"')) return {};
  const std::string_view raw = json.substr(1, json.size() - 2);
  if (raw.find('\\') == std::string_view::npos) return raw;
  return read_json_value(json, texts).text();
}

/// A whole number of JSON, or nothing.
std::optional<int64_t> number_of(std::string_view json) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Eid> Eid::before() const {
  if (sequence > 0) return Eid{.ms = ms, .sequence = sequence - 1};
  if (ms == 0) return std::nullopt;
  return Eid{.ms = ms - 1, .sequence = kSequences - 1};
}

Eid Eid::after(uint64_t count) const {
  const uint64_t all = sequence + count;
  return {.ms = ms + static_cast<int64_t>(all / kSequences),
          .sequence = static_cast<uint32_t>(all % kSequences)};
}

void append_eid(const Eid& eid, std::string& out) {
  const CivilTime at = civil_time(eid.ms / 1000);
  out += "z/";
  append_digits(at.year, 4, out);
  for (const int part : {at.month, at.day, at.hour, at.minute}) {
    out += '/';
    append_digits(part, 2, out);
  }
  out += '/';
  append_digits(eid.ms, 1, out);
  out += '-';
  append_digits(eid.sequence, 7, out);
}

std::string eid_text(const Eid& eid) {
  std::string text;
  append_eid(eid, text);
  return text;
}

std::optional<Eid> parse_eid(std::string_view text) {
  const size_t slash = text.rfind('/');
  const size_t dash = text.rfind('-');
  if (slash == std::string_view::npos || dash == std::string_view::npos || dash < slash) {
    return std::nullopt;
  }
  Eid eid;
  const char* const begin = text.data() + slash + 1;
  const char* const end = text.data() + dash;
  const auto [stop, error] = std::from_chars(begin, end, eid.ms);
  std::string_view digits = text.substr(dash + 1);
  const auto sequence = take_digits(digits, 7);
  if (error != std::errc() || stop != end || eid.ms < 0 || !sequence || !digits.empty() ||
      eid.ms / 1000 > kGreatestSecond) {
    return std::nullopt;
  }
  eid.sequence = static_cast<uint32_t>(*sequence);
  return eid_text(eid) == text ? std::optional(eid) : std::nullopt;
}

std::optional<Period> parse_period(std::string_view text) {
  if (!text.starts_with("z/")) return std::nullopt;
  text.remove_prefix(2);
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto year = take_digits(text, 4);
  if (!year) return std::nullopt;
  // Month, day, hour, minute, as far as they are there.
  int64_t parts[4] = {1, 1, 0, 0};
  int given = 0;
  while (!text.empty()) {
    if (given == 4 || !take(text, '/')) return std::nullopt;
    const auto part = take_digits(text, 2);
    if (!part) return std::nullopt;
    parts[given++] = *part;
  }
  if (!is_date(*year, parts[0], parts[1]) || parts[2] > 23 || parts[3] > 59) return std::nullopt;
  const auto seconds = [](int64_t y, int64_t month, int64_t day, int64_t hour, int64_t minute) {
    return days_to(y, static_cast<int>(month), static_cast<int>(day)) * kDay +
           (hour * 60 + minute) * kMinute;
  };
  const int64_t begin = seconds(*year, parts[0], parts[1], parts[2], parts[3]);
  int64_t end = begin;
  switch (given) {
    case 0:
      end = seconds(*year + 1, 1, 1, 0, 0);
      break;
    case 1:
      end = parts[0] == 12 ? seconds(*year + 1, 1, 1, 0, 0) : seconds(*year, parts[0] + 1, 1, 0, 0);
      break;
    default:
      end += given == 2 ? kDay : given == 3 ? 60 * kMinute : kMinute;
  }
  if (begin < 0) return std::nullopt;
  return Period{.begin = begin * 1000, .end = end * 1000};
}

void write_envelope(const Envelope& envelope, std::string_view queue, std::string_view payload,
                    std::string& out) {
  out += "{\"id\":";
  write_json_string(envelope.id, out);
  out += ",\"event\":";
  write_json_string(queue, out);
  out += ",\"eid\":\"";
  append_eid(envelope.eid, out);
  out += "\",\"timestamp\":" + std::to_string(envelope.timestamp);
  out += ",\"event_source_timestamp\":" + std::to_string(envelope.source_time);
  if (const Correlation& made_of = envelope.correlation; made_of.is_there()) {
    out += ",\"correlation_id\":{\"source\":";
    write_json_string(made_of.source, out);
    out += ",\"start\":";
    write_json_string(made_of.start, out);
    if (!made_of.end.empty()) {
      out += ",\"end\":";
      write_json_string(made_of.end, out);
    }
    out += ",\"units\":" + std::to_string(made_of.units) + "}";
  }
  out += ",\"payload\":";
  out += payload;
  out += '}';
}

std::optional<EnvelopeProblem> read_envelope(std::string_view json, Arena& texts,
                                             ReadEnvelope& out) {
  out = {};
  std::string_view why;
  Arena arena;
  const auto number = [&](std::string_view value, std::string_view otherwise) {
    const auto got = number_of(value);
    if (!got) why = otherwise;
    return got.value_or(0);
  };
  const auto text = [&](std::string_view value, std::string_view otherwise) {
    if (!value.starts_with('"')) why = otherwise;
    return text_of(value, texts);
  };
  const bool is_object =
      for_each_member(json, arena, [&](std::string_view key, std::string_view value) {
        if (value == "null" && key != "payload") return true;
        if (key == "id") {
          out.envelope.id = text(value, "its id is no text");
        } else if (key == "eid") {
          out.eid = parse_eid(text_of(value, texts));
          if (!out.eid) why = "its eid is none";
        } else if (key == "timestamp") {
          out.written = number(value, "its timestamp is no whole number of milliseconds");
        } else if (key == "event_source_timestamp") {
          out.source_time =
              number(value, "its event_source_timestamp is no whole number of milliseconds");
        } else if (key == "correlation_id") {
          Correlation& made_of = out.envelope.correlation;
          const auto member = [&](std::string_view name, std::string_view content) {
            constexpr std::string_view kNoText = "a member of its correlation_id is no text";
            if (content == "null") return true;
            if (name == "source") made_of.source = text(content, kNoText);
            if (name == "start") made_of.start = text(content, kNoText);
            if (name == "end") made_of.end = text(content, kNoText);
            if (name == "units") {
              made_of.units =
                  number(content, "the units of its correlation_id are no whole number");
            }
            return true;
          };
          if (!for_each_member(value, arena, member)) why = "its correlation_id is no object";
        } else if (key == "payload" && out.payload.empty()) {
          out.payload = value;
        }
        return why.empty();
      });
  if (!is_object) return EnvelopeProblem{"it is no object"};
  if (!why.empty()) return EnvelopeProblem{why};
  if (out.payload.empty()) return EnvelopeProblem{"it has no payload"};
  return std::nullopt;
}

}  // namespace weir
