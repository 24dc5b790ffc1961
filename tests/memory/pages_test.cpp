// What a large net takes while each page works on it, in the size of its weights.
#include <gtest/gtest.h>

#include "lab/bench_model.h"
#include "memory/counting.h"
#include "support/nets.h"

namespace weightroom {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using memory::Watch;

// The layers of ResNet-18 at 224 x 224, batch norm folded: 11.7 million weights.
nn::Model resnet18() {
  test::SpecBuilder spec({3, 224, 224});
  const auto conv = [&](const std::string& name, const std::string& from, int channels, int kernel, int stride) {
    nn::Attributes attributes{{"out_channels", static_cast<long long>(channels)},
                              {"kernel", static_cast<long long>(kernel)},
                              {"padding", static_cast<long long>(kernel / 2)},
                              {"stride", static_cast<long long>(stride)}};
    spec.add(name, "conv2d", std::move(attributes), {from});
  };
  conv("conv1", "input", 64, 7, 2);
  spec.add("relu1", "relu");
  spec.add("pool1", "max_pool", {{"kernel", 3LL}, {"stride", 2LL}, {"padding", 1LL}});
  std::string x = "pool1";
  int inputs = 64;
  int block = 0;
  for (const int outputs : {64, 64, 128, 128, 256, 256, 512, 512}) {
    const std::string name = "block" + std::to_string(++block);
    const int stride = outputs == inputs ? 1 : 2;
    conv(name + "a", x, outputs, 3, stride);
    spec.add(name + "a_relu", "relu");
    conv(name + "b", name + "a_relu", outputs, 3, 1);
    std::string past = x;
    if (stride == 2) conv(past = name + "past", x, outputs, 1, 2);
    spec.add(name + "sum", "add", {}, {name + "b", past});
    spec.add(name, "relu");
    x = name;
    inputs = outputs;
  }
  spec.add("average", "global_avg_pool", {}, {x}).add("flat", "flatten").linear("fc", 1000);
  nn::Model model;
  model.name = "resnet18";
  model.graph = nn::Graph::build(spec.spec()).value();
  model.weights = nn::initial_weights(*model.graph, 1);
  for (int i = 0; i < 1000; ++i) model.labels.push_back("class " + std::to_string(i));
  model.preprocessing.mean = {0.5F, 0.5F, 0.5F};
  model.preprocessing.std = {0.25F, 0.25F, 0.25F};
  return model;
}

// Until a page's study has found all, or has made some way: the longest would take hours.
void work(Bench& bench) {
  const auto& study = bench.lab.engine().study();
  for (int slice = 0; slice < 60; ++slice) {
    if (bench.lab.step(base::Budget::milliseconds(20.0))) {
      if (study.state != studies::StudyState::waiting) return;
      ASSERT_TRUE(bench.lab.run(document::command::StartStudy{}).has_value());
    }
  }
  if (study.state == studies::StudyState::running) (void)bench.lab.run(document::command::StopStudy{});
}

TEST(Memory, ALargeNetTakesAFewTimesItsWeightsWhateverPageIsOpen) {
  Bench bench;
  auto file = io::write_model(resnet18(), io::Store::full);
  const auto weights = static_cast<double>(file.size());
  const Watch opening;
  ASSERT_TRUE(bench.lab.open_file("resnet18.safetensors", std::move(file)).has_value());
  bench.settle();
  EXPECT_LT(opening.peak() / weights, 3.0) << "the weights, their gradients, and activations of two sessions";
  const Watch used;
  run(bench, R"({"command":"set_weight","weight":"block8b.weight[0,0,1,1]","value":0.5})");
  run(bench, R"({"command":"set_method","method":"smoothgrad","params":{"samples":2}})");
  run(bench, R"({"command":"save_model"})");
  bench.saved.clear();
  for (const studies::StudyDef& page : studies::pages()) {
    ASSERT_TRUE(bench.lab.run(document::command::OpenPage{std::string(page.name)}).has_value());
    work(bench);
    EXPECT_LT(used.peak() / weights, 3.5) << page.name;
    // What a page has not finished on a slow machine keeps its session until another page is opened.
    ASSERT_TRUE(bench.lab.run(document::command::OpenPage{"layers"}).has_value());
    EXPECT_EQ(bench.lab.engine().sessions().lent(), 2U) << page.name;
  }
}

}  // namespace
}  // namespace weightroom
