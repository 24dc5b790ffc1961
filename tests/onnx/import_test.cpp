// What an ONNX file says, and how it is understood. Files are written here message by message.
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

}  // namespace
}  // namespace weightroom::onnx
