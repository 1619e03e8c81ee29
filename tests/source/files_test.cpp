#include "source/files.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "codec/compression.h"
#include "codec/framer.h"
#include "codec/framing.h"

using namespace weir;
using Rows = std::vector<std::string>;

namespace {

std::string pack(Compression compression, const std::string& text) {
  std::string out;
  CHECK(make_encoder(compression, 0)->encode(text, Encoder::Mode::kEnd, out).empty());
  return out;
}

std::vector<Endpoint> endpoints(const std::vector<std::string>& names) {
  std::vector<Endpoint> list;
  for (const std::string& name : names) list.push_back(*parse_endpoint(name));
  return list;
}

/// Everything a source gives, in the words of describe_rows; an error stands at the end.
Rows drain(FileSource& source) {
  Rows rows;
  size_t idle = 0;
  while (true) {
    Batch batch;
    const auto pulled = source.next(batch);
    if (!pulled) {
      rows.push_back("error: " + pulled.error().message);
      return rows;
    }
    if (*pulled == Pull::kEnd) return rows;
    if (*pulled == Pull::kIdle) {
      // Somebody who has nothing to say for ever would make the test hang.
      if (++idle > 10000000) return rows;
      continue;
    }
    CHECK(batch.origin != nullptr);
    for (uint32_t i = 0; i < batch.rows.size(); ++i) {
      CHECK(batch.offset_of(i) < uint64_t{1} << 40);
    }
    for (std::string& row : describe_rows(batch)) rows.push_back(std::move(row));
  }
}

Rows read_all(const std::vector<std::string>& names, SourceOptions options = {},
              FileSystem& files = system_files()) {
  const auto source = make_file_source(endpoints(names), options, files);
  if (const auto opened = (*source)->open(); !opened) return {"error: " + opened.error().message};
  return drain(**source);
}

/// The rows of standard input, which must be the same however it arrives.
Rows read_input(const std::string& input, SourceOptions options = {}) {
  FakeFiles whole;
  whole.input = input;
  const Rows rows = read_all({"-"}, options, whole);
  for (const size_t step : {size_t{1}, size_t{7}, size_t{64}}) {
    for (const size_t batch_rows : {size_t{0}, size_t{1}, size_t{7}}) {
      for (const bool is_pipe : {false, true}) {
        FakeFiles files;
        files.input = input;
        files.at_most = step;
        files.is_pipe = is_pipe;
        files.stutters = is_pipe;
        options.batch_rows = batch_rows;
        CHECK(read_all({"-"}, options, files) == rows);
      }
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("standard input is NDJSON, however it arrives") {
  CHECK(read_input("{\"a\":1}\r\n\n2\nlast") == Rows{"1 {\"a\":1}\r", "3 2", "4 last"});
  CHECK(read_input("").empty());
  CHECK(read_input("\n\n").empty());
  CHECK(read_input("\xef\xbb\xbf{}\n") == Rows{"1 {}"});
  CHECK(read_input("\xef\xbb") == Rows{"1 \xef\xbb"});
}

TEST_CASE("compressed input, however it arrives") {
  const std::string text = "{\"a\":1}\n{\"a\":2}\n3";
  const Rows rows = {"1 {\"a\":1}", "2 {\"a\":2}", "3 3"};
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    CHECK(read_input(pack(compression, text)) == rows);
    CHECK(read_input(pack(compression, text.substr(0, 5)) + pack(compression, text.substr(5))) ==
          rows);
    CHECK(read_input(pack(compression, "")).empty());
  }
}

TEST_CASE("a source tells how far it has read, in bytes of the files") {
  const Scratch scratch;
  const std::string packed = pack(Compression::kGzip, "{\"a\":1}\n{\"a\":2}\n");
  scratch.write("a.ndjson.gz", packed);
  scratch.write("b.ndjson", "{\"a\":3}\n");
  const std::vector<std::string> names = {scratch.path("a.ndjson.gz"), scratch.path("b.ndjson")};
  const auto source = make_file_source(endpoints(names), {});
  REQUIRE((*source)->open());
  CHECK((*source)->amount().read == 0);
  CHECK((*source)->amount().total == packed.size() + 8);
  CHECK(drain(**source).size() == 3);
  CHECK((*source)->amount().read == packed.size() + 8);
}

TEST_CASE("how much comes from a pipe nobody knows") {
  FakeFiles files;
  files.input = "{\"a\":1}\n";
  files.is_pipe = true;
  const auto source = make_file_source(endpoints({"-"}), {}, files);
  REQUIRE((*source)->open());
  CHECK(drain(**source).size() == 1);
  CHECK((*source)->amount().read == 8);
  CHECK_FALSE((*source)->amount().total.has_value());
}

TEST_CASE("UTF-16 is an error that says how to convert it") {
  const Rows rows = read_input(std::string("\xff\xfe{\0}\0", 6));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] ==
        "error: stdin: is UTF-16, and weir reads UTF-8: convert it with iconv -f UTF-16LE "
        "-t UTF-8");
}

TEST_CASE("files in order, each with its own format and header") {
  const Scratch scratch;
  const std::string a = scratch.write("a.csv", "x,y\n1,2\n");
  const std::string b = scratch.write("b.csv.gz", pack(Compression::kGzip, "y\n3\n"));
  const std::string c = scratch.write("c.log", "plain\n");
  const std::string d = scratch.write("d.log", " \n{\"json\":1}\n");
  CHECK(read_all({a, b, c, d, scratch.write("e", "")}) ==
        Rows{"2 [x=1][y=2]", "2 [y=3]", "1 [message=plain]", "2 {\"json\":1}"});
  CHECK(read_all({a}, {.format = Format::kText}) == Rows{"1 [message=x,y]", "2 [message=1,2]"});
}

TEST_CASE("patterns, and files whose names look like one") {
  const Scratch scratch;
  scratch.write("a1.ndjson", "1\n");
  scratch.write("a2.ndjson", "2\n");
  const std::string odd = scratch.write("a[12].ndjson", "3\n");
  CHECK(read_all({scratch.path("a?.ndjson")}) == Rows{"1 1", "1 2"});
  CHECK(read_all({odd}) == Rows{"1 1", "1 2", "1 3"});
  CHECK(read_all({odd, scratch.path("a1.ndjson")}) == Rows{"1 2", "1 3", "1 1"});
  const std::string alone = scratch.write("c[1].ndjson", "4\n");
  CHECK(read_all({alone}) == Rows{"1 4"});
  CHECK(read_all({scratch.path("b*")}) ==
        Rows{"error: " + scratch.path("b*") + ": no file matches this pattern"});
}

TEST_CASE("a wrong name is met before anything is read, with the nearest right one") {
  const Scratch scratch;
  const std::string good = scratch.write("access.ndjson", "1\n");
  const Rows rows = read_all({good, scratch.path("acess.ndjson")});
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == "error: " + scratch.path("acess.ndjson") +
                       ": no such file or directory; did you mean '" + good + "'?");
  CHECK(read_all({scratch.path(".")}).front().find("is a directory") != std::string::npos);
  FakeFiles files;
  files.fail("readable", 1, EACCES);
  CHECK(read_all({good}, {}, files) ==
        Rows{"error: " + good + ": cannot be read: permission denied"});
}

TEST_CASE("what fails behind the first look is said as well") {
  const Scratch scratch;
  const std::string name = scratch.write("f.ndjson", "1\n");
  FakeFiles gone;
  gone.fail("open", 1, ENOENT);
  CHECK(read_all({name}, {}, gone) ==
        Rows{"error: " + name + ": cannot be opened: no such file or directory"});
  FakeFiles many;
  many.fail("glob", 1, ENOMEM);
  CHECK(
      read_all({scratch.path("*.ndjson")}, {}, many) ==
      Rows{"error: " + scratch.path("*.ndjson") + ": cannot be expanded: cannot allocate memory"});
}

TEST_CASE("a read error comes after all whole lines, and the broken line is no event") {
  const Scratch scratch;
  FakeFiles files;
  files.at_most = 6;
  files.fail("read", 3, EIO);
  const std::string name = scratch.write("f.ndjson", "111\n222\n333\n444\n");
  CHECK(read_all({name}, {}, files) ==
        Rows{"1 111", "2 222", "3 333",
             "error: " + name +
                 ": cannot be read on: input/output error; 12 bytes were read before"});
}

TEST_CASE("a truncated archive gives what came before, then an error") {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string packed = pack(compression, text);
    const std::string name = scratch.write("f", packed.substr(0, packed.size() / 2));
    Rows rows = read_all({name});
    REQUIRE(rows.size() > 1);
    const std::string error = rows.back();
    rows.pop_back();
    CHECK(error == "error: " + name + ": " + std::string(compression_name(compression)) +
                       " data ends early (it is truncated); " + std::to_string(rows.size()) +
                       " lines were read before");
    std::string together;
    for (size_t i = 0; i < rows.size(); ++i)
      together += rows[i].substr(rows[i].find(' ') + 1) + "\n";
    CHECK(text.starts_with(together));
  }
}

TEST_CASE("what has arrived comes out at once") {
  FakeFiles files;
  files.input = "{\"a\":1}\n{\"a\"";
  files.is_pipe = true;
  files.stays_open = true;
  const auto source = make_file_source(endpoints({"-"}), {}, files);
  REQUIRE((*source)->open());
  Batch batch;
  CHECK((*source)->next(batch).value() == Pull::kBatch);
  CHECK(batch.rows.size() == 1);
  batch.reset();
  CHECK((*source)->next(batch).value() == Pull::kIdle);
  CHECK((*source)->wait_fd() == 0);
  files.input += ":2}\n3";
  CHECK((*source)->next(batch).value() == Pull::kBatch);
  CHECK(describe_rows(batch) == Rows{"2 {\"a\":2}"});
  batch.reset();
  CHECK((*source)->next(batch).value() == Pull::kIdle);
  // Of a live input the unfinished line counts, as at its end.
  (*source)->stop();
  CHECK((*source)->next(batch).value() == Pull::kBatch);
  CHECK(describe_rows(batch) == Rows{"3 3"});
  batch.reset();
  CHECK((*source)->next(batch).value() == Pull::kEnd);
}

TEST_CASE("what was flushed into a compressed pipe comes out at once") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    FakeFiles files;
    CHECK(
        make_encoder(compression, 0)->encode("1\n2\n", Encoder::Mode::kFlush, files.input).empty());
    files.is_pipe = true;
    files.stays_open = true;
    const auto source = make_file_source(endpoints({"-"}), {}, files);
    REQUIRE((*source)->open());
    Batch batch;
    CHECK((*source)->next(batch).value() == Pull::kBatch);
    CHECK(batch.rows.size() == 2);
    batch.reset();
    CHECK((*source)->next(batch).value() == Pull::kIdle);
    (*source)->stop();
    CHECK((*source)->next(batch).value() == Pull::kEnd);
  }
}

TEST_CASE("a stopped file gives its whole lines only") {
  FakeFiles files;
  files.input = "1\n2\n3";
  files.at_most = 5;
  const auto source = make_file_source(endpoints({"-"}), {.batch_rows = 1}, files);
  REQUIRE((*source)->open());
  Batch batch;
  CHECK((*source)->next(batch).value() == Pull::kBatch);
  (*source)->stop();
  const Rows rest = drain(**source);
  CHECK(rest.size() >= 1);
  CHECK(rest.front() == "2 2");
}

TEST_CASE("long events: cut, counted, and passed over") {
  const std::string text = "1\n" + std::string(100, 'x') + "\n2\n" + std::string(11, 'y');
  CHECK(read_input(text, {.max_event = 10}) ==
        Rows{"1 1", "2 ! event of 100 bytes is longer than --max-event (10 bytes)", "3 2",
             "4 ! event of 11 bytes is longer than --max-event (10 bytes)"});
  CHECK(
      read_input("a,b\n\"1\n\n22222222222\",2\n3,4\n", {.format = Format::kCsv, .max_event = 10}) ==
      Rows{"2 ! event of 18 bytes is longer than --max-event (10 bytes)", "5 [a=3][b=4]"});
}

TEST_CASE("a line of 1 GiB is rejected in little memory, with its offset") {
  FakeFiles files;
  constexpr uint64_t kLength = uint64_t{1} << 30;
  uint64_t made = 0;
  files.generate = [&](char* to, size_t size) {
    if (made == 0) {
      std::memcpy(to, "1\n", 2);
      made = 2;
      return size_t{2};
    }
    size = static_cast<size_t>(std::min<uint64_t>(size, kLength + 2 - made));
    std::memset(to, 'x', size);
    made += size;
    return size;
  };
  files.input = "\n2\n";
  const auto source = make_file_source(endpoints({"-"}), {}, files);
  REQUIRE((*source)->open());
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  Rows rows;
  size_t breaths = 0;
  while (true) {
    Batch batch;
    const auto pulled = (*source)->next(batch);
    REQUIRE(pulled.has_value());
    if (*pulled == Pull::kEnd) break;
    if (*pulled == Pull::kIdle) {
      CHECK((*source)->takes_breath());
      ++breaths;
      continue;
    }
    for (std::string& row : describe_rows(batch)) rows.push_back(std::move(row));
    if (batch.rows[0].fate == Fate::kRejected) {
      CHECK(batch.offset_of(0) == 2);
      CHECK(batch.rows[0].source_size == kCutBytes);
      CHECK(cut_length(batch.rows[0]) == kLength);
    }
  }
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  CHECK(after.ru_maxrss - before.ru_maxrss < 64 * 1024);
  CHECK(breaths > 10);
  CHECK(rows ==
        Rows{"1 1", "2 ! event of 1073741824 bytes is longer than --max-event (8 MiB)", "3 2"});
}

TEST_CASE("events of all lengths around the size of a chunk") {
  std::string text;
  Rows want;
  for (size_t i = 0; i < 40; ++i) {
    const std::string event((i % 5 == 0 ? size_t{1} << 20 : size_t{300000}) + i - 20, 'e');
    text += event + "\n";
    want.push_back(std::to_string(i + 1) + " " + event);
  }
  FakeFiles files;
  files.input = text;
  CHECK(read_all({"-"}, {}, files) == want);
}

TEST_CASE("batches keep their bytes while the source reads on") {
  FakeFiles files;
  for (int i = 0; i < 300000; ++i) files.input += std::to_string(i) + "\n";
  const auto source = make_file_source(endpoints({"-"}), {}, files);
  REQUIRE((*source)->open());
  std::vector<Batch> kept;
  while (true) {
    Batch batch;
    if ((*source)->next(batch).value() == Pull::kEnd) break;
    CHECK(batch.rows.size() <= 16384);
    kept.push_back(std::move(batch));
  }
  int next = 0;
  bool same = true;
  uint64_t offset = 0;
  for (const Batch& batch : kept) {
    for (uint32_t i = 0; i < batch.rows.size(); ++i) {
      same = same && batch.rows[i].json() == std::to_string(next++) && batch.offset_of(i) == offset;
      offset += batch.rows[i].text_size + 1;
    }
  }
  CHECK(same);
  CHECK(next == 300000);
}

namespace {

/// A run of a bot over `path` that ends well: the events that it reads, and what it says.
Rows run_bot(const Scratch& scratch, const std::string& path, SourceOptions options = {}) {
  options.bot = std::make_shared<BusSession>(scratch.path("bus"), "bot");
  const auto source = make_file_source(endpoints({path}), options);
  REQUIRE((*source)->open());
  Rows rows = drain(**source);
  for (std::string& message : (*source)->take_messages()) rows.push_back(std::move(message));
  REQUIRE(options.bot->commit((*source)->moves()));
  return rows;
}

/// What the bus remembers of a file, which is made to say `position` if that is given.
std::string remembered(const Scratch& scratch, const std::string& path,
                       const std::string& position = "") {
  struct stat status {};
  REQUIRE(system_files().status(path, status) == 0);
  const std::string source =
      "file:" + std::to_string(status.st_dev) + "-" + std::to_string(status.st_ino);
  BusSession session(scratch.path("bus"), "bot");
  const auto bus = session.open_to_write();
  REQUIRE(bus);
  Checkpoint checkpoint = (*bus)->checkpoint("bot", source).value();
  const std::string before = checkpoint.position;
  if (position.empty()) return before;
  checkpoint.position = position;
  REQUIRE(session.commit({{.bot = "bot", .source = source, .from = before, .to = checkpoint}}));
  return position;
}

/// The position without the hashes of what is before the offset and at the end.
std::string in_older_form(std::string position) {
  size_t at = position.find('-');
  at = position.find('-', at + 1);
  return position.erase(at, position.find('/', at) - at);
}

/// How many hashes it has.
size_t hashes_of(const std::string& position) {
  return static_cast<size_t>(
      std::ranges::count(position.substr(0, position.find('/', position.find('-'))), '-'));
}

}  // namespace

TEST_CASE("a bot understands what earlier versions remembered of a file") {
  const Scratch scratch;
  const std::string path = scratch.write("a.ndjson", "1\n2\n");
  CHECK(run_bot(scratch, path).size() == 2);
  const std::string old = in_older_form(remembered(scratch, path));
  CHECK(hashes_of(old) == 1);
  remembered(scratch, path, old);
  CHECK(run_bot(scratch, path).empty());
  CHECK(remembered(scratch, path) == old);
  scratch.write("a.ndjson", "1\n2\n3\n");
  CHECK(run_bot(scratch, path).size() == 1);
  CHECK(hashes_of(remembered(scratch, path)) == 3);
  // Of an empty file there is nothing to go on from, and of one that is too short neither.
  remembered(scratch, path, in_older_form(remembered(scratch, path)));
  scratch.write("a.ndjson", "");
  CHECK(run_bot(scratch, path).size() == 1);
  const std::string front = std::string(1023, ' ') + "\n";
  scratch.write("a.ndjson", front + "1\n2\n");
  CHECK(run_bot(scratch, path).size() == 2);
  remembered(scratch, path, in_older_form(remembered(scratch, path)));
  scratch.write("a.ndjson", front + "3\n");
  CHECK(run_bot(scratch, path).size() == 2);
}

TEST_CASE("a bot does not stand still where no line ends") {
  const Scratch scratch;
  const std::string path = scratch.write("a.ndjson", "10\n20\n30\n40\n");
  CHECK(run_bot(scratch, path).size() == 4);
  // Also if an earlier version left it in the middle of a line.
  std::string old = in_older_form(remembered(scratch, path));
  remembered(scratch, path, "4/0" + old.substr(old.find('/', old.find('/') + 1)));
  const Rows rows = run_bot(scratch, path);
  CHECK(rows.size() == 3);
  CHECK(run_bot(scratch, path).empty());
}

TEST_CASE("a bot goes on before an event that is too long, not in the middle of it") {
  const Scratch scratch;
  const std::string half(3 << 20, 'x');
  const std::string path = scratch.write("a.ndjson", "1\n" + half);
  const SourceOptions options{.max_event = 1000};
  CHECK(run_bot(scratch, path, options) ==
        Rows{"1 1", path + ": the last line has no line end: its " + std::to_string(half.size()) +
                        " bytes wait for a run that finds one"});
  CHECK(remembered(scratch, path).starts_with("2/"));
  scratch.write("a.ndjson", "1\n" + half + half + "\n2\n");
  CHECK(run_bot(scratch, path, options).size() == 2);
}

TEST_CASE("options are checked") {
  CHECK(make_file_source({}, {.separator = '"'}).error().message ==
        "the separator of CSV is one ASCII character, and no quote or line end");
  CHECK(make_file_source({}, {.max_event = size_t{3} << 30}).error().message ==
        "--max-event is at least 1 byte and at most 1 GiB");
}
