#include "io/packing_plan.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/float16.h"
#include "io/packed_rows.h"

namespace weightroom::io {
namespace {

// Values between two pauses: of a pass that looks at each but once, and of one that may quantise each.
constexpr std::size_t kLookedAt = 1U << 18U;
constexpr std::size_t kQuantised = 1U << 15U;

// What `stored` of `count` values take.
PackedSizes sizes_of(std::size_t count, std::size_t stored, std::size_t rows, Packing packing) {
  const bool codes = packing.bits <= 8;
  return {.mask = packing.sparse ? mask_bytes(count) : 0,
          .values = code_bytes(stored, packing.bits),
          .scales = codes ? rows : 0,
          .zeros = codes && packing.affine ? rows : 0};
}

PackingPlan plan_floats(std::size_t count, std::size_t stored, int bits, bool sparse) {
  const Packing packing{.bits = bits, .affine = false, .by_channel = false, .sparse = sparse};
  return {.packing = packing, .sizes = sizes_of(count, stored, 1, packing), .quantisers = {}};
}

bool stays_finite(float v) { return std::isfinite(base::half_to_float(base::float_to_half(v))); }

}  // namespace

// Rows of which quantisers are tried. The ranges are those of the first rows, and grow as rows are looked at: mostly
// the first tells already.
struct PackingPlanner::Tried {
  Rows rows;
  std::vector<base::Quantiser::Range> ranges;
};

PackingPlanner::PackingPlanner(std::span<const float> values, std::size_t channels, PackAs as, int bits)
    : values_(values), channels_(channels), task_(run(as, bits)) {
  CHECK(channels > 0 && values.size() % channels == 0 && bits >= 1 && bits <= 8);
}

void PackingPlanner::offer(PackingPlan&& other) {
  if (other.sizes.bytes() < best_.sizes.bytes()) best_ = std::move(other);
}

base::Task PackingPlanner::run(PackAs as, int bits) {
  if (as == PackAs::quantised || as == PackAs::smallest) {
    base::Task rest = as == PackAs::quantised ? quantise(bits) : look_for_smallest();
    while (!rest.step()) co_await base::Pause{};
    co_return;
  }
  bool fits = as != PackAs::full;
  if (fits) {
    base::Task look = find_whether(as == PackAs::exact ? base::fits_half : stays_finite, fits);
    while (!look.step()) co_await base::Pause{};
  }
  best_ = plan_floats(values_.size(), values_.size(), fits ? 16 : 32, false);
}

base::Task PackingPlanner::find_whether(bool (*all)(float), bool& out) {
  out = true;
  for (std::size_t at = 0; at < values_.size() && out; at += kLookedAt) {
    out = std::ranges::all_of(values_.subspan(at, std::min(kLookedAt, values_.size() - at)), all);
    co_await base::Pause{};
  }
}

base::Task PackingPlanner::count_zeros(std::size_t& zeros) {
  zeros = 0;
  for (std::size_t at = 0; at < values_.size(); at += kLookedAt) {
    zeros += static_cast<std::size_t>(
        std::ranges::count_if(values_.subspan(at, std::min(kLookedAt, values_.size() - at)), is_zero));
    co_await base::Pause{};
  }
}

base::Task PackingPlanner::look_for_smallest() {
  bool fits = false;
  base::Task look = find_whether(base::fits_half, fits);
  while (!look.step()) co_await base::Pause{};
  std::size_t zeros = 0;
  base::Task count = count_zeros(zeros);
  while (!count.step()) co_await base::Pause{};
  const int bits = fits ? 16 : 32;
  best_ = plan_floats(values_.size(), values_.size(), bits, false);
  for (const bool sparse : {false, true}) {
    if (sparse && zeros == 0) continue;
    if (sparse) offer(plan_floats(values_.size(), values_.size() - zeros, bits, true));
    if (values_.size() < 2 * channels_) continue;
    base::Task codes = look_for_codes(sparse);
    while (!codes.step()) co_await base::Pause{};
  }
}

// The fewest bits that codes of each kind need, where eight are enough.
base::Task PackingPlanner::look_for_codes(bool sparse) {
  Tried whole{.rows = Rows(values_, 1, sparse), .ranges = {}};
  Tried each{.rows = Rows(values_, channels_, sparse), .ranges = {}};
  for (Tried* tried : {&whole, &each}) {
    while (!tried->rows.step()) co_await base::Pause{};
  }
  for (const bool affine : {false, true}) {
    for (Tried* tried : {&whole, &each}) {
      Packing packing{.bits = 1, .affine = affine, .by_channel = tried == &each, .sparse = sparse};
      std::vector<base::Quantiser> found;
      for (; packing.bits <= 8 && found.empty(); ++packing.bits) {
        base::Task look = find_quantisers(*tried, packing, found);
        while (!look.step()) co_await base::Pause{};
        if (found.empty()) continue;
        const PackedSizes sizes = sizes_of(values_.size(), tried->rows.all().size(), tried->rows.count(), packing);
        offer({.packing = packing, .sizes = sizes, .quantisers = found});
      }
    }
  }
}

// The quantiser of each row, if all of them have one.
base::Task PackingPlanner::find_quantisers(Tried& tried, Packing packing, std::vector<base::Quantiser>& found) {
  std::size_t left = kQuantised;
  for (std::size_t k = 0; k < tried.rows.count(); ++k) {
    const auto row = tried.rows[k];
    if (tried.ranges.size() == k) {
      base::Quantiser::RangeSum sum;
      for (std::size_t at = 0; at < row.size(); at += kLookedAt) {
        sum.add(row.subspan(at, std::min(kLookedAt, row.size() - at)));
        if (row.size() > kLookedAt) co_await base::Pause{};
      }
      tried.ranges.push_back(sum.range());
    }
    base::QuantiserSearch search(row, tried.ranges[k], packing.bits, packing.affine);
    while (!search.step(left)) {
      co_await base::Pause{};
      left = kQuantised;
    }
    if (!search.found()) {
      found.clear();
      co_return;
    }
    found.push_back(*search.found());
  }
}

base::Task PackingPlanner::quantise(int bits) {
  std::size_t zeros = 0;
  base::Task count = count_zeros(zeros);
  while (!count.step()) co_await base::Pause{};
  const auto of = [&](bool sparse) {
    const Packing packing{.bits = bits, .affine = false, .by_channel = true, .sparse = sparse};
    const std::size_t stored = values_.size() - (sparse ? zeros : 0);
    return PackingPlan{
        .packing = packing, .sizes = sizes_of(values_.size(), stored, channels_, packing), .quantisers = {}};
  };
  best_ = of(false);
  offer(of(true));
  Rows rows(values_, channels_, best_.packing.sparse);
  while (!rows.step()) co_await base::Pause{};
  std::size_t looked_at = 0;
  for (std::size_t k = 0; k < channels_; ++k) {
    best_.quantisers.emplace_back(rows[k], bits, false);
    looked_at += 1 + rows[k].size();
    if (looked_at < kLookedAt) continue;
    looked_at = 0;
    co_await base::Pause{};
  }
}

PackingPlan plan_packing(std::span<const float> values, std::size_t channels, PackAs as, int bits) {
  PackingPlanner planner(values, channels, as, bits);
  while (!planner.step()) continue;
  return planner.take();
}

}  // namespace weightroom::io
