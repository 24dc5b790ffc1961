#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace weightroom::base {

// Values of `bits` bits (1 to 16) for real ones: value = scale * (code - zero).
// Symmetric: zero = 0, codes -(2^(bits-1) - 1) .. 2^(bits-1) - 1, the largest value's size at the end of them; of one
// bit two codes, -1 and 1, and the mean size as the scale (Rastegari et al. 2016). Affine: codes 0 .. 2^bits - 1 from
// the smallest to the largest value, both sides widened to take in 0, which is exact. To the nearest code, ties to the
// even one, as ONNX QuantizeLinear and PyTorch round. Computed in double, scales held in float: the same bits
// everywhere.
class Quantiser {
 public:
  // All of the values that decide on a scale, whatever the bits.
  struct Range {
    double low = 0.0;  // 0 is always within
    double high = 0.0;
    double mean_size = 0.0;
  };
  // The range of values that come part by part, in their order.
  class RangeSum {
   public:
    void add(std::span<const float> values);
    [[nodiscard]] Range range() const;

   private:
    Range range_;
    double size_ = 0.0;  // of all of them
    double count_ = 0.0;
  };
  [[nodiscard]] static Range range_of(std::span<const float> values);

  Quantiser(std::span<const float> values, int bits, bool affine) : Quantiser(range_of(values), bits, affine) {}
  Quantiser(const Range& range, int bits, bool affine);
  // As it was stored. `zero` must be one of the codes; of symmetric ones 0.
  Quantiser(float scale, std::int32_t zero, int bits, bool affine);

  [[nodiscard]] std::int32_t code(float value) const;
  [[nodiscard]] float value(std::int32_t code) const;
  [[nodiscard]] float nearest(float v) const { return value(code(v)); }
  [[nodiscard]] float scale() const { return scale_; }
  [[nodiscard]] std::int32_t zero() const { return zero_; }
  [[nodiscard]] std::int32_t lowest() const { return lowest_; }
  [[nodiscard]] std::int32_t highest() const { return highest_; }

 private:
  float scale_ = 0.0F;
  std::int32_t zero_ = 0;
  std::int32_t lowest_ = 0;
  std::int32_t highest_ = 0;
  bool signs_ = false;  // one bit, symmetric
};

// Finds a quantiser whose values these are already, to the bit: what quantising left behind. The scale is found again
// from the largest of them, to within its last places. `range` is theirs; they must stay.
class QuantiserSearch {
 public:
  QuantiserSearch(std::span<const float> values, const Quantiser::Range& range, int bits, bool affine);

  // Looks at no more than `left` values and counts them off; true once it has come to an end.
  bool step(std::size_t& left);
  // At the end: nothing where there is none.
  [[nodiscard]] const std::optional<Quantiser>& found() const { return found_; }

 private:
  [[nodiscard]] Quantiser candidate() const;

  std::span<const float> values_;
  Quantiser guess_;
  int bits_;
  bool affine_;
  int tried_ = 0;       // candidates that do not fit
  std::size_t at_ = 0;  // values that fit the present one
  std::optional<Quantiser> found_;
};
// The same at once.
[[nodiscard]] std::optional<Quantiser> quantiser_of(std::span<const float> values, int bits, bool affine);

}  // namespace weightroom::base
