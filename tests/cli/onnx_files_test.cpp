// ONNX files with their weights beside them, and what a file may not do to a terminal.
#include <cstring>

#include <gmock/gmock.h>

#include "cli/terminal.h"
#include "onnx/file_testing.h"
#include "program.h"

namespace weightroom::cli {
namespace {

using onnx::testing::FileRow;
using ::testing::HasSubstr;

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

class OnnxBeside : public ProgramTest {
 protected:
  // A net whose one layer's weights lie at `location`, behind eight other bytes.
  void write_net(const std::string& location, const std::string& length = "24", const std::string& offset = "8") {
    FileRow row = onnx::testing::kGood;
    row.tensors[0].elsewhere = {{"location", location}, {"offset", offset}, {"length", length}};
    write("nets/net.onnx", onnx::testing::file_text(row));
  }
  void SetUp() override {
    ProgramTest::SetUp();
    write("nets/net.onnx.data", "12345678" + floats({1, 2, 3, 4, 5, 6}));
    write("secret.bin", "12345678" + floats({1, 2, 3, 4, 5, 6}));
    write("whole.onnx", onnx::testing::file_text(onnx::testing::kGood));
    wanted_ = run("inspect whole.onnx --json").json()["fingerprint"];
    ASSERT_TRUE(wanted_.is_string());
  }
  nlohmann::json wanted_;
};

TEST_F(OnnxBeside, AreReadFromTheirFolderAlone) {
  write_net("net.onnx.data");
  EXPECT_EQ(run("inspect nets/net.onnx --json").json()["fingerprint"], wanted_);
  EXPECT_EQ(run("convert nets/net.onnx --out out.safetensors --json").json()["fingerprint"], wanted_);
  write("nets/weights/0.bin", "12345678" + floats({1, 2, 3, 4, 5, 6}));
  write_net("weights/0.bin");
  EXPECT_EQ(run("inspect nets/net.onnx --json").json()["fingerprint"], wanted_);
  write_net("./net.onnx.data");
  EXPECT_EQ(run("inspect nets/net.onnx --json").json()["fingerprint"], wanted_);

  write_net("other.data");
  EXPECT_THAT(refusal("inspect nets/net.onnx"),
              HasSubstr("keeps its weights in a second file, 'other.data', which is not here"));
  for (const std::string& location :
       {std::string("../secret.bin"), path("secret.bin"), std::string("weights/../../secret.bin"),
        std::string("C:\\secret.bin"), std::string(""), std::string("..")}) {
    write_net(location);
    EXPECT_THAT(refusal("inspect nets/net.onnx"), HasSubstr("which is no place beside it")) << location;
  }
  std::filesystem::create_symlink(path("secret.bin"), path("nets/link.data"));
  write_net("link.data");
  EXPECT_THAT(refusal("inspect nets/net.onnx"), HasSubstr("'link.data', which is no place beside it"));
  std::filesystem::create_directory_symlink(path(""), path("nets/up"));
  write_net("up/secret.bin");
  EXPECT_THAT(refusal("inspect nets/net.onnx"), HasSubstr("which is no place beside it"));
  write_net("weights");
  EXPECT_THAT(refusal("inspect nets/net.onnx"), HasSubstr("which is not here")) << "a folder";
}

TEST_F(OnnxBeside, LieWhereTheFileSays) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"24", "9"},  {"24", "18446744073709551608"}, {"20", "8"}, {"28", "4"},
      {"24", "-8"}, {"18446744073709551615", "8"},  {"x", "8"},  {"24", "8.0"}};
  for (const auto& [length, offset] : wrong) {
    write_net("net.onnx.data", length, offset);
    EXPECT_THAT(refusal("inspect nets/net.onnx"),
                HasSubstr("is not where the ONNX file says, in 'net.onnx.data', which has 32 bytes"))
        << length << " at " << offset;
  }
}

TEST_F(OnnxBeside, OtherFieldsAreReadInAnyOrder) {
  write_net("net.onnx.data");
  // data_location (14) stands behind external_data (13), as ONNX's own writers have it.
  const std::string text = this->text("nets/net.onnx");
  EXPECT_NE(text.find("net.onnx.data"), std::string::npos);
  EXPECT_EQ(run("inspect nets/net.onnx --json").code, 0);
}

TEST_F(OnnxBeside, OtherWeightsAreFoldedWithTheEpsilonOfTheArchitecture) {
  for (const float epsilon : {1e-5F, 0.001F}) {
    FileRow row;
    row.nodes = {{"Conv", {"x", "conv1.weight"}, {"c"}},
                 {"BatchNormalization", {"c", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"}, {"b"}},
                 {"GlobalAveragePool", {"b"}, {"p"}},
                 {"Flatten", {"p"}, {"y"}}};
    row.nodes[1].reals = {{"epsilon", epsilon}};
    row.tensors = {{"conv1.weight", {2, 3, 1, 1}, {1, 2, 3, 4, 5, 6}},
                   {"bn1.weight", {2}, {1, 2}},
                   {"bn1.bias", {2}, {0.5F, 1}},
                   {"bn1.running_mean", {2}, {0.1F, 0.2F}},
                   {"bn1.running_var", {2}, {0.001F, 0.002F}}};
    write("net.onnx", onnx::testing::file_text(row));
    std::vector<io::SafetensorsOutput> tensors;
    for (const auto& tensor : row.tensors)
      tensors.push_back({tensor.name, io::Dtype::f32, {tensor.extents.begin(), tensor.extents.end()}, tensor.values});
    ASSERT_TRUE(io::write_file(path("weights.safetensors"), io::write_safetensors(std::move(tensors), {})));
    const auto itself = run("inspect net.onnx --json").json()["fingerprint"];
    EXPECT_EQ(
        run("convert weights.safetensors --architecture net.onnx --out a.safetensors --json").json()["fingerprint"],
        itself);
    // Nor is it forgotten by a file of ours.
    ASSERT_EQ(run("convert net.onnx --out net.safetensors").code, 0);
    EXPECT_EQ(run("convert weights.safetensors --architecture net.safetensors --out b.safetensors --json")
                  .json()["fingerprint"],
              itself);
  }
}

TEST_F(OnnxBeside, NamesReachTheTerminalAsText) {
  FileRow row = onnx::testing::kGood;
  row.metadata = {{"labels", "[\"a\\u001b[2Jb\",\"c\\u009bd\"]"}};
  std::string text = onnx::testing::file_text(row);
  text += "\x12\x0c\x1b[31mEVIL\x1b[0";  // producer_name
  write("evil.onnx", text);
  for (const char* command :
       {"inspect evil.onnx", "inspect no\x1b[31mfile.onnx", "classify evil.onnx --model evil.onnx"}) {
    const Outcome outcome = run(command);
    EXPECT_EQ((outcome.out + outcome.err).find('\x1b'), std::string::npos) << command;
  }
  EXPECT_THAT(run("inspect evil.onnx").out, HasSubstr("?[31mEVIL?[0"));
}

TEST(PlainText, KeepsWordsAndLosesCommands) {
  EXPECT_EQ(plain_text("plain\ttext\n"), "plain\ttext\n");
  EXPECT_EQ(plain_text("\x1b[31mred\x07\r\x7f"), "?[31mred???");
  EXPECT_EQ(plain_text("M\xc3\xbc\xc3\x9f"
                       "e \xe2\x82\xac \xf0\x9f\x90\xb1 \xc2\xa9"),
            "M\xc3\xbc\xc3\x9f"
            "e \xe2\x82\xac \xf0\x9f\x90\xb1 \xc2\xa9");
  EXPECT_EQ(plain_text("\xc2\x9b"
                       "31m"),
            "?31m")
      << "in two bytes";
  EXPECT_EQ(plain_text("\x9b"
                       "31m"),
            "?31m")
      << "by itself";
  EXPECT_EQ(plain_text("\xc2\xc2\x9b"), "\xc2?");
}

}  // namespace
}  // namespace weightroom::cli
