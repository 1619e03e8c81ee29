#include "base/endpoint.h"

#include <doctest/doctest.h>

#include "base/scratch.h"

using namespace weir;

TEST_CASE("endpoints that this version has") {
  CHECK(parse_endpoint("-")->is_standard());
  CHECK(parse_endpoint("a.ndjson")->text == "a.ndjson");
  CHECK_FALSE(parse_endpoint("./-")->is_standard());
  CHECK(parse_endpoint("./tcp://x")->text == "./tcp://x");
  CHECK(parse_endpoint("a:b")->text == "a:b");
  CHECK(parse_endpoint("logs/*.gz")->text == "logs/*.gz");
}

TEST_CASE("endpoints that this version does not have are usage errors that say so") {
  for (const char* text : {"tcp://h:1", "unix:/s", "udp://h:1", "http://h", "https://h", "exec:ls",
                           "queue:q", "sqlite:f", "postgres://h/d"}) {
    const auto parsed = parse_endpoint(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().kind == ErrorKind::kUsage);
    CHECK(parsed.error().message.find("this version") != std::string::npos);
  }
  CHECK(parse_endpoint("s3://b/k").error().message.find("no scheme s3://") != std::string::npos);
  CHECK_FALSE(parse_endpoint("").has_value());
  CHECK(parse_endpoint(std::string_view("a\0b", 3)).error().message ==
        "an endpoint holds a NUL byte: no file has such a name");
}

TEST_CASE("outputs that are one file have one canonical name") {
  const Scratch scratch;
  const auto canonical = [](const std::string& text) {
    return canonical_output(*parse_endpoint(text));
  };
  const std::string file = scratch.path("new");
  CHECK(canonical(file) == canonical(scratch.path("./new")));
  CHECK(canonical(file) != canonical(scratch.path("other")));
  scratch.write("new", "x");
  std::filesystem::create_symlink(file, scratch.path("link"));
  CHECK(canonical(file) == canonical(scratch.path("link")));
  CHECK(canonical("-") == canonical("/dev/stdout"));
}

TEST_CASE("a link that leads nowhere yet is the file it will become") {
  const Scratch scratch;
  std::filesystem::create_symlink("later", scratch.path("link"));
  CHECK(canonical_output(*parse_endpoint(scratch.path("link"))) ==
        canonical_output(*parse_endpoint(scratch.path("later"))));
}
