#include "source/decode_ahead.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <string>

#include "base/fake_files.h"
#include "base/scratch.h"
#include "codec/compression.h"
#include "codec/framed.h"
#include "source/files.h"

using namespace weir;

namespace {

/// Everything that comes, read in pieces of `room`; a failure stands behind a
/// '!', twice.
std::string read_all(DecodeAhead& ahead, size_t room) {
  std::string all;
  std::string piece(room, '\0');
  while (true) {
    const auto got = ahead.read(piece.data(), room);
    if (!got) return all + "!" + got.error() + "!" + ahead.read(piece.data(), room).error();
    if (*got == 0) return all;
    all.append(piece, 0, *got);
  }
}

/// Gives a text in pieces of `step`, then the end, or a failure.
class Giving : public DecodeAhead::Stream {
 public:
  Giving(const std::string& text, size_t step, std::string failure = "")
      : text_(text), step_(step), failure_(std::move(failure)) {}
  std::expected<size_t, std::string> decode(char* to, size_t room) override {
    const size_t size = std::min({step_, room, text_.size() - given_});
    if (size == 0 && !failure_.empty()) return std::unexpected(failure_);
    std::memcpy(to, text_.data() + given_, size);
    given_ += size;
    return size;
  }

 private:
  const std::string& text_;
  size_t step_;
  std::string failure_;
  size_t given_ = 0;
};

/// Gives no end of one letter, and counts.
class Endless : public DecodeAhead::Stream {
 public:
  std::expected<size_t, std::string> decode(char* to, size_t room) override {
    std::memset(to, 'x', room);
    made += room;
    return room;
  }
  std::atomic<size_t> made = 0;
};

/// The texts of all events of a file, a line each, decoded ahead as with that -j, or not; a failure
/// stands behind a '!'.
std::string read_file(const std::string& name, size_t threads, FileSystem& files = system_files()) {
  const auto source = make_file_source({*parse_endpoint(name)}, {}, files);
  REQUIRE((*source)->open());
  if (threads > 0) (*source)->decode_ahead(threads);
  std::string all;
  while (true) {
    Batch batch;
    const auto pulled = (*source)->next(batch);
    if (!pulled) return all + "!" + pulled.error().message;
    if (*pulled == Pull::kEnd) return all;
    for (const Row& row : batch.rows) all += std::string(row.json()) + "\n";
  }
}

}  // namespace

TEST_CASE("the same bytes come, however they are made and read") {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += std::to_string(i);
  for (const size_t step : {size_t{1000}, size_t{300000}, SIZE_MAX}) {
    for (const size_t room : {size_t{999}, size_t{1} << 20}) {
      Giving giving(text, step);
      DecodeAhead whole(giving, Compression::kZstd, 1);
      CHECK(read_all(whole, room) == text);
      Giving failing(text, step, "bad");
      DecodeAhead broken(failing, Compression::kZstd, 2);
      CHECK(read_all(broken, room) == text + "!bad!bad");
    }
  }
}

TEST_CASE(
    "no more is made than a few blocks ahead, and nothing after it is "
    "dropped") {
  Endless endless;
  {
    DecodeAhead ahead(endless, Compression::kZstd, 2);
    char one = 0;
    CHECK(ahead.read(&one, 1).value() == 1);
    CHECK(one == 'x');
  }
  CHECK(endless.made >= size_t{256} << 10);
  CHECK(endless.made <= size_t{5 * 256} << 10);
}

TEST_CASE("a file gives the same events, decoded ahead or not, whole or truncated") {
  const Scratch scratch;
  std::string text;
  for (int64_t i = 0; i < 400000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    std::string packed;
    REQUIRE(make_encoder(compression, 1)->encode(text, Encoder::Mode::kEnd, packed).empty());
    const std::string whole = scratch.write("whole", packed);
    CHECK(read_file(whole, 2) == text);
    packed.resize(packed.size() * 3 / 4);
    const std::string cut = scratch.write("cut", packed);
    const std::string wanted = read_file(cut, 0);
    CHECK(wanted.find("ends early") != std::string::npos);
    CHECK(read_file(cut, 2) == wanted);
  }
}

namespace {

/// Frames of many sizes, one behind the other: of those framings, as chance has
/// it.
std::string frames(std::mt19937& random, const std::vector<Framing>& framings, size_t largest,
                   std::string& text) {
  std::string packed;
  for (size_t made = 0; made < size_t{3} << 20;) {
    size_t size = random() % (random() % 4 == 0 ? 100 : largest);
    std::string content;
    while (content.size() < size) {
      for (int i = 0; i < 10; ++i) content += std::to_string(random());
      content += '\n';
    }
    // Lines cross from one frame to the next.
    content.resize(size);
    // In some, bytes stand that look like the beginning of another.
    if (random() % 4 == 0) content += low_bytes(random() % 500000, 4) + std::string(kMemberHeader);
    const Framing framing = framings[random() % framings.size()];
    packed += frame(framing, content);
    if (framing == Framing::kSized && random() % 8 == 0) {
      packed += std::string("\x50\x2a\x4d\x18\x02\0\0\0ab", 10);
    }
    text += content;
    made += size;
  }
  return packed;
}

struct Mix {
  std::vector<Framing> framings;
  size_t largest;
};

std::string_view end_of(std::string_view text) {
  return text.substr(text.size() - std::min<size_t>(text.size(), 150));
}

const Mix kMixes[] = {
    {.framings = {Framing::kSized, Framing::kUnsized}, .largest = size_t{200} << 10},
    {.framings = {Framing::kSized, Framing::kUnsized}, .largest = size_t{4} << 20},
    {.framings = {Framing::kBgzf}, .largest = size_t{60} << 10},
    {.framings = {Framing::kBgzf, Framing::kMember}, .largest = size_t{60} << 10},
    {.framings = {Framing::kMember}, .largest = size_t{4} << 20},
    {.framings = {Framing::kMember, Framing::kStored}, .largest = size_t{200} << 10},
};

}  // namespace

TEST_CASE("several frames give the same events on any number of threads") {
  const Scratch scratch;
  std::mt19937 random(7);
  for (const Mix& mix : kMixes) {
    std::string text;
    const std::string name =
        scratch.write("frames", frames(random, mix.framings, mix.largest, text));
    const std::string wanted = read_file(name, 0);
    CHECK(wanted == (text.ends_with('\n') ? text : text + "\n"));
    for (const size_t threads : {2U, 3U}) CHECK(read_file(name, threads) == wanted);
  }
}

TEST_CASE(
    "damaged frames give the same events and the same message on any "
    "number of threads") {
  const Scratch scratch;
  std::mt19937 random(11);
  for (const Mix& mix : kMixes) {
    std::string text;
    const std::string sound = frames(random, mix.framings, mix.largest, text);
    for (int i = 0; i < 8; ++i) {
      std::string packed = sound;
      const size_t at = packed.size() / 4 + random() % (packed.size() * 3 / 4);
      switch (random() % 4) {
        case 0:
          packed[at] = static_cast<char>(packed[at] ^ (1 << random() % 8));
          break;
        case 1:
          packed.resize(at);
          break;
        case 2:
          packed.insert(at, std::to_string(random()));
          break;
        default:
          packed += random() % 2 == 0 ? std::string("garbage")
                                      : std::string(static_cast<size_t>(i), '\0');
      }
      const std::string name = scratch.write("damaged", packed);
      const std::string wanted = read_file(name, 0);
      for (const size_t threads : {2U, 3U}) {
        const std::string got = read_file(name, threads);
        CAPTURE(i);
        CAPTURE(threads);
        CAPTURE(end_of(got));
        CAPTURE(end_of(wanted));
        CHECK((got == wanted));
      }
    }
  }
}

TEST_CASE("bytes that look like the beginning of a member are taken back") {
  const Scratch scratch;
  std::string text;
  for (int64_t i = 0; i < 400000; ++i) text += std::to_string(i * 7919) + "\n";
  // It says that so much comes before it that this would be decoded by itself.
  const std::string like =
      std::string(1000, 'x') + low_bytes(300000, 4) + std::string(kMemberHeader) + "\n";
  std::string packed;
  const auto add = [&](Framing framing, const std::string& content) {
    for (size_t at = 0; at < content.size(); at += 60000) {
      packed += frame(framing, content.substr(at, 60000));
    }
  };
  add(Framing::kMember, text);
  add(Framing::kStored, like);
  add(Framing::kMember, text);
  const std::string name = scratch.write("members", packed);
  const std::string wanted = read_file(name, 0);
  CHECK(wanted.size() == 2 * text.size() + like.size());
  for (const size_t threads : {2U, 3U}) {
    FakeFiles files;
    CHECK((read_file(name, threads, files) == wanted));
    CHECK(files.calls("move") == 1);

    FakeFiles failing;
    failing.fail("move", 1, ESPIPE);
    const std::string got = read_file(name, threads, failing);
    CHECK(got.starts_with(text));
    CHECK(got.find(": cannot be read once more: illegal seek; 400000 lines were read before") <
          text.size() + 200);
  }
}

namespace {

/// Files that cannot be read from some offset on.
class BadFrom : public FakeFiles {
 public:
  explicit BadFrom(size_t offset) : offset_(static_cast<off_t>(offset)) {}
  ssize_t read(int fd, char* to, size_t size) override {
    const off_t place = lseek(fd, 0, SEEK_CUR);
    if (place >= offset_) return -EIO;
    return FakeFiles::read(fd, to, std::min(size, static_cast<size_t>(offset_ - place)));
  }

 private:
  off_t offset_;
};

}  // namespace

TEST_CASE("a read that fails between frames is told behind all events before it") {
  const Scratch scratch;
  std::mt19937 random(5);
  for (const Mix& mix : kMixes) {
    std::string text;
    const std::string packed = frames(random, mix.framings, mix.largest, text);
    const std::string name = scratch.write("frames", packed);
    constexpr size_t kStep = 60000;
    for (size_t nth = 2; nth < packed.size() / kStep; nth += 1 + packed.size() / kStep / 6) {
      std::string wanted;
      for (const size_t threads : {0U, 2U, 3U}) {
        BadFrom files(nth * kStep);
        files.at_most = kStep;
        const std::string got = read_file(name, threads, files);
        if (threads == 0) wanted = got;
        CHECK(got.find("!" + name + ": cannot be read on") != std::string::npos);
        CHECK((got == wanted));
      }
    }
  }
}
