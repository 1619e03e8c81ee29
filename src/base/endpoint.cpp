#include "base/endpoint.h"

#include <array>
#include <cctype>

namespace weir {
namespace {

/// The schemes of the grammar that this version does not carry out yet. A colon alone ends those
/// that are followed by a name; `//` belongs to those that are followed by a host.
constexpr std::array<std::string_view, 9> kLaterSchemes = {
    "tcp://", "unix:",  "udp://",  "http://",    "https://",
    "exec:",  "queue:", "sqlite:", "postgres://"};

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

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  if (text.empty()) return usage_error("an endpoint is empty: it is a file, a pattern, or -");
  if (text.find('\0') != std::string_view::npos) {
    return usage_error("an endpoint holds a NUL byte: no file has such a name");
  }
  if (text == "-") return Endpoint{};
  const std::string name(text);
  for (const std::string_view scheme : kLaterSchemes) {
    if (!text.starts_with(scheme)) continue;
    return usage_error("'" + name + "': this version reads and writes files and the standard " +
                       "streams only, not " + std::string(scheme) + " (a file of that name is ./" +
                       name + ")");
  }
  if (const size_t length = scheme_length(text); length > 0) {
    return usage_error(
        "'" + name + "': there is no scheme " + name.substr(0, length) +
        ":// (this version reads and writes files and the standard streams; a file " +
        "of that name is ./" + name + ")");
  }
  return Endpoint{.kind = Endpoint::Kind::kPath, .text = name};
}

bool looks_like_pattern(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

std::string canonical_output(const Endpoint& endpoint, FileSystem& files) {
  if (endpoint.is_standard() || endpoint.text == "/dev/stdout" || endpoint.text == "/dev/fd/1" ||
      endpoint.text == "/proc/self/fd/1") {
    return "-";
  }
  std::string resolved;
  if (files.resolve(endpoint.text, resolved) == 0) return resolved;
  // Not there yet: its folder may be.
  const std::string target = follow_links(files, endpoint.text);
  if (files.resolve(folder_of(target), resolved) != 0) return target;
  if (resolved != "/") resolved += '/';
  return resolved + name_of(target);
}

}  // namespace weir
