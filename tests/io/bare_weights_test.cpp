// Weights as PyTorch saves them, onto an architecture that is open already.
#include "io/bare_weights.h"

#include <cmath>

#include <gtest/gtest.h>

#include "io/file.h"
#include "io/file_kind.h"
#include "io/io_testing.h"
#include "io/model_file.h"
#include "io/safetensors.h"
#include "nn/session.h"
#include "onnx/open_model.h"

namespace weightroom::io {
namespace {

using ::testing::HasSubstr;

const std::string kGolden = std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/";

std::vector<std::byte> golden(const std::string& name) {
  auto bytes = read_file(kGolden + name);
  EXPECT_TRUE(bytes) << name;
  return bytes.value_or(std::vector<std::byte>{});
}

// Each tensor of a file, renamed and perhaps left out or given another shape.
std::vector<std::byte> rewritten(const std::vector<std::byte>& bytes,
                                 const std::function<bool(SafetensorsOutput&)>& change) {
  const auto file = parse_safetensors(bytes);
  EXPECT_TRUE(file);
  std::vector<std::vector<float>> values;
  for (const auto& tensor : file->tensors) values.push_back(values_of(tensor));
  std::vector<SafetensorsOutput> tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    SafetensorsOutput tensor{file->tensors[i].name, file->tensors[i].dtype, file->tensors[i].shape, values[i]};
    if (change(tensor)) tensors.push_back(std::move(tensor));
  }
  return write_safetensors(std::move(tensors), {});
}

// Masks, indices and the like lie beside the weights of some nets: named and left out. In a weight's place they are
// none.
TEST(BareWeightsOfOtherTypes, AreLeftOutByName) {
  const auto model = onnx::open_model("dense_13.onnx", golden("dense_13.onnx"));
  ASSERT_TRUE(model) << model.error().message();
  const std::vector<std::byte> bytes(8);
  const auto with = [&](const char* name, Dtype dtype, std::size_t count) {
    std::vector<SafetensorsOutput> tensors;
    for (const nn::GraphWeight& weight : model->graph->weights()) {
      if (weight.name == name) continue;
      const auto extents = weight.shape.extents();
      tensors.push_back({weight.name,
                         Dtype::f32,
                         {extents.begin(), extents.end()},
                         std::span<const float>(model->weights).subspan(weight.offset, weight.shape.size())});
    }
    tensors.push_back({name, dtype, {count}, {}, std::span(bytes).first(count * dtype_bytes(dtype))});
    return write_safetensors(std::move(tensors), {});
  };
  for (const Dtype dtype : {Dtype::boolean, Dtype::i32, Dtype::u8, Dtype::i64, Dtype::f8_e4m3}) {
    std::vector<std::string> notices;
    const auto weights = fit_weights(with("extra.mask", dtype, 1), *model->graph, &notices, {});
    ASSERT_TRUE(weights) << weights.error().message();
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_THAT(notices[0], HasSubstr("'extra.mask'"));
  }
  const nn::GraphWeight& bias = model->graph->weights()[1];
  const auto refused = fit_weights(with(bias.name.c_str(), Dtype::u8, bias.shape.size()), *model->graph, nullptr, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("holds whole numbers (U8)"));
}

// A net of tests/golden/onnx whose other weights were recorded, with what PyTorch answers with those.
class BareWeights : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    const std::string net = name.substr(0, name.find('_'));
    auto model = onnx::open_model(name + ".onnx", golden(name + ".onnx"));
    ASSERT_TRUE(model) << model.error().message();
    model_ = std::move(*model);
    weights_ = golden(net + "_weights.safetensors");
    expected_ = golden(net + "_weights_logits.safetensors");
  }
  void expect_answer(const std::vector<float>& weights) const {
    const auto file = parse_safetensors(expected_);
    ASSERT_TRUE(file);
    nn::Session session(model_.graph, weights, {});
    session.set_input(values_of(*file->find("input")));
    session.forward();
    const auto logits = values_of(*file->find("logits"));
    float most = 0.0F;
    for (const float value : logits) most = std::max(most, std::abs(value));
    for (std::size_t k = 0; k < logits.size(); ++k) EXPECT_NEAR(session.logits().data[k], logits[k], 1e-5F * most);
  }
  nn::Model model_;
  std::vector<std::byte> weights_;
  std::vector<std::byte> expected_;
};

TEST_P(BareWeights, AnswerAsPyTorchDoes) {
  EXPECT_EQ(kind_of("", weights_), FileKind::weights);
  std::vector<std::string> notices;
  const auto weights = fit_weights(weights_, *model_.graph, &notices);
  ASSERT_TRUE(weights) << weights.error().message();
  EXPECT_TRUE(notices.empty()) << notices.front();
  EXPECT_NE(*weights, model_.weights.copy());
  expect_answer(*weights);
}

TEST_P(BareWeights, AnyPrefixOfAllNamesWillDo) {
  for (const char* prefix : {"module.", "model.backbone."}) {
    const auto named = rewritten(weights_, [&](SafetensorsOutput& tensor) {
      tensor.name.insert(0, prefix);
      return true;
    });
    const auto weights = fit_weights(named, *model_.graph);
    ASSERT_TRUE(weights) << weights.error().message();
    expect_answer(*weights);
  }
}

TEST_P(BareWeights, NamesAllThatDoesNotFit) {
  const auto changed = rewritten(weights_, [](SafetensorsOutput& tensor) {
    if (tensor.name == "fc.bias" || tensor.name == "classifier.1.bias") tensor.name = "other.bias";
    if (tensor.shape.size() == 2) std::swap(tensor.shape[0], tensor.shape[1]);
    return true;
  });
  const auto weights = fit_weights(changed, *model_.graph);
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message(), HasSubstr("These weights do not fit the open architecture: "));
  EXPECT_THAT(weights.error().message(), HasSubstr(".weight' is ("));
  EXPECT_THAT(weights.error().message(), HasSubstr(".bias' is not in the file"));
  EXPECT_THAT(weights.error().message(), HasSubstr("The file also holds 'other.bias'"));
}

TEST_P(BareWeights, SaysWhatWasLeftOver) {
  std::vector<std::string> notices;
  const std::vector<float> more{1, 2};
  const auto file = parse_safetensors(weights_);
  std::vector<std::vector<float>> values;
  std::vector<SafetensorsOutput> tensors{{"aux.weight", Dtype::f32, {2}, more}};
  for (const auto& tensor : file->tensors) values.push_back(values_of(tensor));
  for (std::size_t i = 0; i < values.size(); ++i)
    tensors.push_back({file->tensors[i].name, file->tensors[i].dtype, file->tensors[i].shape, values[i]});
  const auto weights = fit_weights(write_safetensors(tensors, {}), *model_.graph, &notices);
  ASSERT_TRUE(weights) << weights.error().message();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0], "1 tensor of the file was not needed: 'aux.weight'.");
}

INSTANTIATE_TEST_SUITE_P(Nets, BareWeights, ::testing::Values("residual_16", "residual_7", "inverted_14", "vgg_13"));

class NormedWeights : public BareWeights {};
INSTANTIATE_TEST_SUITE_P(Nets, NormedWeights, ::testing::Values("residual_16", "residual_7"));

// A norm takes its own mean off: a bias before it moves nothing as long as the mean moves with it.
TEST_P(NormedWeights, ABiasBeforeANormIsFoldedToo) {
  const auto file = parse_safetensors(weights_);
  ASSERT_TRUE(file);
  std::vector<std::vector<float>> values;
  std::vector<SafetensorsOutput> tensors;
  for (const auto& tensor : file->tensors) values.push_back(values_of(tensor));
  std::vector<float> bias;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& tensor = file->tensors[i];
    if (tensor.name == "stem.1.running_mean") {
      bias.assign(values[i].size(), 0.5F);
      for (float& mean : values[i]) mean += 0.5F;
    }
    tensors.push_back({tensor.name, tensor.dtype, tensor.shape, values[i]});
  }
  ASSERT_FALSE(bias.empty());
  tensors.push_back({"stem.0.bias", Dtype::f32, {bias.size()}, bias});
  std::vector<std::string> notices;
  const auto weights = fit_weights(write_safetensors(std::move(tensors), {}), *model_.graph, &notices);
  ASSERT_TRUE(weights) << weights.error().message();
  EXPECT_TRUE(notices.empty());
  expect_answer(*weights);
}

TEST(BareWeightsFile, ExtentsOfOneCountButForTheLast) {
  const auto graph = nn::Graph::build(
      {{4, 8, 8},
       {{"depthwise", "conv2d", {"input"}, {{"out_channels", 4LL}, {"kernel", 3LL}, {"groups", 4LL}, {"bias", 0LL}}}}});
  ASSERT_TRUE(graph) << graph.error().message();
  const std::vector<float> values(36, 1.0F);
  const auto fit = [&](std::vector<std::uint64_t> shape, Dtype dtype) {
    return fit_weights(write_safetensors({{"depthwise.weight", dtype, std::move(shape), values}}, {}), **graph);
  };
  EXPECT_TRUE(fit({4, 1, 3, 3}, Dtype::f32));
  EXPECT_TRUE(fit({4, 1, 3, 3, 1}, Dtype::f32)) << "as a convolution of 1 x 1";
  const auto other = fit({1, 4, 3, 3}, Dtype::f32);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), HasSubstr("'depthwise.weight' is (1,4,3,3) in the file and (4,1,3,3) here"));
}

TEST(BareWeightsFile, RefusesWhatIsNotFinite) {
  auto model = onnx::open_model("vgg_13.onnx", golden("vgg_13.onnx"));
  ASSERT_TRUE(model);
  bool first = true;
  std::vector<float> bad;
  const auto file = rewritten(golden("vgg_weights.safetensors"), [&](SafetensorsOutput& tensor) {
    if (std::exchange(first, false)) {
      bad.assign(tensor.values.begin(), tensor.values.end());
      bad[0] = std::nanf("");
      tensor.values = bad;
    }
    return true;
  });
  const auto weights = fit_weights(file, *model->graph);
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message(), HasSubstr("not finite"));
}

}  // namespace
}  // namespace weightroom::io
