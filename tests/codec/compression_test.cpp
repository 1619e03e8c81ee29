#include "codec/compression.h"

#include <doctest/doctest.h>

using namespace weir;

namespace {

std::string pack(Compression compression, const std::string& text) {
  std::string out;
  CHECK(make_encoder(compression, 0)->encode(text, Encoder::Mode::kEnd, out).empty());
  return out;
}

/// Decodes `packed`, given `step` bytes at a time into `room` bytes; a failure stands behind a '!'.
std::string unpack(Compression compression, const std::string& packed, size_t step = SIZE_MAX,
                   size_t room = 4096) {
  const auto decoder = make_decoder(compression);
  std::string out;
  std::string piece(room, '\0');
  std::string_view in;
  size_t end = 0;
  while (true) {
    const bool last = end == packed.size();
    const auto got = decoder->decode(in, last, piece.data(), room);
    if (!got.has_value()) return out + "!" + got.error();
    out.append(piece, 0, *got);
    if (*got == room) continue;
    if (*got > 0 && !in.empty()) continue;  // a failure may wait behind what came out
    if (last && *got == 0) return out;
    if (last) continue;
    const size_t begin = end - in.size();
    end = step < packed.size() - end ? end + step : packed.size();
    in = std::string_view(packed).substr(begin, end - begin);
  }
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "{\"n\":" + std::to_string(i * 7919) + "}\n";
  return text;
}

}  // namespace

TEST_CASE("there and back, in pieces of any size") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    for (const std::string& text : {std::string(), std::string("x"), sample()}) {
      const std::string packed = pack(compression, text);
      for (const size_t step : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}, SIZE_MAX}) {
        CHECK(unpack(compression, packed, step) == text);
      }
      CHECK(unpack(compression, packed, 3, 1) == text);
    }
  }
}

TEST_CASE("nothing is lost where members and frames join") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string one = pack(compression, "one\n");
    const std::string all = one + pack(compression, "") + pack(compression, "three\n");
    for (size_t step = 1; step <= all.size(); ++step) {
      CHECK(unpack(compression, all, step) == "one\nthree\n");
    }
  }
}

TEST_CASE("a skippable frame is passed over") {
  const std::string skipped = std::string("\x5e\x2a\x4d\x18\x03\x00\x00\x00", 8) + "abc";
  CHECK(unpack(Compression::kZstd, skipped + pack(Compression::kZstd, "x"), 1) == "x");
}

TEST_CASE("zeros behind gzip data are padding, anything else is not") {
  const std::string packed = pack(Compression::kGzip, "x");
  CHECK(unpack(Compression::kGzip, packed + std::string(1000, '\0'), 7) == "x");
  for (const size_t step : {size_t{1}, size_t{5}, SIZE_MAX}) {
    CHECK(unpack(Compression::kGzip, packed + "junk", step) ==
          "x!bytes that are no gzip data follow the end of the gzip data");
    CHECK(unpack(Compression::kGzip, packed + std::string(3, '\0') + "j", step) ==
          "x!bytes that are no gzip data follow the end of the gzip data");
  }
  CHECK(unpack(Compression::kZstd, pack(Compression::kZstd, "x") + "junk") ==
        "x!bytes that are no zstd data follow the end of the zstd data");
}

TEST_CASE("what is truncated gives what it has, then says so") {
  const std::string text = sample();
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string packed = pack(compression, text);
    for (size_t size = 5; size < packed.size(); size += packed.size() / 50) {
      const std::string got = unpack(compression, packed.substr(0, size), 100);
      const size_t mark = got.find('!');
      REQUIRE(mark != std::string::npos);
      CHECK(got.substr(mark).find("ends early (it is truncated)") != std::string::npos);
      CHECK(text.starts_with(got.substr(0, mark)));
    }
  }
}

TEST_CASE("a flipped bit never passes, never crashes") {
  const std::string text = sample();
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const std::string packed = pack(compression, text);
    for (size_t i = 0; i < packed.size(); i += 61) {
      std::string damaged = packed;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
      // Some bits of the header mean nothing to the content.
      const std::string got = unpack(compression, damaged);
      CHECK((got == text || got.find('!') != std::string::npos));
    }
  }
}

TEST_CASE("each kind of damage in gzip data has its name") {
  using namespace std::string_literals;
  const std::string header = "\x1f\x8b\x08\0\0\0\0\0\0\xff"s;
  const auto reason = [](const std::string& packed) { return unpack(Compression::kGzip, packed); };
  CHECK(reason("\x1f\x8c\x08\0\0\0\0\0\0\xff"s) ==
        "!gzip data is damaged (incorrect header check)");
  CHECK(reason("\x1f\x8b\x09\0\0\0\0\0\0\xff"s) ==
        "!gzip data is damaged (unknown compression method)");
  // RFC 1951, 3.2.3 and 3.2.6: a block of type 3; of fixed codes, a copy with nothing before it,
  // and the length code 286.
  CHECK(reason(header + "\x07") == "!gzip data is damaged (invalid block)");
  CHECK(reason(header + "\x03\x02\0"s + std::string(16, '\0'))
            .ends_with("!gzip data is damaged (invalid distance too far back)"));
  CHECK(reason(header + "\x1b\x03\0"s + std::string(16, '\0')) ==
        "!gzip data is damaged (invalid code)");
  std::string packed = pack(Compression::kGzip, "text");
  packed[packed.size() - 8] ^= 1;
  CHECK(reason(packed) == "text!gzip data is damaged (incorrect data check)");
}

TEST_CASE("a flush brings out all so far") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    const auto encoder = make_encoder(compression, 1);
    std::string packed;
    CHECK(encoder->encode("first\n", Encoder::Mode::kFlush, packed).empty());
    const std::string got = unpack(compression, packed);
    CHECK(got.substr(0, got.find('!')) == "first\n");
    CHECK(encoder->encode("second\n", Encoder::Mode::kEnd, packed).empty());
    CHECK(unpack(compression, packed) == "first\nsecond\n");
  }
}

TEST_CASE("a window beyond 128 MiB is refused") {
  // A frame header that asks for 256 MiB (RFC 8878, section 3.1.1.1.2: exponent 18, mantissa 0).
  const std::string header("\x28\xb5\x2f\xfd\x00\x90\x01\x00\x00", 9);
  CHECK(unpack(Compression::kZstd, header).find("more than 128 MiB") != std::string::npos);
}

TEST_CASE("a whole stream at once, and no more of it than wanted") {
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    for (const std::string& text : {std::string(), std::string("x"), sample()}) {
      const std::string packed = pack(compression, text);
      CHECK(decompress(compression, packed, size_t{1} << 20) == text);
      CHECK(decompress(compression, packed, text.size()) == text);
      CHECK(decompress(compression, packed + packed, 2 * text.size()) == text + text);
      if (!text.empty()) {
        CHECK(decompress(compression, packed, text.size() - 1)->size() == text.size());
        CHECK(decompress(compression, packed, 0)->size() == 1);
      }
      const std::string cut = packed.substr(0, packed.size() - 1);
      CHECK(decompress(compression, cut, text.size()).error().find("ends early") !=
            std::string::npos);
      CHECK(decompress(compression, packed + "!", text.size()).error().find("follow the end") !=
            std::string::npos);
    }
  }
  // A small text that becomes a large one.
  const std::string bomb = pack(Compression::kZstd, std::string(size_t{64} << 20, '\0'));
  CHECK(bomb.size() < 10000);
  CHECK(decompress(Compression::kZstd, bomb, 1000)->size() == 1001);
}
