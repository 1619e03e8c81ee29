#include "base/large_memory.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/buffer.h"

using weir::LargeVector;

TEST_CASE("a vector keeps what it holds while it grows from small to large memory") {
  LargeVector<uint32_t> numbers;
  for (uint32_t i = 0; i < 3'000'000; ++i) numbers.push_back(i);
  uint64_t wrong = 0;
  for (uint32_t i = 0; i < numbers.size(); ++i) wrong += numbers[i] == i ? 0 : 1;
  CHECK(wrong == 0);
  // From 2 MiB on it begins on a huge page.
  CHECK(reinterpret_cast<uintptr_t>(numbers.data()) % (uintptr_t{2} << 20) == 0);
  const LargeVector<uint32_t> moved = std::move(numbers);
  CHECK(moved.back() == 2'999'999);
}

TEST_CASE("an arena that holds much keeps what it handed out") {
  weir::Arena arena;
  LargeVector<std::string_view> texts;
  for (int i = 0; i < 2'000'000; ++i) texts.push_back(arena.copy(std::to_string(i)));
  CHECK(arena.bytes() > (size_t{4} << 20));
  int wrong = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    wrong += texts[static_cast<size_t>(i)] == std::to_string(i) ? 0 : 1;
  }
  CHECK(wrong == 0);
  arena.reset();
  CHECK(arena.bytes() <= (size_t{2} << 20));
  CHECK(arena.copy("again") == "again");
}

TEST_CASE("a buffer has zeros behind it, and a huge page of its own if it asks for one and fits") {
  using Pages = weir::Buffer::Pages;
  for (const size_t capacity : {size_t{0}, size_t{100}, size_t{1} << 20, size_t{9} << 20}) {
    for (const Pages pages : {Pages::kSmall, Pages::kHuge}) {
      weir::Buffer buffer(capacity, pages);
      CHECK(buffer.capacity() == capacity);
      std::memset(buffer.data(), 'x', capacity);
      CHECK(std::string_view(buffer.data() + capacity, weir::Buffer::kPadding) ==
            std::string(weir::Buffer::kPadding, '\0'));
      const auto place = reinterpret_cast<uintptr_t>(buffer.data());
      CHECK(place % 64 == 0);
      if (pages == Pages::kHuge && capacity < weir::kHugePage) {
        CHECK(place % weir::kHugePage == 64);
      }
    }
  }
}
