// The recipe's file, the hold-out, and what is written of a finished run.
#include "train/finish.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/float16.h"
#include "base/hash.h"
#include "train/hold_out.h"
#include "train/synthetic.h"

namespace weightroom::train {
namespace {

constexpr const char* kFile = R"({"name": "bands", "title": "Bands", "net": "conv 4; gap; fc", "epochs": 2, "batch": 16,
  "chunk": 8, "optimizer": "adamw", "learning_rate": 0.01, "flip": true, "schedule": "cosine", "seed": 7,
  "invert": true, "holdout": 0.2})";

std::string refusal(const std::string& text) {
  const auto file = parse_recipe(text);
  return file ? std::string() : file.error().message();
}

TEST(RecipeFileTest, ReadsWhatItWrites) {
  const auto file = parse_recipe(kFile);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->name, "bands");
  EXPECT_TRUE(file->invert);
  EXPECT_EQ(file->holdout, 0.2);
  EXPECT_EQ(file->recipe.optimizer.kind, OptimizerKind::adamw);
  EXPECT_EQ(file->recipe.schedule.kind, ScheduleKind::cosine);
  EXPECT_EQ(file->recipe.seed, 7U);
  EXPECT_EQ(file->recipe.optimizer.beta2, 0.999);  // left out: the default
  EXPECT_TRUE(check(*file));
  const auto written = recipe_json(*file);
  const auto again = parse_recipe(written.dump());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(recipe_json(*again), written);
  // Fields of later versions stand there where they are used alone.
  for (const char* later : {"fine_weight", "calm_epochs", "teachers", "teacher_weight", "temperature"})
    EXPECT_FALSE(written.contains(later)) << later;
  RecipeFile taught = *file;
  taught.recipe.teachers = "a";
  taught.recipe.calm_epochs = 1;
  EXPECT_TRUE(recipe_json(taught).contains("temperature"));
  EXPECT_EQ(recipe_json(taught)["calm_epochs"], 1);
}

TEST(RecipeFileTest, RefusesByASentence) {
  EXPECT_NE(refusal("{").find("The recipe"), std::string::npos);
  EXPECT_EQ(refusal("[1]"), "The recipe is not a JSON object.");
  EXPECT_EQ(refusal(R"({"nett": "fc"})"), "A recipe has no field 'nett'.");
  EXPECT_EQ(refusal(R"({"epochs": "3"})"), "The recipe's 'epochs' must be a whole number, not '3'.");
  EXPECT_EQ(refusal(R"({"flip": 1})"), "The recipe's 'flip' must be true or false, not '1'.");
  EXPECT_EQ(refusal(R"({"seed": -1})"), "The recipe's 'seed' must be a whole number from 0, not '-1'.");
  RecipeFile file;
  EXPECT_TRUE(set_recipe_field(file, "learning_rate", "0.25"));
  EXPECT_EQ(file.recipe.optimizer.learning_rate, 0.25);
  EXPECT_FALSE(set_recipe_field(file, "learning_rate", "0x1"));
  EXPECT_EQ(set_recipe_field(file, "optimizer", "lion").error().message(),
            "The recipe's 'optimizer' must be sgd or adamw, not 'lion'.");
  EXPECT_EQ(check(file).error().message(), "The recipe names no layers ('net').");
  file.holdout = 0.6;
  EXPECT_EQ(check(file).error().message(), "The recipe's 'holdout' must be from 0 to 0.5.");
  file.holdout = std::nan("");
  EXPECT_FALSE(check(file));
}

TEST(HoldOut, GoesByTheFilesNameAlone) {
  nn::LabelledImages images = synthetic_images(200, 4, 1, 4, 3);
  for (std::size_t i = 0; i < images.count(); ++i) images.names[i] = "a/folder/" + std::to_string(i) + ".png";
  const nn::LabelledImages all = images;
  const nn::LabelledImages taken = take_held_out(images, 0.125);
  EXPECT_EQ(images.count() + taken.count(), all.count());
  EXPECT_EQ(taken.class_names, all.class_names);
  EXPECT_EQ(taken.pixels.size(), taken.count() * all.sample_bytes());
  std::size_t at_kept = 0;
  std::size_t at_taken = 0;
  for (std::size_t i = 0; i < all.count(); ++i) {
    base::Sha256 hash;
    hash.update(std::to_string(i) + ".png");
    const bool out = hash.finish()[0] % 8 == 0;
    const nn::LabelledImages& side = out ? taken : images;
    std::size_t& at = out ? at_taken : at_kept;
    ASSERT_LT(at, side.count());
    EXPECT_EQ(side.names[at], all.names[i]);
    EXPECT_EQ(side.labels[at], all.labels[i]);
    EXPECT_TRUE(std::ranges::equal(side.sample(at), all.sample(i)));
    ++at;
  }
  EXPECT_GT(taken.count(), 10U);
  nn::LabelledImages whole = all;
  EXPECT_EQ(take_held_out(whole, 0.0).count(), 0U);
  EXPECT_EQ(whole.count(), all.count());
}

TEST(Prepare, MakesWhatTheRecipeSays) {
  RecipeFile file = *parse_recipe(kFile);
  file.recipe.fine_weight = 0.5;
  nn::LabelledImages images = synthetic_images(80, 3, 3, 8, 1);
  for (std::size_t i = 0; i < images.count(); ++i)
    images.names[i] = (i % 2 == 0 ? "n1_" : "n2_") + std::to_string(i) + ".png";
  const auto made = prepare(file, images);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->graph->class_count(), 3 + 6);
  EXPECT_EQ(made->images.count() + made->held_out.count(), 80U);
  EXPECT_GT(made->held_out.count(), 0U);
  nn::Preprocessing wanted = measure(made->images);
  wanted.invert = true;
  EXPECT_EQ(made->preprocessing, wanted);

  file.recipe.net = "conv 4; gip; fc";
  EXPECT_NE(prepare(file, images).error().message().find("'gip'"), std::string::npos);
  // Every picture's name is held out.
  file = *parse_recipe(kFile);
  file.holdout = 0.5;
  nn::LabelledImages one = synthetic_images(1, 1, 3, 8, 1);
  for (int i = 0;; ++i) {
    base::Sha256 hash;
    hash.update(one.names[0] = std::to_string(i));
    if (hash.finish()[0] % 2 == 0) break;
  }
  EXPECT_EQ(prepare(file, one).error().message(), "The recipe's 'holdout' leaves no picture to train on.");
}

TEST(Finish, ShipsRoundedWeightsAndSaysWhereTheyCameFrom) {
  const RecipeFile file = *parse_recipe(kFile);
  const auto prepared = prepare(file, synthetic_images(80, 3, 3, 8, 1));
  ASSERT_TRUE(prepared);
  auto trainer =
      Trainer::create(prepared->graph, file.recipe, prepared->preprocessing, prepared->images, &prepared->held_out, 1);
  ASSERT_TRUE(trainer) << trainer.error().message();
  while (!(*trainer)->finished()) (void)(*trainer)->run_epoch();
  auto net = finish(**trainer, *prepared, 1);
  ASSERT_TRUE(net) << net.error().message();
  const auto shipped = (*trainer)->shipped();
  for (std::size_t i = 0; i < net->net.weights.size(); ++i)
    EXPECT_EQ(net->net.weights[i], base::half_to_float(base::float_to_half(shipped->weights[i])));
  const Evaluation held_out =
      evaluate({net->net.graph, net->net.weights, prepared->preprocessing}, prepared->held_out, 1);

  Origin origin{.program = "weightroom 1",
                .command = "weightroom train",
                .data_name = "bands.tar",
                .data_digest = "abc",
                .split = "train",
                .teachers = {}};
  const auto json = nlohmann::ordered_json::parse(provenance(file, origin, *prepared, 2, {{"held_out", held_out}}));
  EXPECT_EQ(json["program"], "weightroom 1");
  EXPECT_EQ(json["data"]["sha256"], "abc");
  EXPECT_EQ(json["data"]["pictures"], prepared->images.count());
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["epochs"], 2);
  EXPECT_EQ(json["recipe"], recipe_json(file));
  EXPECT_FALSE(json.contains("teachers"));
  EXPECT_EQ(json["accuracy"]["held_out"]["count"], prepared->held_out.count());
  EXPECT_EQ(json["accuracy"]["held_out"]["classes"][2]["label"], "class2");
  const nn::Model model = finished_model(file, *prepared, *net, "{}");
  EXPECT_EQ(model.name, "bands");
  EXPECT_EQ(model.title, "Bands");
  EXPECT_EQ(model.labels, prepared->images.class_names);
  EXPECT_TRUE(model.preprocessing.invert);

  const std::string plain = run_identity(file, origin);
  origin.teachers.push_back({"a.safetensors", "12"});
  EXPECT_NE(run_identity(file, origin), plain);
  origin.data_name = "\xff";  // no UTF-8: still a text
  EXPECT_NE(provenance(file, origin, *prepared, 2, {})
                .find("\"teachers\":[{\"file\":\"a.safetensors\",\"fingerprint\":\"12\"}]"),
            std::string::npos);
}

TEST(Finish, WeightsThatGrewBeyondFp16AreRefused) {
  RecipeFile file = *parse_recipe(kFile);
  file.recipe.optimizer.kind = OptimizerKind::sgd;
  file.recipe.optimizer.learning_rate = 1000.0;
  const auto prepared = prepare(file, synthetic_images(80, 3, 3, 8, 1));
  auto trainer = Trainer::create(prepared->graph, file.recipe, prepared->preprocessing, prepared->images, nullptr, 1);
  auto state = (*trainer)->state();
  state.weights[0] = 1e6F;
  ASSERT_TRUE((*trainer)->restore(state));
  const auto net = finish(**trainer, *prepared, 1);
  ASSERT_FALSE(net);
  EXPECT_NE(net.error().message().find("Training diverged: a weight is "), std::string::npos);
}

TEST(Finish, TeachersAreNamedOneByOne) {
  Recipe recipe;
  EXPECT_EQ(*teacher_names(recipe), std::vector<std::string>());
  recipe.teachers = " a b.safetensors ;c;; d ";
  EXPECT_EQ(*teacher_names(recipe), (std::vector<std::string>{"a b.safetensors", "c", "d"}));
  recipe.teachers = " ; ";
  EXPECT_EQ(teacher_names(recipe).error().message(), "The recipe's 'teachers' name no file.");
}

}  // namespace
}  // namespace weightroom::train
