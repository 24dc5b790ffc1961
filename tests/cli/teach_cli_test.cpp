// weightroom teach as a user runs it.
#include "program.h"

namespace weightroom::cli {
namespace {

class TeachCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    write("recipe.json", R"({"name": "bands", "net": "conv 6; pool; conv 8; gap; fc", "seed": 3, "epochs": 3,
      "batch": 16, "chunk": 8, "learning_rate": 0.1})");
    write_set(30, 8);
    ASSERT_EQ(run("train --recipe recipe.json --data set --out base.safetensors").code, 0);
  }
};

TEST_F(TeachCli, WhatItSavesIsWhatItMeasuredOnAnyNumberOfThreads) {
  const std::string teach = "teach --base ./base.safetensors --data set --eval-split val --json --out ";
  const Outcome taught = run(teach + "one.safetensors --threads 1");
  ASSERT_EQ(taught.code, 0) << taught.err;
  ASSERT_EQ(run(teach + "two.safetensors --threads 2").code, 0);
  const auto result = taught.json();
  EXPECT_EQ(result["head"], "fitted");
  EXPECT_LE(result["fit"]["gradient"].get<double>(), 1e-8);
  EXPECT_EQ(result["held_out"]["pictures"], 90);
  EXPECT_EQ(result["model"], "one");

  const auto evaluated = run("eval set --split val --model ./one.safetensors --json").json();
  for (const char* field : {"fingerprint", "model"}) EXPECT_EQ(evaluated[field], result[field]) << field;
  for (const char* field : {"count", "top1", "classes"}) EXPECT_EQ(evaluated[field], result["evaluation"][field]);
  EXPECT_EQ(run("eval set --split val --model ./two.safetensors --json").json()["fingerprint"], result["fingerprint"]);
  EXPECT_GE(evaluated["top1"].get<double>(), 0.9) << "three bands are told apart by any net";
}

TEST_F(TeachCli, ClassesStandInTheOrderGivenAndPicturesAreDrawnBySeed) {
  const std::string teach = "teach --base ./base.safetensors --data set --classes top,low --per-class 5 --json --seed ";
  const auto result = run(teach + "1").json();
  ASSERT_EQ(result["classes"].size(), 2U);
  EXPECT_EQ(result["classes"][0]["name"], "top");
  EXPECT_EQ(result["classes"][1]["name"], "low");
  EXPECT_EQ(result["classes"][0]["pictures"], 5);
  EXPECT_EQ(result["evaluation"]["count"], 50) << "the pictures that were not drawn";
  EXPECT_EQ(run(teach + "1").json(), result);
  EXPECT_NE(run(teach + "2").json()["fingerprint"], result["fingerprint"]);
}

TEST_F(TeachCli, TwoPicturesAreTooFewForAFit) {
  const auto result = run("teach --base ./base.safetensors --data set --per-class 2 --json").json();
  EXPECT_EQ(result["head"], "instant");
  EXPECT_TRUE(result["fit"].is_null());
  EXPECT_EQ(run("teach --base ./base.safetensors --data set --per-class 1 --json").json()["held_out"], nullptr);
}

TEST_F(TeachCli, WhatCannotBeTaughtIsRefusedByASentence) {
  const auto refused = [this](const std::string& command, const std::string& sentence) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.code, 1) << command;
    EXPECT_EQ(outcome.err, "weightroom: " + sentence + "\n");
  };
  refused("teach --base ./base.safetensors --data set --classes low", "Two classes with a picture each are needed.");
  refused("teach --base ./base.safetensors --data set --classes low,cup",
          "Pictures of 'cup' are asked for, and the set has none.");
  EXPECT_EQ(run("teach --base ./base.safetensors --data set --lambda 2").code, 2);
}

}  // namespace
}  // namespace weightroom::cli
