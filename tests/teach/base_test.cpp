#include "teach/base.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "support/nets.h"
#include "train/features.h"

namespace weightroom::teach {
namespace {

nn::Model small_model(bool softmax) {
  test::SpecBuilder spec({3, 8, 8});
  spec.conv("conv1", 4, 3, 1)
      .add("relu1", "relu")
      .add("gap", "global_avg_pool")
      .add("flatten", "flatten")
      .linear("fc", 5, false);
  if (softmax) spec.add("softmax", "softmax");
  test::Net net = test::random_net(spec.spec(), 1);
  nn::Model model;
  model.name = "small";
  model.graph = net.graph;
  model.weights = net.weights;
  model.labels = {"a", "b", "c", "d", "e"};
  model.gauge = nn::NoneOfThese{.weights = std::vector<float>(4, 1.0F)};
  return model;
}

nn::LabelledImages random_pictures(std::size_t count) {
  nn::LabelledImages images{.channels = 3,
                            .height = 8,
                            .width = 8,
                            .pixels = {},
                            .labels = std::vector<int>(count),
                            .names = std::vector<std::string>(count),
                            .class_names = {"x"}};
  for (const float value : test::random_values(count * images.sample_bytes(), 2, "pictures", 0.0, 255.0))
    images.pixels.push_back(static_cast<std::uint8_t>(value));
  return images;
}

TEST(Base, AHeadTakesThePlaceOfTheLastLayerAndNothingElse) {
  for (const bool softmax : {false, true}) {
    const nn::Model base = small_model(softmax);
    ASSERT_TRUE(check_base(base));
    const Head head{2, 4, {1.0, 2.0, 3.0, 4.0, -1.0, -2.0, -3.0, -4.0}, {0.25, -0.25}};
    const nn::Model made = with_head(base, head, 2.0, {"cup", "bowl"});
    EXPECT_EQ(made.labels, (std::vector<std::string>{"cup", "bowl"}));
    EXPECT_FALSE(made.gauge) << "it knows the base's classes";
    EXPECT_EQ(made.graph->class_count(), 2);
    EXPECT_EQ(made.graph->answer(), base.graph->answer());
    for (const char* name : {"conv1.weight", "conv1.bias"}) {
      const nn::GraphWeight& from = base.graph->weights()[static_cast<std::size_t>(base.graph->find_weight(name))];
      const nn::GraphWeight& to = made.graph->weights()[static_cast<std::size_t>(made.graph->find_weight(name))];
      EXPECT_EQ(std::memcmp(base.weights.data() + from.offset, made.weights.data() + to.offset,
                            from.shape.size() * sizeof(float)),
                0);
    }
    // The logits are W z + b of the features divided by the scale.
    const nn::LabelledImages images = random_pictures(1);
    const std::vector<float> features = train::features_of(base, images, 1);
    std::vector<double> z(features.begin(), features.end());
    for (double& value : z) value /= 2.0;
    nn::Session session(made.graph, made.weights, {});
    std::vector<float> input;
    for (const std::uint8_t value : images.pixels) input.push_back(static_cast<float>(value) / 255.0F);
    session.set_input(input);
    session.forward();
    const std::vector<double> logits = head.logits(z);
    for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(session.logits().data[c], logits[c], 1e-5);
  }
}

TEST(Base, WhatDoesNotEndInALinearLayerIsRefusedByASentence) {
  test::SpecBuilder spec({3, 8, 8});
  spec.conv("conv1", 5, 3, 1).add("gap", "global_avg_pool").add("flatten", "flatten");
  nn::Model model = small_model(false);
  model.graph = test::random_net(spec.spec(), 1).graph;
  const auto refused = check_base(model);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "'small' does not end in a linear layer, and classes of one's own are one in its place.");
}

TEST(Features, AreThoseOfOnePictureAtATimeInAnySlices) {
  const nn::Model base = small_model(false);
  const nn::LabelledImages images = random_pictures(19);
  const std::vector<float> features = train::features_of(base, images, 2);
  ASSERT_EQ(features.size(), 19U * 4U);
  train::FeaturesJob job(base.graph, base.weights, base.preprocessing, images, 1);
  while (!job.step(base::Budget::milliseconds(0))) EXPECT_LT(job.progress(), 1.0);
  EXPECT_EQ(job.take(), features);
  for (std::size_t i = 0; i < images.count(); ++i) {
    nn::LabelledImages one = random_pictures(1);
    one.pixels.assign(images.sample(i).begin(), images.sample(i).end());
    const std::vector<float> alone = train::features_of(base, one, 1);
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(features[4 * i + j], alone[j]);
  }
}

TEST(Features, ScaleIsTheRootMeanSquareLength) {
  EXPECT_DOUBLE_EQ(train::feature_scale(std::vector<float>{3.0F, 4.0F, 0.0F, 5.0F}, 2), 5.0);
  EXPECT_DOUBLE_EQ(train::feature_scale({}, 2), 1.0);
}

TEST(Examples, APictureAsGoodAsEqualToAnotherBelongsToItsTake) {
  const std::vector<float> features{1.0F, 0.0F, 0.0F, 1.0F, 1.01F, 0.0F, 1.0F, 0.0F};
  const Examples examples = examples_of(features, 2, 1.0, {0, 0, 0, 1}, 2);
  EXPECT_EQ(examples.takes, (std::vector<int>{0, 1, 0, 0}));
  EXPECT_EQ(examples.takes_by_class(), (std::vector<int>{2, 1}));
}

}  // namespace
}  // namespace weightroom::teach
