#include "lab/engine.h"

#include <tuple>

#include <gtest/gtest.h>

#include "lab/bench_model.h"
#include "lab/lab.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::run;
using testing::state_of;

TEST(Engine, EverySliceOfAMapIsAnotherVersion) {
  Bench bench;
  ASSERT_TRUE(bench.lab.run(document::command::SetMethod{"smoothgrad", {{"samples", 8.0}}, ""}).has_value());
  const lab::Results& results = bench.lab.engine().results();
  std::uint64_t version = results.map_version;
  int slices = 0;
  int maps = 0;
  for (bool idle = false; !idle; ++slices) {
    ASSERT_LT(slices, 1'000);
    const std::vector<float> before = results.map.values;
    idle = bench.lab.step(base::Budget::milliseconds(0.0));
    if (results.map.values != before) {
      EXPECT_NE(results.map_version, version);
      ++maps;
    }
    version = results.map_version;
  }
  EXPECT_GT(slices, 8);
  EXPECT_EQ(maps, 8) << "one to look at after every sample";
}

// What is remembered by it (a layer's range, its maps) is searched and copied anew only where the activations changed.
TEST(Engine, TheVersionOfTheActivationsRisesWithTheirContentAlone) {
  Bench bench;
  const std::uint64_t& version = bench.lab.engine().results().forward_version;
  const std::uint64_t opened = version;
  run(bench, R"({"command":"select_weight","weight":"conv2.weight[1,2,0,1]"})");
  run(bench, R"({"command":"select_channel","layer":"relu1","channel":3})");
  run(bench, R"({"command":"set_view","overlay":"gradient","opacity":0.3})");
  run(bench, R"({"command":"set_target","target":2})");
  run(bench, R"({"command":"set_method","method":"grad_cam"})");
  EXPECT_EQ(version, opened);
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":-3.5})");
  const std::uint64_t edited = version;
  EXPECT_GT(edited, opened);
  run(bench, R"({"command":"undo"})");
  const std::uint64_t undone = version;
  EXPECT_GT(undone, edited);
  ASSERT_TRUE(bench.open_file("other.safetensors", io::write_model(testing::small_model("other"))).has_value());
  bench.settle();
  EXPECT_GT(version, undone);
}

TEST(Engine, EveryMethodEndsUnderATinyBudget) {
  Bench bench;
  for (const auto& method : explain::methods()) {
    ASSERT_TRUE(bench.lab.run(document::command::SetMethod{std::string(method.name), {}, ""}).has_value());
    int slices = 0;
    while (!bench.lab.step(base::Budget::milliseconds(0.0))) ASSERT_LT(++slices, 100'000);
    EXPECT_EQ(state_of(bench)["map"]["method"], method.name);
    EXPECT_TRUE(state_of(bench)["ready"].get<bool>());
  }
}

TEST(Engine, ShortSlicesBringTheAnswerThenTheMapThenTheRest) {
  Bench bench;
  const lab::Results& results = bench.lab.engine().results();
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})").has_value());
  const auto revision = bench.lab.document().revision;
  const auto old_logits = results.logits;
  int slices = 0;
  const auto slice = [&] {
    ASSERT_FALSE(bench.lab.step(base::Budget::milliseconds(0.0)));
    ASSERT_LT(++slices, 1'000);
  };
  while (results.forward_revision < revision) slice();
  EXPECT_NE(results.logits, old_logits);
  while (results.map_revision < revision) slice();
  EXPECT_LT(results.gradient_revision, revision);
  const std::vector<float> old_gradient(results.weight_gradient.begin(), results.weight_gradient.end());
  while (results.gradient_revision < revision) {
    EXPECT_TRUE(std::ranges::equal(results.weight_gradient, old_gradient)) << "half a gradient is none";
    slice();
  }
  while (!bench.lab.step(base::Budget::milliseconds(0.0))) ASSERT_LT(++slices, 1'000);
  EXPECT_FALSE(std::ranges::equal(results.weight_gradient, old_gradient));
  const document::Document& document = bench.lab.document();
  EXPECT_EQ(results.fingerprint, nn::fingerprint(document.graph(), document.edit.weights.flat()));
  EXPECT_EQ(results.loaded_fingerprint, nn::fingerprint(document.graph(), document.model->weights));
}

TEST(Engine, WhatComesInBetweenSlicesWins) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"gradient"})");
  const json loaded = state_of(bench);
  const auto shake = [&](const char* command, int slices) {
    ASSERT_TRUE(bench.lab.run_json(command).has_value());
    for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
  };
  // Cut off in the middle of the map, of the weights' gradient, of the fingerprint.
  for (int slices = 0; slices < 40; ++slices) {
    shake(R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})", slices);
    shake(R"({"command":"set_method","method":"smoothgrad","params":{"samples":2}})", slices / 2);
    shake(R"({"command":"set_target","target":1})", slices / 3);
    run(bench, R"({"command":"set_method","method":"gradient"})");
    run(bench, R"({"command":"set_target","target":null})");
    run(bench, R"({"command":"reset","scope":"all"})");
    const json state = state_of(bench);
    ASSERT_EQ(state["predictions"], loaded["predictions"]) << slices;
    ASSERT_EQ(state["model"]["fingerprint"], loaded["model"]["fingerprint"]) << slices;
    ASSERT_EQ(state["map"]["scale"], loaded["map"]["scale"]) << slices;
  }
}

// Until answer and map are there; what a weight does over its whole range, at 41 values, takes far longer on a large
// net, and these tests do not ask for it.
void answer(Bench& bench, const std::string& command) {
  ASSERT_TRUE(bench.lab.run_json(command).has_value()) << command;
  for (int slices = 0; !bench.lab.engine().results().current; ++slices) {
    ASSERT_LT(slices, 10000);
    (void)bench.lab.step(base::Budget::milliseconds(0.0));
  }
}

// Large enough that a forward pass is cut into slices.
void enlarge(Bench& bench) {
  answer(bench, R"({"command":"set_reading","size":896})");
  ASSERT_GT(bench.lab.document().graph().multiply_adds(), document::kLargeNetwork);
}

TEST(Engine, WhatIsShownOfALargeNetIsAlwaysWhole) {
  Bench bench;
  enlarge(bench);
  const lab::Results& results = bench.lab.engine().results();
  const auto shown = [&] {
    const auto logits = bench.lab.engine().session().logits().values();
    return std::vector<float>(logits.begin(), logits.end());
  };
  const auto before = results.logits;
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})").has_value());
  int slices = 0;
  while (results.forward_revision < bench.lab.document().revision) {
    ASSERT_TRUE(bench.lab.engine().session().current());
    ASSERT_EQ(shown(), before);
    ASSERT_EQ(results.logits, before);
    (void)bench.lab.step(base::Budget::milliseconds(0.0));
    ASSERT_LT(++slices, 100);
  }
  EXPECT_GT(slices, 3) << "a node a slice";
  EXPECT_EQ(shown(), results.logits);
  EXPECT_NE(shown(), before);
  // The same as of a net that never saw anything else.
  nn::Session fresh(bench.lab.document().model->graph, bench.lab.document().edit.weights.flat(), {});
  fresh.set_input(*bench.lab.document().picture->input);
  fresh.forward();
  EXPECT_TRUE(std::ranges::equal(fresh.logits().values(), results.logits));
}

TEST(Engine, WhatComesInBetweenSlicesOfALargeNetWins) {
  Bench bench;
  enlarge(bench);
  const json loaded = state_of(bench);
  for (int slices = 1; slices < 12; slices += 5) {
    for (const char* command : {R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})",
                                R"({"command":"set_weight","weight":"fc.weight[0,0]","value":-2})",
                                R"({"command":"set_target","target":1})"}) {
      ASSERT_TRUE(bench.lab.run_json(command).has_value());
      for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
    }
    answer(bench, R"({"command":"set_target","target":null})");
    answer(bench, R"({"command":"reset","scope":"all"})");
    const json state = state_of(bench);
    ASSERT_EQ(state["predictions"], loaded["predictions"]) << slices;
    ASSERT_EQ(state["map"]["scale"], loaded["map"]["scale"]) << slices;
  }
}

// What a net answers that never saw anything else.
std::vector<float> fresh_logits(const document::Document& document, const document::PagedWeights& weights) {
  nn::Session session(document.model->graph, weights.flat(), {});
  session.set_input(*document.picture->input);
  session.forward();
  const auto logits = session.logits().values();
  return {logits.begin(), logits.end()};
}

TEST(Engine, AnEditBetweenSlicesOfALargeNetBeginsAnew) {
  Bench bench;
  enlarge(bench);
  for (int slices = 1; slices < 8; slices += 3) {
    ASSERT_TRUE(
        bench.lab.run_json(R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})").has_value());
    for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
    answer(bench, R"({"command":"set_weight","weight":"conv1.weight[1,0,1,1]","value":-3})");
    const document::Document& document = bench.lab.document();
    EXPECT_EQ(bench.lab.engine().results().logits, fresh_logits(document, document.edit.weights)) << slices;
    answer(bench, R"({"command":"reset","scope":"all"})");
  }
}

TEST(Engine, AMapOfManyPassesIsOfTheWeightsShown) {
  Bench bench;
  enlarge(bench);
  answer(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})");
  answer(bench, R"({"command":"set_method","method":"smoothgrad","params":{"samples":2}})");
  const document::Document& document = bench.lab.document();
  const Results& results = bench.lab.engine().results();
  const auto& input = *document.picture->input;
  nn::Session session(document.model->graph, document.edit.weights.flat(), {});
  session.set_input(input);
  session.forward();
  auto asked = explain::method_input(session, document.model->preprocessing, input, results.target);
  asked.params = document.map.params;
  explain::MapJob job(*explain::find_method("smoothgrad"), std::move(asked));
  while (!job.step(base::Budget::unlimited())) {
  }
  EXPECT_EQ(job.result().attribution.values, results.explanation.attribution.values);
}

// Cut off anywhere: neither map nor gradient nor fingerprint keeps anything of what was begun for other weights.
TEST(Engine, NothingBegunForOtherWeightsIsLeft) {
  Bench bench;
  const Results& results = bench.lab.engine().results();
  const auto told = [&] {
    const auto gradient = results.weight_gradient;
    return std::tuple{results.logits, results.map.values, std::vector<float>(gradient.begin(), gradient.end()),
                      results.fingerprint};
  };
  const char* const edit = R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})";
  const auto cut = [&](int slices) {
    ASSERT_TRUE(bench.lab.run_json(edit).has_value());
    for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
  };
  for (const char* method : {"gradient", "smoothgrad"}) {
    run(bench, json{{"command", "set_method"}, {"method", method}}.dump());
    const auto loaded = told();
    run(bench, edit);
    const auto edited = told();
    for (int slices = 0; slices < 60; ++slices) {
      run(bench, R"({"command":"reset","scope":"all"})");
      ASSERT_EQ(told(), loaded) << method << " " << slices;
      cut(slices);
      ASSERT_TRUE(bench.lab.run_json(R"({"command":"reset","scope":"all"})").has_value());
      bench.settle();
      ASSERT_EQ(told(), loaded) << method << " " << slices;
      cut(slices);
      run(bench, R"({"command":"set_method","method":"grad_cam"})");
      run(bench, json{{"command", "set_method"}, {"method", method}}.dump());
      ASSERT_EQ(told(), edited) << method << " " << slices;
    }
    run(bench, R"({"command":"reset","scope":"all"})");
  }
}

// Stopped, a map stays as far as it has come, and what it was stopped before is not another method's map.
TEST(Engine, AMapIsStoppedAndStartedAgain) {
  Bench bench;
  const Results& results = bench.lab.engine().results();
  const auto step_until = [&](double progress) {
    for (int slices = 0; results.map_progress <= progress || results.map_progress == 1.0; ++slices) {
      ASSERT_LT(slices, 10000);
      (void)bench.lab.step(base::Budget::milliseconds(0.0));
    }
  };
  run(bench, R"({"command":"set_method","method":"smoothgrad","params":{"samples":50}})");
  const auto whole = results.map.values;
  run(bench, R"({"command":"stop_map"})");
  EXPECT_FALSE(results.map_stopped) << "nothing runs";
  run(bench, R"({"command":"set_method","method":"gradient"})");
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_method","method":"smoothgrad"})").has_value());
  step_until(0.3);
  run(bench, R"({"command":"stop_map"})");
  json map = state_of(bench)["map"];
  EXPECT_TRUE(map["stopped"].get<bool>());
  EXPECT_GT(map["progress"].get<double>(), 0.3);
  EXPECT_LT(map["progress"].get<double>(), 1.0);
  EXPECT_TRUE(state_of(bench)["ready"].get<bool>());
  EXPECT_TRUE(state_of(bench)["jobs"].empty());
  EXPECT_NE(results.map.values, whole);
  EXPECT_FALSE(results.map.values.empty());
  run(bench, R"({"command":"start_map"})");
  EXPECT_EQ(state_of(bench)["map"]["progress"], 1.0);
  EXPECT_FALSE(results.map_stopped);
  // Stopped before its first pass is done: nothing is known, and nothing else is shown in its place.
  run(bench, R"({"command":"set_method","method":"gradient"})");
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_method","method":"smoothgrad"})").has_value());
  (void)bench.lab.step(base::Budget::milliseconds(0.0));
  run(bench, R"({"command":"stop_map"})");
  EXPECT_TRUE(results.map_stopped);
  EXPECT_TRUE(results.map.values.empty());
  // An edit asks anew.
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})");
  EXPECT_FALSE(results.map_stopped);
  EXPECT_EQ(results.map_progress, 1.0);
}

TEST(Engine, AModelsWeightsAreHeldOnce) {
  Bench bench;
  const document::Document& document = bench.lab.document();
  const float* const weights = document.model->weights.data();
  EXPECT_EQ(document.loaded.page(0).data(), weights);
  EXPECT_EQ(bench.lab.engine().session().weight(0).data(), weights);
}

TEST(Engine, HoldToCompareShowsTheUneditedModel) {
  Bench bench;
  const json before = state_of(bench);
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})");
  run(bench, R"({"command":"set_view","compare":true})");
  EXPECT_EQ(state_of(bench)["predictions"], before["predictions"]);
  run(bench, R"({"command":"set_view","compare":false})");
  EXPECT_NE(state_of(bench)["predictions"], before["predictions"]);
}

TEST(Engine, WeightsThatRunOverLeaveNoAnswerUntilTheyAreUndone) {
  Bench bench;
  const auto before = state_of(bench)["predictions"];
  ASSERT_FALSE(before.empty());
  for (const char* weight : {"conv1.weight[0,0,1,1]", "conv1.weight[1,0,1,1]", "conv2.weight[0,0,1,1]",
                             "conv2.weight[1,0,1,1]", "fc.weight[0,0]", "fc.weight[0,1]"})
    run(bench, std::string(R"({"command":"set_weight","value":3e38,"weight":")") + weight + "\"}");
  const Results& results = bench.lab.engine().results();
  EXPECT_TRUE(results.overflow);
  EXPECT_TRUE(results.current);
  EXPECT_TRUE(results.map.values.empty());
  const json state = state_of(bench);
  EXPECT_TRUE(state["ready"].get<bool>());
  EXPECT_EQ(state["predictions"], json::array());
  EXPECT_EQ(state.dump().find("nan"), std::string::npos);
  // Reasons are not asked for what is none.
  run(bench, R"({"command":"set_method","method":"smoothgrad"})");
  EXPECT_TRUE(results.map.values.empty());
  for (int i = 0; i < 6; ++i) run(bench, R"({"command":"undo"})");
  EXPECT_FALSE(results.overflow);
  EXPECT_EQ(state_of(bench)["predictions"], before);
  EXPECT_FALSE(results.map.values.empty());
}

}  // namespace
}  // namespace weightroom::lab
