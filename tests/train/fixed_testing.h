#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "train/evaluate.h"
#include "train/fixed.h"
#include "train/synthetic.h"
#include "train/trainer.h"

namespace weightroom::train {

inline constexpr int kFixedClasses = 3;
inline constexpr int kFixedSide = 10;

inline Recipe fixed_recipe() {
  Recipe recipe;
  recipe.net = "conv 5; pool; conv 6; gap; fc";
  recipe.seed = 4;
  recipe.epochs = 3;
  recipe.batch = 16;
  recipe.chunk = 8;
  recipe.optimizer.learning_rate = 0.05;
  recipe.optimizer.weight_decay = 1e-2;
  recipe.ema = 0.9;
  recipe.augment = {.flip = true, .crop = 1};
  return recipe;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return std::ranges::equal(
      a, b, [](float x, float y) { return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y); });
}

class FixedTest : public ::testing::Test {
 protected:
  [[nodiscard]] Result<std::unique_ptr<Trainer>> make(const Recipe& recipe, const Start& start) const {
    return Trainer::create(net(recipe), recipe, measure(images_), images_, nullptr, 2, {}, start);
  }
  [[nodiscard]] std::unique_ptr<Trainer> trainer(const Recipe& recipe, const Start& start = {}) const {
    auto made = make(recipe, start);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }
  [[nodiscard]] static std::shared_ptr<const nn::Graph> net(const Recipe& recipe) {
    return graph_of(recipe, {3, kFixedSide, kFixedSide}, kFixedClasses);
  }
  // A start no tensor of which is as a random one: running statistics included.
  [[nodiscard]] std::vector<float> trained(const Recipe& recipe) const {
    auto made = trainer(recipe);
    (void)made->run_epoch();
    return made->state().weights;
  }
  [[nodiscard]] static std::vector<int> tensors(const nn::Graph& graph, const std::vector<std::string>& names) {
    auto found = find_tensors(graph, names);
    EXPECT_TRUE(found) << found.error().message();
    return *found;
  }
  [[nodiscard]] static std::span<const float> part(const nn::Graph& graph, std::span<const float> values, int tensor) {
    const nn::GraphWeight& weight = graph.weights()[static_cast<std::size_t>(tensor)];
    return values.subspan(weight.offset, weight.shape.size());
  }

  const nn::LabelledImages images_ = synthetic_images(48, kFixedClasses, 3, kFixedSide, 1);
};

}  // namespace weightroom::train
