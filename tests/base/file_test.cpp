#include "base/file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/fake_files.h"
#include "base/scratch.h"

using namespace weir;

TEST_CASE("failures are negated errnos, and read well") {
  CHECK(system_files().open("/nowhere/at/all", O_RDONLY, 0) == -ENOENT);
  CHECK(describe_errno(-ENOSPC) == "no space left on device");
  CHECK(describe_errno(EIO) == "input/output error");
}

TEST_CASE("paths come apart") {
  CHECK(folder_of("a") == ".");
  CHECK(folder_of("/a") == "/");
  CHECK(folder_of("a/b/c") == "a/b");
  CHECK(name_of("a/b/c") == "c");
  CHECK(name_of("c") == "c");
}

TEST_CASE("all is written, in however many calls") {
  FakeFiles files;
  files.at_most = 3;
  CHECK(write_all(files, 1, "hello, world") == 0);
  CHECK(files.output == "hello, world");
  files.fail("write", files.calls("write") + 2, ENOSPC);
  CHECK(write_all(files, 1, "abcdef") == -ENOSPC);
}

TEST_CASE("a folder is synced where that can be done") {
  const Scratch scratch;
  const std::string path = scratch.write("f", "x");
  FakeFiles files;
  CHECK(sync_folder(files, path) == 0);
  CHECK(files.calls("sync") == 1);
  files.fail("open", 2, EACCES);
  CHECK(sync_folder(files, path) == 0);
  files.fail("sync", 2, EINVAL);
  CHECK(sync_folder(files, path) == 0);
  files.fail("sync", 3, EIO);
  CHECK(sync_folder(files, path) == -EIO);
}

TEST_CASE("patterns expand in order of bytes") {
  const Scratch scratch;
  for (const char* name : {"b.log", "a.log", "B.log", "c.txt"}) scratch.write(name, "");
  std::vector<std::string> found;
  CHECK(system_files().glob(scratch.path("*.log"), found) == 0);
  CHECK(found == std::vector{scratch.path("B.log"), scratch.path("a.log"), scratch.path("b.log")});
}

TEST_CASE("an open file is closed once") {
  const Scratch scratch;
  FakeFiles files;
  {
    OpenFile one(files, files.open(scratch.write("f", "x"), O_RDONLY, 0));
    OpenFile two = std::move(one);
    CHECK(two);
    CHECK_FALSE(one);  // NOLINT: a moved-from OpenFile holds nothing, and says so
    one = std::move(two);
  }
  CHECK(files.calls("close") == 1);
}
