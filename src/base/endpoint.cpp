#include "base/endpoint.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace weir {
namespace {

/// The schemes of the grammar that this version does not carry out yet. A colon alone ends those
/// that are followed by a name; `//` belongs to those that are followed by a host.
constexpr std::array<std::string_view, 6> kLaterSchemes = {"udp://", "http://", "https://",
                                                           "exec:",  "sqlite:", "postgres://"};

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kQueue = "queue:";

/// What sun_path holds beside the NUL at its end (unix(7)).
constexpr size_t kLongestSocketPath = 107;

/// The length of the scheme (RFC 3986, section 3.1) in front of "://", or 0.
size_t scheme_length(std::string_view text) {
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return 0;
  for (size_t i = 0; i < colon; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool later = std::isdigit(c) != 0 || c == '+' || c == '-' || c == '.';
    if (std::isalpha(c) == 0 && (i == 0 || !later)) return 0;
  }
  return colon;
}

/// Is it HOST:PORT, and likely meant as tcp://HOST:PORT?
bool looks_like_host_and_port(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const auto is_in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
  };
  const std::string_view port = text.substr(colon + 1);
  return std::ranges::all_of(text.substr(0, colon), is_in_name) && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string_view::npos;
}

/// HOST:PORT, where an IPv6 address stands in brackets (RFC 3986, section 3.2.2).
Result<Endpoint> parse_tcp(const std::string& text, bool listens) {
  const std::string_view place = std::string_view(text).substr(kTcp.size());
  const auto wrong = [&](const std::string& why) { return usage_error("'" + text + "': " + why); };
  const size_t colon = place.rfind(':');
  const size_t bracket = place.rfind(']');
  const bool bracketed = place.starts_with('[') && bracket != std::string_view::npos;
  if (colon == std::string_view::npos || (bracketed && colon < bracket)) {
    return wrong("the port is missing: tcp://HOST:PORT");
  }
  std::string_view host = place.substr(0, colon);
  if (bracketed && bracket + 1 == colon) {
    host = host.substr(1, bracket - 1);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return wrong("an IPv6 address stands in brackets: tcp://[::1]:9000");
  }
  const std::string_view digits = place.substr(colon + 1);
  Endpoint endpoint{
      .kind = Endpoint::Kind::kTcp, .text = text, .address = std::string(host), .listens = listens};
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, endpoint.port);
  if (digits.empty() || stop != end || error != std::errc()) {
    return wrong("a port is a number from 0 to 65535");
  }
  if (endpoint.port == 0 && !listens) return wrong("port 0 can only be listened at (--listen)");
  return endpoint;
}

Result<Endpoint> parse_unix(const std::string& text, bool listens) {
  std::string path = text.substr(kUnix.size());
  if (path.empty()) return usage_error("'" + text + "': the path is missing: unix:PATH");
  if (path.size() > kLongestSocketPath) {
    return usage_error("'" + text + "': the path of a socket has at most " +
                       std::to_string(kLongestSocketPath) + " bytes, and this one has " +
                       std::to_string(path.size()));
  }
  return Endpoint{
      .kind = Endpoint::Kind::kUnix, .text = text, .address = std::move(path), .listens = listens};
}

Result<Endpoint> parse_queue(const std::string& text) {
  std::string name = text.substr(kQueue.size());
  if (const std::string why = wrong_name(name); !why.empty()) {
    return usage_error("'" + text + "': " + why);
  }
  return Endpoint{.kind = Endpoint::Kind::kQueue, .text = text, .address = std::move(name)};
}

}  // namespace

std::string wrong_name(std::string_view name) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (name.empty()) return "a name is missing";
  if (name.size() > kLongestName) {
    return "the name is longer than " + std::to_string(kLongestName) + " bytes";
  }
  if (!is_word(name.front())) return "a name begins with a letter or a digit";
  const bool fits = std::ranges::all_of(
      name, [&](char c) { return is_word(c) || c == '.' || c == '_' || c == '-'; });
  return fits ? "" : "a name has letters, digits, '.', '_' and '-' only";
}

Result<Endpoint> parse_endpoint(std::string_view text, bool listens) {
  if (text.empty()) return usage_error("an endpoint is empty: it is a file, a pattern, or -");
  if (text.find('\0') != std::string_view::npos) {
    return usage_error("an endpoint holds a NUL byte: no file has such a name");
  }
  const std::string name(text);
  if (text.starts_with(kTcp)) return parse_tcp(name, listens);
  if (text.starts_with(kUnix)) return parse_unix(name, listens);
  if (!listens && text.starts_with(kQueue)) return parse_queue(name);
  if (listens) return usage_error("'" + name + "': --listen is for tcp:// and unix: only");
  if (text == "-") return Endpoint{};
  for (const std::string_view scheme : kLaterSchemes) {
    if (!text.starts_with(scheme)) continue;
    return usage_error("'" + name + "': this version reads and writes files, the standard " +
                       "streams, tcp://, unix: and queue: only, not " + std::string(scheme) +
                       " (a file of that name is ./" + name + ")");
  }
  if (const size_t length = scheme_length(text); length > 0) {
    return usage_error("'" + name + "': there is no scheme " + name.substr(0, length) +
                       ":// (this version reads and writes files, the standard streams, tcp://, "
                       "unix: and queue:; a file " +
                       "of that name is ./" + name + ")");
  }
  if (looks_like_host_and_port(text)) {
    return usage_error("'" + name + "': a socket is written tcp://" + name +
                       " (a file of that name is ./" + name + ")");
  }
  return Endpoint{.kind = Endpoint::Kind::kPath, .text = name};
}

bool looks_like_pattern(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

namespace {

/// The path without links, `.` and `..`. Folders that are not there yet are no links.
std::string without_links(const std::string& path, FileSystem& files) {
  std::string resolved;
  if (files.resolve(path, resolved) == 0) return resolved;
  const std::string folder = folder_of(path);
  if (folder == path) return path;
  const std::string name = name_of(path);
  resolved = without_links(folder, files);
  if (name == ".") return resolved;
  if (name == "..") return folder_of(resolved);
  return resolved + (resolved == "/" ? "" : "/") + name;
}

}  // namespace

std::string canonical_output(const Endpoint& endpoint, FileSystem& files) {
  if (endpoint.is_standard() || endpoint.text == "/dev/stdout" || endpoint.text == "/dev/fd/1" ||
      endpoint.text == "/proc/self/fd/1") {
    return "-";
  }
  std::string resolved;
  if (files.resolve(endpoint.text, resolved) == 0) return resolved;
  return without_links(follow_links(files, endpoint.text), files);
}

}  // namespace weir
