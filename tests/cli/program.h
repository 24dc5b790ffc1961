#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "base/rng.h"
#include "io/file.h"
#include "io/image.h"
#include "io/model_file.h"
#include "io/safetensors.h"
#include "train/arch.h"

namespace weightroom::cli {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

// Runs the built program in a folder of its own, which goes with the test.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("weightroom_" + std::string(info->test_suite_name()) + "_" + info->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // arguments: as in a shell. Shipped models are looked for in the test's own folder first.
  Outcome run(const std::string& arguments) const {
    const std::string program = std::string(WEIGHTROOM_BINARY_DIR) + "/weightroom";
    const std::string line = "cd '" + folder_.string() + "' && WEIGHTROOM_ASSETS=assets '" + program + "' " +
                             arguments + " >stdout.txt 2>stderr.txt </dev/null";
    const int status = std::system(line.c_str());
    Outcome outcome;
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.out = text("stdout.txt");
    outcome.err = text("stderr.txt");
    return outcome;
  }
  // The sentence of a refusal; what is not one shows itself in the comparison.
  std::string refusal(const std::string& arguments) const {
    const Outcome outcome = run(arguments);
    if (outcome.code != 1) return "exit code " + std::to_string(outcome.code) + ": " + outcome.out + outcome.err;
    return outcome.err;
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::vector<std::byte> bytes(const std::string& name) const { return *io::read_file(path(name)); }

  // A random model of three classes that reads 8x8 pictures.
  nn::Model write_model(const std::string& name, int channels = 3) const {
    nn::Model model;
    model.name = std::filesystem::path(name).stem().string();
    model.title = "A small model";
    auto spec = train::parse_architecture("conv 4; pool; conv 5 k=1; gap; fc", {channels, 8, 8}, 3);
    auto graph = *nn::Graph::build(*spec);
    auto folded = *nn::fold_batch_norm(*graph, nn::initial_weights(*graph, 5));
    model.graph = folded.graph;
    model.weights = folded.weights;
    model.labels = {"low", "middle", "top"};
    model.preprocessing.mean = {0.4F, 0.5F, 0.6F};
    model.preprocessing.std = {0.2F, 0.25F, 0.3F};
    model.provenance = "{}";
    const auto file = io::write_model(model);
    std::filesystem::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(io::write_file(path(name), file));
    return model;
  }

  // A noisy picture with a bright band at one of three heights.
  void write_picture(const std::string& name, int band, std::uint64_t seed, int side = 8) const {
    io::Image image{side, side, {}};
    base::Rng rng(seed, "picture");
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side * 3; ++x) {
        const bool bright = y * 3 / side == band;
        image.rgb.push_back(static_cast<std::uint8_t>((bright ? 170U : 20U) + rng.below(60)));
      }
    }
    std::filesystem::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(io::write_file(path(name), io::encode_png(image)));
  }

  // set/train/{low,middle,top}/*.png and set/val/...
  void write_set(int train_each, int val_each) const {
    const char* labels[] = {"low", "middle", "top"};
    for (int band = 0; band < 3; ++band) {
      for (int i = 0; i < train_each + val_each; ++i) {
        const std::string split = i < train_each ? "train/" : "val/";
        write_picture("set/" + split + labels[band] + "/" + std::to_string(i) + ".png", band,
                      static_cast<std::uint64_t>(band * 1000 + i));
      }
    }
  }

  std::filesystem::path folder_;
};

}  // namespace weightroom::cli
