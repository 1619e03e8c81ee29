#include "source/sockets.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "base/socket.h"
#include "codec/framing.h"

using namespace weir;
using Rows = std::vector<std::string>;

namespace {

/// A source that listens at a socket of its own, and clients of it.
class Listening {
 public:
  explicit Listening(SourceOptions options = {}, std::optional<uint64_t> accept = {},
                     FileSystem& files = system_files()) {
    auto made = make_socket_source({*parse_endpoint(place(), true)}, options, accept, files);
    REQUIRE(made.has_value());
    source_ = std::move(*made);
    REQUIRE(source_->open().has_value());
    CHECK(source_->take_messages() == Rows{"listening on " + place()});
  }

  OpenFile connect() {
    auto connected = connect_to(*parse_endpoint(place()));
    REQUIRE(connected.has_value());
    return std::move(*connected);
  }
  std::string place() const { return "unix:" + scratch_.path("s"); }
  Source& source() { return *source_; }

 private:
  Scratch scratch_;
  std::unique_ptr<Source> source_;
};

void send_all(const OpenFile& to, std::string_view text) {
  REQUIRE(write_all(system_files(), to.fd(), text) == 0);
}

/// What the source has at the moment; its end is "end", an error "error: ...". Each batch that is
/// not from the same connection as the one before begins with the name of its own.
Rows pull(Source& source) {
  Rows rows;
  std::string before;
  while (true) {
    Batch batch;
    const auto pulled = source.next(batch);
    if (!pulled) {
      rows.push_back("error: " + pulled.error().message);
      return rows;
    }
    if (*pulled == Pull::kIdle) return rows;
    if (*pulled == Pull::kEnd) {
      rows.emplace_back("end");
      return rows;
    }
    REQUIRE(batch.origin != nullptr);
    CHECK(batch.origin->is_peer);
    const std::string name = batch.origin->name.substr(batch.origin->name.find_last_of("#:"));
    if (name != before) rows.push_back(name);
    before = name;
    const Rows described = describe_rows(batch);
    for (uint32_t i = 0; i < described.size(); ++i) {
      rows.push_back(described[i] + " at " + std::to_string(batch.offset_of(i)));
    }
  }
}

/// The rows of `text` from one connection, sent in pieces of `piece` bytes.
Rows rows_of(const std::string& text, size_t piece, SourceOptions options) {
  Listening listening(options, 1);
  OpenFile client = listening.connect();
  Rows rows;
  for (size_t at = 0; at < text.size(); at += piece) {
    send_all(client, std::string_view(text).substr(at, piece));
    for (std::string& row : pull(listening.source())) {
      if (!row.starts_with('#')) rows.push_back(std::move(row));
    }
  }
  client.close();
  for (std::string& row : pull(listening.source())) {
    if (!row.starts_with('#')) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

TEST_CASE("the rows of a connection do not depend on how they arrive") {
  std::string text = "\xef\xbb\xbf{\"a\":1}\n\n{\"a\":2}\r\n";
  text += "{\"long\":\"" + std::string(5000, 'x') + "\"}\n{\"text\":\"" + std::string(900, 'y');
  text += "\"}\n{\"a\":3}";
  for (const size_t batch_rows : {size_t{0}, size_t{1}}) {
    const SourceOptions options{.max_event = 1000, .batch_rows = batch_rows};
    const Rows whole = rows_of(text, text.size(), options);
    CHECK(whole.size() == 6);
    CHECK(whole.back() == "end");
    for (const size_t piece : {1UL, 7UL, 1000UL}) {
      CAPTURE(piece);
      CHECK(rows_of(text, piece, options) == whole);
    }
  }
}

TEST_CASE("an event that is too long and never ends is one") {
  const Rows rows = rows_of("{}\n" + std::string(5000, 'x'), 1000, {.max_event = 1000});
  CHECK(rows == Rows{"1 {} at 0",
                     "2 ! event of 5000 bytes is longer than --max-event (1000 bytes) at 3",
                     "end"});
}

TEST_CASE("events that are larger than a turn arrive whole") {
  std::string text;
  for (const size_t size : {10UL, 16'000UL, 17'000UL, 66'000UL, 300'000UL, 10UL, 1'000'000UL}) {
    text += "{\"text\":\"" + std::string(size, 'x') + "\"}\n";
  }
  const Rows whole = rows_of(text, 50'000, {});
  CHECK(whole.size() == 8);
  CHECK(rows_of(text, 4000, {}) == whole);
}

TEST_CASE("connections take turns, each with its own lines") {
  Listening listening;
  const OpenFile one = listening.connect();
  const OpenFile two = listening.connect();
  send_all(one, "{\"a\":1}\n{\"a\":");
  send_all(two, "{\"b\":1}\n{\"b\":2}\n");
  Rows rows = pull(listening.source());
  REQUIRE(rows.size() == 5);
  CHECK(rows[0] == "#1");
  CHECK(rows[2] == "#2");
  send_all(one, "2}\n");
  CHECK(pull(listening.source()).size() == 2);
  CHECK(pull(listening.source()).empty());
}

TEST_CASE("each connection has its own header") {
  Listening listening({.format = Format::kCsv}, 2);
  OpenFile one = listening.connect();
  OpenFile two = listening.connect();
  send_all(one, "a,b\n1,2\n");
  send_all(two, "c\n3\n4");
  one.close();
  two.close();
  const Rows rows = pull(listening.source());
  REQUIRE(rows.size() == 6);
  CHECK(rows[1].find("a=") != std::string::npos);
  CHECK(rows[3].find("c=") != std::string::npos);
  CHECK(rows[5] == "end");
}

TEST_CASE("after stop, what was read comes out, and nobody else gets in") {
  Listening listening({.batch_rows = 1});
  const OpenFile client = listening.connect();
  send_all(client, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}");
  Batch batch;
  REQUIRE(*listening.source().next(batch) == Pull::kBatch);
  batch.reset();
  listening.source().stop();
  const Rows rows = pull(listening.source());
  CHECK(rows.size() == 4);
  CHECK(rows.back() == "end");
  CHECK_FALSE(connect_to(*parse_endpoint(listening.place())).has_value());
}

TEST_CASE("what no event can be read from ends its connection and no other") {
  const std::string utf16("\xff\xfe{\0", 4);
  for (const auto& [bytes, why] :
       {std::pair<std::string, std::string_view>{utf16, "is UTF-16"},
        {"\x28\xb5\x2f\xfd\x04", "is zstd data, which weir reads from files only"},
        {std::string("\xfd\x37zXZ\0", 6), "is xz data"}}) {
    CAPTURE(why);
    Listening listening;
    const OpenFile bad = listening.connect();
    send_all(bad, bytes);
    CHECK(pull(listening.source()).empty());
    const Rows messages = listening.source().take_messages();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].starts_with(listening.place() + "#1: " + std::string(why)));
    const OpenFile good = listening.connect();
    send_all(good, "{}\n");
    CHECK(pull(listening.source()).size() == 2);
  }
}

TEST_CASE("a read that fails: a message where it listens, an error where it connects") {
  FakeFiles files;
  files.fail("read", 1, EIO);
  Listening listening({}, 1, files);
  const OpenFile client = listening.connect();
  send_all(client, "{}\n");
  CHECK(pull(listening.source()) == Rows{"end"});
  CHECK(listening.source().take_messages() ==
        Rows{listening.place() +
             "#1: cannot be read on: input/output error; 0 lines were read before"});

  const Scratch scratch;
  auto server = Listener::at(*parse_endpoint("unix:" + scratch.path("s"), true));
  REQUIRE(server.has_value());
  FakeFiles failing;
  failing.fail("read", 1, EIO);
  auto source = make_socket_source({*parse_endpoint(server->name())}, {}, {}, failing);
  REQUIRE(source.has_value());
  REQUIRE((*source)->open().has_value());
  Listener::Accepted accepted;
  REQUIRE(server->accept(accepted) == 0);
  send_all(accepted.socket, "{}\n");
  CHECK(pull(**source) ==
        Rows{"error: " + server->name() +
             ": cannot be read on: input/output error; 0 lines were read before"});
}

TEST_CASE("options are checked before anything is opened") {
  const auto made = make_socket_source({*parse_endpoint("tcp://:0", true)}, {.max_event = 0}, {});
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().kind == ErrorKind::kUsage);
}
