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
  for (const char* text :
       {"udp://h:1", "http://h", "https://h", "exec:ls", "sqlite:f", "postgres://h/d"}) {
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

TEST_CASE("queues have names") {
  CHECK(parse_endpoint("queue:orders.v2_a-1")->is_queue());
  CHECK(parse_endpoint("queue:orders.v2_a-1")->address == "orders.v2_a-1");
  CHECK(parse_endpoint("./queue:q")->is_path());
  for (const char* text :
       {"queue:", "queue:.", "queue:-a", "queue:a/b", "queue:a b", "queue:\xc3\xa9"}) {
    CAPTURE(text);
    const auto parsed = parse_endpoint(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().kind == ErrorKind::kUsage);
  }
  CHECK(wrong_name(std::string(200, 'a')).empty());
  CHECK(wrong_name(std::string(201, 'a')) == "the name is longer than 200 bytes");
}

TEST_CASE("sockets") {
  const auto tcp = [](const char* text) { return *parse_endpoint(text); };
  CHECK(tcp("tcp://localhost:9000").kind == Endpoint::Kind::kTcp);
  CHECK(tcp("tcp://localhost:9000").address == "localhost");
  CHECK(tcp("tcp://localhost:9000").port == 9000);
  CHECK_FALSE(tcp("tcp://localhost:9000").listens);
  CHECK(tcp("tcp://:65535").address.empty());
  CHECK(tcp("tcp://[::1]:9000").address == "::1");
  CHECK(tcp("tcp://[::]:1").port == 1);
  CHECK(parse_endpoint("tcp://:0", true)->listens);
  CHECK(tcp("unix:/run/a:b").kind == Endpoint::Kind::kUnix);
  CHECK(tcp("unix:/run/a:b").address == "/run/a:b");
  CHECK(tcp(("unix:" + std::string(107, 'x')).c_str()).is_socket());

  const auto refused = [](const std::string& text, std::string_view why, bool listens = false) {
    CAPTURE(text);
    const auto parsed = parse_endpoint(text, listens);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().kind == ErrorKind::kUsage);
    CHECK(parsed.error().message.find(why) != std::string::npos);
  };
  for (const char* text : {"tcp://", "tcp://localhost", "tcp://[::1]", "tcp://[::1"}) {
    refused(text, text == std::string_view("tcp://[::1") ? "brackets" : "port is missing");
  }
  for (const char* text : {"tcp://h:", "tcp://h:x", "tcp://h:-1", "tcp://h:65536", "tcp://h:1/",
                           "tcp://h:+1", "tcp://h: 1"}) {
    refused(text, "a number from 0 to 65535");
  }
  for (const char* text : {"tcp://::1:9000", "tcp://[::1]x:9000", "tcp://a]:9000"}) {
    refused(text, "brackets");
  }
  refused("tcp://h:0", "port 0");
  refused("unix:", "the path is missing");
  refused("unix:" + std::string(108, 'x'), "at most 107 bytes");
  refused("a.ndjson", "--listen is for", true);
  refused("-", "--listen is for", true);
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

TEST_CASE("an output whose folder is not there yet has one canonical name, too") {
  const Scratch scratch;
  const auto canonical = [&](const std::string& name) {
    return canonical_output(*parse_endpoint(scratch.path(name)));
  };
  CHECK(canonical("no/such/file") == canonical("no/./such/file"));
  CHECK(canonical("no/such/file") == canonical("no/such/../such/file"));
  CHECK(canonical("no/such/file") != canonical("no/file"));
  std::filesystem::create_symlink(scratch.path("."), scratch.path("link"));
  CHECK(canonical("no/such/file") == canonical("link/no/such/file"));
  std::filesystem::create_symlink("circle/on", scratch.path("circle"));
  CHECK(canonical("circle/file") == canonical("circle/./file"));
}

TEST_CASE("a link that leads nowhere yet is the file it will become") {
  const Scratch scratch;
  std::filesystem::create_symlink("later", scratch.path("link"));
  CHECK(canonical_output(*parse_endpoint(scratch.path("link"))) ==
        canonical_output(*parse_endpoint(scratch.path("later"))));
}
