#include "sink/bot_file.h"

#include <doctest/doctest.h>

#include "base/fake_files.h"
#include "base/scratch.h"

using namespace weir;

namespace {

/// One run of a bot that writes these events, and commits. What went wrong, or an empty text.
std::string run(const Scratch& scratch, const std::string& events, FileSystem& files,
                bool commits = true, bool append = false) {
  auto session = std::make_shared<BusSession>(scratch.path("bus"), "bot");
  auto sink = make_bot_file_sink(*parse_endpoint(scratch.path("out.ndjson")), {.append = append},
                                 session, files);
  REQUIRE(sink);
  if (auto opened = (*sink)->open(); !opened) return opened.error().message;
  Batch batch;
  batch.add_text(events, 0);
  if (auto written = (*sink)->write(batch); !written) return written.error().message;
  auto moves = (*sink)->prepare();
  if (!moves) return moves.error().message;
  if (!commits) return "";
  auto committed = session->commit(std::move(*moves));
  (*sink)->moved();
  return committed ? "" : committed.error().message;
}

}  // namespace

TEST_CASE("what fails before the commit is taken back by the next run") {
  for (const char* const call : {"write", "sync"}) {
    CAPTURE(call);
    const Scratch scratch;
    REQUIRE(run(scratch, "1", system_files()).empty());
    FakeFiles broken;
    broken.fail(call, 1, ENOSPC);
    CHECK(run(scratch, "2", broken) ==
          scratch.path("out.ndjson") + ": cannot be written: no space left on device");
    REQUIRE(run(scratch, "3", system_files()).empty());
    CHECK(scratch.read("out.ndjson") == "1\n3\n");
  }
}

TEST_CASE("what was written and not committed is cut off") {
  const Scratch scratch;
  REQUIRE(run(scratch, "1", system_files()).empty());
  REQUIRE(run(scratch, "22", system_files(), false).empty());
  CHECK(scratch.read("out.ndjson") == "1\n22\n");
  REQUIRE(run(scratch, "3", system_files()).empty());
  CHECK(scratch.read("out.ndjson") == "1\n3\n");
}

TEST_CASE("so is what the first run of all has written") {
  const Scratch scratch;
  REQUIRE(run(scratch, "1", system_files(), false).empty());
  CHECK(scratch.read("out.ndjson") == "1\n");
  FakeFiles broken;
  broken.fail("write", 1, EIO);
  CHECK(run(scratch, "2", broken) ==
        scratch.path("out.ndjson") + ": cannot be written: input/output error");
  REQUIRE(run(scratch, "3", system_files()).empty());
  CHECK(scratch.read("out.ndjson") == "3\n");
}

TEST_CASE("so is what the first run has written behind what others had") {
  const Scratch scratch;
  scratch.write("out.ndjson", "by hand\n");
  REQUIRE(run(scratch, "1", system_files(), false, true).empty());
  REQUIRE(run(scratch, "2", system_files(), true, true).empty());
  CHECK(scratch.read("out.ndjson") == "by hand\n2\n");
}

TEST_CASE("a file whose name cannot be made sure is not written") {
  const Scratch scratch;
  FakeFiles broken;
  broken.fail("sync", 1, EIO);
  CHECK(run(scratch, "1", broken) ==
        scratch.path("out.ndjson") + ": cannot be written: input/output error");
  CHECK(scratch.read("out.ndjson").empty());
}

TEST_CASE("a file that cannot be opened or cut is said") {
  const Scratch scratch;
  FakeFiles closed;
  closed.fail("open", 1, EACCES);
  CHECK(run(scratch, "1", closed) ==
        scratch.path("out.ndjson") + ": cannot be opened: permission denied");
  REQUIRE(run(scratch, "1", system_files()).empty());
  REQUIRE(run(scratch, "2", system_files(), false).empty());
  FakeFiles stuck;
  stuck.fail("truncate", 1, EIO);
  CHECK(run(scratch, "3", stuck) ==
        scratch.path("out.ndjson") + ": cannot be written: input/output error");
}
