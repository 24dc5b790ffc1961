#include "studies/studies.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/file.h"
#include "studies/compare.h"
#include "studies/ranking.h"
#include "studies/study_testing.h"
#include "studies/trust.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::refusal;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;
using testing::fresh;
using testing::logit;
using testing::map_of;

TEST(Compare, ShowsWhatEachMethodGives) {
  Bench bench;
  run(bench, R"({"command":"set_compare","methods":["gradient","lrp","occlusion"]})");
  EXPECT_EQ(state_of(bench)["study"]["state"], "none") << "nothing is worked out while the layers are shown";
  run(bench, R"({"command":"open_page","page":"compare"})");
  const document::Document& document = bench.lab.document();
  const StudyResults& study = bench.lab.engine().study();
  EXPECT_EQ(study.state, StudyState::done);
  const auto& tiles = study.get<Comparison>().tiles;
  ASSERT_EQ(tiles.size(), 3U);
  const int target = bench.lab.engine().results().target;
  for (const auto& tile : tiles) {
    EXPECT_EQ(tile.progress, 1.0);
    EXPECT_EQ(tile.map.values, map_of(document, std::string(tile.method->name), target));
  }
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b)
      EXPECT_EQ(study.get<Comparison>().likeness[3 * a + b],
                a == b ? 1.0 : explain::spearman(tiles[a].map.values, tiles[b].map.values));
  }
}

TEST(Compare, ShowsOneMethodForSeveralClasses) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"gradient_x_input"})");
  run(bench, R"({"command":"set_compare","across":"classes","classes":null})");
  run(bench, R"({"command":"open_page","page":"compare"})");
  const auto& results = bench.lab.engine().results();
  const auto& tiles = bench.lab.engine().study().get<Comparison>().tiles;
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
  const auto before = bench.lab.engine().study().get<Comparison>().tiles[0].map.values;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":-3.5})");
  const auto& tile = bench.lab.engine().study().get<Comparison>().tiles[0];
  EXPECT_NE(before, tile.map.values);
  const int target = bench.lab.engine().results().target;
  EXPECT_EQ(tile.map.values, map_of(bench.lab.document(), std::string(tile.method->name), target));
}

TEST(Trust, MapsAreMadeAnewWithEachLayerShuffled) {
  Bench bench;
  run(bench, R"({"command":"set_trust","methods":["gradient","guided_backprop"],"seed":5})");
  run(bench, R"({"command":"open_page","page":"trust"})");
  const document::Document& document = bench.lab.document();
  const Sanity& found = bench.lab.engine().study().get<Sanity>();
  ASSERT_EQ(found.rows.size(), 2U);
  const int target = bench.lab.engine().results().target;
  for (const Sanity::Row& row : found.rows) {
    EXPECT_EQ(row.trained.values, map_of(document, std::string(row.method->name), target));
    nn::Session session = fresh(document);
    std::vector<explain::SanityRow> rows;
    double progress = 0.0;
    const auto input = StudyInput{document, session, target}.of(*row.method, target);
    auto task = explain::shuffle_layers(*row.method, input, explain::Shuffle::cascading, 5, rows, progress);
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
  EXPECT_NE(bench.lab.engine().study().get<Sanity>().rows[0].steps.back().map, cascading);
}

TEST(Trust, FaithfulnessStandsBesideMapsThatKnowNothing) {
  Bench bench;
  run(bench, R"({"command":"set_trust","question":"faithfulness","methods":["gradient_x_input","grad_cam"]})");
  run(bench, R"({"command":"open_page","page":"trust"})");
  const Faithfulness& found = bench.lab.engine().study().get<Faithfulness>();
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
    EXPECT_EQ(row.sparseness, explain::gini(row.map)) << row.name;
    if (row.method != nullptr) EXPECT_EQ(row.map, map_of(bench.lab.document(), row.name, results.target));
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
  run(bench, R"({"command":"open_page","page":"ranking"})");
  const document::Document& document = bench.lab.document();
  const int target = bench.lab.engine().results().target;
  const auto weights = document.shown_weights().flat();
  const double now = logit(document, target, weights);
  for (const std::string by : {"contribution", "ablation", "loss", "exact"}) {
    for (const std::string grain : {"weight", "kernel", "channel"}) {
      run(bench, R"({"command":"set_ranking","by":")" + by + R"(","grain":")" + grain + "\"}");
      const Ranking& found = bench.lab.engine().study().get<Ranking>();
      EXPECT_TRUE(found.checked);
      ASSERT_EQ(found.rows.size(), grain == "channel" ? 24U : 50U);
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
  for (const auto& row : bench.lab.engine().study().get<Ranking>().rows) EXPECT_GE(row.first, fc);
}

TEST(Ranking, FlipsAreAppliedAndStayInTheList) {
  Bench bench;
  run(bench, R"({"command":"set_ranking","show":"flips"})");
  run(bench, R"({"command":"open_page","page":"ranking"})");
  const StudyResults& study = bench.lab.engine().study();
  ASSERT_TRUE(study.get<Ranking>().flips_done);
  ASSERT_GE(study.get<Ranking>().flips.size(), 3U);
  const auto flips = study.get<Ranking>().flips;
  for (std::size_t k = 0; k < 3; ++k) {
    const std::string name =
        nn::format_weight_ref(bench.lab.document().graph(), nn::ref_of(bench.lab.document().graph(), flips[k].weight));
    run(bench, R"({"command":"set_weight","weight":")" + name + R"(","value":)" + json(flips[k].to).dump() + "}");
    EXPECT_EQ(bench.lab.engine().results().order[0], flips[k].answer) << name;
    EXPECT_EQ(study.state, StudyState::waiting) << "for a search from the edited weights on";
    EXPECT_EQ(study.get<Ranking>().flips.size(), flips.size());
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
  EXPECT_FALSE(study.get<Faithfulness>().rows.empty());
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

// "layers, edit or accuracy"
std::string page_names() {
  std::string names;
  for (const StudyDef& page : pages()) {
    if (!names.empty()) names += &page == &pages().back() ? " or " : ", ";
    names += page.name;
  }
  return names;
}

TEST(StudyCommands, AreRefusedByASentence) {
  Bench bench;
  EXPECT_NE(refusal(bench, R"({"command":"open_page","page":"kitchen"})").find(page_names()), std::string::npos);
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
  const Bench bench;
  const nn::Graph& graph = bench.lab.document().graph();
  for (
      const std::string text :
      {R"({"command":"open_page","page":"trust"})",
       R"({"across":"classes","classes":["cat","3"],"command":"set_compare","methods":["gradient"],"one_scale":true})",
       R"({"classes":null,"command":"set_compare"})", R"({"command":"set_compare"})",
       R"({"command":"set_trust","methods":["lrp"],"question":"sanity","removal":"road","seed":4,"shuffle":"independent"})",
       R"({"by":"loss","command":"set_ranking","grain":"kernel","of":"layer","show":"flips"})",
       R"({"command":"start_study"})", R"({"command":"stop_study"})"}) {
    const auto command = document::parse_command(text, graph);
    ASSERT_TRUE(command.has_value()) << text << command.error().message();
    EXPECT_EQ(nlohmann::json::parse(document::to_json(*command, graph)), nlohmann::json::parse(text));
  }
}

}  // namespace
}  // namespace weightroom::studies
