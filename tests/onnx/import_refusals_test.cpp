// What an ONNX file may say wrongly, and how it is refused. Files are written here message by message.
#include <chrono>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "io/model_file.h"
#include "io/preprocess.h"
#include "io/text.h"
#include "nn/session.h"
#include "onnx/file.h"
#include "onnx/file_testing.h"
#include "onnx/open_model.h"

namespace weightroom::onnx {
namespace {

using protozero::pbf_writer;
using ::testing::HasSubstr;
using namespace testing;

TEST(OnnxImport, NamesAllThatIsNotSupportedAtOnce) {
  FileRow row = kGood;
  row.nodes.insert(row.nodes.begin(), {"Einsum", {"x"}, {"e"}});
  row.nodes.insert(row.nodes.begin() + 1, {"Conv", {"e"}, {"c"}, {}, "com.microsoft"});
  row.nodes[2].inputs = {"c"};
  EXPECT_EQ(refusal(row),
            "The ONNX model uses what is not supported here: Einsum 'e_node' (opset 13), com.microsoft.Conv 'c_node' "
            "(opset 13).");
}

TEST(OnnxImport, RefusesByASentence) {
  const auto with = [](const NodeRow& node, std::vector<TensorRow> tensors) {
    FileRow row = kGood;
    NodeRow first = node;
    first.outputs = {"z"};
    row.nodes.insert(row.nodes.begin(), first);
    row.nodes[1].inputs = {"z"};
    for (TensorRow& tensor : tensors) row.tensors.push_back(std::move(tensor));
    return refusal(row);
  };
  EXPECT_THAT(with({"Conv", {"x", "w"}, {}}, {{"w", {2, 4, 1, 1}, std::vector<float>(8)}}),
              HasSubstr("Conv 'z_node' (opset 13) does not fit: "));
  EXPECT_THAT(with({"Conv", {"x", "x"}, {}}, {}), HasSubstr("Its weights must be a constant with four axes"));
  EXPECT_THAT(with({"Conv", {"x", "w"}, {}, {{"pads", {1, 1}}}}, {{"w", {2, 3, 1, 1}, std::vector<float>(6)}}),
              HasSubstr("two, two, two and four numbers"));
  EXPECT_THAT(with({"Conv", {"x", "w"}, {}, {{"strides", {0, 1}}}}, {{"w", {2, 3, 1, 1}, std::vector<float>(6)}}),
              HasSubstr("from 1 to 1,048,576"));
  EXPECT_THAT(with({"Relu", {"nowhere"}, {}}, {}), HasSubstr("reads 'nowhere', which nothing before it computes"));
  EXPECT_THAT(with({"Reshape", {"x", "s"}, {}}, {{"s", {2}, {-1, 4}, 7}}),
              HasSubstr("The batch is not its first axis"));
  EXPECT_THAT(with({"Reshape", {"x", "s"}, {}}, {{"s", {2}, {1, 7}, 7}}), HasSubstr("does not go with the values"));
  EXPECT_THAT(with({"Transpose", {"x"}, {}, {{"perm", {1, 0, 2, 3}}}}, {}),
              HasSubstr("The batch is not its first axis"));
  EXPECT_THAT(with({"Add", {"x", "b"}, {}}, {{"b", {5}, std::vector<float>(5)}}), HasSubstr("do not go together"));
  EXPECT_THAT(with({"Softmax", {"x"}, {}, {{"axis", {0}}}}, {}), HasSubstr("Its axis is the batch's"));
  EXPECT_THAT(with({"Clip", {"x", "x"}, {}}, {}), HasSubstr("Its bounds must be constants"));
  EXPECT_THAT(with({"Concat", {"x", "b"}, {}, {{"axis", {1}}}}, {{"b", {2, 1, 4, 4}, std::vector<float>(32)}}),
              HasSubstr("differs from picture to picture"));
  EXPECT_THAT(with({"Conv", {"x", "w"}, {}, {{"kernel_shape", {5, 5}}}}, {{"w", {2, 3, 3, 3}, std::vector<float>(54)}}),
              HasSubstr("Its kernel_shape says 5 x 5, but its weights are 3 x 3."));
  EXPECT_THAT(with({"Constant", {}, {}}, {}), HasSubstr("holds no numbers"));
  EXPECT_THAT(with({"Floor", {"x"}, {}}, {}), HasSubstr("for constants only"));
}

TEST(OnnxImport, RefusesConstantsThatGrowOutOfAFewNodes) {
  FileRow row = kGood;
  row.tensors.push_back({"c0", {1, 1000}, std::vector<float>(1000)});
  std::vector<NodeRow> doubling;
  for (int i = 0; i < 40; ++i) {
    const std::string from = "c" + std::to_string(i);
    doubling.push_back({"Concat", {from, from}, {"c" + std::to_string(i + 1)}, {{"axis", {1}}}});
  }
  row.nodes.insert(row.nodes.begin(), doubling.begin(), doubling.end());
  row.nodes.push_back({"Add", {"y", "c40"}, {"z"}});  // what nobody reads is not computed
  row.outputs = {"z"};
  EXPECT_THAT(refusal(row), HasSubstr("makes the constants of the file too large."));
}

TEST(OnnxImport, RefusesFilesThatAreNoClassifierOfPictures) {
  FileRow row = kGood;
  row.opset = 6;
  EXPECT_EQ(refusal(row), "The ONNX model is of opset 6; opsets 7 to 26 are read here.");
  row.opset = 27;
  EXPECT_THAT(refusal(row), HasSubstr("opset 27"));
  for (row.opset = 7; row.opset <= 26; ++row.opset) EXPECT_EQ(refusal(row), "accepted") << row.opset;
  row = kGood;
  row.input = {0, 3, 4};
  EXPECT_THAT(refusal(row), HasSubstr("has 3 axes; a picture has four"));
  row.input = {0, 5, 4, 4};
  EXPECT_THAT(refusal(row), HasSubstr("pictures of 5 channels"));
  row.input = {0, 3, 5000, 4};
  EXPECT_THAT(refusal(row), HasSubstr("larger than 4,096 x 4,096"));
  row = kGood;
  row.outputs = {"x"};
  EXPECT_EQ(refusal(row), "The ONNX model's output is its input.");
  row.outputs = {"elsewhere"};
  EXPECT_THAT(refusal(row), HasSubstr("'elsewhere'"));
  row.outputs = {"fc.weight"};
  EXPECT_THAT(refusal(row), HasSubstr("does not depend on the picture"));
  row = {{{"Relu", {"x"}, {"y"}}}};
  EXPECT_THAT(refusal(row), HasSubstr("no classifier: its output has the shape (1,3,4,4)"));
  row = kGood;
  row.tensors[0].values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal(row), "A weight of the ONNX model is not a finite number.");
  row = kGood;
  row.tensors[0].extents = {2, 4};
  EXPECT_EQ(refusal(row), "The tensor 'fc.weight' does not hold the 8 numbers that its shape asks for.");
  row.tensors[0].extents = {1LL << 40, 1LL << 40};
  EXPECT_THAT(refusal(row), HasSubstr("no file of this size can fill"));
  row.tensors[0].extents = {-2, -3};
  EXPECT_THAT(refusal(row), HasSubstr("no file of this size can fill"));
  row.tensors[0] = kWeight;
  row.tensors[0].type = 14;  // COMPLEX64
  EXPECT_THAT(refusal(row), HasSubstr("of the ONNX type 14, which is not read here"));
}

TEST(OnnxFile, RefusesWhatIsNone) {
  const auto sentence = [](std::string_view text) {
    const auto file = onnx::parse_onnx(io::as_bytes(text));
    return file ? "accepted" : file.error().message();
  };
  EXPECT_THAT(sentence(""), HasSubstr("there is no graph in it"));
  EXPECT_THAT(sentence("hello, world"), HasSubstr("does not read as a protobuf message"));
  EXPECT_THAT(sentence(std::string(64, '\xff')), HasSubstr("does not read as a protobuf message"));
  std::string elsewhere;
  {
    pbf_writer model(elsewhere);
    pbf_writer graph(model, 7);
    pbf_writer tensor(graph, 5);
    tensor.add_int32(2, 1);
    tensor.add_string(8, "w");
    {
      pbf_writer entry(tensor, 13);
      entry.add_string(1, "location");
      entry.add_string(2, "w.data");
    }
    tensor.add_int32(14, 1);
  }
  EXPECT_EQ(
      sentence(elsewhere),
      "The ONNX model keeps its weights in a second file, 'w.data', which is not here: it must lie beside the ONNX "
      "file, or be dropped together with it.");
}

// A file cut off anywhere, or with one byte changed, is refused or read, and never more than that.
TEST(OnnxFile, EveryPrefixAndEveryFlippedByteEndsWell) {
  const std::string text = file_text(kGood);
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto model = import_onnx(io::as_bytes(std::string_view(text).substr(0, length)), "net");
    if (!model) EXPECT_TRUE(model.error().message().ends_with('.')) << model.error().message();
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const auto model = import_onnx(io::as_bytes(damaged), "net");
      if (!model) EXPECT_TRUE(model.error().message().ends_with('.')) << model.error().message();
    }
  }
}

TEST(OpenModel, TellsTheKindsApartByWhatIsInThem) {
  const std::string text = file_text(kGood);
  EXPECT_TRUE(is_onnx("net.onnx", io::as_bytes(text)));
  EXPECT_TRUE(is_onnx("download", io::as_bytes(text)));
  EXPECT_TRUE(is_onnx("net.onnx", io::as_bytes("\x01\x02\x03\x04 and so on"))) << "so that the refusal speaks of ONNX";
  EXPECT_FALSE(is_onnx("net.onnx", io::as_bytes("\xff\xd8\xff\xe0 and so on"))) << "a picture, and refused as one";
  EXPECT_FALSE(is_onnx("net", io::as_bytes("\xff\xd8\xff\xe0 and so on")));
  EXPECT_FALSE(is_onnx("net.onnx", io::write_model(*open_model("net", io::as_bytes(text))))) << "under a wrong name";
  const auto model = open_model("models/my net.onnx", io::as_bytes(text));
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->name, "my net");
}

}  // namespace
}  // namespace weightroom::onnx
