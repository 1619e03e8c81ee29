#include "source/decode_ahead.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <string>

#include "base/scratch.h"
#include "codec/compression.h"
#include "source/files.h"

using namespace weir;

namespace {

/// Everything that comes, read in pieces of `room`; a failure stands behind a '!', twice.
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

/// Gives `text` in pieces of `step`, then the end, or `failure`.
DecodeAhead::Decode giving(const std::string& text, size_t step, std::string failure = "") {
  return [&text, step, failure, given = size_t{0}](
             char* to, size_t room) mutable -> std::expected<size_t, std::string> {
    const size_t size = std::min({step, room, text.size() - given});
    if (size == 0 && !failure.empty()) return std::unexpected(failure);
    std::memcpy(to, text.data() + given, size);
    given += size;
    return size;
  };
}

/// The texts of all events of a file, a line each; a failure stands behind a '!'.
std::string read_file(const std::string& name, bool ahead) {
  const auto source = make_file_source({*parse_endpoint(name)}, {}, system_files());
  REQUIRE((*source)->open());
  if (ahead) (*source)->decode_ahead(2);
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
      DecodeAhead whole(giving(text, step));
      CHECK(read_all(whole, room) == text);
      DecodeAhead broken(giving(text, step, "bad"));
      CHECK(read_all(broken, room) == text + "!bad!bad");
    }
  }
}

TEST_CASE("no more is made than a few blocks ahead, and nothing after it is dropped") {
  std::atomic<size_t> made = 0;
  {
    DecodeAhead ahead([&](char* to, size_t room) -> std::expected<size_t, std::string> {
      std::memset(to, 'x', room);
      made += room;
      return room;
    });
    char one = 0;
    CHECK(ahead.read(&one, 1).value() == 1);
    CHECK(one == 'x');
  }
  CHECK(made >= size_t{256} << 10);
  CHECK(made <= size_t{5 * 256} << 10);
}

TEST_CASE("a file gives the same events, decoded ahead or not, whole or truncated") {
  const Scratch scratch;
  std::string text;
  for (int64_t i = 0; i < 400000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    std::string packed;
    REQUIRE(make_encoder(compression, 1)->encode(text, Encoder::Mode::kEnd, packed).empty());
    const std::string whole = scratch.write("whole", packed);
    CHECK(read_file(whole, true) == text);
    packed.resize(packed.size() * 3 / 4);
    const std::string cut = scratch.write("cut", packed);
    const std::string wanted = read_file(cut, false);
    CHECK(wanted.find("ends early") != std::string::npos);
    CHECK(read_file(cut, true) == wanted);
  }
}
