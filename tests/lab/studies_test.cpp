#include "lab/studies.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/io_testing.h"
#include "io/file.h"
#include "io/image.h"
#include "io/safetensors.h"
#include "lab/bench_model.h"
#include "nn/answer.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::state_of;

// The document's weights and picture on a session of its own.
nn::Session fresh(const Document& document) {
  nn::Session session(document.model->graph);
  session.set_weights(document.shown_weights().flat());
  session.set_input(*document.picture->input);
  session.forward();
  return session;
}

std::vector<float> map_of(const Document& document, const std::string& name, int target) {
  nn::Session session = fresh(document);
  const explain::MethodDef& method = *explain::find_method(name);
  explain::MapJob job(method, StudyInput{document, session, target}.of(method, target));
  while (!job.step(base::Budget::unlimited())) {
  }
  const nn::Shape& shape = document.graph().spec().input;
  return explain::display_map(job.result().attribution, shape[1], shape[2]).values;
}

double logit(const Document& document, int target, const std::vector<float>& weights) {
  nn::Session session = fresh(document);
  session.set_weights(weights);
  session.forward();
  return static_cast<double>(session.logits().data[target]);
}

TEST(Compare, ShowsWhatEachMethodGives) {
  Bench bench;
  run(bench, R"({"command":"set_compare","methods":["gradient","lrp","occlusion"]})");
  EXPECT_EQ(state_of(bench)["study"]["state"], "none") << "nothing is worked out while the layers are shown";
  run(bench, R"({"command":"open_page","page":"compare"})");
  const Document& document = bench.lab.document();
  const StudyResults& study = bench.lab.engine().study();
  EXPECT_EQ(study.state, StudyState::done);
  const auto& tiles = study.comparison.tiles;
  ASSERT_EQ(tiles.size(), 3U);
  const int target = bench.lab.engine().results().target;
  for (const auto& tile : tiles) {
    EXPECT_EQ(tile.progress, 1.0);
    EXPECT_EQ(tile.map.values, map_of(document, std::string(tile.method->name), target));
  }
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b)
      EXPECT_EQ(study.comparison.likeness[3 * a + b],
                a == b ? 1.0 : explain::spearman(tiles[a].map.values, tiles[b].map.values));
  }
}

TEST(Compare, ShowsOneMethodForSeveralClasses) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"gradient_x_input"})");
  run(bench, R"({"command":"set_compare","across":"classes","classes":null})");
  run(bench, R"({"command":"open_page","page":"compare"})");
  const auto& results = bench.lab.engine().results();
  const auto& tiles = bench.lab.engine().study().comparison.tiles;
  ASSERT_EQ(tiles.size(), 4U);
  for (std::size_t k = 0; k < tiles.size(); ++k) {
    EXPECT_EQ(tiles[k].target, results.order[k]);
    EXPECT_EQ(tiles[k].map.values, map_of(bench.lab.document(), "gradient_x_input", tiles[k].target));
  }
  run(bench, R"({"command":"set_compare","classes":["dog",3]})");
  ASSERT_EQ(tiles.size(), 2U);
  EXPECT_EQ(tiles[0].target, 1);
  EXPECT_EQ(tiles[1].target, 3);
}

TEST(Compare, FollowsAnEdit) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"compare"})");
  const auto before = bench.lab.engine().study().comparison.tiles[0].map.values;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":-3.5})");
  const auto& tile = bench.lab.engine().study().comparison.tiles[0];
  EXPECT_NE(before, tile.map.values);
  const int target = bench.lab.engine().results().target;
  EXPECT_EQ(tile.map.values, map_of(bench.lab.document(), std::string(tile.method->name), target));
}

TEST(Trust, MapsAreMadeAnewWithEachLayerShuffled) {
  Bench bench;
  run(bench, R"({"command":"set_trust","methods":["gradient","guided_backprop"],"seed":5})");
  run(bench, R"({"command":"open_page","page":"trust"})");
  const Document& document = bench.lab.document();
  const Sanity& found = bench.lab.engine().study().sanity;
  ASSERT_EQ(found.rows.size(), 2U);
  const int target = bench.lab.engine().results().target;
  for (const Sanity::Row& row : found.rows) {
    EXPECT_EQ(row.trained.values, map_of(document, std::string(row.method->name), target));
    nn::Session session = fresh(document);
    std::vector<explain::SanityRow> rows;
    double progress = 0.0;
    const auto input = StudyInput{document, session, target}.of(*row.method, target);
    const auto weights = document.shown_weights().flat();
    auto task = explain::shuffle_layers(*row.method, input, weights, explain::Shuffle::cascading, 5, rows, progress);
    while (!task.step()) {
    }
    ASSERT_EQ(row.steps.size(), 3U) << "conv1, conv2, fc";
    ASSERT_EQ(rows.size(), 3U);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      EXPECT_EQ(row.steps[k].map, rows[k].map);
      EXPECT_EQ(row.steps[k].rank_of_sizes, rows[k].rank_of_sizes);
      EXPECT_EQ(row.maps[k].values, rows[k].map);
    }
  }
  const auto cascading = found.rows[0].steps.back().map;
  run(bench, R"({"command":"set_trust","shuffle":"independent"})");
  EXPECT_NE(bench.lab.engine().study().sanity.rows[0].steps.back().map, cascading);
}

TEST(Trust, FaithfulnessStandsBesideMapsThatKnowNothing) {
  Bench bench;
  run(bench, R"({"command":"set_trust","question":"faithfulness","methods":["gradient_x_input","grad_cam"]})");
  run(bench, R"({"command":"open_page","page":"trust"})");
  const Faithfulness& found = bench.lab.engine().study().faithfulness;
  ASSERT_EQ(found.rows.size(), 4U);
  EXPECT_EQ(found.rows[2].name, "random");
  EXPECT_EQ(found.rows[3].name, "edges");
  const auto& results = bench.lab.engine().results();
  const double now = static_cast<double>(results.probabilities[static_cast<std::size_t>(results.target)]);
  for (const Faithfulness::Row& row : found.rows) {
    for (int k = 0; k < 4; ++k) {
      const explain::Curve& curve = row.curves[k];
      ASSERT_EQ(curve.probability.size(), 33U) << row.name << " " << k;
      const bool insertion = static_cast<explain::Removal>(k) == explain::Removal::insertion;
      EXPECT_NEAR(insertion ? curve.probability.back() : curve.probability.front(), now, 1e-6);
    }
    EXPECT_TRUE(std::isfinite(row.sparseness));
    EXPECT_EQ(std::isfinite(row.sensitivity), row.method != nullptr);
    EXPECT_EQ(std::isfinite(row.infidelity), row.name == "gradient_x_input") << "only maps in units of the logit";
  }
  // Another curve is only another view of what is known.
  const auto version = bench.lab.engine().study().version;
  run(bench, R"({"command":"set_trust","removal":"road"})");
  EXPECT_EQ(bench.lab.engine().study().version, version);
  EXPECT_EQ(state_of(bench)["study"]["trust"]["removal"], "road");
}

TEST(Ranking, IsCheckedByRunningWithout) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"weights"})");
  const Document& document = bench.lab.document();
  const int target = bench.lab.engine().results().target;
  const auto weights = document.shown_weights().flat();
  const double now = logit(document, target, weights);
  for (const std::string by : {"contribution", "ablation", "loss", "exact"}) {
    for (const std::string grain : {"weight", "kernel", "channel"}) {
      run(bench, R"({"command":"set_ranking","by":")" + by + R"(","grain":")" + grain + "\"}");
      const Ranking& found = bench.lab.engine().study().ranking;
      EXPECT_TRUE(found.checked);
      ASSERT_GE(found.rows.size(), grain == "channel" ? 24U : 50U);
      for (std::size_t k = 0; k < found.rows.size(); k += 7) {
        auto without = weights;
        std::fill_n(without.begin() + static_cast<std::ptrdiff_t>(found.rows[k].first), found.rows[k].count, 0.0F);
        EXPECT_NEAR(found.rows[k].exact, logit(document, target, without) - now, 1e-6) << by << " " << grain;
      }
      const auto order = [&](const explain::Ranked& row) { return by == "exact" ? std::fabs(row.exact) : row.score; };
      EXPECT_TRUE(std::ranges::is_sorted(found.rows, std::ranges::greater{}, order)) << by << " " << grain;
    }
  }
  run(bench, R"({"command":"select_layer","layer":"fc"})");
  run(bench, R"({"command":"set_ranking","by":"contribution","grain":"weight","of":"layer"})");
  const std::size_t fc = document.graph().weights()[4].offset;
  for (const auto& row : bench.lab.engine().study().ranking.rows) EXPECT_GE(row.first, fc);
}

TEST(Ranking, FlipsAreAppliedAndStayInTheList) {
  Bench bench;
  run(bench, R"({"command":"set_ranking","show":"flips"})");
  run(bench, R"({"command":"open_page","page":"weights"})");
  const StudyResults& study = bench.lab.engine().study();
  ASSERT_TRUE(study.ranking.flips_done);
  ASSERT_GE(study.ranking.flips.size(), 3U);
  const auto flips = study.ranking.flips;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string name =
        nn::format_weight_ref(bench.lab.document().graph(), nn::ref_of(bench.lab.document().graph(), flips[k].weight));
    run(bench, R"({"command":"set_weight","weight":")" + name + R"(","value":)" + json(flips[k].to).dump() + "}");
    EXPECT_EQ(bench.lab.engine().results().order[0], flips[k].answer) << name;
    EXPECT_EQ(study.state, StudyState::waiting) << "for a search from the edited weights on";
    EXPECT_EQ(study.ranking.flips.size(), flips.size());
    run(bench, R"({"command":"undo"})");
  }
  run(bench, R"({"command":"start_study"})");
  EXPECT_EQ(study.state, StudyState::done);
}

// Of the shipped model a study of many passes: it waits, starts, shows what it has, and stops.
TEST(Studies, WaitWhereTheyTakeLong) {
  Bench bench;
  auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/everyday.safetensors");
  ASSERT_TRUE(bytes.has_value());
  bench.files["models/everyday.safetensors"] = *bytes;
  run(bench, R"({"command":"open_model","name":"everyday"})");
  run(bench, R"({"command":"set_trust","question":"faithfulness","methods":["gradient","rise"]})");
  run(bench, R"({"command":"open_page","page":"trust"})");
  const StudyResults& study = bench.lab.engine().study();
  EXPECT_EQ(study.state, StudyState::waiting);
  EXPECT_GT(study.passes, 20000.0);
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"start_study"})").has_value());
  EXPECT_EQ(study.state, StudyState::running);
  while (study.progress == 0.0) ASSERT_FALSE(bench.lab.step(base::Budget::milliseconds(1.0)));
  EXPECT_GT(study.progress, 0.0);
  EXPECT_LT(study.progress, 0.5);
  EXPECT_FALSE(study.faithfulness.rows.empty());
  const json jobs = state_of(bench)["jobs"];
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0]["name"], "study");
  // Looking at something else does not stop it; another picture does.
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_view","opacity":0.3})").has_value());
  (void)bench.lab.step(base::Budget::milliseconds(1.0));
  EXPECT_EQ(study.state, StudyState::running);
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"stop_study"})").has_value());
  EXPECT_EQ(study.state, StudyState::stopped);
  EXPECT_TRUE(bench.lab.step(base::Budget::milliseconds(1.0)));
  run(bench, R"({"command":"open_page","page":"layers"})");
  EXPECT_EQ(study.state, StudyState::none);
  refusal(bench, R"({"command":"start_study"})");
}

TEST(Effect, CurveStaysWhileTheWeightItselfIsDragged) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,1,0,1]"})");
  const Effect& effect = bench.lab.engine().effect();
  ASSERT_NE(effect.curve(), nullptr);
  ASSERT_NE(effect.share(), nullptr);
  const Document& document = bench.lab.document();
  const auto trials = effect.curve()->trials;
  ASSERT_EQ(trials.size(), static_cast<std::size_t>(explain::kCurveTrials));
  const std::size_t at = nn::flat_index(document.graph(), *document.selection.weight);
  const int target = bench.lab.engine().results().target;
  const std::size_t place = effect.target_in_curve();
  for (std::size_t k = 0; k < trials.size(); k += 10) {
    auto weights = document.shown_weights().flat();
    weights[at] = trials[k].value;
    EXPECT_EQ(static_cast<double>(trials[k].logits[place]), logit(document, target, weights));
  }
  const auto* before = effect.curve();
  const auto version = effect.version();
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[2,1,0,1]","value":1.25,"preview":true})");
  EXPECT_EQ(effect.curve(), before);
  EXPECT_EQ(effect.version(), version + 1) << "only its share of each class is found anew";
  EXPECT_EQ(effect.share()->value, 1.25F);
  // The engine's second session has its weights back: a map of several passes on it is that of the edit.
  run(bench, R"({"command":"set_method","method":"smoothgrad"})");
  EXPECT_EQ(bench.lab.engine().results().map.values, map_of(document, "smoothgrad", target));
  // Another weight's edit makes another curve.
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[2,1,0,1]","value":1.25})");
  run(bench, R"({"command":"set_weight","weight":"conv2.weight[0,0,0,0]","value":2})");
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,1,0,1]"})");
  bool same = true;
  for (std::size_t k = 0; k < trials.size(); ++k) same &= effect.curve()->trials[k].logits == trials[k].logits;
  EXPECT_FALSE(same);
}

// Interrupted in the middle, with another value in the weight's place, it leaves no trace in a map.
TEST(Effect, InterruptedLeavesNoTrace) {
  Bench bench;
  for (int slices = 1; slices < 60; slices += 7) {
    run(bench, R"({"command":"select_weight","weight":"conv1.weight[1,0,0,0]"})");
    ASSERT_TRUE(bench.lab.run_json(R"({"command":"select_weight","weight":"conv2.weight[3,1,1,1]"})").has_value());
    for (int i = 0; i < slices; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
    run(bench, R"({"command":"set_method","method":"smoothgrad","params":{"seed":)" + std::to_string(slices) + "}}");
    EXPECT_EQ(bench.lab.engine().results().map.values,
              map_of(bench.lab.document(), "smoothgrad", bench.lab.engine().results().target));
  }
}

TEST(Effect, SharesAreWeightTimesGradient) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv2.weight[5,2,1,0]"})");
  const Effect& effect = bench.lab.engine().effect();
  const Document& document = bench.lab.document();
  const std::size_t at = nn::flat_index(document.graph(), *document.selection.weight);
  nn::Session session = fresh(document);
  for (std::size_t k = 0; k < effect.share()->classes.size(); ++k) {
    const auto gradient = explain::weight_gradient(session, effect.share()->classes[k]);
    EXPECT_NEAR(effect.share()->slopes[k], static_cast<double>(gradient[at]), 1e-6);
  }
  const json told = state_of(bench)["effect"];
  EXPECT_EQ(told["contributions"].size(), 4U);
  EXPECT_EQ(told["curve"]["trials"].size(), static_cast<std::size_t>(explain::kCurveTrials));
}

TEST(Units, AreShownBesideThePicturesThatExciteThem) {
  Bench bench;
  run(bench, R"({"command":"set_units","layer":"conv2","channel":5,"steps":32,"images":2})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const Document& document = bench.lab.document();
  ASSERT_NE(document.pictures, nullptr) << "the samples came when they were asked for";
  EXPECT_FALSE(document.pictures->opened);
  EXPECT_EQ(document.pictures->images.count(), 70U) << "cat and coffee, whole, 9 and 25 parts of each";
  const Units& found = bench.lab.engine().study().units;
  EXPECT_EQ(found.made.steps, 32);
  ASSERT_EQ(found.pictures.size(), 2U);
  EXPECT_EQ(found.pictures[0].rgba->size(), 16U * 16 * 4);
  EXPECT_NE(*found.pictures[0].rgba, *found.pictures[1].rgba);
  EXPECT_GT(found.made.history.back(), found.made.history.front());
  ASSERT_EQ(found.exciting.size(), 8U);
  EXPECT_EQ(found.looked_through, 70U);
  EXPECT_TRUE(found.of_samples);
  // The first of them has the largest value of all.
  nn::Session session = fresh(document);
  double best = -1e30;
  for (std::size_t i = 0; i < document.pictures->images.count(); ++i) {
    session.set_input(document.pictures->input(*document.model, i));
    session.forward();
    best = std::max(best, explain::unit_value(session, found.unit, 0));
  }
  EXPECT_DOUBLE_EQ(found.exciting[0].value, best);
  EXPECT_TRUE(std::ranges::is_sorted(found.exciting, std::ranges::greater{}, &Units::Exciting::value));
}

TEST(Units, TheSmallestChangeReallyChangesTheAnswer) {
  Bench bench;
  run(bench, R"({"command":"set_units","show":"nudge"})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const Units& found = bench.lab.engine().study().units;
  ASSERT_TRUE(found.nudge_done);
  ASSERT_TRUE(found.nudge.found);
  nn::Session session = fresh(bench.lab.document());
  session.set_input(found.nudge.picture);
  session.forward();
  EXPECT_EQ(nn::best_first(session.logits().values())[0], found.nudge.after);
  EXPECT_EQ(found.nudge.before, bench.lab.engine().results().order[0]);
  EXPECT_NE(found.nudge.after, found.nudge.before);
  EXPECT_EQ(found.changed.rgba->size(), 16U * 16 * 4);
  const json told = state_of(bench)["study"]["units"]["nudge"];
  EXPECT_TRUE(told["found"].get<bool>());
}

TEST(Ranking, IsAveragedOverPictures) {
  Bench bench;
  run(bench, R"({"command":"set_ranking","over":"pictures"})");
  run(bench, R"({"command":"open_page","page":"weights"})");
  const Document& document = bench.lab.document();
  ASSERT_NE(document.pictures, nullptr);
  run(bench, R"({"command":"set_ranking","over":"coffee"})");
  const Ranking& found = bench.lab.engine().study().ranking;
  EXPECT_EQ(found.pictures, 35U);
  const int target = bench.lab.engine().results().target;
  // The first row's numbers: the mean over the pictures of that class.
  const auto& row = found.rows.front();
  nn::Session session = fresh(document);
  const auto weights = document.shown_weights().flat();
  double foretold = 0.0;
  double exact = 0.0;
  for (std::size_t i = 0; i < document.pictures->images.count(); ++i) {
    const auto label = static_cast<std::size_t>(document.pictures->images.labels[i]);
    if (document.pictures->images.class_names[label] != "coffee") continue;
    session.set_weights(weights);
    session.set_input(document.pictures->input(*document.model, i));
    const auto gradient = explain::weight_gradient(session, target);
    foretold -= static_cast<double>(weights[row.first]) * static_cast<double>(gradient[row.first]) / 35.0;
    const auto before = static_cast<double>(session.logits().data[target]);
    session.set_weights(std::vector<float>{0.0F}, row.first);
    session.forward();
    exact += (static_cast<double>(session.logits().data[target]) - before) / 35.0;
  }
  EXPECT_NEAR(row.predicted, foretold, 1e-5);
  EXPECT_NEAR(row.exact, exact, 1e-6);
  refusal(bench, R"({"command":"set_ranking","over":"unicorns"})");
}

TEST(Pictures, OfATarAreOpenedByTheSlice) {
  Bench bench;
  std::vector<io::testing::TarFile> files;
  for (const std::string name : {"cat/1", "cat/2", "bus/1", "bus/2", "bus/3", "cat/3"})
    files.push_back({"set/" + name + ".png", io::encode_png(testing::test_picture())});
  const auto tar = io::testing::tar_of(files);
  ASSERT_TRUE(bench.lab.open_file("set.tar", tar).has_value());
  EXPECT_EQ(state_of(bench)["jobs"][0]["name"], "pictures");
  bench.settle();
  const auto& pictures = bench.lab.document().pictures;
  ASSERT_NE(pictures, nullptr);
  EXPECT_TRUE(pictures->opened);
  EXPECT_EQ(pictures->name, "set.tar");
  EXPECT_EQ(pictures->images.class_names, (std::vector<std::string>{"bus", "cat"}));
  EXPECT_EQ(pictures->images.count(), 6U);
  run(bench, R"({"command":"set_units","steps":1})");
  run(bench, R"({"command":"open_page","page":"units"})");
  EXPECT_EQ(bench.lab.engine().study().units.looked_through, 6U);
  EXPECT_FALSE(bench.lab.engine().study().units.of_samples);
  // Another size of the model's input: read anew.
  run(bench, R"({"command":"set_reading","size":24})");
  ASSERT_NE(pictures, nullptr);
  EXPECT_EQ(pictures->images.height, 24);
  const auto refused = bench.lab.open_file("broken.tar", std::span(tar).first(700));
  EXPECT_FALSE(refused.has_value());
  EXPECT_NE(bench.lab.error().find("broken.tar"), std::string::npos);
  EXPECT_NE(bench.lab.document().pictures, nullptr);
}

TEST(SaveMap, WritesWhatIsShown) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"gradient_x_input"})");
  run(bench, R"({"command":"save_map","as":"numbers"})");
  run(bench, R"({"command":"save_map","as":"picture"})");
  ASSERT_EQ(bench.saved.size(), 2U);
  EXPECT_EQ(bench.saved[0].first, "everyday-gradient_x_input.safetensors");
  const auto file = io::parse_safetensors(bench.saved[0].second);
  ASSERT_TRUE(file.has_value());
  const auto* attribution = file->find("attribution");
  ASSERT_NE(attribution, nullptr);
  EXPECT_EQ(attribution->shape, (std::vector<std::uint64_t>{3, 16, 16}));
  const auto image = io::decode_image(bench.saved[1].second);
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->width, 320);
  refusal(bench, R"({"command":"save_map","as":"song"})");
}

TEST(StudyCommands, AreRefusedByASentence) {
  Bench bench;
  EXPECT_NE(
      refusal(bench, R"({"command":"open_page","page":"kitchen"})").find("layers, compare, trust, weights or units"),
      std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_compare","methods":["magic"]})").find("no method 'magic'"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_compare","methods":["lrp","lrp"]})").find("twice"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_compare","classes":["unicorn"]})").find("no class 'unicorn'"),
            std::string::npos);
  refusal(bench, R"({"command":"set_compare","across":"pictures"})");
  refusal(bench, R"({"command":"set_trust","shuffle":"sideways"})");
  refusal(bench, R"({"command":"set_trust","removal":"hammer"})");
  refusal(bench, R"({"command":"set_trust","seed":-1})");
  refusal(bench, R"({"command":"set_ranking","by":"colour"})");
  refusal(bench, R"({"command":"set_ranking","grain":"sand"})");
  refusal(bench, R"({"command":"set_ranking","of":"everything"})");
  refusal(bench, R"({"command":"start_study"})");
  refusal(bench, R"({"command":"stop_study"})");
}

TEST(StudyCommands, ReadBackAsWritten) {
  for (
      const std::string text :
      {R"({"command":"open_page","page":"trust"})",
       R"({"across":"classes","classes":["cat","3"],"command":"set_compare","methods":["gradient"],"one_scale":true})",
       R"({"classes":null,"command":"set_compare"})", R"({"command":"set_compare"})",
       R"({"command":"set_trust","methods":["lrp"],"question":"sanity","removal":"road","seed":4,"shuffle":"independent"})",
       R"({"by":"loss","command":"set_ranking","grain":"kernel","of":"layer","show":"flips"})",
       R"({"command":"start_study"})", R"({"command":"stop_study"})"}) {
    const auto command = parse_command(text);
    ASSERT_TRUE(command.has_value()) << text << command.error().message;
    EXPECT_EQ(to_json(*command), text);
  }
}

}  // namespace
}  // namespace weightroom::lab
