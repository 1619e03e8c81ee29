// Choices made of arbitrary bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Takes decisions from bytes, one each; when there are none left, always the first choice.
class Decisions {
 public:
  Decisions(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  size_t below(size_t count) {
    if (at_ >= size_) return 0;
    return data_[at_++] % count;
  }
  template <size_t N>
  std::string of(const std::array<std::string_view, N>& choices) {
    return std::string(choices[below(N)]);
  }
  bool left() const { return at_ < size_; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

}  // namespace weir
