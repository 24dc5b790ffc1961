#include "teach/last_block.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "support/nets.h"
#include "teach/base.h"
#include "train/loss.h"

namespace weightroom::teach {
namespace {

// conv1 and conv2 have most of the work; behind pool2 there are conv3 and the head.
nn::Model small_model() {
  test::SpecBuilder spec({3, 16, 16});
  spec.conv("conv1", 6, 3, 1).add("relu1", "relu").pool("pool1", "max_pool", 2);
  spec.conv("conv2", 8, 3, 1).add("relu2", "relu").pool("pool2", "max_pool", 2);
  spec.conv("conv3", 10, 3, 1).add("relu3", "relu").add("gap", "global_avg_pool").add("flatten", "flatten");
  spec.linear("fc", 2);
  test::Net net = test::random_net(spec.spec(), 3);
  nn::Model model;
  model.name = "small";
  model.graph = net.graph;
  model.weights = net.weights;
  model.labels = {"light", "dark"};
  return model;
}

nn::LabelledImages pictures(std::size_t count) {
  nn::LabelledImages images{.channels = 3,
                            .height = 16,
                            .width = 16,
                            .pixels = {},
                            .labels = {},
                            .names = {},
                            .class_names = {"light", "dark"}};
  for (std::size_t i = 0; i < count; ++i) {
    const bool dark = i % 3 == 0;
    for (const float value : test::random_values(images.sample_bytes(), i, "picture", dark ? 0 : 60, dark ? 190 : 255))
      images.pixels.push_back(static_cast<std::uint8_t>(value));
    images.labels.push_back(dark ? 1 : 0);
    images.names.push_back(std::to_string(i));
  }
  return images;
}

const BlockOptions kShort{.epochs = 2, .copies = 2, .batch = 4, .rate = 0.01};

void run(BlockTraining& training) {
  while (!training.step(base::Budget::unlimited())) continue;
}

TEST(BlockCut, IsTheLastNodeOfThoseThatNothingPassesByWithTheMostBehindIt) {
  const nn::Model model = small_model();
  EXPECT_EQ(model.graph->nodes()[static_cast<std::size_t>(block_cut(*model.graph))].name, "pool2");
  // A sum that reaches back over the pool leaves nothing in front of it to cut at but what comes before both.
  test::SpecBuilder spec({3, 8, 8});
  spec.conv("conv1", 4, 3, 1).add("relu1", "relu").conv("conv2", 4, 3, 1).add("add", "add", {}, {"conv2", "relu1"});
  spec.add("gap", "global_avg_pool").add("flatten", "flatten").linear("fc", 2);
  EXPECT_EQ(block_cut(*test::random_net(spec.spec(), 1).graph), -1);
}

TEST(BlockTraining, LayersBeforeTheBlockStayToTheByteAndTheLossFalls) {
  const nn::Model taught = small_model();
  const nn::LabelledImages images = pictures(12);
  BlockOptions longer = kShort;
  longer.epochs = 12;
  BlockTraining training(taught, images, longer, 1);
  while (training.steps() < 1) (void)training.step(base::Budget::milliseconds(0));
  const double first = training.loss();
  run(training);
  EXPECT_LT(training.loss(), 0.8 * first);
  EXPECT_EQ(training.steps(), 12 * 6);
  const nn::Model made = training.result();
  for (const nn::GraphWeight& tensor : taught.graph->weights()) {
    const bool same = std::memcmp(taught.weights.data() + tensor.offset, made.weights.data() + tensor.offset,
                                  tensor.shape.size() * sizeof(float)) == 0;
    EXPECT_EQ(same, tensor.name.starts_with("conv1") || tensor.name.starts_with("conv2")) << tensor.name;
  }
}

// One step of one picture without copies, by a pass of the whole net: cached or not, the gradient has the same bits.
TEST(BlockTraining, AStepIsThatOfTheWholeNet) {
  const nn::Model taught = small_model();
  const nn::LabelledImages images = pictures(2);
  const BlockOptions options{
      .epochs = 1, .copies = 1, .batch = 2, .rate = 0.5, .momentum = 0.0, .weight_decay = 0.0, .clip = 0.01};
  BlockTraining training(taught, images, options, 1);
  run(training);

  nn::Session session(taught.graph, taught.weights, {.batch = 2});
  std::vector<float> input;
  for (const std::uint8_t value : images.pixels) input.push_back(static_cast<float>(value) / 255.0F);
  session.set_input(input);
  session.forward();
  std::vector<float> seed(4);
  for (int k = 0; k < 2; ++k) {
    (void)train::cross_entropy(
        nn::Answer::softmax, {session.logits().sample(k), 2},
        {.first = images.labels[static_cast<std::size_t>(k)], .second = images.labels[static_cast<std::size_t>(k)]},
        0.0, 0.5, std::span(seed).subspan(static_cast<std::size_t>(2 * k), 2));
  }
  session.backward(
      {.from = -1, .d_from = seed, .input = false, .weights = true, .weights_from = 0, .keep = {}, .rule = nullptr});
  double square = 0.0;
  const auto moves = [&](const nn::GraphWeight& tensor) {
    return tensor.name.starts_with("conv3") || tensor.name.starts_with("fc");
  };
  for (const nn::GraphWeight& tensor : taught.graph->weights()) {
    if (!moves(tensor)) continue;
    for (const float g : session.d_weights().subspan(tensor.offset, tensor.shape.size()))
      square += static_cast<double>(g) * static_cast<double>(g);
  }
  ASSERT_GT(std::sqrt(square), 0.01) << "or nothing is clipped";
  const auto share = static_cast<float>(0.01 / std::sqrt(square));
  const nn::Model made = training.result();
  for (const nn::GraphWeight& tensor : taught.graph->weights()) {
    if (!moves(tensor)) continue;
    for (std::size_t i = tensor.offset; i < tensor.offset + tensor.shape.size(); ++i)
      EXPECT_EQ(made.weights[i], taught.weights[i] - 0.5F * (session.d_weights()[i] * share)) << tensor.name;
  }
}

TEST(BlockTraining, SlicesThreadsAndTheOrderOfCallsChangeNoBit) {
  const nn::Model taught = small_model();
  const nn::LabelledImages images = pictures(7);
  BlockTraining whole(taught, images, kShort, 1);
  run(whole);
  BlockTraining sliced(taught, images, kShort, 2);
  double before = 0.0;
  while (!sliced.step(base::Budget::milliseconds(0))) {
    EXPECT_GE(sliced.progress(), before);
    before = sliced.progress();
  }
  EXPECT_EQ(sliced.result().weights, whole.result().weights);
  EXPECT_EQ(sliced.features(), whole.features());
  BlockOptions other = kShort;
  other.seed = 2;
  BlockTraining apart(taught, images, other, 1);
  run(apart);
  EXPECT_NE(apart.result().weights, whole.result().weights);
}

TEST(OnLayersOf, TheOldHeadStandsOnTheNewLayers) {
  const nn::Model base = small_model();
  nn::Model made =
      with_head(base, Head{3, 10, std::vector<double>(30, 1.0), std::vector<double>(3)}, 1.0, {"a", "b", "c"});
  std::vector<float> weights = made.weights.copy();
  for (float& weight : weights) weight += 1.0F;
  made.weights = nn::FlatWeights(weights);
  const nn::Model left = on_layers_of(base, made);
  EXPECT_EQ(left.labels, base.labels);
  for (const nn::GraphWeight& tensor : base.graph->weights()) {
    const float moved = tensor.name.starts_with("fc") ? 0.0F : 1.0F;
    EXPECT_EQ(left.weights[tensor.offset], base.weights[tensor.offset] + moved) << tensor.name;
  }
}

}  // namespace
}  // namespace weightroom::teach
