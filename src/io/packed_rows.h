#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

// What packing and the plan of it share.
namespace weightroom::io {

inline bool is_zero(float v) { return std::bit_cast<std::uint32_t>(v) == 0; }

inline std::size_t mask_bytes(std::size_t count) { return (count + 7) / 8; }

// In steps: of 2^28 values of 32 bits the number of bits is more than wasm counts.
inline std::size_t code_bytes(std::size_t count, int bits) {
  const auto each = static_cast<std::size_t>(bits);
  return count / 8 * each + (count % 8 * each + 7) / 8;
}

// Rows of values that share a scale; of sparse tensors only those that are not 0, which step() collects.
class Rows {
 public:
  // `values` must stay.
  Rows(std::span<const float> values, std::size_t rows, bool sparse)
      : all_(values), values_(values), count_(rows), each_(values.size() / rows), sparse_(sparse) {
    if (sparse) ends_.reserve(rows);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // A part of the values; true once the rows are whole.
  bool step() {
    constexpr std::size_t kPart = 1U << 18U;
    if (!sparse_ || ends_.size() == count_) return true;
    for (const std::size_t last = next_ + std::min(kPart, all_.size() - next_); next_ < last;) {
      const std::size_t row_end = (ends_.size() + 1) * each_;
      const auto part = all_.subspan(next_, std::min(last, row_end) - next_);
      std::ranges::copy_if(part, std::back_inserter(kept_), [](float v) { return !is_zero(v); });
      next_ += part.size();
      if (next_ == row_end) ends_.push_back(kept_.size());
    }
    values_ = kept_;
    return ends_.size() == count_;
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::span<const float> all() const { return values_; }
  [[nodiscard]] std::span<const float> operator[](std::size_t k) const {
    if (!sparse_) return values_.subspan(k * each_, each_);
    const std::size_t begin = k == 0 ? 0 : ends_[k - 1];
    return values_.subspan(begin, ends_[k] - begin);
  }

 private:
  std::span<const float> all_;
  std::span<const float> values_;
  std::size_t count_;
  std::size_t each_;
  bool sparse_;
  std::size_t next_ = 0;  // of all_
  std::vector<float> kept_;
  std::vector<std::size_t> ends_;  // of each row of what is kept
};

}  // namespace weightroom::io
