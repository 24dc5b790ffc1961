// Weights in fewer bytes: what comes back, and that nothing but what was written does.
#include "io/packed.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "base/quantiser.h"
#include "base/rng.h"
#include "io/packing_plan.h"

namespace weightroom::io {
namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed, "weights");
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(rng.normal());
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Rounded to codes, a scale a row of `each`.
std::vector<float> quantised(std::vector<float> values, std::size_t each, int bits, bool affine) {
  for (std::size_t first = 0; first < values.size(); first += each) {
    const std::vector<float> row(values.begin() + static_cast<std::ptrdiff_t>(first),
                                 values.begin() + static_cast<std::ptrdiff_t>(first + each));
    const base::Quantiser quantiser(row, bits, affine);
    for (std::size_t i = first; i < first + each; ++i) values[i] = quantiser.nearest(values[i]);
  }
  return values;
}

std::vector<float> pruned(std::vector<float> values, double share) {
  std::vector<float> sizes = values;
  for (float& v : sizes) v = std::abs(v);
  std::ranges::sort(sizes);
  const float limit = sizes[static_cast<std::size_t>(share * static_cast<double>(sizes.size()))];
  for (float& v : values) v = std::abs(v) < limit ? 0.0F : v;
  return values;
}

// The plan says how long each part becomes.
Packed packed_by(const std::vector<float>& values, const PackingPlan& plan) {
  Packed packed = pack(values, plan);
  EXPECT_EQ(packed.packing, plan.packing);
  EXPECT_EQ(packed.mask.size(), plan.sizes.mask);
  EXPECT_EQ(packed.values.size(), plan.sizes.values);
  EXPECT_EQ(packed.scales.size(), plan.sizes.scales);
  EXPECT_EQ(packed.zeros.size(), plan.sizes.zeros);
  return packed;
}

Packed smallest(const std::vector<float>& values, std::size_t channels) {
  return packed_by(values, plan_packing(values, channels, PackAs::smallest));
}

std::size_t bytes_of(const Packed& packed) {
  return packed.mask.size() + packed.values.size() + packed.scales.size() * sizeof(float) + packed.zeros.size();
}

TEST(Pack, GivesEveryBitAgainWhateverItIs) {
  constexpr std::size_t kChannels = 12;
  constexpr std::size_t kCount = 12 * 37;
  const auto plain = random_values(kCount, 1);
  std::vector<std::vector<float>> all{plain,
                                      pruned(plain, 0.1),
                                      pruned(plain, 0.9),
                                      std::vector<float>(kCount, 0.0F),
                                      std::vector<float>(kCount, 0.1F),
                                      std::vector<float>(kCount, -0.0F)};
  all.push_back(plain);
  all.back()[7] = -0.0F;
  for (int bits = 1; bits <= 8; ++bits) {
    for (const bool affine : {false, true}) {
      for (const std::size_t each : {kCount, kCount / kChannels}) {
        all.push_back(quantised(plain, each, bits, affine));
        all.push_back(pruned(all.back(), 0.5));
      }
    }
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Packed packed = smallest(all[k], kChannels);
    const auto back = unpack(packed, kCount, kChannels);
    ASSERT_TRUE(back.has_value()) << k << back.error().message();
    EXPECT_TRUE(same_bits(*back, all[k])) << k;
    EXPECT_LE(bytes_of(packed), kCount * sizeof(float));
  }
}

TEST(Pack, TakesAsManyBitsAsQuantisingLeft) {
  const auto plain = random_values(40 * 50, 2);
  for (int bits = 2; bits <= 8; ++bits) {
    const Packed packed = smallest(quantised(plain, 50, bits, false), 40);
    // Of so few codes many are 0: a mask and the others are smaller still.
    if (bits > 3)
      EXPECT_EQ(packed.packing, (Packing{.bits = bits, .affine = false, .by_channel = true, .sparse = false})) << bits;
    EXPECT_LE(bytes_of(packed), 40U * 50 * static_cast<std::size_t>(bits) / 8 + 40 * 4) << bits;
    const Packed whole = smallest(quantised(plain, 2000, bits, true), 40);
    EXPECT_EQ(whole.packing.bits, bits);
    EXPECT_FALSE(whole.packing.by_channel);
  }
  EXPECT_EQ(smallest(plain, 40).packing, Packing{});
  const Packed sparse = smallest(pruned(plain, 0.75), 40);
  EXPECT_EQ(sparse.packing, (Packing{.bits = 32, .affine = false, .by_channel = false, .sparse = true}));
  EXPECT_EQ(bytes_of(sparse), 2000U / 8 + 500 * 4);
}

TEST(Pack, QuantisedIsTheNearestOfEachChannel) {
  const auto plain = random_values(6 * 25, 3);
  for (const int bits : {8, 4, 1}) {
    const auto back = unpack(packed_by(plain, plan_packing(plain, 6, PackAs::quantised, bits)), plain.size(), 6);
    ASSERT_TRUE(back.has_value());
    EXPECT_TRUE(same_bits(*back, quantised(plain, 25, bits, false)));
  }
  const auto few = pruned(plain, 0.9);
  EXPECT_TRUE(packed_by(few, plan_packing(few, 6, PackAs::quantised, 8)).packing.sparse);
  EXPECT_FALSE(plan_packing(plain, 6, PackAs::quantised, 8).packing.sparse);
}

TEST(Unpack, RefusesPartsThatDoNotGoTogether) {
  const auto values = pruned(quantised(random_values(64, 4), 16, 4, true), 0.4);
  Packed good = smallest(values, 4);
  ASSERT_TRUE(good.packing.affine && good.packing.sparse && good.packing.by_channel);
  ASSERT_TRUE(unpack(good, 64, 4).has_value());
  const auto refused = [&](auto&& change) {
    Packed bad = good;
    change(bad);
    return !unpack(bad, 64, 4).has_value();
  };
  EXPECT_TRUE(refused([](Packed& p) { p.mask.pop_back(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.values.pop_back(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.values.emplace_back(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.scales.pop_back(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.zeros.clear(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.scales[1] = std::numeric_limits<float>::infinity(); }));
  EXPECT_TRUE(refused([](Packed& p) { p.packing.sparse = false; }));
  EXPECT_FALSE(unpack(good, 72, 4).has_value());
}

}  // namespace
}  // namespace weightroom::io
