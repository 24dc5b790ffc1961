// The pages beside the layers: drawn in every setting at every width, and what a hand does there.
#include <string>

#include <gtest/gtest.h>

#include "headless.h"
#include "studies/compare.h"
#include "studies/ranking.h"
#include "ui/widgets/plot.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

TEST(Pages, DrawInEverySettingAndWidth) {
  Bench bench;
  for (const Mode mode : {Mode::light, Mode::dark}) {
    for (const ImVec2 size : {ImVec2{1280, 800}, ImVec2{1920, 1080}, ImVec2{390, 844}}) {
      Headless face(bench.lab, size, mode);
      face.state.tab = 1;
      for (const studies::StudyDef& def : studies::pages()) {
        const std::string page(def.name);
        run(bench, R"({"command":"open_page","page":")" + page + "\"}");
        face.screen(3);
        EXPECT_TRUE(face.shows("page")) << page;
        const std::string card = page == "edit"     ? "change"
                                 : page == "layers" ? "network"
                                 : page == "curves" ? "accuracy"  // a set is asked for first
                                                    : page;
        EXPECT_TRUE(face.shows(card)) << page;
      }
      for (const char* json :
           {R"({"command":"open_page","page":"compare"})", R"({"command":"set_compare","across":"classes"})",
            R"({"command":"set_compare","across":"methods","methods":[]})", R"({"command":"open_page","page":"trust"})",
            R"({"command":"set_trust","question":"faithfulness","removal":"road"})",
            R"({"command":"set_trust","question":"sanity","shuffle":"independent"})",
            R"({"command":"open_page","page":"ranking"})", R"({"command":"set_ranking","grain":"kernel","by":"loss"})",
            R"({"command":"set_ranking","grain":"channel","by":"exact"})",
            R"({"command":"set_ranking","show":"flips"})",
            R"({"command":"set_ranking","show":"ranking","over":"pictures"})",
            R"({"command":"open_page","page":"units"})", R"({"command":"set_units","images":4,"steps":8})",
            R"({"command":"set_units","layer":"conv1","channel":3,"images":1})",
            R"({"command":"set_units","show":"nudge"})", R"({"command":"set_units","toward":"cup","search":"fgsm"})"}) {
        SCOPED_TRACE(json);
        run(bench, json);
        face.screen(2);
      }
      run(bench, R"({"command":"set_units","show":"visualise","layer":null,"toward":null})");
      run(bench, R"({"command":"set_ranking","over":"picture","grain":"weight","by":"contribution"})");
      run(bench, R"({"command":"set_compare","methods":["gradient","lrp"]})");
      run(bench, R"({"command":"open_page","page":"layers"})");
    }
  }
}

TEST(Pages, ATileGoesOntoTheBench) {
  Bench bench;
  Headless face(bench.lab, {1280, 1000});
  run(bench, R"({"command":"set_compare","methods":["gradient","lrp","hires_cam"]})");
  face.screen(3);
  face.open_page("compare");
  EXPECT_EQ(bench.lab.document().page, "compare");
  face.click("compare/tile/1");
  EXPECT_EQ(bench.lab.document().map.method, "lrp");
  face.click("compare/across/1");
  EXPECT_TRUE(bench.lab.document().choice<studies::CompareChoice>().targets);
  const int second = bench.lab.engine().study().get<studies::Comparison>().tiles[1].target;
  face.click("compare/tile/1");
  EXPECT_EQ(bench.lab.document().target, second);
  // A method is taken from the list, and put back.
  face.click("compare/across/0");
  face.click("compare/methods");
  face.click("compare/methods/1");
  EXPECT_EQ(bench.lab.document().choice<studies::CompareChoice>().methods.size(), 4U);
  face.click("compare/methods");
  face.click("compare/methods/1");
  EXPECT_EQ(bench.lab.document().choice<studies::CompareChoice>().methods.size(), 3U);
}

TEST(Pages, ARowOfTheRankingIsShownOnTheWall) {
  Bench bench;
  Headless face(bench.lab, {1280, 1000});
  run(bench, R"({"command":"open_page","page":"ranking"})");
  face.screen(3);
  const studies::Ranking& found = bench.lab.engine().study().get<studies::Ranking>();
  const std::size_t first = found.rows[3].first;
  face.click("ranking/row/3");
  const document::Document& document = bench.lab.document();
  EXPECT_EQ(nn::flat_index(document.graph(), *document.selection.weight), first);
  EXPECT_EQ(document.page, "ranking");
  const std::size_t other = found.rows[4].first;
  face.click("ranking/jump/4");
  EXPECT_EQ(nn::flat_index(document.graph(), *document.selection.weight), other);
  EXPECT_EQ(document.page, "layers");
}

TEST(Pages, WhatTheLitWeightDoesStandsBelow) {
  Bench bench;
  Headless face(bench.lab, {1280, 2400});
  face.screen(3);
  for (const char* id : {"effect", "effect/curve", "effect/positions", "effect/shares"})
    EXPECT_TRUE(face.shows(id)) << id;
}

TEST(Plot, TicksAreRoundAndFew) {
  EXPECT_EQ(axis_ticks(0.0, 1.0, 5), (std::vector<double>{0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0}));
  for (const auto& [from, to] :
       {std::pair{-3.7, 12.1}, std::pair{0.001, 0.0042}, std::pair{1e5, 3e6}, std::pair{2.0, 8.0}}) {
    for (int most = 2; most < 9; ++most) {
      const auto ticks = axis_ticks(from, to, most);
      EXPECT_GE(ticks.size(), 2U);
      EXPECT_LE(ticks.size(), static_cast<std::size_t>(most) + 2);
      for (const double t : ticks) {
        EXPECT_GE(t, from - 1e-9);
        EXPECT_LE(t, to + 1e-9 * to);
      }
    }
  }
  EXPECT_EQ(axis_ticks(1.0, 1.0, 4).size(), 1U);
}

}  // namespace
}  // namespace weightroom::ui
