#include "sink/made_files.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstring>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "codec/framing.h"
#include "event/fill.h"

using namespace weir;

namespace {

/// What became of a run.
struct Ended {
  std::string error;
  std::string message;
  std::vector<std::string> rejects;
};

/// Writes `lines` to files called after their field s below the folder of `scratch`.
Ended write_files(const Scratch& scratch, const std::string& lines, MadeFilesOptions options,
                  FileSystem& files = system_files(), const std::string& name = "{s}") {
  PathTable paths;
  auto names = NameTemplate::parse(scratch.path(name), paths, {});
  REQUIRE(names.has_value());
  const std::vector<int> slots = names->slots();
  auto sink = make_made_files_sink("T", std::move(*names), std::move(options), files);
  REQUIRE(sink.has_value());
  Ended ended;
  if (auto opened = (*sink)->open(); !opened) return {opened.error().message, {}, {}};
  Batch batch;
  batch.buffer = Buffer(lines.size());
  std::memcpy(batch.buffer.data(), lines.data(), lines.size());
  CHECK(make_ndjson_framer({})->take({batch.buffer.data(), lines.size()}, true, 1 << 20, batch));
  ColumnFiller(paths, slots).fill(batch, 0);
  auto written = (*sink)->write(batch);
  for (const Note& note : batch.notes) ended.rejects.push_back(note.reason);
  if (!written) ended.error = written.error().message;
  auto finished = (*sink)->finish(written ? Outcome::kComplete : Outcome::kFailed);
  if (!finished && ended.error.empty()) ended.error = finished.error().message;
  ended.message = (*sink)->message();
  return ended;
}

const std::string kLines = "{\"s\":\"a\"}\n{\"s\":\"b\"}\n{\"s\":\"a\"}\n{\"s\":\"c\"}\n";

}  // namespace

TEST_CASE("more files than a run may have are rejects") {
  const Scratch scratch;
  const Ended ended = write_files(scratch, kLines, {.most_files = 2});
  CHECK(ended.error.empty());
  REQUIRE(ended.rejects.size() == 1);
  CHECK(ended.rejects[0] == "the run has written to 2 files, and its own would be one more");
  CHECK(scratch.count() == 2);
  CHECK(scratch.read("a") == "{\"s\":\"a\"}\n{\"s\":\"a\"}\n");
}

TEST_CASE("whichever call fails, what stood there is whole, and nothing has half a name") {
  for (const std::string call : {"open_in", "make_folder_in", "write", "read", "sync", "close",
                                 "rename_in", "change_mode"}) {
    CAPTURE(call);
    bool failed = true;
    for (int nth = 1; failed; ++nth) {
      CAPTURE(nth);
      REQUIRE(nth < 100);
      const Scratch scratch;
      REQUIRE(::mkdir(scratch.path("d").c_str(), 0700) == 0);
      scratch.write("d/a", "old\n");
      FakeFiles files;
      files.fail(call, nth, EIO);
      const Ended ended =
          write_files(scratch, kLines, {.append = true, .open_files = 1}, files, "{'d'}/{s}");
      const bool happened = files.calls(call) >= nth;
      failed = happened;
      const std::string a = scratch.read("d/a");
      const std::string whole = "old\n{\"s\":\"a\"}\n{\"s\":\"a\"}\n";
      CHECK((a == "old\n" || a == whole));
      if (!happened) CHECK(a == whole);
      // Closing a folder, or syncing one that was opened to be looked through, harms nothing.
      if (happened && call != "close" && call != "open_in") CHECK(!ended.error.empty());
      for (const std::string name : {"b", "c"}) {
        const std::string content = scratch.read("d/" + name);
        CHECK((content.empty() || content == "{\"s\":\"" + name + "\"}\n"));
      }
    }
  }
}

TEST_CASE("a file that is there and cannot be read cannot be appended to") {
  const Scratch scratch;
  scratch.write("a", "old\n");
  FakeFiles files;
  files.fail("read", 1, EIO);
  const Ended ended = write_files(scratch, kLines, {.append = true}, files);
  CHECK(ended.error == scratch.path("a") + ": cannot be read: input/output error");
  CHECK(scratch.read("a") == "old\n");
  CHECK(scratch.count() == 1);
}
