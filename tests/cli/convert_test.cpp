// weightroom convert, and ONNX wherever a model is named.
#include "program.h"

namespace weightroom::cli {
namespace {

class ConvertCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    std::filesystem::copy_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/inverted_14.onnx",
                               path("net.onnx"));
    write("names.txt", "ant\nbee\r\n\ncat\ndog\n  elk \n");
  }
};

TEST_F(ConvertCli, MakesAModelFileOfTheSameFingerprint) {
  const Outcome made =
      run("convert net.onnx --out net.safetensors --labels names.txt --scale 0-1 --title 'A net' --json");
  ASSERT_EQ(made.code, 0) << made.err;
  const auto json = made.json();
  EXPECT_EQ(json["model"], "net");
  EXPECT_EQ(json["file"], "net.safetensors");
  EXPECT_EQ(json["bytes"], std::filesystem::file_size(path("net.safetensors")));
  const auto inspected = run("inspect net.safetensors --json").json();
  EXPECT_EQ(inspected["fingerprint"], json["fingerprint"]);
  EXPECT_EQ(inspected["weights"], json["weights"]);
  EXPECT_EQ(inspected["title"], "A net");
  EXPECT_EQ(inspected["labels"], (std::vector<std::string>{"ant", "bee", "cat", "dog", "elk"}));
  // The ONNX file itself is the same net.
  const auto itself = run("inspect net.onnx --json").json();
  EXPECT_EQ(itself["fingerprint"], json["fingerprint"]);
  EXPECT_EQ(itself["layers"], inspected["layers"]);

  const auto halved = run("convert net.onnx --out half.safetensors --half --json").json();
  EXPECT_NE(halved["fingerprint"], json["fingerprint"]);
  EXPECT_LT(halved["bytes"].get<int>(), json["bytes"].get<int>());
}

TEST_F(ConvertCli, PutsBareWeightsIntoAnArchitecture) {
  std::filesystem::copy_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/inverted_weights.safetensors",
                             path("weights.safetensors"));
  const Outcome made =
      run("convert weights.safetensors --architecture net.onnx --out new.safetensors --order bgr --scale 0-255 --json");
  ASSERT_EQ(made.code, 0) << made.err;
  const auto before = run("inspect net.onnx --json").json();
  const auto after = run("inspect new.safetensors --json").json();
  EXPECT_EQ(after["layers"], before["layers"]);
  EXPECT_NE(after["fingerprint"], before["fingerprint"]);
  const auto file = io::read_model(bytes("new.safetensors"), "new");
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->preprocessing.bgr);
  EXPECT_EQ(file->preprocessing.std[0], 1.0F / 255.0F);
  EXPECT_EQ(after["model"], "weights");
  EXPECT_EQ(after["title"], "Weights of weights.safetensors in the architecture of net");
  write("names.txt", "ant\nbee\ncat\ndog\nelk\n");
  ASSERT_EQ(run("convert weights.safetensors --architecture net.onnx --out new.safetensors --labels names.txt").code,
            0);
  EXPECT_EQ(run("inspect new.safetensors --json").json()["labels"][4], "elk");
  write("few.txt", "one\ntwo\n");
  EXPECT_NE(refusal("convert weights.safetensors --architecture net.onnx --out x.safetensors --labels few.txt")
                .find("The list has 2 names, but the model has 5 classes"),
            std::string::npos);
  std::filesystem::copy_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/residual_weights.safetensors",
                             path("other.safetensors"));
  EXPECT_NE(refusal("convert other.safetensors --architecture net.onnx --out x.safetensors")
                .find("These weights do not fit the open architecture"),
            std::string::npos);
  EXPECT_NE(refusal("convert weights.safetensors --out x.safetensors").find("Open the architecture first"),
            std::string::npos);
}

TEST_F(ConvertCli, RefusesByASentence) {
  write("few.txt", "one\ntwo\n");
  EXPECT_EQ(refusal("convert net.onnx --out x.safetensors --labels few.txt"),
            "weightroom: 'net.onnx': The ONNX model has 5 classes, but there are 2 labels.\n");
  EXPECT_EQ(refusal("convert gone.onnx --out x.safetensors"), "weightroom: There is no file 'gone.onnx'.\n");
  EXPECT_EQ(refusal("convert net.onnx --out x.safetensors --labels gone.txt"),
            "weightroom: There is no file 'gone.txt'.\n");
  write("bad.onnx", "no model at all");
  EXPECT_NE(refusal("convert bad.onnx --out x.safetensors").find("'bad.onnx': This is not an ONNX model"),
            std::string::npos);
  EXPECT_NE(refusal("convert net.onnx --out no/such/x.safetensors").find("no/such/x.safetensors"), std::string::npos);
  EXPECT_EQ(run("convert net.onnx --out x.safetensors --scale -2-2").code, 2);
  EXPECT_NE(refusal("convert " + std::string(WEIGHTROOM_SOURCE_DIR) +
                    "/assets/garments.safetensors --out x.safetensors --order bgr")
                .find("The model reads grey pictures, which have no order of colours."),
            std::string::npos);
}

// Every way of storing a model opens again, and an ONNX file of ours is one for us too.
TEST_F(ConvertCli, WritesEveryWayOfStoringAModel) {
  write_model("small.safetensors");
  const auto whole = run("convert small.safetensors --out fp32.safetensors --store fp32 --json").json();
  for (const char* store : {"plain", "fp16", "int8", "int4", "smallest"}) {
    const std::string out = std::string(store) + ".safetensors";
    const auto done = run("convert small.safetensors --out " + out + " --store " + store + " --json").json();
    EXPECT_EQ(done["bytes"].get<std::size_t>(), bytes(out).size()) << store;
    const auto again = run("inspect " + out + " --json").json();
    EXPECT_EQ(again["fingerprint"], done["fingerprint"]) << store;
    const bool exact = store == std::string("plain") || store == std::string("smallest");
    EXPECT_EQ(done["fingerprint"] == whole["fingerprint"], exact) << store;
  }
  const auto onnx = run("convert small.safetensors --out small.onnx --json").json();
  EXPECT_EQ(onnx["bytes"].get<std::size_t>(), bytes("small.onnx").size());
  EXPECT_EQ(run("inspect small.onnx --json").json()["labels"],
            run("inspect small.safetensors --json").json()["labels"]);
  // Pruned to a tenth, the same file is smaller and still answers to the bit.
  ASSERT_EQ(run("edit small.safetensors --prune 0.9 --out pruned.safetensors").code, 0);
  ASSERT_EQ(run("edit small.safetensors --prune 0.9 --store smallest --out sparse.safetensors").code, 0);
  EXPECT_LT(bytes("sparse.safetensors").size(), bytes("pruned.safetensors").size());
  EXPECT_EQ(run("inspect sparse.safetensors --json").json()["fingerprint"],
            run("inspect pruned.safetensors --json").json()["fingerprint"]);
  // Nothing that was asked for is left off without a word.
  for (const char* command :
       {"convert small.safetensors --out x.onnx --store int8", "convert small.safetensors --out x.onnx --half",
        "edit small.safetensors --prune 0.5 --out x.onnx --store smallest"})
    EXPECT_NE(refusal(command).find("An ONNX file keeps its weights as fp32 here"), std::string::npos) << command;
  EXPECT_NE(refusal("convert small.safetensors --out x.safetensors --store zip").find("not as 'zip'"),
            std::string::npos);
}

}  // namespace
}  // namespace weightroom::cli
