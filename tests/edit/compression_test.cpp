// Pruning and quantising: ties, rounding, and what stays.
#include <cmath>
#include <set>

#include "base/float16.h"
#include "base/quantiser.h"
#include "edit/edit_testing.h"

namespace weightroom::edit {
namespace {

using testing::Bench;

std::size_t zeros(const std::vector<float>& values) {
  return static_cast<std::size_t>(std::ranges::count(values, 0.0F));
}

TEST(Prune, TakesTheSmallestAndOfEqualOnesTheFirst) {
  Bench bench;
  std::vector<float> row{0.3F, -0.1F, 0.2F, 0.1F, -0.3F, 0.1F, 0.0F, 0.5F, -0.2F};  // fc2.weight[1]
  for (std::size_t i = 0; i < row.size(); ++i) bench.at("fc2.weight[1," + std::to_string(i) + "]") = row[i];
  const auto prune = [&](double share) {
    Bench fresh = bench;
    EXPECT_TRUE(fresh.run({"prune", "fc2.weight[1]", {{"share", share}}}).has_value());
    const auto all = fresh.tensor("fc2.weight");
    return std::vector<float>(all.begin() + 9, all.begin() + 18);
  };
  EXPECT_EQ(prune(0.0), row);
  // A third of nine: the zero, then two of the three of size 0.1, the first ones.
  EXPECT_EQ(prune(1.0 / 3.0), (std::vector<float>{0.3F, 0, 0.2F, 0, -0.3F, 0.1F, 0, 0.5F, -0.2F}));
  // Half of nine is 4.5, rounded up.
  EXPECT_EQ(prune(0.5), (std::vector<float>{0.3F, 0, 0, 0, -0.3F, 0, 0, 0.5F, -0.2F}));
  EXPECT_EQ(prune(0.999), std::vector<float>(9, 0.0F));
  EXPECT_EQ(prune(1.0), std::vector<float>(9, 0.0F));
}

TEST(Prune, IsOneOrderOverAllLayersAndLeavesBiases) {
  Bench bench;
  ASSERT_TRUE(bench.run({"prune", "all", {{"share", 0.4}}}).has_value());
  std::size_t joined = 0;
  std::size_t gone = 0;
  double largest_gone = 0.0;
  double smallest_kept = 1e9;
  for (const nn::GraphWeight& tensor : bench.net.graph->weights()) {
    if (tensor.shape.rank() < 2) {
      EXPECT_EQ(bench.tensor(tensor.name), bench.net.slice(bench.loaded, tensor.name));
      continue;
    }
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.shape.size(); ++i) {
      const double size = std::fabs(static_cast<double>(bench.loaded[i]));
      ++joined;
      if (bench.net.weights[i] == 0.0F) {
        ++gone;
        largest_gone = std::max(largest_gone, size);
      } else {
        smallest_kept = std::min(smallest_kept, size);
      }
    }
  }
  EXPECT_EQ(gone, static_cast<std::size_t>(std::floor(0.4 * static_cast<double>(joined) + 0.5)));
  EXPECT_LE(largest_gone, smallest_kept);
  EXPECT_FALSE(bench.run({"prune", "conv1.bias"}).has_value());
}

TEST(Prune, ByImportance) {
  for (const int by : {1, 2}) {
    Bench bench;
    ASSERT_TRUE(bench.run({"prune", "fc1", {{"share", 0.5}, {"by", by}}}).has_value());
    const nn::GraphWeight& tensor = bench.net.graph->weights()[4];
    ASSERT_EQ(tensor.name, "fc1.weight");
    double largest_gone = 0.0;
    double smallest_kept = 1e9;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.shape.size(); ++i) {
      const auto w = static_cast<double>(bench.loaded[i]);
      const double score = by == 1 ? std::fabs(w * static_cast<double>(bench.gradient[i]))
                                   : 0.5 * w * w * static_cast<double>(bench.curvature[i]);
      (bench.net.weights[i] == 0.0F ? largest_gone : smallest_kept) =
          bench.net.weights[i] == 0.0F ? std::max(largest_gone, score) : std::min(smallest_kept, score);
    }
    EXPECT_LE(largest_gone, smallest_kept);
    EXPECT_EQ(zeros(bench.tensor("fc1.weight")), 108U);
  }
  Bench bench;
  bench.gradient.clear();
  EXPECT_FALSE(bench.run({"prune", "fc1", {{"by", 1}}}).has_value());
}

TEST(Prune, WholeKernelsAndChannels) {
  Bench bench;
  ASSERT_TRUE(bench.run({"prune", "conv2.weight", {{"share", 0.5}, {"grain", 1}}}).has_value());
  const auto kernels = bench.tensor("conv2.weight");
  std::size_t gone = 0;
  for (std::size_t k = 0; k < 30; ++k) {
    const std::vector<float> kernel(kernels.begin() + static_cast<std::ptrdiff_t>(9 * k),
                                    kernels.begin() + static_cast<std::ptrdiff_t>(9 * k + 9));
    EXPECT_TRUE(zeros(kernel) == 0 || zeros(kernel) == 9);
    gone += zeros(kernel) == 9 ? 1 : 0;
  }
  EXPECT_EQ(gone, 15U);
  Bench channels;
  ASSERT_TRUE(channels.run({"prune", "conv2", {{"share", 0.5}, {"grain", 2}}}).has_value());
  EXPECT_EQ(zeros(channels.tensor("conv2.weight")), 3U * 45);
}

TEST(Quantise, ErrsByHalfAStepAndStaysWhereItIs) {
  for (const int bits : {2, 4, 8, 16}) {
    for (const int mode : {0, 1}) {
      for (const int per : {0, 1}) {
        Bench bench;
        ASSERT_TRUE(bench.run({"quantise", "all", {{"bits", bits}, {"mode", mode}, {"per", per}}}).has_value());
        const auto once = bench.net.weights;
        const auto before = bench.net.slice(bench.loaded, "conv2.weight");
        const auto now = bench.tensor("conv2.weight");
        const std::size_t each = per == 1 ? 45 : 270;
        for (std::size_t g = 0; g < before.size(); g += each) {
          const std::vector<float> group(before.begin() + static_cast<std::ptrdiff_t>(g),
                                         before.begin() + static_cast<std::ptrdiff_t>(g + each));
          const base::Quantiser quantiser(group, bits, mode == 1);
          std::set<float> values;
          for (std::size_t i = g; i < g + each; ++i) {
            EXPECT_LE(std::fabs(now[i] - before[i]), 0.5001F * quantiser.scale() + 1e-7F);
            values.insert(now[i]);
          }
          EXPECT_LE(values.size(), std::size_t{1} << static_cast<unsigned>(bits));
        }
        EXPECT_EQ(bench.tensor("conv2.bias"), bench.net.slice(bench.loaded, "conv2.bias"));
        // What has been quantised symmetrically does not move again.
        if (mode == 0) {
          ASSERT_TRUE(bench.run({"quantise", "all", {{"bits", bits}, {"mode", mode}, {"per", per}}}).has_value());
          EXPECT_EQ(bench.net.weights, once) << bits;
        }
      }
    }
  }
}

TEST(Quantise, ToHalfPrecision) {
  Bench bench;
  bench.at("conv1.bias[0]") = 1e6F;
  ASSERT_TRUE(bench.run({"quantise", "all", {{"mode", 2}}}).has_value());
  for (const float w : bench.net.weights) EXPECT_TRUE(base::fits_half(w));
  EXPECT_EQ(bench.at("conv1.bias[0]"), 65504.0F);
  EXPECT_EQ(bench.at("fc1.weight[2,3]"),
            base::half_to_float(base::float_to_half(bench.net.slice(bench.loaded, "fc1.weight")[2 * 24 + 3])));
}

}  // namespace
}  // namespace weightroom::edit
