// Lines that the source leaves uncut become the rows that it would have made of them itself.

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "codec/compression.h"
#include "codec/framed.h"
#include "codec/framing.h"
#include "runtime/parallel_segment.h"
#include "source/files.h"

using namespace weir;
using Rows = std::vector<std::string>;

namespace {

/// How standard input, or some files, are read.
struct Way {
  size_t threads = 0;  ///< 0: the source cuts
  size_t batch_rows = 0;
  size_t step = SIZE_MAX;  ///< bytes that a read gives at most
  bool is_pipe = false;    ///< that has something to say every other time it is asked
  std::vector<std::string> names = {"-"};
  std::string vanishing = {};  ///< one of them, once the source is open
};

struct Counts {
  size_t uncut = 0;  ///< batches that came uncut from the source
  int moves = 0;     ///< how often a file was read once more from some place on
};

/// The source, as something to pull.
class Above final : public Link {
 public:
  Above(FileSource& source, Counts& counts) : source_(source), counts_(counts) {}
  Result<Pull> next(Batch& batch) override {
    batch.reset();
    auto pulled = source_.next(batch);
    counts_.uncut += batch.uncut.text.empty() ? 0 : 1;
    return pulled;
  }
  bool reads_on() const override { return source_.reads_on(); }

 private:
  FileSource& source_;
  Counts& counts_;
};

/// All rows with their offsets, or the error at the end.
Rows read(const std::string& input, const Way& way, Format format, Counts& counts,
          bool fails = false) {
  FakeFiles files;
  files.input = input;
  files.at_most = way.step;
  files.is_pipe = files.stutters = way.is_pipe;
  if (fails) files.fail("read", 4, EIO);
  const SourceOptions options = {.format = format, .max_event = 100, .batch_rows = way.batch_rows};
  std::vector<Endpoint> endpoints;
  for (const std::string& name : way.names) endpoints.push_back(*parse_endpoint(name));
  const auto source = make_file_source(std::move(endpoints), options, files);
  REQUIRE((*source)->open());
  if (!way.vanishing.empty()) std::filesystem::remove(way.vanishing);
  std::unique_ptr<Link> link = std::make_unique<Above>(**source, counts);
  if (way.threads > 0) {
    (*source)->leave_uncut();
    (*source)->decode_ahead(way.threads);
    link =
        std::make_unique<ParallelSegmentLink>(std::move(link), Segment({}, 0, false), way.threads);
  }
  Rows rows;
  while (true) {
    Batch batch;
    const auto pulled = link->next(batch);
    if (!pulled) rows.push_back(pulled.error().message);
    if (!pulled || *pulled == Pull::kEnd) {
      counts.moves += files.calls("move");
      return rows;
    }
    if (*pulled == Pull::kIdle) continue;
    CHECK(!batch.rows.empty());
    CHECK((way.batch_rows == 0 || batch.rows.size() <= way.batch_rows));
    const Rows described = describe_rows(batch);
    for (uint32_t i = 0; i < batch.rows.size(); ++i) {
      rows.push_back(std::to_string(batch.offset_of(i)) + ": " + described[i]);
    }
  }
}

void check_all_ways(const std::string& input, Format format, bool fails = false) {
  Counts none;
  Counts counts;
  for (const size_t step : {size_t{13}, size_t{300}, SIZE_MAX}) {
    const Rows wanted = read(input, {.step = step}, format, none, fails);
    for (const size_t threads : {1U, 3U}) {
      for (const size_t batch_rows : {1U, 7U, 0U}) {
        CAPTURE(step);
        CAPTURE(threads);
        CAPTURE(batch_rows);
        for (const bool is_pipe : {false, true}) {
          CAPTURE(is_pipe);
          CHECK(read(input, {threads, batch_rows, step, is_pipe}, format, counts, fails) == wanted);
        }
      }
    }
  }
  CHECK(none.uncut == 0);
  CHECK(counts.uncut > 0);
}

/// Lines of all kinds, the first ones long, so that there are more than one guesses by these.
std::string many_lines() {
  std::string text;
  for (int i = 0; i < 60; ++i) text += std::string(90, 'x') + "\n";
  for (int i = 0; i < 500; ++i) {
    if (i % 11 == 0) text += i % 2 == 0 ? "\n" : " \t\r\n";
    if (i % 97 == 0) text += std::string(static_cast<size_t>(i), 'y') + "\n";
    text += std::to_string(i) + (i % 3 == 0 ? "\r\n" : "\n");
  }
  return text;
}

}  // namespace

TEST_CASE("uncut lines become the same rows, with the same numbers and offsets") {
  const std::string text = many_lines();
  for (const Format format : {Format::kNdjson, Format::kText}) {
    check_all_ways(text, format);
    check_all_ways(text + "last", format);
    check_all_ways(text + "\n\n", format);
    check_all_ways("\n\n" + text + "bad \xff text\n\n", format);
  }
}

TEST_CASE("an error comes behind all whole lines, cut or uncut") {
  check_all_ways(many_lines(), Format::kNdjson, true);
}

TEST_CASE("lines of white space alone make no batch") {
  Counts counts;
  const Rows wanted = {"1: 2 1"};
  CHECK(read("\n1\n" + std::string(5000, '\n'), {.threads = 2, .batch_rows = 1}, Format::kNdjson,
             counts) == wanted);
  CHECK(counts.uncut > 0);
}

TEST_CASE("a pipe's lines stay uncut, whole or byte by byte") {
  Counts counts;
  std::string text = many_lines();
  CHECK(read(text, {.threads = 2, .batch_rows = 7, .is_pipe = true}, Format::kNdjson, counts) ==
        read(text, {}, Format::kNdjson, counts));
  CHECK(counts.uncut > 0);
  const std::string head = "1\n2\n";
  const std::string tail(100, 'x');
  Counts small;
  CHECK(read(head + tail + "\n3\n", {.threads = 2, .step = 1, .is_pipe = true}, Format::kNdjson,
             small) == read(head + tail + "\n3\n", {}, Format::kNdjson, small));
  CHECK(small.uncut > 0);
}

TEST_CASE("what only its framer can cut is not left uncut") {
  Counts counts;
  CHECK(read("a,b\n1,2\n3,4\n", {.threads = 2, .batch_rows = 1}, Format::kCsv, counts) ==
        Rows{"4: 2 [a=1][b=2]", "8: 3 [a=3][b=4]"});
  CHECK(counts.uncut == 0);
}

TEST_CASE("lines of compressed files stay uncut, and where one breaks off is told in lines") {
  std::string text;
  std::vector<std::string> pieces(1);
  for (int i = 0; text.size() < size_t{5} << 19; ++i) {
    std::string line = std::to_string(i * 7919) + std::string(static_cast<size_t>(i % 80), 'x');
    line += i % 13 == 0 ? "\n\n" : "\n";
    text += line;
    pieces.back() += line;
    if (pieces.back().size() > 300'000) pieces.emplace_back();
  }
  std::vector<std::string> inputs;
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    REQUIRE(make_encoder(compression, 1)
                ->encode(text, Encoder::Mode::kEnd, inputs.emplace_back())
                .empty());
  }
  // Frames that can be decoded by themselves, behind each other, and behind one that is too large.
  std::string small;
  for (const std::string& piece : pieces) small += frame(Framing::kSized, piece);
  inputs.push_back(small);
  inputs.push_back(frame(Framing::kSized, text) + small);
  // The same of members, and some that seem to be two.
  std::string members;
  for (const std::string& piece : pieces) members += frame(Framing::kMember, piece);
  inputs.push_back(members);
  std::string like = "1\n";
  for (int i = 0; i < 500; ++i) like += "22\n";
  like += "\"" + low_bytes(300'000, 4) + std::string(kMemberHeader) + "\"\n";
  const std::string& two = inputs.emplace_back(members + frame(Framing::kStored, like) + members);
  for (const std::string& packed : inputs) {
    for (const char* const damage : {"", "cut off", "more behind", "flipped"}) {
      CAPTURE(damage);
      std::string input = packed;
      if (*damage == 'c') input.resize(input.size() * 3 / 4);
      if (*damage == 'm') input += "garbage";
      if (*damage == 'f') input[input.size() * 3 / 4] ^= 16;
      Counts none;
      const Rows wanted = read(input, {}, Format::kNdjson, none);
      CHECK(none.uncut == 0);
      const bool is_told = wanted.back().ends_with(" lines were read before");
      CHECK(is_told == (*damage != 0));
      for (const Way& way : {Way{.threads = 1}, Way{.threads = 3},
                             Way{.threads = 3, .step = 50'000, .is_pipe = true}}) {
        CAPTURE(way.threads);
        CAPTURE(way.is_pipe);
        Counts counts;
        const Rows rows = read(input, way, Format::kNdjson, counts);
        CHECK(rows.back() == wanted.back());
        CHECK((rows == wanted));
        CHECK(counts.uncut > 0);
        if (&packed == &two && way.threads > 1 && !way.is_pipe) CHECK(counts.moves == 1);
      }
    }
  }
}

TEST_CASE("whoever comes to the end of a file goes on with the next one") {
  const Scratch scratch;
  std::string text;
  for (int i = 0; text.size() < size_t{5} << 19; ++i) text += std::to_string(i * 7919) + "\n";
  const std::string plain = scratch.write("plain", text);
  const std::string empty = scratch.write("empty", "");
  const std::string unended = scratch.write("unended", "1\n2");
  std::string packed;
  REQUIRE(make_encoder(Compression::kGzip, 1)->encode(text, Encoder::Mode::kEnd, packed).empty());
  const std::string whole = scratch.write("whole", packed);
  const std::string framed =
      scratch.write("framed", frame(Framing::kSized, text) + frame(Framing::kSized, "3\n4"));
  const std::string cut = scratch.write("cut", packed.substr(0, packed.size() * 3 / 4));
  for (const std::string& last : {plain, cut, std::string("gone")}) {
    CAPTURE(last);
    Way way = {.names = {plain, unended, whole, "-", empty, framed, plain, last}};
    if (last == "gone") way.names.back() = way.vanishing = scratch.path("gone");
    Rows wanted;
    for (const size_t threads : {0U, 1U, 3U}) {
      CAPTURE(threads);
      if (last == "gone") scratch.write("gone", text);
      way.threads = threads;
      way.is_pipe = threads > 0;
      Counts counts;
      const Rows rows = read("5\n6\n", way, Format::kNdjson, counts);
      if (threads == 0) wanted = rows;
      CHECK(rows.back() == wanted.back());
      CHECK((rows == wanted));
    }
  }
}
