// Accuracy on a labelled set: the same numbers with what is kept of layers as without, after every edit.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "io/file.h"
#include "io/model_file.h"
#include "lab/bench_model.h"
#include "lab/garments.h"
#include "lab/lab.h"
#include "studies/evaluator.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::Garments;
using lab::testing::refusal;
using lab::testing::run;
using lab::testing::small_model;
using lab::testing::some_labels;
using lab::testing::state_of;
using nlohmann::json;

// Pictures of noise, three classes of the set.
std::shared_ptr<const document::PictureSet> noise_set(std::size_t count) {
  auto set = std::make_shared<document::PictureSet>();
  set->name = "noise";
  set->whole = count;
  set->images = {3, 16, 16, {}, {}, {}, {"dog", "cat", "unknown"}};
  base::Rng rng(1, "pictures");
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < set->images.sample_bytes(); ++k)
      set->images.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
    set->images.labels.push_back(static_cast<int>(i % 3));
    set->images.names.push_back("picture " + std::to_string(i));
  }
  return set;
}

bool same(const train::Judgement& a, const train::Judgement& b) {
  return a.rank == b.rank && a.top == b.top && a.confidence == b.confidence &&
         (a.loss == b.loss || (std::isnan(a.loss) && std::isnan(b.loss)));
}

Evaluator::Borrow from(nn::SessionPool& sessions, const std::shared_ptr<const nn::Model>& model) {
  return [&sessions, model](int batch) { return sessions.lend(model->graph, model->weights, {.batch = batch}); };
}

// One picture at a time through a session of its own.
std::vector<train::Judgement> one_by_one(const nn::Model& model, const document::PictureSet& set,
                                         const Evaluator& evaluator, const document::PagedWeights& weights,
                                         const std::vector<int>& bypassed) {
  nn::Session session(model.graph, weights.flat(), {});
  session.bypass(bypassed);
  std::vector<train::Judgement> answers;
  for (std::size_t i = 0; i < evaluator.pictures().size(); ++i) {
    session.set_input(set.input(model, evaluator.pictures()[i]));
    session.forward();
    answers.push_back(train::judge(nn::Answer::softmax, session.logits().values(), evaluator.truths()[i]));
  }
  return answers;
}

TEST(Evaluator, KeptActivationsChangeNoBit) {
  const auto model = std::make_shared<const nn::Model>(small_model());
  const auto set = noise_set(53);
  const document::PagedWeights loaded(model->weights);
  for (const std::size_t room : {std::size_t{0}, std::size_t{200'000}, Evaluator::kMostCached}) {
    nn::SessionPool sessions;
    Evaluator evaluator(from(sessions, model), model, set, {1, 0, -1}, room);
    EXPECT_EQ(evaluator.pictures().size(), 36U) << "those of the unknown class do not count";
    base::Rng rng(2, "edits");
    document::PagedWeights weights = loaded;
    std::vector<int> bypassed;
    double most_spared = 0.0;
    for (int round = 0; round < 60; ++round) {
      const auto at = rng.below(static_cast<std::uint32_t>(weights.size()));
      if (round % 7 == 3) {
        weights = loaded;
      } else if (round % 5 == 4) {
        bypassed = bypassed.empty() ? std::vector<int>{5} : std::vector<int>{};
      } else {
        weights.set(round % 3 == 0 ? weights.size() - 1 - at % 50 : at, static_cast<float>(rng.normal()));
      }
      evaluator.begin(weights, bypassed);
      // Now and then other weights come before all is judged.
      if (round % 4 == 1) {
        for (std::uint32_t k = rng.below(30); k > 0; --k) (void)evaluator.step(base::Budget::milliseconds(0.0));
        continue;
      }
      while (!evaluator.step(base::Budget::milliseconds(round % 2 == 0 ? 0.0 : 1000.0))) {
      }
      EXPECT_EQ(evaluator.progress(), 1.0);
      most_spared = std::max(most_spared, evaluator.spared());
      const auto expected = one_by_one(*model, *set, evaluator, weights, bypassed);
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_TRUE(same(evaluator.judgements()[i], expected[i])) << room << " " << round << " " << i;
      EXPECT_EQ(evaluator.evaluation().count, expected.size());
    }
    EXPECT_LE(evaluator.cached_bytes(), room);
    if (room > 0) {
      EXPECT_GT(most_spared, 0.5);
    }
  }
}

TEST(Evaluator, RunsOnlyFromTheEditedLayerOn) {
  const auto model = std::make_shared<const nn::Model>(small_model());
  nn::SessionPool sessions;
  Evaluator evaluator(from(sessions, model), model, noise_set(48), {1, 0, 2});
  document::PagedWeights weights(model->weights);
  const auto spared = [&] {
    evaluator.begin(weights, {});
    EXPECT_TRUE(evaluator.step(base::Budget::unlimited()));
    return evaluator.spared();
  };
  EXPECT_EQ(spared(), 0.0);
  EXPECT_EQ(spared(), 1.0) << "the same weights";
  weights.set(weights.size() - 1, 1.0F);  // a bias of the last layer
  EXPECT_GT(spared(), 0.99);
  weights.set(0, 1.0F);
  EXPECT_EQ(spared(), 0.0) << "the first layer";
}

// The formulas once more, over all pictures.
TEST(Evaluation, SumsUpWhatWasAnswered) {
  const std::vector<train::Judgement> answers{
      {0, 1, 0.9F, 0.1}, {1, 1, 0.8F, 2.0}, {0, 0, 0.3F, 1.2}, {3, 2, 0.31F, 3.0}, {5, 1, 1.0F, 9.0}};
  const std::vector<int> truths{1, 0, 0, 0, -1};
  const auto sum = train::sum_up(answers, truths, 3);
  EXPECT_EQ(sum.count, 4U);
  EXPECT_DOUBLE_EQ(sum.top1, 0.5);
  EXPECT_DOUBLE_EQ(sum.top5, 1.0);
  EXPECT_DOUBLE_EQ(sum.loss, 6.3 / 4.0);
  EXPECT_EQ(sum.class_count, (std::vector<int>{3, 1, 0}));
  EXPECT_EQ(sum.confusion, (std::vector<int>{1, 1, 1, 0, 1, 0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(sum.recall(0), 1.0 / 3.0);
  EXPECT_TRUE(std::isnan(sum.recall(2)));
  // Bins (12/15, 13/15], (11/15, 12/15] with 0.8 in it, (4/15, 5/15] with two of which one is right.
  EXPECT_EQ(sum.bins[13].count, 1);
  EXPECT_EQ(sum.bins[11].count + sum.bins[12].count, 1);
  EXPECT_EQ(sum.bins[4].count, 2);
  EXPECT_NEAR(sum.calibration, (0.1 + 0.8 + std::abs(1.0 - 0.61)) / 4.0, 1e-6);
}

TEST(Evaluation, AnOverflowIsNoAnswer) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> logits{1.0F, inf, 0.0F};
  const auto judged = train::judge(nn::Answer::softmax, logits, 1);
  EXPECT_EQ(judged.top, -1);
  const std::vector<int> truths{1};
  const auto sum = train::sum_up({&judged, 1}, truths, 3);
  EXPECT_EQ(sum.unanswered, 1U);
  EXPECT_EQ(sum.top1, 0.0);
  EXPECT_TRUE(std::isnan(sum.loss));
}

TEST(Measure, TheSetOfGarmentsIsMeasuredAgainAfterEveryEdit) {
  Garments bench;
  EXPECT_TRUE(state_of(bench)["measure"].is_null());
  run(bench, R"({"command":"open_set","name":"garments"})");
  const json before = state_of(bench)["measure"];
  EXPECT_EQ(before["set"]["pictures"], 1000);
  EXPECT_EQ(before["now"]["pictures"], 1000);
  EXPECT_EQ(before["now"], before["unedited"]);
  // The same pictures one by one.
  const document::Document& document = bench.lab.document();
  nn::Session session(document.model->graph, document.model->weights, {});
  int right = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    session.set_input(document.labelled->input(*document.model, i));
    session.forward();
    const auto logits = session.logits().values();
    right += std::ranges::max_element(logits) - logits.begin() == document.labelled->images.labels[i] ? 1 : 0;
  }
  EXPECT_EQ(before["now"]["accuracy"].get<double>(), right / 1000.0);
  EXPECT_GT(right, 850) << "it was trained for it";
  int cells = 0;
  for (const json& cell : before["now"]["confusion"]) cells += cell[2].get<int>();
  EXPECT_EQ(cells, 1000);

  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.6}})");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":3})");
  const json state = state_of(bench);
  EXPECT_EQ(state["measure"]["unedited"], before["unedited"]);
  EXPECT_LT(state["measure"]["now"]["accuracy"].get<double>(), before["now"]["accuracy"].get<double>());
  EXPECT_GT(state["measure"]["spared"].get<double>(), 0.9) << "only the last layer was run again";
  const json& edits = state["edits"];
  EXPECT_EQ(edits[0]["accuracy_before"], before["now"]["accuracy"]);
  EXPECT_EQ(edits[0]["accuracy_after"], edits[1]["accuracy_before"]);
  EXPECT_EQ(edits[1]["accuracy_after"], state["measure"]["now"]["accuracy"]);
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["measure"]["now"]["accuracy"], edits[0]["accuracy_after"]);
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["measure"]["now"], before["now"]);
}

// From the matrix to the picture, and the picture onto the bench: it is answered there as it was counted.
TEST(Measure, ACellOpensItsPictures) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  const json before = state_of(bench)["measure"];
  EXPECT_TRUE(before["cell"].is_null());
  json most;
  for (const json& cell : before["now"]["confusion"]) {
    if (cell[0] != cell[1] && (most.is_null() || cell[2] > most[2])) most = cell;
  }
  run(bench, json{{"command", "select_cell"}, {"truth", most[0]}, {"answer", most[1]}}.dump());
  const json cell = state_of(bench)["measure"]["cell"];
  ASSERT_EQ(cell["pictures"].size(), most[2].get<std::size_t>());
  for (std::size_t i = 1; i < cell["pictures"].size(); ++i)
    EXPECT_LE(cell["pictures"][i]["confidence"], cell["pictures"][i - 1]["confidence"]);
  for (const json& picture : {cell["pictures"].front(), cell["pictures"].back()}) {
    run(bench, json{{"command", "open_measured"}, {"picture", picture["picture"]}}.dump());
    const json state = state_of(bench);
    EXPECT_EQ(state["predictions"][0]["index"], most[1]);
    EXPECT_EQ(state["predictions"][0]["probability"], picture["confidence"]);
    EXPECT_EQ(state["picture"]["name"], picture["name"]);
  }
  EXPECT_NE(refusal(bench, R"({"command":"open_measured","picture":1000})").find("0 to 999"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"select_cell","truth":"sofa","answer":0})").find("sofa"), std::string::npos);
  run(bench, R"({"command":"select_cell","truth":null})");
  EXPECT_TRUE(state_of(bench)["measure"]["cell"].is_null());
}

TEST(Measure, ClassesCanBeMapped) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  const json before = state_of(bench)["measure"];
  const std::string first = before["set"]["classes"][0]["name"];
  EXPECT_EQ(before["set"]["classes"][0]["class"], bench.lab.document().model->labels[0]);
  run(bench, json{{"command", "map_class"}, {"class", first}, {"to", nullptr}}.dump());
  EXPECT_EQ(state_of(bench)["measure"]["now"]["pictures"], 900);
  run(bench, json{{"command", "map_class"}, {"class", first}, {"to", 9}}.dump());
  const json state = state_of(bench)["measure"];
  EXPECT_EQ(state["now"]["pictures"], 1000);
  EXPECT_LT(state["now"]["accuracy"].get<double>(), before["now"]["accuracy"].get<double>() - 0.05);
  EXPECT_NE(refusal(bench, R"({"command":"map_class","class":"hat","to":1})").find("no class 'hat'"),
            std::string::npos);
  EXPECT_NE(refusal(bench, json{{"command", "map_class"}, {"class", first}, {"to", "sofa"}}.dump()).find("sofa"),
            std::string::npos);
  run(bench, R"({"command":"close_set"})");
  EXPECT_TRUE(state_of(bench)["measure"].is_null());
  EXPECT_NE(refusal(bench, R"({"command":"close_set"})").find("No labelled set"), std::string::npos);
}

TEST(Measure, TheShippedSetBelongsToItsModel) {
  Garments bench;
  EXPECT_NE(refusal(bench, R"({"command":"open_set","name":"pets"})").find("no labelled set"), std::string::npos);
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_model","name":"everyday"})");
  EXPECT_TRUE(state_of(bench)["measure"].is_null());
  EXPECT_NE(refusal(bench, R"({"command":"open_set","name":"garments"})").find("for the model 'garments'"),
            std::string::npos);
  bench.failing = "samples/garments-test-labels.idx.gz";
  run(bench, R"({"command":"open_model","name":"garments"})");
  run(bench, R"({"command":"open_set","name":"garments"})");
  EXPECT_TRUE(state_of(bench)["measure"].is_null());
  EXPECT_EQ(state_of(bench)["error"], "The file could not be fetched.");
  bench.failing.clear();
  bench.files["samples/garments-test-labels.idx.gz"] = some_labels();
  run(bench, R"({"command":"open_set","name":"garments"})");
  EXPECT_NE(state_of(bench)["error"], "");
  EXPECT_TRUE(state_of(bench)["measure"].is_null());
}

}  // namespace
}  // namespace weightroom::studies
