// classify and explain of several pictures: each answer is that of the picture by itself, and a bad one ends nothing.
#include "io/io_testing.h"
#include "program.h"

namespace weightroom::cli {
namespace {

class SeveralCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_model("assets/small.safetensors");
    for (int band = 0; band < 3; ++band) write_picture("p/" + std::to_string(band) + ".png", band, 7, 20);
  }
  nlohmann::json alone(const std::string& picture) const {
    return run("classify " + picture + " --model small --json").json()["predictions"];
  }
  // The names of a list, whose answers must be those of the pictures at `places`.
  void expect_answers(const nlohmann::json& list, const std::vector<std::string>& names,
                      const std::vector<std::string>& places) const {
    ASSERT_EQ(list.size(), names.size()) << list;
    for (std::size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(list[i]["picture"], names[i]);
      EXPECT_EQ(list[i]["predictions"], alone(places[i])) << names[i];
    }
  }
};

TEST_F(SeveralCli, OnePictureIsToldAsEver) {
  const auto json = run("classify p/0.png --model small --json").json();
  EXPECT_TRUE(json.is_object());
  EXPECT_FALSE(json.contains("picture"));
  EXPECT_EQ(run("classify p/0.png --model small --top 1").out.find("0.png"), std::string::npos);
}

TEST_F(SeveralCli, APictureMayComeThroughAPipe) {
  const std::string line = "cd '" + folder_.string() + "' && mkfifo pipe && (cat p/1.png >pipe &)";
  ASSERT_EQ(std::system(line.c_str()), 0);
  EXPECT_EQ(alone("pipe"), alone("p/1.png"));
}

TEST_F(SeveralCli, FilesFoldersAndTarsAreAnsweredOneByOne) {
  expect_answers(run("classify p/1.png p/0.png --model small --json").json(), {"p/1.png", "p/0.png"},
                 {"p/1.png", "p/0.png"});
  EXPECT_NE(alone("p/0.png"), alone("p/2.png"));
  expect_answers(run("classify p --model small --json").json(), {"0.png", "1.png", "2.png"},
                 {"p/0.png", "p/1.png", "p/2.png"});
  // Folders within folders, and files that are none.
  std::filesystem::create_directories(path("q/deep/deeper"));
  std::filesystem::copy_file(path("p/2.png"), path("q/deep/deeper/x.png"));
  std::filesystem::copy_file(path("p/1.png"), path("q/y.png"));
  write("q/notes.txt", "none");
  expect_answers(run("classify q p/0.png --model small --json").json(), {"q/deep/deeper/x.png", "q/y.png", "p/0.png"},
                 {"p/2.png", "p/1.png", "p/0.png"});
  const auto tar = io::testing::tar_of({{"./b.png", bytes("p/1.png")}, {"a/a.png", bytes("p/0.png")}});
  ASSERT_TRUE(io::write_file(path("some.tar"), tar));
  expect_answers(run("classify some.tar --model small --json").json(), {"a/a.png", "b.png"}, {"p/0.png", "p/1.png"});
  const std::string words = run("classify p/0.png p/1.png --model small --top 1").out;
  EXPECT_EQ(words.find("p/0.png\n"), 0U) << words;
  EXPECT_NE(words.find("p/1.png\n"), std::string::npos);
}

TEST_F(SeveralCli, ASplitIsTaken) {
  write_set(1, 1);
  const auto all = run("classify set --model small --json").json();
  EXPECT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0]["picture"], "train/low/0.png");
  expect_answers(run("classify set --split val --model small --json").json(),
                 {"val/low/1.png", "val/middle/1.png", "val/top/1.png"},
                 {"set/val/low/1.png", "set/val/middle/1.png", "set/val/top/1.png"});
  EXPECT_NE(refusal("classify set --split test --model small").find("no split 'test'"), std::string::npos);
}

TEST_F(SeveralCli, WhatCannotBeReadIsNamedAndTheRestAnswered) {
  write("p/1x.png", "no picture");
  const Outcome outcome = run("classify p --model small --json");
  EXPECT_EQ(outcome.code, 1);
  expect_answers(outcome.json(), {"0.png", "1.png", "2.png"}, {"p/0.png", "p/1.png", "p/2.png"});
  EXPECT_NE(outcome.err.find("weightroom: '1x.png': "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("weightroom: 1 of 4 pictures were left out.\n"), std::string::npos) << outcome.err;
  const Outcome files = run("classify p/0.png gone.png p/2.png --model small --json");
  EXPECT_EQ(files.code, 1);
  expect_answers(files.json(), {"p/0.png", "p/2.png"}, {"p/0.png", "p/2.png"});
  EXPECT_NE(files.err.find("There is no file 'gone.png'."), std::string::npos) << files.err;
  const Outcome none = run("classify gone.png lost.png --model small --json");
  EXPECT_EQ(none.code, 1);
  EXPECT_EQ(none.json(), nlohmann::json::array());
  std::filesystem::create_directories(path("empty"));
  EXPECT_NE(refusal("classify empty --model small").find("no pictures"), std::string::npos);
}

TEST_F(SeveralCli, MapsGoIntoAFolder) {
  const std::string explain = "explain --model small --target top --method gradient_x_input ";
  const Outcome outcome = run(explain + "p p/2.png --out maps --as npy --as csv --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  ASSERT_EQ(outcome.json().size(), 4U);
  EXPECT_EQ(outcome.json()[1]["picture"], "p/1.png");
  const auto single = run(explain + "p/1.png --out one.npy --out one.csv --json");
  EXPECT_EQ(outcome.json()[1]["sum"], single.json()["sum"]);
  EXPECT_FALSE(single.json().contains("picture"));
  EXPECT_EQ(bytes("maps/p/1.png.npy"), bytes("one.npy"));
  EXPECT_EQ(text("maps/p/1.png.csv"), text("one.csv"));
  EXPECT_TRUE(std::filesystem::exists(path("maps/2.png.npy")));
  ASSERT_EQ(run(explain + "p --out others").code, 0);
  EXPECT_EQ(bytes("others/1.png.npy"), bytes("one.npy"));
  EXPECT_NE(refusal(explain + "p --out x.npy").find("go into a folder, and 'x.npy' is a file"), std::string::npos);
  EXPECT_NE(refusal(explain + "p/1.png --out x --as npy").find("--as is for several pictures"), std::string::npos);
  EXPECT_NE(refusal(explain + "p --as npy").find("--as needs a folder"), std::string::npos);
  std::filesystem::create_directories(path("q"));
  std::filesystem::copy_file(path("p/2.png"), path("q/2.png"));
  EXPECT_NE(refusal(explain + "p/2.png q/2.png --out twice").find("Two of the pictures are called '2.png'"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("twice")));
  EXPECT_EQ(run(explain + "p --out maps --as gif").code, 2);
}

}  // namespace
}  // namespace weightroom::cli
