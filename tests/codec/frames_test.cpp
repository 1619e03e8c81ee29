#include "codec/frames.h"

#include <doctest/doctest.h>

#include <string>

#include "codec/framed.h"

using namespace weir;

namespace {

std::string sample() {
  std::string text;
  for (int i = 0; i < 30000; ++i) text += "{\"n\":" + std::to_string(i * 7919) + "}\n";
  return text;
}

}  // namespace

TEST_CASE("a frame is whole where it ends, and partial before") {
  const std::string text = sample();
  for (const Framing framing : {Framing::kSized, Framing::kUnsized, Framing::kBgzf}) {
    const Compression compression = compression_of(framing);
    for (const size_t size : {size_t{0}, size_t{1}, size_t{3000}, size_t{60000}}) {
      const std::string packed = frame(framing, text.substr(0, size));
      for (size_t cut = 0; cut < packed.size(); ++cut) {
        REQUIRE(find_frame(compression, packed.substr(0, cut)).kind == Frame::Kind::kPartial);
      }
      for (const std::string_view behind : {"", "behind"}) {
        const Frame found = find_frame(compression, packed + std::string(behind));
        CHECK(found.kind == Frame::Kind::kWhole);
        CHECK(found.packed == packed.size());
        CHECK(found.content >= size);
        CHECK(found.content <= size + (size_t{128} << 10));
        if (framing != Framing::kUnsized) CHECK(found.content == size);
      }
    }
  }
}

TEST_CASE("a member that does not say its size ends where another begins") {
  const std::string text = sample();
  for (const size_t size : {size_t{0}, size_t{1}, text.size()}) {
    const std::string packed = frame(Framing::kMember, text.substr(0, size));
    const std::string next = frame(Framing::kMember, "next");
    for (size_t cut = 0; cut < packed.size() + kMemberHeader.size(); ++cut) {
      REQUIRE(find_frame(Compression::kGzip, (packed + next).substr(0, cut)).kind ==
              Frame::Kind::kPartial);
    }
    const Frame found = find_frame(Compression::kGzip, packed + next);
    CHECK(found.kind == Frame::Kind::kWhole);
    CHECK(found.packed == packed.size());
    CHECK(found.content == size);
  }
}

TEST_CASE("the search for a member's end goes on where it was") {
  std::string content;
  for (int i = 0; i < 3000; ++i) content += std::to_string(i * 7919) + "\x1f\x8b";
  const std::string packed = frame(Framing::kStored, content);
  const std::string both = packed + frame(Framing::kStored, "next");
  for (const size_t step : {size_t{1}, size_t{1000}}) {
    Frame found;
    size_t size = 0;
    do {
      size += step;
      found = find_frame(Compression::kGzip, both.substr(0, size), found.searched);
    } while (found.kind == Frame::Kind::kPartial);
    CHECK(found.kind == Frame::Kind::kWhole);
    CHECK(found.packed == packed.size());
  }
  // So many beginnings that are none are not looked at.
  const std::string many = frame(Framing::kStored, std::string(size_t{1} << 20, '\x1f'));
  CHECK(find_frame(Compression::kGzip, many + packed).kind == Frame::Kind::kOther);
}

TEST_CASE("what cannot begin a member ends none") {
  const std::string packed = frame(Framing::kMember, sample());
  const auto ends_before = [&](size_t at, char byte) {
    std::string next(kMemberHeader);
    next[at] = byte;
    return find_frame(Compression::kGzip, packed + next).kind == Frame::Kind::kWhole;
  };
  CHECK(ends_before(3, 0x1f));
  CHECK_FALSE(ends_before(3, 0x20));
  CHECK_FALSE(ends_before(2, 7));
  CHECK(ends_before(8, 4));
  CHECK_FALSE(ends_before(8, 3));
  CHECK(ends_before(9, 19));
  CHECK(ends_before(9, '\xff'));
  CHECK_FALSE(ends_before(9, 20));
  // More content than deflate can hold in so few bytes.
  const std::string zeros(300, '\0');
  const auto with_content = [&](uint64_t content) {
    return std::string(kMemberHeader) + zeros + low_bytes(content, 4) + std::string(kMemberHeader);
  };
  CHECK(find_frame(Compression::kGzip, with_content(300000)).kind == Frame::Kind::kWhole);
  CHECK(find_frame(Compression::kGzip, with_content(400000)).kind == Frame::Kind::kPartial);
}

TEST_CASE("blocks bound what is in a frame that does not say its size") {
  const std::string text = sample();
  const Frame found = find_frame(Compression::kZstd, frame(Framing::kUnsized, text));
  CHECK(found.kind == Frame::Kind::kWhole);
  CHECK(found.content >= text.size());
  CHECK(found.content <= text.size() + (size_t{128} << 10));
}

TEST_CASE("a skippable frame has nothing in it") {
  const std::string packed("\x5f\x2a\x4d\x18\x03\0\0\0abc", 11);
  const Frame found = find_frame(Compression::kZstd, packed + "more");
  CHECK(found.kind == Frame::Kind::kWhole);
  CHECK(found.packed == packed.size());
  CHECK(found.content == 0);
  CHECK(find_frame(Compression::kZstd, packed.substr(0, 10)).kind == Frame::Kind::kPartial);
}

TEST_CASE("what is too large or no frame is not told apart") {
  const std::string large(kLargestFrame + 1, 'x');
  const auto kind = [](Compression compression, std::string_view bytes) {
    return find_frame(compression, bytes).kind;
  };
  CHECK(kind(Compression::kZstd, frame(Framing::kSized, large)) == Frame::Kind::kOther);
  CHECK(kind(Compression::kZstd, frame(Framing::kUnsized, large)) == Frame::Kind::kOther);
  for (const Framing framing : {Framing::kMember, Framing::kStored}) {
    CHECK(kind(Compression::kGzip, frame(framing, large) + frame(framing, "")) ==
          Frame::Kind::kOther);
  }
  CHECK(kind(Compression::kGzip, frame(Framing::kStored, large)) == Frame::Kind::kOther);
  CHECK(kind(Compression::kZstd, "no frame at all") == Frame::Kind::kOther);
  CHECK(kind(Compression::kGzip, "no frame at all") == Frame::Kind::kOther);
  // A window of 128 MiB is taken, a larger one is not.
  const auto with_window = [](char window) {
    return std::string("\x28\xb5\x2f\xfd\x00", 5) + window + std::string("\x01\0\0", 3);
  };
  CHECK(kind(Compression::kZstd, with_window(static_cast<char>(0x88))) == Frame::Kind::kWhole);
  CHECK(kind(Compression::kZstd, with_window(static_cast<char>(0x89))) == Frame::Kind::kOther);
  // Members that say a size smaller than their own header.
  std::string member = frame(Framing::kBgzf, "text");
  member[16] = member[17] = 0;
  CHECK(kind(Compression::kGzip, member) == Frame::Kind::kOther);
}

TEST_CASE("whole frames are decoded apart from a stream, or not at all") {
  const std::string text = sample().substr(0, 50000);
  for (const Framing framing : {Framing::kSized, Framing::kUnsized, Framing::kBgzf}) {
    const auto decoder = make_decoder(compression_of(framing));
    std::string packed = frame(framing, text) + frame(framing, "") + frame(framing, "end");
    std::string to(text.size() + 3, '\0');
    CHECK(decoder->decode_frames(packed, to.data(), to.size()) == to.size());
    CHECK(to == text + "end");
    CHECK_FALSE(decoder->decode_frames(packed, to.data(), to.size() - 1));
    CHECK_FALSE(decoder->decode_frames(packed.substr(0, packed.size() - 1), to.data(), to.size()));
    packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 16);
    CHECK_FALSE(decoder->decode_frames(packed, to.data(), to.size()));
    decoder->reset();
    std::string_view in = packed;
    std::expected<size_t, std::string> got;
    do got = decoder->decode(in, true, to.data(), to.size());
    while (got && *got > 0);
    CHECK_FALSE(got);
  }
}
