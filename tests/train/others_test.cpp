// Pictures that are none of the classes: a class in training, a gauge in the model that ships.
#include "train/others.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "io/model_file.h"
#include "synthetic.h"
#include "train/evaluate.h"
#include "train/features.h"
#include "train/finish.h"

namespace weightroom::train {
namespace {

constexpr const char* kRecipe = R"({"name":"bands","title":"Bands","net":"conv 8; pool; gap; fc","epochs":12,"batch":32,
  "chunk":16,"learning_rate":0.2,"none_share":0.1,"rounding_epochs":2})";

// Pictures of one grey each, which none of the synthetic classes is.
nn::LabelledImages plain_images(std::size_t count, const nn::LabelledImages& like) {
  nn::LabelledImages images = like;
  images.class_names = {"anything"};
  images.labels.assign(count, 0);
  images.names.clear();
  images.pixels.clear();
  for (std::size_t i = 0; i < count; ++i) {
    images.names.push_back("anything/" + std::to_string(i) + ".png");
    images.pixels.insert(images.pixels.end(), like.sample_bytes(), static_cast<std::uint8_t>(40 + i % 160));
  }
  return images;
}

TEST(Others, AreOneClassAfterTheOthers) {
  nn::LabelledImages images = synthetic_images(10, 3, 3, 8, 1);
  const nn::LabelledImages plain = plain_images(4, images);
  ASSERT_TRUE(add_others(images, plain));
  EXPECT_EQ(images.count(), 14U);
  EXPECT_EQ(images.class_names.back(), "others");
  EXPECT_EQ(images.labels.back(), 3);
  EXPECT_EQ(images.names.back(), "others/anything/3.png");
  EXPECT_TRUE(std::ranges::equal(images.sample(13), plain.sample(3)));
  EXPECT_EQ(add_others(images, plain).error().message(),
            "The set has a class 'others' already; that is the name of the pictures that are none of its classes.");
  nn::LabelledImages larger = synthetic_images(2, 3, 3, 16, 1);
  EXPECT_FALSE(add_others(larger, plain));
}

TEST(Others, BecomeAGaugeThatRefusesStrangers) {
  const RecipeFile file = *parse_recipe(kRecipe);
  const nn::LabelledImages images = synthetic_images(160, 3, 3, 8, 1);
  const nn::LabelledImages plain = plain_images(64, images);
  const auto prepared = prepare(file, images, &plain);
  ASSERT_TRUE(prepared) << prepared.error().message();
  auto trainer = Trainer::create(prepared->graph, file.recipe, prepared->preprocessing, prepared->images, nullptr, 1);
  ASSERT_TRUE(trainer) << trainer.error().message();
  while (!(*trainer)->finished()) (void)(*trainer)->run_epoch();
  const auto finished = finish(**trainer, *prepared, 1);
  ASSERT_TRUE(finished) << finished.error().message();
  EXPECT_EQ(finished->net.graph->class_count(), 3);
  EXPECT_EQ(finished->labels.size(), 3U);
  ASSERT_TRUE(finished->gauge);
  const Subject subject{finished->net.graph, finished->net.weights, prepared->preprocessing, &*finished->gauge};
  const Evaluation own = evaluate(subject, images, 1);
  ASSERT_TRUE(own.none_of_these);
  EXPECT_LE(*own.none_of_these, 16U) << "a tenth, as the recipe says";
  EXPECT_GT(own.top1, 0.9);
  nn::LabelledImages strangers = plain_images(32, images);
  strangers.labels.assign(strangers.count(), -1);
  const Evaluation refused = evaluate(subject, strangers, 2);
  EXPECT_EQ(refused.count, 0U);
  EXPECT_GE(*refused.none_of_these, 28U);

  // The gauge and the rounded weights are the file's, to the bit.
  const nn::Model model = finished_model(file, *prepared, *finished, "{}");
  const auto read = io::read_model(io::write_model(model, io::Store::smallest), "bands");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->gauge, model.gauge);
  EXPECT_EQ(read->weights, model.weights);
  // The scale of what goes into the last layer is that of the classes' pictures; strangers have no part in it.
  EXPECT_EQ(read->feature_scale, model.feature_scale);
  const std::vector<float> features = features_of(model, images, 1);
  EXPECT_FLOAT_EQ(model.feature_scale, static_cast<float>(feature_scale(features, features.size() / images.count())));
}

TEST(Others, StayAClassWithoutAShare) {
  RecipeFile file = *parse_recipe(kRecipe);
  file.recipe.none_share = 0.0;
  file.recipe.epochs = 1;
  file.recipe.rounding_epochs = 0;
  const nn::LabelledImages images = synthetic_images(64, 3, 3, 8, 1);
  const nn::LabelledImages plain = plain_images(32, images);
  const auto prepared = prepare(file, images, &plain);
  ASSERT_TRUE(prepared);
  auto trainer = Trainer::create(prepared->graph, file.recipe, prepared->preprocessing, prepared->images, nullptr, 1);
  ASSERT_TRUE(trainer);
  while (!(*trainer)->finished()) (void)(*trainer)->run_epoch();
  const auto finished = finish(**trainer, *prepared, 1);
  ASSERT_TRUE(finished);
  EXPECT_FALSE(finished->gauge);
  EXPECT_EQ(finished->net.graph->class_count(), 4);
  EXPECT_EQ(finished->labels.back(), "others");
}

TEST(Others, AShareWithoutThemIsRefused) {
  EXPECT_EQ(prepare(*parse_recipe(kRecipe), synthetic_images(64, 3, 3, 8, 1)).error().message(),
            "'none_share' needs pictures that are none of the classes.");
}

}  // namespace
}  // namespace weightroom::train
