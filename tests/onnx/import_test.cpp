// What an ONNX file may say wrongly, and how it is refused. Files are written here message by message.
#include "onnx/import.h"

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

TEST(OnnxImport, ReadsALayerAndItsName) {
  const auto model = imported(kGood);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->name, "net");
  EXPECT_GE(model->graph->find_weight("fc.weight"), 0);
  EXPECT_EQ(model->weights, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(model->labels, (std::vector<std::string>{"class 0", "class 1"}));
  EXPECT_FLOAT_EQ(model->preprocessing.mean[0], 0.485F);
}

TEST(OnnxImport, LabelsComeFromTheMetadataOrTheOptions) {
  FileRow row = kGood;
  row.metadata = {{"labels", R"(["cat","dog"])"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"cat", "dog"}));
  row.metadata = {{"classes", "ant\nbee\n"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"ant", "bee"}));
  row.metadata = {{"Class_Names", R"(["owl","pig"])"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"owl", "pig"}));
  row.metadata = {{"names", R"({0: 'ant', 1: "bee's"})"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"ant", "bee's"}));
  row.metadata = {{"names", R"({1: 'ant', 0: 'bee'})"}};  // each under its number
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"bee", "ant"}));
  row.metadata = {{"labels", R"(["one"])"}};  // does not fit
  EXPECT_EQ(imported(row)->labels[1], "class 1");
  EXPECT_EQ(imported(row, {.labels = {"a", "b"}})->labels[1], "b");
  const auto short_list = imported(row, {.labels = {"a"}});
  ASSERT_FALSE(short_list);
  EXPECT_EQ(short_list.error().message(), "The ONNX model has 2 classes, but there is 1 label.");
}

TEST(OnnxImport, OneNumberIsCalledByOneNameOrTwo) {
  FileRow row{{kPool, kFlat, {"Gemm", {"f", "w"}, {"z"}, {{"transB", {1}}}}, {"Sigmoid", {"z"}, {"y"}}},
              {{"w", {1, 3}, {1, 2, 3}}}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"class 0", "class 1"}));
  row.metadata = {{"labels", R"(["cat","dog"])"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"cat", "dog"}));
  row.metadata = {{"labels", R"(["hot dog"])"}};
  EXPECT_EQ(imported(row)->labels, (std::vector<std::string>{"not hot dog", "hot dog"}));
  EXPECT_EQ(imported(row, {.labels = {"toast"}})->labels, (std::vector<std::string>{"not toast", "toast"}));
  OpenReport report;
  EXPECT_EQ(imported(row, {}, &report)->graph->answer(), nn::Answer::sigmoid);
  ASSERT_EQ(report.notices.size(), 1U);
  EXPECT_EQ(report.notices[0], "The model's answer is one number; it stands here for two classes.");
}

TEST(OnnxImport, ALogarithmOfTheSoftmaxIsASoftmax) {
  FileRow row = kGood;
  row.nodes.back().outputs = {"z"};
  row.nodes.push_back({"LogSoftmax", {"z"}, {"y"}, {{"axis", {1}}}});
  const auto model = imported(row);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->graph->nodes().back().name, "probabilities");
  EXPECT_EQ(model->graph->nodes()[static_cast<std::size_t>(model->graph->logits())].name, "fc");
  EXPECT_EQ(model->weights, imported(kGood)->weights);
}

TEST(OnnxImport, ReadsFromTheMetadataHowPicturesBecomeNumbers) {
  FileRow row = kGood;
  OpenReport report;
  nn::Preprocessing usual;
  set_scale(usual, *io::find_scale("imagenet"));
  EXPECT_EQ(imported(row, {}, &report)->preprocessing, usual);
  EXPECT_TRUE(report.guessed_reading);
  EXPECT_TRUE(report.guessed_labels);
  // https://onnx.ai/onnx/repo-docs/MetadataProps.html: keys and values of either case.
  for (const auto& [range, name] :
       {std::pair{"NominalRange_0_255", "0-255"}, {"Normalized_0_1", "0-1"}, {"normalized_1_1", "-1-1"}}) {
    row.metadata = {{"image.nominalpixelrange", range}, {"Image.BitmapPixelFormat", "BGR8"}};
    const auto model = imported(row, {}, &report);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ(io::scale_of(model->preprocessing, 3), io::find_scale(name));
    EXPECT_TRUE(model->preprocessing.bgr);
    EXPECT_FALSE(report.guessed_reading);
  }
  row.metadata = {{"mean", "[0.1, 0.2, 0.3]"}, {"std", "0.5"}};
  EXPECT_EQ(imported(row)->preprocessing.mean, (std::array{0.1F, 0.2F, 0.3F}));
  EXPECT_EQ(imported(row)->preprocessing.std, (std::array{0.5F, 0.5F, 0.5F}));
  row.metadata = {{"preprocessing", R"({"invert":false,"mean":[0,0,1],"order":"bgr","std":[1,1,2]})"}};
  EXPECT_EQ(imported(row)->preprocessing.std[2], 2.0F);
  row.metadata = {{"preprocessing", "resize, crop"}};  // in words
  EXPECT_EQ(imported(row)->preprocessing, usual);
  row.metadata = {{"Image.BitmapPixelFormat", "Bgr8"}};
  EXPECT_TRUE(imported(row, {}, &report)->preprocessing.bgr);
  EXPECT_EQ(imported(row)->preprocessing.mean[0], 0.406F) << "the mean of blue";
  EXPECT_TRUE(report.guessed_reading) << "the order alone is said";
  row.metadata = {{"Image.NominalPixelRange", "NominalRange_16_235"}};
  EXPECT_THAT(refusal(row), HasSubstr("'NominalRange_16_235'"));
  row.metadata = {{"mean", "[1,2]"}, {"std", "[1,1]"}};
  EXPECT_THAT(refusal(row), HasSubstr("metadata have a mean"));
  row.metadata = {{"mean", "0"}, {"std", "0"}};
  EXPECT_THAT(refusal(row), HasSubstr("metadata have a std that is not above 0"));
  row.metadata = {{"std", "[0,0,0]"}};
  EXPECT_THAT(refusal(row), HasSubstr("not above 0")) << "without a mean beside it";
  row.metadata = {{"preprocessing", R"({"mean":[0,0,0],"std":[1,0,1]})"}};
  EXPECT_NE(refusal(row), "accepted");
}

TEST(OnnxImport, MeansOfBytesAreToldFromThoseOfShares) {
  FileRow row = kGood;
  OpenReport report;
  const auto read = [&](const char* mean, const char* std) {
    row.metadata = {{"mean", mean}, {"std", std}};
    report = {};
    return imported(row, {}, &report)->preprocessing;
  };
  nn::Preprocessing usual;
  set_scale(usual, *io::find_scale("imagenet"));
  const auto bytes = read("[123.675, 116.28, 103.53]", "[58.395, 57.12, 57.375]");
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(bytes.mean[c], usual.mean[c], 1e-6F);
    EXPECT_NEAR(bytes.std[c], usual.std[c], 1e-6F);
  }
  ASSERT_EQ(report.notices.size(), 1U);
  EXPECT_THAT(report.notices[0], HasSubstr("divided by 255"));
  EXPECT_FLOAT_EQ(read("[103.94, 116.78, 123.68]", "[1, 1, 1]").std[0], 1.0F / 255.0F);  // Caffe's
  EXPECT_FLOAT_EQ(read("127.5", "127.5").mean[1], 0.5F);
  EXPECT_FLOAT_EQ(read("0", "255").std[1], 1.0F);
  // Those that are meant as they stand.
  for (const auto& [mean, std] : {std::pair{"[0.485, 0.456, 0.406]", "[0.229, 0.224, 0.225]"},
                                  {"0.5", "0.5"},
                                  {"0", "1"},
                                  {"[0.4914, 0.4822, 0.4465]", "[0.2023, 0.1994, 0.2010]"},
                                  {"0.1307", "0.3081"},
                                  {"-1", "1"},
                                  {"1", "0.5"},
                                  {"0", "0.00392156862745098"}}) {
    (void)read(mean, std);
    EXPECT_TRUE(report.notices.empty()) << mean << " " << std;
  }
}

TEST(OnnxImport, WhatStandsBesideTheAnswerIsNoTrouble) {
  FileRow row = kGood;
  row.tensors.push_back({"words", {2}, {0, 0}, 8});  // of strings
  EXPECT_EQ(refusal(row), "accepted");
  row.nodes.push_back({"Add", {"y", "words"}, {"z"}});
  row.outputs = {"z"};
  EXPECT_EQ(refusal(row), "The tensor 'words' is of the ONNX type 8, which is not read here.");
  row = kGood;
  row.more_inputs = {{"keras_learning_phase", 9}};
  EXPECT_EQ(refusal(row), "accepted");
  row.nodes.push_back({"Add", {"y", "keras_learning_phase"}, {"z"}});
  row.outputs = {"z"};
  EXPECT_THAT(refusal(row), HasSubstr("more than one input ('x', 'keras_learning_phase')"));
  row = kGood;  // the class that was found comes first
  row.nodes.push_back({"ArgMax", {"y"}, {"label"}});
  row.outputs = {"label", "y"};
  row.output_types = {7, 1};
  EXPECT_EQ(refusal(row), "accepted");
}

TEST(OnnxImport, AxesThatAreOpenAreReadOffTheFirstLayer) {
  FileRow row{{{"Sub", {"x", "half"}, {"m"}},
               {"Conv", {"m", "w"}, {"c"}},
               {"GlobalAveragePool", {"c"}, {"p"}},
               {"Flatten", {"p"}, {"y"}}},
              {{"w", {2, 1, 3, 3}, std::vector<float>(18, 1.0F)}, {"half", {}, {0.5F}}},
              {0, 0, 0, 0}};
  const auto grey = imported(row, {.size = 8});
  ASSERT_TRUE(grey) << grey.error().message();
  EXPECT_EQ(grey->graph->spec().input, (nn::Shape{1, 8, 8}));
  row.nodes.insert(row.nodes.begin(), {"Transpose", {"x"}, {"t"}, {{"perm", {0, 3, 1, 2}}}});
  row.nodes[1].inputs[0] = "t";
  row.tensors[0] = {"w", {2, 3, 3, 3}, std::vector<float>(54, 1.0F)};
  row.input = {0, 0, 9, 0};
  const auto last = imported(row, {.size = 8});
  ASSERT_TRUE(last) << last.error().message();
  EXPECT_EQ(last->graph->spec().input, (nn::Shape{3, 8, 9}));
}

TEST(OnnxImport, RefusesAValueThatIsComputedTwice) {
  FileRow row = kGood;
  row.nodes.push_back({"Relu", {"p"}, {"f"}});
  EXPECT_EQ(refusal(row), "The ONNX file is not valid: it computes 'f' twice.");
  row = kGood;
  row.tensors.push_back({"f", {1}, {1}});
  EXPECT_EQ(refusal(row), "The ONNX file is not valid: it computes 'f' twice.");
}

// Thousands of nodes without a name each get one, in time that grows as they do; one too many is refused at once.
TEST(OnnxImport, ManyNodesWithoutAName) {
  const auto chain = [](int count) {
    FileRow row = kGood;
    row.nodes.clear();
    for (int i = 0; i < count; ++i) {
      row.nodes.push_back({"Relu", {i == 0 ? "x" : "r" + std::to_string(i - 1)}, {"r" + std::to_string(i)}});
      row.nodes.back().named = false;
    }
    row.nodes.push_back({"GlobalAveragePool", {"r" + std::to_string(count - 1)}, {"p"}});
    row.nodes.push_back(kFlat);
    row.nodes.push_back(kLinear);
    return file_text(row);
  };
  const auto seconds = [&](int count) {
    const std::string text = chain(count);
    const auto began = std::chrono::steady_clock::now();
    const auto model = import_onnx(io::as_bytes(text), "net");
    EXPECT_EQ(static_cast<bool>(model), count < 9998);
    if (!model) EXPECT_THAT(model.error().message(), HasSubstr("10,000"));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  (void)seconds(1000);
  const double few = seconds(2000);
  EXPECT_LT(seconds(8000), 12 * few + 0.2) << "four times as many";
  EXPECT_LT(seconds(40'000), 40 * few + 0.5) << "refused";
}

TEST(OnnxImport, GreyPicturesHaveNoOrderOfColours) {
  FileRow row = kGood;
  row.input = {0, 1, 4, 4};
  row.tensors = {{"fc.weight", {2, 1}, {1, 2}}};
  for (const char* key : {"Image.NominalPixelRange", "Comment"}) {  // the order with a range, and alone
    row.metadata = {{"Image.BitmapPixelFormat", "Bgr8"}, {key, "Normalized_0_1"}};
    const auto model = imported(row);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_FALSE(model->preprocessing.bgr) << key;
  }
}

TEST(OnnxImport, AnOpenSizeIsTheOptions) {
  FileRow row = kGood;
  row.input = {0, 3, 0, 0};
  EXPECT_EQ(imported(row)->graph->spec().input, (nn::Shape{3, 224, 224}));
  EXPECT_EQ(imported(row, {.size = 32})->graph->spec().input, (nn::Shape{3, 32, 32}));
}

TEST(OnnxImport, ChannelsLastAreTurned) {
  FileRow row = kGood;
  row.input = {0, 4, 5, 3};
  row.nodes.insert(row.nodes.begin(), {"Transpose", {"x"}, {"t"}, {{"perm", {0, 3, 1, 2}}}});
  row.nodes[1].inputs = {"t"};
  const auto model = imported(row);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(model->graph->spec().input, (nn::Shape{3, 4, 5}));
  nn::Session session(model->graph);
  session.set_weights(model->weights);
  std::vector<float> input(60, 0.0F);
  std::fill_n(input.begin(), 20, 1.0F);  // the first channel
  session.set_input(input);
  session.forward();
  EXPECT_FLOAT_EQ(session.logits().data[0], 1.0F);
  EXPECT_FLOAT_EQ(session.logits().data[1], 4.0F);
}

TEST(OnnxImport, WhatNobodyNeedsIsLeftOut) {
  FileRow row = kGood;
  row.nodes.push_back({"NonMaxSuppression", {"x"}, {"boxes"}});
  row.outputs.push_back("boxes");
  OpenReport report;
  ASSERT_TRUE(imported(row, {}, &report));
  ASSERT_EQ(report.notices.size(), 1U);
  EXPECT_THAT(report.notices[0], HasSubstr("2 outputs"));
}

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
