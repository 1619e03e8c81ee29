// weir-generate: web access events and a table to go with them, the same for the same seed.
//
//   weir-generate events --count N [--seed S] [--shape SHAPE]   N events as NDJSON
//   weir-generate services                                      the table of services as CSV
//   weir-generate users                                         100,000 of the events' users as CSV
//
// An event of the usual shape has about 425 bytes. `--shape last` moves its `http` to the end,
// `wide` makes it 100 fields of 4 KB together, and `tiny` has 40 bytes.
//
// The events vary in shape as those of real services do: fields that are missing or null, numbers
// whole or not, escapes, letters beyond ASCII, nested objects, lists, times that step back a
// little. About 6 % have http.status >= 500; one in 10,000 has the word xylophone-77 in its
// message.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "bench/random.h"

namespace {

using weir::bench::Random;

struct Service {
  std::string_view name;
  unsigned weight;  // how often it is met, relative to the others
  std::string_view team;
  int tier;
  std::string_view oncall;
};

constexpr std::array<Service, 20> kServices = {{
    {"checkout", 40, "payments", 1, "ines@example.com"},
    {"catalog", 90, "shop", 1, "marek@example.com"},
    {"search", 120, "shop", 1, "marek@example.com"},
    {"health", 60, "platform", 3, "oncall@example.com"},
    {"auth", 70, "identity", 1, "\"Okafor, Ada\" <ada@example.com>"},
    {"profile", 35, "identity", 2, "ada@example.com"},
    {"cart", 55, "shop", 1, "lena@example.com"},
    {"orders", 30, "payments", 1, "ines@example.com"},
    {"invoices", 12, "payments", 2, "tomás@example.com"},
    {"shipping", 14, "logistics", 2, "yuki@example.com"},
    {"stock", 22, "logistics", 2, "yuki@example.com"},
    {"mailer", 10, "platform", 3, "oncall@example.com"},
    {"images", 80, "platform", 2, "søren@example.com"},
    {"reviews", 18, "shop", 3, "lena@example.com"},
    {"recommend", 25, "data", 2, "priya@example.com"},
    {"metrics", 15, "data", 3, "priya@example.com"},
    {"gateway", 140, "platform", 1, "søren@example.com"},
    {"webhooks", 8, "partners", 3, ""},
    {"export", 3, "data", 3, "priya@example.com"},
    {"legacy-soap", 2, "", 0, ""},  // nobody owns it: left out of the table
}};
constexpr std::string_view kUnlisted = "legacy-soap";

constexpr std::array<std::string_view, 48> kWords = {
    "request",   "served",   "from",    "cache",    "upstream", "slow",      "retry",   "after",
    "timeout",   "accepted", "queued",  "partial",  "content",  "session",   "expired", "token",
    "refreshed", "user",     "moved",   "to",       "shard",    "replica",   "lagging", "read",
    "write",     "quorum",   "reached", "fallback", "used",     "for",       "price",   "lookup",
    "in",        "region",   "west",    "east",     "circuit",  "half-open", "closed",  "batch",
    "flushed",   "with",     "rows",    "and",      "bytes",    "sent",      "ok",      "done"};

// Text as it stands between the quotes of a JSON string: escapes and letters beyond ASCII.
constexpr std::array<std::string_view, 8> kOddities = {
    "caf\\u00e9 \\\"au lait\\\"", "C:\\\\logs\\\\app",  "tab\\tand\\nnewline",
    "München → Zürich",           "日本語のクエリ",     "a\\/b",
    "smile \\ud83d\\ude00 😀",     "{\\\"not\\\": [json"};

constexpr std::array<std::string_view, 16> kCountries = {
    "US", "DE", "BR", "IN", "JP", "FR", "GB", "NG", "ID", "MX", "PL", "IT", "ES", "KR", "TR", "ZA"};
constexpr std::array<std::string_view, 6> kTags = {"canary", "mobile", "internal",
                                                   "bot",    "beta",   "cached"};
constexpr std::array<std::string_view, 10> kPaths = {
    "/api/v1/items/",  "/api/v2/search?q=", "/static/img/", "/login?next=", "/cart/",
    "/api/v1/orders/", "/healthz?probe=",   "/feed/",       "/u/",          "/api/v2/quote/"};

/// Collects output and writes it to stdout in large pieces. A text that does not fit stdout any
/// more ends the program: there is nobody left to write for.
class Output {
 public:
  Output& operator<<(std::string_view text) {
    if (text.size() > sizeof buffer_ - used_) flush();
    std::memcpy(buffer_ + used_, text.data(), text.size());
    used_ += text.size();
    return *this;
  }

  Output& operator<<(uint64_t number) {
    if (sizeof buffer_ - used_ < 24) flush();
    used_ = static_cast<size_t>(
        std::to_chars(buffer_ + used_, buffer_ + sizeof buffer_, number).ptr - buffer_);
    return *this;
  }

  /// The number with leading zeroes to `width` digits.
  void padded(uint64_t number, size_t width) {
    char digits[24];
    for (size_t i = width; i-- > 0; number /= 10) digits[i] = static_cast<char>('0' + number % 10);
    *this << std::string_view(digits, width);
  }

  /// The lowest `digits` hexadecimal digits of the number.
  void hex(uint64_t number, size_t digits) {
    char text[16];
    for (size_t i = digits; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
    *this << std::string_view(text, digits);
  }

  bool flush() {
    const bool good = std::fwrite(buffer_, 1, used_, stdout) == used_;
    used_ = 0;
    broken_ = broken_ || !good;
    return !broken_;
  }

  bool broken() const { return broken_; }

 private:
  char buffer_[1 << 18];
  size_t used_ = 0;
  bool broken_ = false;
};

template <size_t N>
std::string_view one_of(Random& random, const std::array<std::string_view, N>& words) {
  return words[random.below(N)];
}

enum class Shape : uint8_t { kUsual, kLast, kWide, kTiny };

struct NamedShape {
  std::string_view name;
  Shape shape;
};
constexpr std::array<NamedShape, 3> kShapes = {
    {{"last", Shape::kLast}, {"wide", Shape::kWide}, {"tiny", Shape::kTiny}}};

class Generator {
 public:
  Generator(Output& out, uint64_t seed, Shape shape) : out_(out), random_(seed), shape_(shape) {
    for (const Service& service : kServices) weights_ += service.weight;
  }

  void event() {
    if (shape_ == Shape::kTiny) return tiny();
    // The clock goes on by 0 to 39 ms; an event's own time may lie up to 250 ms before it.
    clock_ms_ += random_.below(40);
    const bool failing = random_.below(100) < 6;
    const bool failed = failing || random_.below(100) < 5;

    out_ << R"({"ts":")";
    time(clock_ms_ - random_.below(250));
    out_ << R"(","service":")" << service().name << R"(","host":"ip-10-)" << random_.below(8) << "-"
         << random_.below(250) << "-" << random_.below(250) << R"(.eu-west-1.internal")";
    if (!random_.once_in(200)) {
      out_ << R"(,"level":")" << (failing ? "error" : failed ? "warn" : "info") << "\"";
    }
    if (shape_ == Shape::kWide) fillers(0, 46);
    if (shape_ != Shape::kLast) http(failing, failed);
    user();
    message();
    tags();
    extras();
    if (shape_ == Shape::kWide) fillers(46, 92);
    if (shape_ == Shape::kLast) http(failing, failed);
    out_ << "}\n";
  }

 private:
  void tiny() {
    const bool failing = random_.below(100) < 6;
    out_ << R"({"id":)";
    out_ << 10'000'000 + random_.below(90'000'000) << R"(,"http":{"status":)"
         << (failing ? 503U : 200U) << "}}\n";
  }

  /// Fields that nobody asks for, some of them objects.
  void fillers(size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      out_ << R"(,"field_)";
      out_.padded(i, 2);
      if (i % 10 == 3) {
        out_ << R"(":{"a":)" << random_.below(1000) << R"(,"status":")" << one_of(random_, kWords)
             << R"("})";
        continue;
      }
      out_ << R"(":")";
      const size_t words = 1 + random_.below(7);
      for (size_t word = 0; word < words; ++word) out_ << one_of(random_, kWords) << " ";
      out_ << "\"";
    }
  }

  const Service& service() {
    size_t at = random_.below(weights_);
    for (const Service& service : kServices) {
      if (at < service.weight) return service;
      at -= service.weight;
    }
    return kServices[0];
  }

  // RFC 3339 for the milliseconds since 2026-01-01T00:00:00Z, within that year: a million events
  // take five and a half hours.
  void time(uint64_t ms) {
    static constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30,
                                                       31, 31, 30, 31, 30, 31};
    uint64_t day = ms / 86'400'000;
    size_t month = 0;
    while (month < 11 && day >= kDays[month]) day -= kDays[month++];
    out_ << "2026-";
    out_.padded(month + 1, 2);
    out_ << "-";
    out_.padded(day + 1, 2);
    out_ << "T";
    out_.padded(ms / 3'600'000 % 24, 2);
    out_ << ":";
    out_.padded(ms / 60'000 % 60, 2);
    out_ << ":";
    out_.padded(ms / 1000 % 60, 2);
    out_ << ".";
    out_.padded(ms % 1000, 3);
    out_ << "Z";
  }

  void http(bool failing, bool failed) {
    static constexpr std::array<std::string_view, 8> kMethods = {"GET",  "GET", "GET",   "GET",
                                                                 "POST", "PUT", "PATCH", "DELETE"};
    static constexpr std::array<unsigned, 4> kServerErrors = {500, 502, 503, 504};
    static constexpr std::array<unsigned, 4> kClientErrors = {400, 401, 404, 429};
    static constexpr std::array<unsigned, 6> kGood = {200, 200, 200, 201, 204, 304};
    out_ << R"(,"http":{"method":")" << one_of(random_, kMethods) << R"(","path":")"
         << one_of(random_, kPaths);
    // One after the other: the order of two arguments is the compiler's.
    const size_t digits = 4 + random_.below(12);
    out_.hex(random_.next(), digits);
    out_ << R"(","status":)";
    if (failing) {
      out_ << kServerErrors[random_.below(4)];
    } else if (failed) {
      out_ << kClientErrors[random_.below(4)];
    } else {
      out_ << kGood[random_.below(6)];
    }
    // Most answers are quick, some are slow; one in three is measured finer than milliseconds.
    const uint64_t latency = 1 + random_.below(1 + random_.below(failing ? 6000 : 900));
    out_ << R"(,"latency_ms":)" << latency;
    if (random_.once_in(3)) {
      out_ << ".";
      out_.padded(random_.below(1000), 3);
    }
    out_ << R"(,"bytes":)";
    if (random_.once_in(50)) {
      out_ << "null";
    } else {
      out_ << uint64_t{random_.below(1 + random_.below(200'000))};
    }
    out_ << "}";
  }

  void user() {
    if (random_.once_in(20)) {
      out_ << R"(,"user":null)";
      return;
    }
    out_ << R"(,"user":{"id":"u-)";
    out_.padded(random_.below(1'000'000), 6);
    out_ << R"(","country":)";
    if (random_.once_in(40)) {
      out_ << "null";
    } else {
      out_ << "\"" << one_of(random_, kCountries) << "\"";
    }
    out_ << "}";
  }

  void message() {
    out_ << R"(,"message":")";
    const size_t words = 4 + random_.below(11);
    const size_t rare_at = random_.once_in(10'000) ? random_.below(words) : words;
    for (size_t i = 0; i < words; ++i) {
      if (i > 0) out_ << " ";
      out_ << (i == rare_at ? "xylophone-77" : one_of(random_, kWords));
    }
    if (random_.once_in(12)) out_ << " " << one_of(random_, kOddities);
    out_ << "\"";
  }

  void tags() {
    out_ << R"(,"tags":[)";
    const size_t count = random_.below(4);
    for (size_t i = 0; i < count; ++i) {
      out_ << (i > 0 ? ",\"" : "\"") << one_of(random_, kTags) << "\"";
    }
    out_ << "]";
  }

  void extras() {
    if (random_.below(10) < 6) {
      out_ << R"(,"trace":{"id":")";
      out_.hex(random_.next(), 16);
      out_.hex(random_.next(), 16);
      out_ << R"(","span":")";
      out_.hex(random_.next(), 16);
      out_ << R"(","sampled":)" << (random_.once_in(4) ? "true" : "false") << "}";
    }
    if (random_.once_in(4)) {
      out_ << R"(,"extra": {"build": ")";
      out_.hex(random_.next(), 7);
      out_ << R"(", "flags": [)" << random_.below(9) << ", " << random_.below(99)
           << R"(], "queue": {"depth": )" << random_.below(500) << R"(, "age_s": 0.)";
      out_.padded(random_.below(1000), 3);
      out_ << R"(, "status": )" << random_.below(600) << R"(}, "note": null})";
    }
    if (random_.once_in(30)) out_ << R"(,"geo":{"lat":-33.8688,"lon":1.512093e2,"zone":"a/b"})";
  }

  Output& out_;
  Random random_;
  Shape shape_;
  uint64_t weights_ = 0;
  uint64_t clock_ms_ = 1000;
};

void services(Output& out) {
  out << "name,team,tier,oncall\n";
  for (const Service& service : kServices) {
    if (service.name == kUnlisted) continue;
    out << service.name << "," << service.team << "," << static_cast<uint64_t>(service.tier) << ",";
    if (service.oncall.find_first_of("\",") == std::string_view::npos) {
      out << service.oncall;
    } else {  // RFC 4180: quotes are doubled inside quotes
      out << "\"";
      for (const char& letter : service.oncall) {
        out << (letter == '"' ? std::string_view("\"\"") : std::string_view(&letter, 1));
      }
      out << "\"";
    }
    out << "\n";
  }
}

/// Users by the ids that one event in ten has.
void users(Output& out) {
  static constexpr std::array<std::string_view, 3> kPlans = {"free", "team", "business"};
  Random random(1);
  out << "id,plan,since\n";
  for (uint64_t i = 0; i < 100'000; ++i) {
    out << "u-";
    out.padded(10 * i, 6);
    out << "," << one_of(random, kPlans) << "," << 2010 + random.below(16) << "\n";
  }
}

bool read_number(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

int wrong_call() {
  std::fputs(
      "usage: weir-generate events --count N [--seed S] [--shape last|wide|tiny]\n"
      "       weir-generate services\n"
      "       weir-generate users\n",
      stderr);
  return 2;
}

int run(std::span<char*> words) {
  static Output out;
  const std::string_view what = words.empty() ? "" : words[0];
  if (what == "services" && words.size() == 1) {
    services(out);
  } else if (what == "users" && words.size() == 1) {
    users(out);
  } else if (what == "events") {
    uint64_t count = 0;
    uint64_t seed = 1;
    Shape shape = Shape::kUsual;
    if (words.size() % 2 == 0) return wrong_call();
    for (size_t i = 1; i < words.size(); i += 2) {
      const std::string_view option = words[i];
      if (option == "--shape") {
        const auto* const named =
            std::ranges::find(kShapes, std::string_view(words[i + 1]), &NamedShape::name);
        if (named == kShapes.end()) return wrong_call();
        shape = named->shape;
        continue;
      }
      uint64_t* number = option == "--count" ? &count : option == "--seed" ? &seed : nullptr;
      if (number == nullptr || !read_number(words[i + 1], *number)) return wrong_call();
    }
    if (count == 0) return wrong_call();
    Generator generator(out, seed, shape);
    for (uint64_t i = 0; i < count && !out.broken(); ++i) generator.event();
  } else {
    return wrong_call();
  }
  return out.flush() && std::fflush(stdout) == 0 ? 0 : 3;
}

}  // namespace

int main(int argc, char** argv) {
  return run(std::span<char*>(argv, static_cast<size_t>(argc)).subspan(argc > 0 ? 1 : 0));
}
