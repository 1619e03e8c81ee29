#include "sink/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "codec/framing.h"
#include "sink/file_output.h"
#include "sink/output.h"

using namespace weir;

namespace {

Result<std::unique_ptr<Sink>> make_stdout_sink(SinkOptions options,
                                               FileSystem& files = system_files()) {
  return make_sink(Endpoint{}, std::move(options), files);
}

Result<std::unique_ptr<Sink>> make_file_sink(const std::string& path, SinkOptions options,
                                             FileSystem& files = system_files()) {
  return make_sink({.kind = Endpoint::Kind::kPath, .text = path}, std::move(options), files);
}

void fill(Batch& batch, const std::string& lines) {
  batch.buffer = Buffer(lines.size());
  std::memcpy(batch.buffer.data(), lines.data(), lines.size());
  CHECK(make_ndjson_framer({})->take({batch.buffer.data(), lines.size()}, true, 1 << 20, batch));
}

/// Writes `lines` and ends with `outcome`. The first error's message, and the sink's own.
struct Ended {
  std::string error;
  std::string message;
};
Ended write_file(const std::string& path, const std::string& lines, Outcome outcome,
                 FileSystem& files = system_files(), SinkOptions options = {}) {
  auto sink = make_file_sink(path, options, files);
  REQUIRE(sink.has_value());
  Ended ended;
  if (auto opened = (*sink)->open(); !opened) return {opened.error().message, {}};
  Batch batch;
  fill(batch, lines);
  auto written = (*sink)->write(batch);
  if (written && outcome == Outcome::kFailed) written = (*sink)->flush();
  if (!written) {
    ended.error = written.error().message;
    outcome = Outcome::kFailed;
  }
  if (auto finished = (*sink)->finish(outcome); !finished && ended.error.empty()) {
    ended.error = finished.error().message;
  }
  ended.message = (*sink)->message();
  return ended;
}

std::string unpack(Compression compression, std::string_view packed) {
  std::string out(1 << 16, '\0');
  const auto got = make_decoder(compression)->decode(packed, false, out.data(), out.size());
  return got ? out.substr(0, *got) : got.error();
}

}  // namespace

TEST_CASE("what is written without a copy stands behind what was collected") {
  const Scratch scratch;
  for (const auto compression : {Compression::kNone, Compression::kZstd}) {
    const std::string path = scratch.path("out");
    auto sink = make_file_sink(path, {.format = Format::kNdjson, .compression = compression});
    REQUIRE(sink.has_value());
    REQUIRE((*sink)->open());
    std::string all;
    for (const size_t count : {1U, 1000U, 2U, 3U, 1001U, 1002U}) {
      std::string lines;
      for (size_t i = 0; i < count; ++i)
        lines += '"' + std::to_string(count * i) + std::string(300, 'x') + "\"\n";
      all += lines;
      Batch batch;
      fill(batch, lines);
      REQUIRE((*sink)->write(batch));
      CHECK((*sink)->bytes() == all.size());
    }
    REQUIRE((*sink)->finish(Outcome::kComplete));
    std::string written = scratch.read("out");
    if (compression != Compression::kNone) {
      const auto got = decompress(compression, written, all.size());
      REQUIRE(got);
      written = *got;
    }
    CHECK((written == all));
  }
}

TEST_CASE("a complete file takes its name, and nothing else is left") {
  const Scratch scratch;
  const std::string path = scratch.write("out.ndjson", "old");
  CHECK(write_file(path, "1\n2\n", Outcome::kComplete).error.empty());
  CHECK(scratch.read("out.ndjson") == "1\n2\n");
  CHECK(write_file(scratch.path("new.csv"), "{\"a\":1}\n", Outcome::kComplete).error.empty());
  CHECK(scratch.read("new.csv") == "a\n1\n");
  CHECK(write_file(scratch.path("empty.csv"), "", Outcome::kComplete).error.empty());
  CHECK(scratch.has("empty.csv"));
  CHECK(scratch.count() == 3);
}

TEST_CASE("modes and links are kept") {
  const Scratch scratch;
  const std::string path = scratch.write("real", "old");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  std::filesystem::create_symlink("real", scratch.path("link"));
  std::filesystem::create_symlink("later", scratch.path("dangling"));
  CHECK(write_file(scratch.path("link"), "1\n", Outcome::kComplete).error.empty());
  CHECK(std::filesystem::is_symlink(scratch.path("link")));
  CHECK(scratch.read("real") == "1\n");
  struct stat status {};
  CHECK(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(write_file(scratch.path("dangling"), "2\n", Outcome::kComplete).error.empty());
  CHECK(std::filesystem::is_symlink(scratch.path("dangling")));
  CHECK(scratch.read("later") == "2\n");
}

TEST_CASE("a failed run leaves what was there") {
  const Scratch scratch;
  const std::string path = scratch.write("out", "old");
  const Ended ended = write_file(path, "1\n", Outcome::kFailed);
  CHECK(ended.message ==
        path + " was left as it was; what was finished is in " + path + ".partial");
  CHECK(scratch.read("out") == "old");
  CHECK(scratch.read("out.partial") == "1\n");
  CHECK(write_file(scratch.path("none"), "", Outcome::kFailed).message.empty());
  CHECK_FALSE(scratch.has("none"));
  CHECK(scratch.count() == 2);
}

TEST_CASE("an interrupted run takes only a free name") {
  const Scratch scratch;
  const std::string path = scratch.write("out", "old");
  CHECK(write_file(path, "1\n", Outcome::kInterrupted).message.find(".partial") !=
        std::string::npos);
  CHECK(scratch.read("out") == "old");
  CHECK(write_file(scratch.path("new"), "1\n", Outcome::kInterrupted).message ==
        scratch.path("new") + " holds what was finished before the interrupt");
  CHECK(scratch.read("new") == "1\n");
  FakeFiles files;
  files.fail("link", 1, EPERM);
  write_file(scratch.path("other"), "1\n", Outcome::kInterrupted, files);
  CHECK(scratch.read("other") == "1\n");
  CHECK(scratch.count() == 4);
}

TEST_CASE("a part replaces no earlier part, and has no half of an event") {
  const Scratch scratch;
  const std::string path = scratch.write("out", "old");
  for (const char* number : {"1", "2", "3"}) {
    write_file(path, number + std::string("\n"), Outcome::kFailed);
  }
  CHECK(scratch.read("out.partial") == "1\n");
  CHECK(scratch.read("out.partial.2") == "2\n");
  CHECK(scratch.read("out.partial.3") == "3\n");

  FakeFiles files;
  FileOutput output(Endpoint{.kind = Endpoint::Kind::kPath, .text = scratch.path("full")}, files);
  REQUIRE(output.open());
  REQUIRE(output.write("first\n"));
  files.at_most = 3;
  files.fail("write", 3, ENOSPC);
  CHECK_FALSE(output.write("second\n"));
  CHECK(output.finish(Outcome::kFailed));
  CHECK(scratch.read("full.partial") == "first\n");
}

TEST_CASE("whatever fails, the old file stays and nothing is left lying about") {
  const Scratch scratch;
  const std::string path = scratch.write("out", "old");
  for (const auto& [call, error, words] : {std::tuple{"write", ENOSPC, "no space left on device"},
                                           {"sync", EIO, "input/output error"},
                                           {"rename", EXDEV, "invalid cross-device link"},
                                           {"close", EDQUOT, "disk quota exceeded"},
                                           {"change_mode", EPERM, "operation not permitted"}}) {
    FakeFiles files;
    // The first close is that of the file that is there.
    files.fail(call, std::string(call) == "close" ? 2 : 1, error);
    CAPTURE(call);
    const Ended ended = write_file(path, "1\n", Outcome::kComplete, files);
    CHECK(ended.error == path + ": cannot be written: " + words);
    CHECK(scratch.read("out") == "old");
    std::filesystem::remove(path + ".partial");
    CHECK(scratch.count() == 1);
  }
}

TEST_CASE("short writes lose nothing") {
  const Scratch scratch;
  FakeFiles files;
  files.at_most = 3;
  CHECK(write_file(scratch.path("o"), "12345\n67890\n", Outcome::kComplete, files).error.empty());
  CHECK(scratch.read("o") == "12345\n67890\n");
}

TEST_CASE("what cannot be opened says why") {
  const Scratch scratch;
  CHECK(write_file(scratch.path("no/out"), "", Outcome::kComplete).error ==
        scratch.path("no/out") + ": cannot be written: there is no folder '" + scratch.path("no") +
            "'");
  CHECK(write_file(scratch.path("."), "", Outcome::kComplete).error.find("is a directory") !=
        std::string::npos);
  CHECK(write_file("/dev/full", "1\n", Outcome::kComplete).error ==
        "/dev/full: cannot be written: no space left on device");
  CHECK(write_file("/dev/null", "1\n", Outcome::kComplete).error.empty());
}

TEST_CASE("an output that is given up leaves nothing") {
  const Scratch scratch;
  {
    const auto sink = make_file_sink(scratch.path("out"), {});
    REQUIRE((*sink)->open());
    CHECK(scratch.count() == 1);
  }
  CHECK(scratch.count() == 0);
}

TEST_CASE("a FIFO is written in place") {
  const Scratch scratch;
  const std::string path = scratch.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::string got;
  std::thread reader([&] {
    std::ifstream file(path);
    std::getline(file, got);
  });
  CHECK(write_file(path, "1\n", Outcome::kComplete).error.empty());
  reader.join();
  CHECK(got == "1");
  CHECK(std::filesystem::is_fifo(path));
}

TEST_CASE("standard output") {
  FakeFiles files;
  const auto sink = make_stdout_sink({}, files);
  REQUIRE((*sink)->open());
  CHECK((*sink)->error_fd() == 1);
  Batch batch;
  fill(batch, "1\n2\n");
  CHECK((*sink)->write(batch).has_value());
  CHECK(files.output.empty());
  CHECK((*sink)->flush().has_value());
  CHECK(files.output == "1\n2\n");
  files.fail("write", 2, EPIPE);
  CHECK((*sink)->write(batch).has_value());
  const auto flushed = (*sink)->flush();
  CHECK(flushed.error().kind == ErrorKind::kClosed);
  CHECK(flushed.error().message == "stdout: the reader is gone");
  CHECK((*sink)->finish(Outcome::kFailed).has_value());
  CHECK(files.calls("write") == 2);
}

TEST_CASE("much is written in large pieces") {
  FakeFiles files;
  const auto sink = make_stdout_sink({}, files);
  REQUIRE((*sink)->open());
  for (int i = 0; i < 100; ++i) {
    Batch batch;
    fill(batch, std::string(9999, 'x') + "\n");
    CHECK((*sink)->write(batch).has_value());
  }
  CHECK((*sink)->finish(Outcome::kComplete).has_value());
  CHECK(files.output.size() == 1000000);
  CHECK(files.calls("write") == 4);
}

TEST_CASE("compression by name, flushed when the source is idle") {
  const Scratch scratch;
  for (const auto& [name, compression] :
       {std::pair{"o.ndjson.gz", Compression::kGzip}, {"o.ndjson.zst", Compression::kZstd}}) {
    const auto sink = make_file_sink(scratch.path(name), {});
    REQUIRE((*sink)->open());
    Batch batch;
    fill(batch, "1\n2\n");
    CHECK((*sink)->write(batch).has_value());
    CHECK((*sink)->finish(Outcome::kComplete).has_value());
    CHECK(unpack(compression, scratch.read(name)) == "1\n2\n");

    FakeFiles files;
    const auto live = make_stdout_sink({.compression = compression}, files);
    REQUIRE((*live)->open());
    CHECK((*live)->write(batch).has_value());
    CHECK((*live)->flush().has_value());
    CHECK(unpack(compression, files.output) == "1\n2\n");
    const size_t size = files.output.size();
    CHECK((*live)->flush().has_value());
    CHECK(files.output.size() == size);
  }
}

TEST_CASE("options are checked when the sink is made") {
  CHECK_FALSE(make_stdout_sink({.level = 3}).has_value());
  CHECK_FALSE(make_file_sink("a.gz", {.level = 10}).has_value());
  CHECK(make_file_sink("a.zst", {.level = 19}).has_value());
  CHECK_FALSE(make_stdout_sink({.columns = {"a"}}).has_value());
  CHECK(make_stdout_sink({.format = Format::kCsv, .columns = {"a"}}).has_value());
}

TEST_CASE("a pipe that is written to is made larger") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const Scratch scratch;
  const std::string path = scratch.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  for (const auto& [name, fd] :
       {std::pair{"/dev/fd/" + std::to_string(ends[1]), ends[0]}, std::pair{path, reader}}) {
    CAPTURE(name);
    const auto output = output_at(*parse_endpoint(name), system_files());
    REQUIRE(output->open());
    CHECK(fcntl(fd, F_GETPIPE_SZ) >= 1 << 20);
    CHECK(output->finish(Outcome::kComplete));
  }
  for (const int fd : {ends[0], ends[1], reader}) close(fd);
}
