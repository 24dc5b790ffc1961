// weightroom train and eval as a user runs them.
#include "program.h"
#include "support/version.h"

namespace weightroom::cli {
namespace {

constexpr const char* kRecipe = R"({
  "name": "bands", "title": "Three bands", "net": "conv 6; pool; conv 8; gap; fc", "seed": 3, "epochs": 6, "batch": 16,
  "chunk": 8, "learning_rate": 0.1, "weight_decay": 0.0005, "label_smoothing": 0.05, "crop": 1, "brightness": 0.1,
  "ema": 0.9, "holdout": 0.1})";

class TrainCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    write("recipe.json", kRecipe);
    write_set(30, 8);
  }
};

TEST_F(TrainCli, SameFileOnAnyNumberOfThreadsAndResumed) {
  const std::string base = "train --recipe recipe.json --data set --eval-split val --out ";
  ASSERT_EQ(run(base + "one.safetensors --threads 1").code, 0) << text("stderr.txt");
  ASSERT_EQ(run(base + "two.safetensors --threads 2").code, 0);
  EXPECT_EQ(bytes("one.safetensors"), bytes("two.safetensors"));

  ASSERT_EQ(run(base + "part.safetensors --threads 2 --stop-after 2").code, 0);
  EXPECT_FALSE(std::filesystem::exists(path("part.safetensors")));
  EXPECT_TRUE(std::filesystem::exists(path("part.safetensors.checkpoint")));
  ASSERT_EQ(run(base + "part.safetensors --threads 1 --resume").code, 0);
  EXPECT_EQ(bytes("one.safetensors"), bytes("part.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(path("part.safetensors.checkpoint")));

  ASSERT_EQ(run(base + "other.safetensors --seed 4").code, 0);
  EXPECT_NE(bytes("one.safetensors"), bytes("other.safetensors"));
}

TEST_F(TrainCli, ShipsWhatItMeasured) {
  const Outcome trained =
      run("train --recipe recipe.json --data set --eval-split val --epochs 12 --out m.safetensors --json");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto result = trained.json();
  EXPECT_EQ(result["model"], "bands");
  EXPECT_EQ(result["epochs"], 12);
  EXPECT_GT(result["accuracy"]["val"]["top1"].get<double>(), 0.9);

  const auto evaluated = run("eval set --split val --model ./m.safetensors --json").json();
  EXPECT_EQ(evaluated["model"], "bands");
  EXPECT_EQ(evaluated["fingerprint"], result["fingerprint"]);
  for (const char* field : {"count", "top1", "top5", "loss", "classes"}) {
    EXPECT_EQ(evaluated[field], result["accuracy"]["val"][field]) << field;
  }
  EXPECT_EQ(evaluated["count"], 24);
  EXPECT_EQ(evaluated["classes"][0]["label"], "low");
  EXPECT_EQ(evaluated["classes"][0]["count"], 8);

  const auto inspected = run("inspect m.safetensors --json").json();
  const auto& provenance = inspected["provenance"];
  EXPECT_EQ(provenance["command"], "weightroom train --recipe recipe.json --data set --eval-split val --epochs 12");
  EXPECT_EQ(provenance["program"], "weightroom " + test::project_version());
  EXPECT_EQ(provenance["seed"], 3);
  EXPECT_EQ(provenance["data"]["name"], "set");
  EXPECT_EQ(provenance["data"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(provenance["data"]["pictures"].get<int>() + provenance["data"]["held_out"].get<int>(), 90);
  EXPECT_GT(provenance["data"]["held_out"].get<int>(), 0);
  EXPECT_EQ(provenance["recipe"]["learning_rate"], 0.1);
  // Fields that came later are written where they are used alone: an older recipe goes on giving the same bytes.
  for (const char* later : {"fine_weight", "calm_epochs", "teachers", "teacher_weight", "temperature"})
    EXPECT_FALSE(provenance["recipe"].contains(later)) << later;
  for (const auto& layer : inspected["layers"]) {
    EXPECT_NE(layer["op"], "batch_norm");
    EXPECT_EQ(layer["bytes"], 2 * layer["weights"].get<int>()) << "every tensor is fp16";
  }
}

TEST_F(TrainCli, TeachersLieBesideTheRecipeAndStandInTheProvenance) {
  std::filesystem::create_directory(path("school"));
  ASSERT_EQ(run("train --recipe recipe.json --data set --holdout 0 --out school/a.safetensors").code, 0);
  ASSERT_EQ(run("train --recipe recipe.json --data set --holdout 0 --seed 5 --out school/b.safetensors").code, 0);
  write("school/pupil.json", R"({
    "name": "pupil", "net": "conv 4; pool; conv 6; gap; fc", "epochs": 4, "batch": 16, "chunk": 8,
    "teachers": "a.safetensors; b.safetensors", "teacher_weight": 0.9, "temperature": 2})");
  const std::string base = "train --recipe school/pupil.json --data set --out ";
  ASSERT_EQ(run(base + "one.safetensors --threads 1").code, 0) << text("stderr.txt");
  ASSERT_EQ(run(base + "part.safetensors --threads 2 --stop-after 2").code, 0);
  ASSERT_EQ(run(base + "part.safetensors --threads 2 --resume").code, 0);
  EXPECT_EQ(bytes("one.safetensors"), bytes("part.safetensors"));
  const auto provenance = run("inspect one.safetensors --json").json()["provenance"];
  ASSERT_EQ(provenance["teachers"].size(), 2U);
  EXPECT_EQ(provenance["teachers"][1]["file"], "b.safetensors");
  EXPECT_EQ(provenance["teachers"][1]["fingerprint"], run("inspect school/b.safetensors --json").json()["fingerprint"]);
  EXPECT_EQ(provenance["recipe"]["temperature"], 2.0);

  // Another teacher under the same name: the checkpoint is of another run.
  ASSERT_EQ(run(base + "part.safetensors --stop-after 1").code, 0);
  std::filesystem::copy_file(path("school/b.safetensors"), path("school/a.safetensors"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(refusal(base + "part.safetensors --resume").find("another run"), std::string::npos);
  EXPECT_NE(refusal(base + "m.safetensors --teachers gone.safetensors").find("gone.safetensors"), std::string::npos);
  EXPECT_EQ(refusal(base + "m.safetensors --teachers ';'"), "weightroom: The recipe's 'teachers' name no file.\n");
  EXPECT_NE(refusal(base + "m.safetensors --teacher-weight 0").find("or neither"), std::string::npos);
}

TEST_F(TrainCli, ProgressIsForATerminalOrForALog) {
  const Outcome quiet = run("train --recipe recipe.json --data set --epochs 2 --out m.safetensors");
  ASSERT_EQ(quiet.code, 0);
  EXPECT_EQ(quiet.err, "");
  const Outcome trained = run("train --recipe recipe.json --data set --epochs 2 --out m.safetensors --log");
  ASSERT_EQ(trained.code, 0);
  EXPECT_NE(trained.err.find("epoch 1/2  loss "), std::string::npos) << trained.err;
  EXPECT_NE(trained.err.find("epoch 2/2  loss "), std::string::npos);
  EXPECT_EQ(trained.err.find('\r'), std::string::npos);
}

TEST_F(TrainCli, RefusesByASentence) {
  const std::string base = "train --data set --out m.safetensors ";
  EXPECT_EQ(refusal(base), "weightroom: The recipe names no layers ('net').\n");
  EXPECT_EQ(refusal(base + "--recipe nothing.json"), "weightroom: There is no file 'nothing.json'.\n");
  EXPECT_NE(refusal(base + "--net 'conv 4; gip; fc'").find("The net's layer 'gip' is none of"), std::string::npos);
  EXPECT_EQ(refusal(base + "--recipe recipe.json --optimizer lion"),
            "weightroom: The recipe's 'optimizer' must be sgd or adamw, not 'lion'.\n");
  EXPECT_EQ(refusal(base + "--recipe recipe.json --epochs many"),
            "weightroom: The recipe's 'epochs' must be a whole number, not 'many'.\n");
  EXPECT_EQ(refusal(base + "--recipe recipe.json --learning-rate nan"),
            "weightroom: The recipe's 'learning_rate' must be a number, not 'nan'.\n");
  EXPECT_NE(refusal(base + "--recipe recipe.json --epochs 0").find("'epochs' is 0"), std::string::npos);
  EXPECT_NE(refusal(base + "--recipe recipe.json --batch 20").find("is not a multiple of its 'chunk' (8)"),
            std::string::npos);
  EXPECT_NE(refusal(base + "--recipe recipe.json --batch 512").find("fewer than a batch of 512"), std::string::npos);
  EXPECT_NE(refusal(base + "--recipe recipe.json --split nope").find("'train'"), std::string::npos);
  EXPECT_NE(refusal("train --recipe recipe.json --data missing --out m.safetensors").find("'missing'"),
            std::string::npos);
  EXPECT_NE(refusal("train --recipe recipe.json --data set --epochs 1 --out no/such/m.safetensors")
                .find("no/such/m.safetensors"),
            std::string::npos);

  write("broken.json", "{\"net\": \"conv 4; gap; fc\", ");
  EXPECT_NE(refusal(base + "--recipe broken.json").find("The recipe"), std::string::npos);
  write("unknown.json", R"({"net": "conv 4; gap; fc", "learning": 1})");
  EXPECT_EQ(refusal(base + "--recipe unknown.json"), "weightroom: A recipe has no field 'learning'.\n");
  write("kind.json", R"({"net": "conv 4; gap; fc", "epochs": "3"})");
  EXPECT_EQ(refusal(base + "--recipe kind.json"),
            "weightroom: The recipe's 'epochs' must be a whole number, not '3'.\n");
}

TEST_F(TrainCli, CheckpointOfAnotherRunIsRefused) {
  const std::string base = "train --recipe recipe.json --data set --out m.safetensors --checkpoint c ";
  ASSERT_EQ(run(base + "--stop-after 1").code, 0);
  EXPECT_NE(
      refusal(base + "--resume --seed 8").find("The checkpoint is of another run: its recipe, seed or data differ.\n"),
      std::string::npos);
  write("c", "nonsense");
  EXPECT_NE(refusal(base + "--resume").find("This is no checkpoint of a training run.\n"), std::string::npos);
}

TEST_F(TrainCli, EvalRefusesByASentence) {
  write_model("m.safetensors");
  EXPECT_NE(refusal("eval set --model m.safetensors").find("'train', 'val'"), std::string::npos);
  EXPECT_NE(refusal("eval set --split test --model m.safetensors").find("'train', 'val'"), std::string::npos);
  EXPECT_NE(refusal("eval nothing --model m.safetensors").find("nothing"), std::string::npos);
  write_picture("other/cat/1.png", 0, 1);
  write_picture("other/low/1.png", 0, 1);
  EXPECT_NE(refusal("eval other --model m.safetensors").find("cat"), std::string::npos);
}

TEST_F(TrainCli, WhatCannotBeReadIsSaidAndLeftOut) {
  write_model("m.safetensors");
  const std::string command = "eval set --split val --model m.safetensors --json";
  const Outcome before = run(command);
  ASSERT_EQ(before.code, 0) << before.err;
  EXPECT_EQ(before.err, "");
  EXPECT_EQ(before.json()["unread"], (nlohmann::json{{"count", 0}, {"kinds", nlohmann::json::array()}}));
  const auto trained = run("train --recipe recipe.json --data set --out a.safetensors --json");
  ASSERT_EQ(trained.code, 0) << trained.err;

  write("set/val/low/broken.png", "not a picture");
  write("set/val/low/other.webp", "RIFF    WEBP");
  write("set/train/low/broken.png", "");
  const Outcome after = run(command);
  ASSERT_EQ(after.code, 0) << after.err;
  const std::string all = std::to_string(before.json()["count"].get<int>() + 2);
  EXPECT_EQ(after.err, "2 of " + all + " pictures cannot be read here: damaged ('low/broken.png'), WebP (1).\n");
  auto json = after.json();
  EXPECT_EQ(json["unread"],
            nlohmann::json::parse(R"({"count":2,"kinds":[{"kind":"damaged","count":1,"pictures":["low/broken.png"]},
                                                    {"kind":"WebP","count":1,"pictures":["low/other.webp"]}]})"));
  json["unread"] = before.json()["unread"];
  EXPECT_EQ(json, before.json()) << "every figure is of the pictures that could be read";

  const Outcome again = run("train --recipe recipe.json --data set --out b.safetensors --json");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.err.find("pictures cannot be read here: damaged ('low/broken.png')."), std::string::npos)
      << again.err;
  EXPECT_EQ(again.json()["fingerprint"], trained.json()["fingerprint"]);
}

TEST_F(TrainCli, NumberedFoldersAreMatchedByARuleThatIsSaid) {
  write_model("m.safetensors");
  write_picture("numbers/10/1.png", 0, 1);
  write_picture("numbers/8/1.png", 1, 1);
  write_picture("numbers/9/1.png", 2, 1);
  const Outcome outcome = run("eval numbers --model m.safetensors --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.err,
            "The folders are numbers: they were matched to the model's classes in the order of their text, as "
            "torchvision does (10, 8, 9).\n");
}

}  // namespace
}  // namespace weightroom::cli
