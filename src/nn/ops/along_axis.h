#pragma once

#include "nn/kernels/lane_function.h"
#include "nn/kernels/lane_math.h"
#include "nn/kernels/scratch.h"
#include "nn/ops/rules.h"

namespace weightroom::nn {

// What an op does to the values along one axis, place by place: `channels` values that lie `stride` apart. Where they
// lie next to each other a place is a row; else neighbouring places go side by side in lanes.
struct AlongAxis {
  std::size_t channels;
  std::size_t stride;
  std::size_t places;

  // The attribute `axis`, 1 where it is not said.
  AlongAxis(const Attributes& attributes, const Shape& x) {
    const int axis = read_axis(attributes, "axis", 1, x.rank()).value();
    channels = static_cast<std::size_t>(x[axis]);
    const std::size_t outer = outer_size(x, axis);
    stride = x.size() / outer / channels;
    places = outer * stride;
  }

  [[nodiscard]] bool in_rows() const { return stride == 1; }
  [[nodiscard]] kernels::Range share(const Cut& cut) const { return kernels::units_of(static_cast<int>(places), cut); }
  // Where the first value of a place lies.
  [[nodiscard]] std::size_t first(std::size_t place) const {
    return place / stride * channels * stride + place % stride;
  }

  // visit(first) for each place
  template <class Visit>
  void for_places(kernels::Range some, const Visit& visit) const {
    for (int place = some.first; place < some.end; ++place) visit(first(static_cast<std::size_t>(place)));
  }
  // visit(tag, first) for as many places side by side as the tag has lanes
  template <class Visit>
  void for_lanes(kernels::Range some, const Visit& visit) const {
    auto place = static_cast<std::size_t>(some.first);
    const auto end = static_cast<std::size_t>(some.end);
    while (place < end) {
      const std::size_t row_end = std::min(end, (place / stride + 1) * stride);
      const std::size_t from = first(place);
      kernels::each_lanes(row_end - place, [&](auto d, std::size_t i) { visit(d, from + i); });
      place = row_end;
    }
  }
};

// Sums of many terms in float: stretches of 32 by themselves, so that the error does not grow with their number.
template <class D>
class LongSum {
 public:
  void add(kernels::Lanes<D> term) {
    part_ = part_ + term;
    if (++count_ % 32 != 0) return;
    sum_ = sum_ + part_;
    part_ = kernels::Lanes<D>(0.0);
  }
  [[nodiscard]] kernels::Lanes<D> total() const { return sum_ + part_; }

 private:
  kernels::Lanes<D> sum_{0.0};
  kernels::Lanes<D> part_{0.0};
  std::size_t count_ = 0;
};

}  // namespace weightroom::nn
