// --mean, --std, --resize and --crop: against the same picture cut by hand and the same numbers made by hand.
#include "program.h"

namespace weightroom::cli {
namespace {

class ReadingCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_model("assets/small.safetensors");
    write_model("assets/grey.safetensors", 1);
    write_picture("wide.png", 1, 7, 20);
    write_picture("small.png", 2, 8, 8);
  }
  std::vector<double> logits(const std::string& arguments) const {
    const Outcome outcome = run("classify " + arguments + " --json");
    EXPECT_EQ(outcome.code, 0) << arguments << outcome.err;
    std::vector<double> all(3);
    const auto json = outcome.json();
    for (const auto& row : json["predictions"]) all[row["index"].get<std::size_t>()] = row["logit"].get<double>();
    return all;
  }
  // What `run` says of small.png's pixels as (value / 255 - mean) / std.
  std::vector<double> by_hand(const std::vector<double>& mean, const std::vector<double>& std) const {
    const auto image = io::decode_image(bytes("small.png"));
    std::vector<float> input;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t i = 0; i < 64; ++i)
        input.push_back(static_cast<float>((image->rgb[3 * i + c] / 255.0 - mean[c]) / std[c]));
    }
    EXPECT_TRUE(io::write_file(path("x.safetensors"),
                               io::write_safetensors({{"input", io::Dtype::f32, {1, 3, 8, 8}, input}}, {})));
    EXPECT_EQ(run("run small --input x.safetensors --out y.safetensors").code, 0);
    const auto file = bytes("y.safetensors");
    const auto values = io::values_of(*io::parse_safetensors(file)->find("logits"));
    return {values.begin(), values.end()};
  }
  static void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
  }
};

TEST_F(ReadingCli, MeanAndStdGoBeforeTheFile) {
  const auto plain = logits("small.png --model small");
  expect_near(plain, by_hand({0.4, 0.5, 0.6}, {0.2, 0.25, 0.3}));
  const auto other = by_hand({0.1, -0.2, 0.3}, {0.5, 0.6, 0.7});
  EXPECT_GT(std::abs(other[0] - plain[0]), 1e-3);
  expect_near(logits("small.png --model small --mean 0.1 -0.2 0.3 --std 0.5 0.6 0.7"), other);
  expect_near(logits("--mean 0.1 -0.2 0.3 --std=0.5,0.6,0.7 small.png --model small"), other);
  expect_near(logits("small.png --model small --std 0.5 0.6 0.7"), by_hand({0.4, 0.5, 0.6}, {0.5, 0.6, 0.7}));
  EXPECT_NE(logits("--mean 0.1 small.png --model grey"), logits("small.png --model grey"));
}

TEST_F(ReadingCli, ResizeAndCropCutTheMiddleOut) {
  // 8 of 10: of 20 pixels the middle 16.
  const auto image = io::decode_image(bytes("wide.png"));
  io::Image middle{16, 16, {}};
  for (int y = 2; y < 18; ++y) {
    for (int x = 2; x < 18; ++x) middle.rgb.insert(middle.rgb.end(), image->pixel(x, y), image->pixel(x, y) + 3);
  }
  ASSERT_TRUE(io::write_file(path("middle.png"), io::encode_png(middle)));
  EXPECT_EQ(logits("wide.png --model small --resize 10"), logits("middle.png --model small"));
  EXPECT_NE(logits("wide.png --model small --resize 10"), logits("wide.png --model small"));
  EXPECT_EQ(logits("wide.png --model small --resize 10 --crop 8"), logits("middle.png --model small"));
  EXPECT_EQ(logits("wide.png --model small --resize 20 --crop 16"), logits("middle.png --model small --crop 16"));
  EXPECT_EQ(logits("wide.png --model small --resize 8"), logits("wide.png --model small"));
}

TEST_F(ReadingCli, EveryCommandReadsSoAndConvertWritesItDown) {
  const std::string how = " --mean 0.1 0.2 0.3 --std 0.5 0.6 0.7 --resize 10";
  for (const char* file : {"read.safetensors", "read.onnx"}) {
    const Outcome made = run("convert assets/small.safetensors --out " + std::string(file) + how);
    ASSERT_EQ(made.code, 0) << made.err;
    const std::string model = " --model " + std::string(file);
    EXPECT_EQ(logits("wide.png" + model), logits("wide.png --model small" + how));
    const Outcome silent = run("classify wide.png" + model);
    EXPECT_EQ(silent.err, "") << "the file says all of it";
    EXPECT_EQ(run("explain wide.png --json" + model).json()["sum"],
              run("explain wide.png --json --model small" + how).json()["sum"]);
    write_picture("set/low/0.png", 0, 3, 20);
    write_picture("set/top/0.png", 2, 4, 20);
    const auto of_file = run("eval set --json" + model).json();
    EXPECT_EQ(of_file["loss"], run("eval set --json --model small" + how).json()["loss"]);
    EXPECT_NE(of_file["loss"], run("eval set --json --model small").json()["loss"]);
  }
  EXPECT_EQ(logits("small.png --model read.safetensors --mean 0.4 0.5 0.6 --std 0.2 0.25 0.3 --resize 8"),
            logits("small.png --model small"));
}

TEST_F(ReadingCli, AGuessIsSaid) {
  std::filesystem::copy_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/inverted_14.onnx",
                             path("net.onnx"));
  const std::string said = run("classify wide.png --model net.onnx").err;
  EXPECT_NE(said.find("weightroom: The file does not say how pictures become numbers: mean 0.485 0.456 0.406 and std "
                      "0.229 0.224 0.225, ImageNet's, are assumed (--mean, --std)."),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("the whole square in its middle is assumed (--resize)."), std::string::npos) << said;
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_NE(run("convert net.onnx --out net.safetensors").err.find("are assumed"), std::string::npos);
  EXPECT_EQ(run("convert net.onnx --out net.safetensors --scale 0-1").err, "");
  EXPECT_EQ(run("classify wide.png --model net.onnx --mean 0 0 0 --std 1 1 1").err, "");
  EXPECT_EQ(run("classify small.png --model small").err, "");
}

TEST_F(ReadingCli, BadValuesEndInASentence) {
  const std::string base = "classify small.png --model small ";
  for (const char* bad : {"--std 0.2 0 0.3", "--std 0.2 -1 0.3", "--std nan 1 1", "--mean nan 0 0", "--mean inf 0 0",
                          "--mean 1e60 0 0", "--mean", "--mean x", "--resize 0", "--crop 4", "--std 1e-60 1 1"}) {
    const Outcome outcome = run(base + bad);
    EXPECT_EQ(outcome.code, 2) << bad;
    EXPECT_EQ(outcome.out, "") << bad;
    EXPECT_NE(outcome.err, "") << bad;
  }
  EXPECT_NE(run(base + "--std 0.2 0 0.3").err.find("'0' is no number above 0"), std::string::npos);
  EXPECT_EQ(refusal(base + "--mean 0.5 0.5"),
            "weightroom: The mean must be a list of three numbers, one per colour.\n");
  EXPECT_EQ(refusal(base + "--std 1 1 1 1"),
            "weightroom: The standard deviation (std) must be a list of three numbers, one per colour.\n");
  EXPECT_EQ(refusal("classify small.png --model grey --mean 1 1 1"),
            "weightroom: The mean must be a list of one number: the model reads grey pictures.\n");
  EXPECT_EQ(refusal(base + "--resize 7"),
            "weightroom: A square of 8 pixels cannot be cropped from a picture resized to 7.\n");
  EXPECT_EQ(refusal(base + "--resize 12 --crop 16"),
            "weightroom: A square of 16 pixels cannot be cropped from a picture resized to 12.\n");
  EXPECT_NE(refusal("convert assets/small.safetensors --out x.safetensors --size 16 --crop 24").find("said twice"),
            std::string::npos);
  EXPECT_EQ(run("run small --mean 0 0 0").code, 2);
}

}  // namespace
}  // namespace weightroom::cli
