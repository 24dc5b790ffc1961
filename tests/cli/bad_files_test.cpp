// Every kind of broken model file and picture through the program: exit code 1 and one sentence that says what is
// wrong.
#include <functional>
#include <vector>

#include "io/crc32.h"
#include "io/text.h"
#include "program.h"

namespace weightroom::cli {
namespace {

using nlohmann::json;

std::string little64(std::uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  return bytes;
}

std::string file_of(const std::string& header, const std::string& data = {}) {
  return little64(header.size()) + header + data;
}

std::string one_tensor(const std::string& fields, std::size_t bytes) {
  return file_of(R"({"w":{)" + fields + "}}", std::string(bytes, '\0'));
}

class BadFiles : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    write_model("good.safetensors");
    write_picture("picture.png", 1, 7, 20);
  }

  // The good model with its header or its data changed.
  std::string changed(const std::function<void(json& header, std::string& data)>& change) const {
    const std::string whole = text("good.safetensors");
    std::uint64_t size = 0;
    for (int i = 7; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(whole[static_cast<std::size_t>(i)]);
    json header = json::parse(whole.substr(8, size));
    std::string data = whole.substr(8 + size);
    change(header, data);
    return file_of(header.dump(), data);
  }
  std::string with_graph(const std::function<void(json& graph)>& change) const {
    return changed([&](json& header, std::string&) {
      json graph = json::parse(header["__metadata__"]["graph"].get<std::string>());
      change(graph);
      header["__metadata__"]["graph"] = graph.dump();
    });
  }

  // One sentence of the program, on one line, of the file by its name.
  void expect_refused(const std::string& arguments, const std::string& file, const std::string& part) {
    SCOPED_TRACE(arguments);
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("weightroom: '" + file + "': ")) << outcome.err;
    EXPECT_TRUE(outcome.err.ends_with(".\n")) << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    EXPECT_LT(outcome.err.size(), 400U);
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }
};

TEST_F(BadFiles, ModelsAreRefusedForWhatIsWrongWithThem) {
  const auto kernel = [](json& header) -> json& { return header["conv1.weight"]; };
  const std::vector<std::tuple<std::string, std::string, std::string>> files{
      {"empty", "", "empty"},
      {"cut", std::string("\x05\x00", 2), "too short"},
      {"huge-header", little64(1ULL << 62) + "{}", "header"},
      {"header-past-the-end", little64(96) + "{}", "header"},
      {"no-object", file_of("[1,2]"), "object"},
      {"no-json", file_of("nonsense"), "JSON"},
      {"deep", file_of([] {
         std::string nested;
         for (int i = 0; i < 3000; ++i) nested += "{\"a\":";
         return nested + "1" + std::string(3000, '}');
       }()),
       "levels"},
      {"overlap",
       file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
               std::string(4, '\0')),
       "'b'"},
      {"hole", file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", std::string(8, '\0')), "'a'"},
      {"after-the-end", one_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])", 9), "after"},
      {"past-the-end", one_tensor(R"("dtype":"F32","shape":[4],"data_offsets":[0,16])", 4), "'w'"},
      {"wrong-size", one_tensor(R"("dtype":"F32","shape":[2,2],"data_offsets":[0,4])", 4), "'w'"},
      {"overflow", one_tensor(R"("dtype":"F32","shape":[2,18446744073709551614],"data_offsets":[0,4])", 4), "'w'"},
      {"negative", one_tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])", 4), "'w'"},
      {"twice",
       file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
               R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
               std::string(4, '\0')),
       "twice"},
      {"unknown-type", one_tensor(R"("dtype":"C64","shape":[1],"data_offsets":[0,8])", 8), "C64"},
      {"no-network", one_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])", 4), "no network"},
      {"another-shape", changed([&](json& header, std::string&) {
         json& shape = kernel(header)["shape"];
         std::swap(shape[0], shape[1]);
       }),
       "conv1.weight"},
      {"renamed", changed([&](json& header, std::string&) {
         header["conv9.weight"] = kernel(header);
         header.erase("conv1.weight");
       }),
       "conv1.weight"},
      {"not-a-number", changed([&](json& header, std::string& data) {
         const std::size_t at = kernel(header)["data_offsets"][0];
         const bool half = kernel(header)["dtype"] == "F16";
         data.replace(at, half ? 2 : 4, half ? std::string("\x00\x7e", 2) : std::string("\x00\x00\xc0\x7f", 4));
       }),
       "conv1.weight"},
      {"infinite", changed([&](json& header, std::string& data) {
         const std::size_t at = kernel(header)["data_offsets"][0];
         const bool half = kernel(header)["dtype"] == "F16";
         data.replace(at, half ? 2 : 4, half ? std::string("\x00\x7c", 2) : std::string("\x00\x00\x80\x7f", 4));
       }),
       "conv1.weight"},
      {"unknown-layer", with_graph([](json& graph) { graph["nodes"][0]["op"] = "dance"; }), "dance"},
      {"more-channels", with_graph([](json& graph) { graph["nodes"][0]["attributes"]["out_channels"] = 7; }), "conv1"},
      {"unknown-input", with_graph([](json& graph) { graph["nodes"][1]["inputs"][0] = "nobody"; }), "nobody"},
      {"no-nodes", with_graph([](json& graph) { graph["nodes"] = json::array(); }), "nodes"},
  };
  for (const auto& [name, bytes, part] : files) {
    const std::string file = name + ".safetensors";
    write(file, bytes);
    expect_refused("inspect " + file, file, part);
    expect_refused("classify picture.png --model " + file, file, part);
  }
}

TEST_F(BadFiles, PicturesAreRefusedForWhatIsWrongWithThem) {
  // The smallest JPEG there is begins so; it ends long before its scan does.
  const std::string jpeg("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", 20);
  const std::string png = text("picture.png");
  // With another width and height, and the checksum of that.
  const auto of_extents = [&](const std::string& extents) {
    std::string other = png;
    other.replace(16, 8, extents);
    const std::uint32_t sum = io::crc32(io::as_bytes(std::string_view(other).substr(12, 17)));
    for (std::size_t i = 0; i < 4; ++i) other[29 + i] = static_cast<char>(sum >> (24 - 8 * i));
    return other;
  };
  const std::string huge = of_extents(std::string("\x00\x00\x4e\x20\x00\x00\x4e\x20", 8));
  const std::string flat = of_extents(std::string(8, '\0'));
  const std::vector<std::tuple<std::string, std::string, std::string>> files{
      {"empty.jpg", "", "empty"},
      {"words.jpg", "this is a letter", "not a picture"},
      {"cut.jpg", jpeg, "cut short"},
      {"cut.png", png.substr(0, png.size() / 2), "cut short"},
      {"huge.png", huge, "too large"},
      {"flat.png", flat, "no pixels"},
      {"cut.gif", "GIF89a\x01", "cut short"},
      {"other.webp", "RIFF\x1a\x01\x01\x01WEBPVP8L", "WebP"},
      {"other.avif", std::string("\x00\x00\x00\x1c", 4) + "ftypavif", "AVIF"},
  };
  for (const auto& [file, bytes, part] : files) {
    write(file, bytes);
    expect_refused("classify " + file + " --model good.safetensors", file, part);
    expect_refused("explain " + file + " --model good.safetensors", file, part);
  }
}

TEST_F(BadFiles, WeightsThatRunOverGiveASentenceInPlaceOfAnAnswer) {
  ASSERT_EQ(run("edit good.safetensors --set 'fc.weight[0,0]=3e38' --set 'fc.weight[0,1]=3e38' --set "
                "'conv1.weight[0,0,0,0]=3e38' --set 'conv2.weight[0,0,0,0]=3e38' --set 'conv2.weight[1,0,0,0]=3e38' "
                "--out huge.safetensors")
                .code,
            0);
  for (const char* line : {"classify picture.png", "explain picture.png", "explain picture.png --target 1"})
    EXPECT_EQ(refusal(std::string(line) + " --model huge.safetensors"),
              "weightroom: The model has no answer for this picture: with its weights the numbers grow beyond what a "
              "float holds.\n");
}

// Saved in the place of a model, and called like it.
TEST_F(BadFiles, WhatIsCalledOnnxIsNamedByWhatItIs) {
  write("page.onnx", "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>");
  EXPECT_NE(refusal("inspect page.onnx").find("web page"), std::string::npos) << text("stderr.txt");
  write("pointer.onnx", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 46830571\n");
  EXPECT_NE(refusal("inspect pointer.onnx").find("Git LFS"), std::string::npos) << text("stderr.txt");
}

TEST_F(BadFiles, WordsAreRefusedByWhatTheyAre) {
  const std::string base = " --model good.safetensors";
  EXPECT_EQ(refusal("explain picture.png --target ''" + base),
            "weightroom: The model has no class ''; it has low, middle, top.\n");
  EXPECT_NE(refusal("edit good.safetensors --out x.safetensors --set 'conv2.weight[99999999999999999999,1,0,0]=1'")
                .find("'99999999999999999999' of 'conv2.weight' is out of range"),
            std::string::npos);
  EXPECT_EQ(refusal("explain picture.png --out a.png --out b.jpg" + base),
            "weightroom: The output 'b.jpg' must end in .safetensors or .npy (values), .csv (the map as text) or .png "
            "(overlay).\n");
  EXPECT_FALSE(std::filesystem::exists(path("a.png")));
  write("notes.txt", "not a tar");
  EXPECT_TRUE(refusal("eval notes.txt" + base).starts_with("weightroom: 'notes.txt' is no labelled set. "));
  std::filesystem::create_directories(path("nothing"));
  EXPECT_TRUE(refusal("eval nothing" + base).starts_with("weightroom: 'nothing': "));
  const Outcome fly = run("fly");
  EXPECT_EQ(fly.code, 2);
  EXPECT_TRUE(fly.err.starts_with("weightroom: There is no command 'fly'; there are models, inspect, ")) << fly.err;
  const Outcome none = run("classify picture.png --top 0" + base);
  EXPECT_EQ(none.code, 2);
  EXPECT_LT(none.err.size(), 200U) << none.err;
}

}  // namespace
}  // namespace weightroom::cli
