#include "edit/chosen_coder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

namespace weightroom::edit {
namespace {

constexpr std::int64_t kOne = 65536;  // 1, of probabilities, terms of the regression and its rates

// 65536 / (1 + exp(-x)), x in 65536ths: straight lines between the halves from 0 to 12, and its mirror below 0.
std::int64_t logistic(std::int64_t x) {
  static constexpr std::int64_t kAtHalves[] = {32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357,
                                               64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514, 65523,
                                               65528, 65531, 65533, 65534, 65535, 65535, 65536};
  const std::int64_t size = std::min(std::abs(x), 12 * kOne - 1);
  const auto at = static_cast<std::size_t>(size / (kOne / 2));
  const std::int64_t p = kAtHalves[at] + (kAtHalves[at + 1] - kAtHalves[at]) * (size % (kOne / 2)) / (kOne / 2);
  return x < 0 ? kOne - p : p;
}

// About log2 |w| in 256ths: exponent and mantissa of the float are that, but for the curve between powers of two.
std::int64_t log_size(float w) { return (std::bit_cast<std::uint32_t>(w) & 0x7FFF'FFFFU) >> 15U; }

// How likely each weight of a part is chosen, given the ones before it. Rates are from trials on pruning by gradient
// and by loss; any others would be read as well, and be written somewhat longer.
class Foresight {
 public:
  void begin_tensor(const nn::GraphWeight& tensor, std::span<const float> values) {
    const nn::Shape& shape = tensor.shape;
    const int rank = shape.rank();
    inputs_ = rank >= 2 ? static_cast<std::size_t>(shape[1]) : 1;
    kernel_size_ = shape.sample_size() / inputs_;
    const std::size_t row = rank >= 3 ? static_cast<std::size_t>(shape[rank - 1]) : 1;
    largest_ = 0;
    for (const float w : values) largest_ = std::max(largest_, log_size(w));
    input_.assign(inputs_, 0);
    place_.assign(kernel_size_, 0);
    missed_.assign(kernel_size_, 0);
    beside_.assign(kernel_size_, {});
    for (std::size_t q = 0; q < kernel_size_; ++q)
      beside_[q] = {q % row != 0 ? 1U : 0U, row > 1 && q >= row ? row : 0U};
    at_output_ = at_kernel_ = kNone;
    input_gain_ = 4 * kOne;
  }

  // Of this element of the tensor, in 65536ths: from 16 to 65520.
  std::uint32_t foretell(std::size_t element, float w) {
    if (at_kernel_ == kNone || element - at_kernel_ >= kernel_size_) begin_kernel(element);
    q_ = element - at_kernel_;
    // Three octaves below the largest is the middle of most tensors.
    size_ = std::max<std::int64_t>(log_size(w) - largest_, -16 * 256) + 3 * 256;
    std::int64_t beside = 0;
    for (const std::size_t back : beside_[q_]) beside += back > 0 ? missed_[q_ - back] : 0;
    const std::int64_t x = slope_ * size_ / 256 + all_ + output_ + input_[in_] + kernel_ + place_[q_] + beside / 5;
    p_ = std::clamp<std::int64_t>(logistic(x), 16, kOne - 16);
    return static_cast<std::uint32_t>(p_);
  }

  void learn(bool chosen) {
    const std::int64_t missed = (chosen ? kOne : 0) - p_;
    missed_[q_] = missed;
    output_ += missed * (9'830 + 9'830 * output_gain_ / kOne) / kOne;
    output_gain_ -= output_gain_ / 32;
    input_[in_] += missed * (6'554 + 6'554 * input_gain_ / kOne) / kOne;
    kernel_ += missed * 26'214 / kOne;
    place_[q_] += missed * 197 / kOne;
    all_ += missed * 1'311 / kOne;
    slope_ += missed * size_ * 33 / (256 * kOne);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // Elements come in ascending order.
  void begin_kernel(std::size_t element) {
    const std::size_t kernel = element / kernel_size_;
    if (const std::size_t output = kernel / inputs_; output != at_output_) {
      if (at_output_ != kNone) input_gain_ = input_gain_ * 46'957 / kOne;
      at_output_ = output;
      output_ = 0;
      output_gain_ = 3 * kOne;
    }
    at_kernel_ = kernel * kernel_size_;
    in_ = kernel - at_output_ * inputs_;
    kernel_ = 0;
    std::ranges::fill(missed_, 0);
  }

  // Terms: of the slope by log2 |w|, of everything, the output, each input, the kernel, each place in a kernel.
  std::int64_t slope_ = -3 * kOne / 2;
  std::int64_t all_ = 0;
  std::int64_t output_ = 0;
  std::vector<std::int64_t> input_;
  std::int64_t kernel_ = 0;
  std::vector<std::int64_t> place_;
  std::vector<std::int64_t> missed_;  // by the weights of the kernel so far
  // What is learned faster at first: an output's term in its first weights, the inputs' in the first outputs.
  std::int64_t output_gain_ = 0;
  std::int64_t input_gain_ = 0;
  std::size_t inputs_ = 1;
  std::size_t kernel_size_ = 1;
  std::vector<std::array<std::size_t, 2>>
      beside_;  // how far back the left and the upper neighbour lie; 0: there is none
  std::int64_t largest_ = 0;
  // Of the weight that was predicted last.
  std::size_t at_output_ = kNone;
  std::size_t at_kernel_ = kNone;  // the kernel's first element
  std::size_t in_ = 0;
  std::size_t q_ = 0;
  std::int64_t size_ = 0;
  std::int64_t p_ = 0;
};

// The part of 0 .. 2^32 - 1 that stands for the bits so far: both ends are in it.
struct Interval {
  std::uint32_t low = 0;
  std::uint32_t high = 0xFFFF'FFFFU;

  [[nodiscard]] std::uint32_t middle(std::uint32_t p) const {
    return low + static_cast<std::uint32_t>(static_cast<std::uint64_t>(high - low) * p >> 16U);
  }
  void take(bool bit, std::uint32_t middle) {
    if (bit) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  // Whether the highest byte is settled.
  [[nodiscard]] bool settled() const { return ((low ^ high) & 0xFF00'0000U) == 0; }
  void shift() {
    low <<= 8U;
    high = high << 8U | 0xFFU;
  }
};

// Calls bit(index in the part, probability), which gives the bit, for each weight of the part in turn; it ends early
// where that gives nothing.
template <class Bit>
void for_each_bit(const Part& part, const Bit& bit) {
  Foresight foresight;
  std::size_t index = 0;
  int tensor = -1;
  std::span<const float> values;
  std::size_t offset = 0;
  for (const Run& run : runs_of(part.graph, part.region)) {
    if (run.tensor != tensor) {
      tensor = run.tensor;
      const nn::GraphWeight& row = part.graph.weights()[static_cast<std::size_t>(tensor)];
      values = part.weights.read(tensor);
      offset = row.offset;
      foresight.begin_tensor(row, values);
    }
    for (std::size_t k = run.first - offset; k < run.first - offset + run.count; ++k) {
      const std::optional<bool> is = bit(index++, foresight.foretell(k, values[k]));
      if (!is) return;
      foresight.learn(*is);
    }
  }
}

}  // namespace

std::vector<std::uint8_t> code_by_weights(std::span<const std::uint8_t> bits, const Part& part) {
  std::vector<std::uint8_t> out;
  Interval interval;
  const auto put = [&] {
    out.push_back(static_cast<std::uint8_t>(interval.low >> 24U));
    interval.shift();
  };
  for_each_bit(part, [&](std::size_t i, std::uint32_t p) -> std::optional<bool> {
    const bool bit = (bits[i / 8] >> i % 8 & 1U) != 0;
    interval.take(bit, interval.middle(p));
    while (interval.settled()) put();
    return bit;
  });
  for (int i = 0; i < 4; ++i) put();  // the low end, whole
  return out;
}

std::optional<std::vector<std::uint8_t>> decode_by_weights(std::span<const std::uint8_t> bytes, const Part& part,
                                                           std::size_t count) {
  std::vector<std::uint8_t> bits((count + 7) / 8, 0);
  Interval interval;
  std::size_t at = 0;
  std::uint32_t value = 0;
  const auto next = [&] {
    if (at == bytes.size()) return false;
    value = value << 8U | bytes[at++];
    return true;
  };
  bool whole = true;
  for (int i = 0; i < 4; ++i) whole = whole && next();
  if (!whole) return std::nullopt;
  for_each_bit(part, [&](std::size_t i, std::uint32_t p) -> std::optional<bool> {
    const std::uint32_t middle = interval.middle(p);
    const bool bit = value <= middle;
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | static_cast<unsigned>(bit) << i % 8);
    interval.take(bit, middle);
    while (whole && interval.settled()) {
      whole = next();
      interval.shift();
    }
    return whole ? std::optional<bool>(bit) : std::nullopt;
  });
  if (!whole || at != bytes.size() || value != interval.low) return std::nullopt;
  return bits;
}

}  // namespace weightroom::edit
