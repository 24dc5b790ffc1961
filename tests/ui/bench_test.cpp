// What a hand does to the picture's square, the list of edits and the rest of the bench.
#include <string>

#include <gtest/gtest.h>

#include "headless.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

TEST(CropEditor, ACornerSizesTheSquareAndTheOneAcrossStays) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  ASSERT_TRUE(face.state.cropping);
  const lab::Crop before = bench.lab.document().picture->crop;
  ASSERT_EQ(before, (lab::Crop{8, 0, 24}));
  face.move_to(face.centre("crop/0"));
  face.screen();
  face.drag({40, 40});
  const lab::Crop after = bench.lab.document().picture->crop;
  EXPECT_LT(after.side, before.side);
  EXPECT_EQ(after.x + after.side, before.x + before.side);
  EXPECT_EQ(after.y + after.side, before.y + before.side);
  // Out of the picture it goes no further than its edge.
  face.move_to(face.centre("crop/3"));
  face.screen();
  face.drag({600, 600});
  const lab::Crop largest = bench.lab.document().picture->crop;
  EXPECT_EQ(largest.x, after.x);
  EXPECT_EQ(largest.y + largest.side, 24);
  face.click("crop/done");
  EXPECT_FALSE(face.state.cropping);
  EXPECT_TRUE(face.shows("samples"));
}

TEST(CropEditor, ADragInManySmallStepsGoesAsFarAsInOne) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  face.move_to(face.centre("crop"));
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen();
  const ImVec2 start = face.centre("crop");
  // Its 40 columns are drawn 300 points wide: a point is less than a tenth of a pixel.
  for (int i = 1; i <= 45; ++i) {
    face.move_to({start.x + static_cast<float>(i), start.y});
    face.screen();
  }
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  face.screen(2);
  EXPECT_EQ(bench.lab.document().picture->crop, (lab::Crop{14, 0, 24}));
}

TEST(CropEditor, KeysMoveAndSizeIt) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  face.click("crop");
  const auto press = [&](ImGuiKey key) {
    ImGui::GetIO().AddKeyEvent(key, true);
    face.screen();
    ImGui::GetIO().AddKeyEvent(key, false);
    face.screen();
  };
  press(ImGuiKey_RightArrow);
  EXPECT_EQ(bench.lab.document().picture->crop.x, 9);
  press(ImGuiKey_Minus);
  EXPECT_EQ(bench.lab.document().picture->crop.side, 22);
  press(ImGuiKey_Equal);
  EXPECT_EQ(bench.lab.document().picture->crop.side, 24);
}

TEST(Edits, ALineTakesItsWeightIntoTheHandAgain) {
  Bench bench;
  Headless face(bench.lab, {1280, 1200});
  run(bench, R"({"command":"set_weight","weight":"conv2.weight[3,1,0,2]","value":1})");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":2})");
  face.screen(3);
  face.click("step/0");
  EXPECT_EQ(nn::format_weight_ref(bench.lab.document().graph(), *bench.lab.document().selection.weight),
            "conv2.weight[3,1,0,2]");
  EXPECT_EQ(bench.lab.document().edit.steps.size(), 2U);
}

TEST(NetworkPanel, AChosenLayerBringsTheWeightThatMovesTheTargetMost) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("slab/conv2");
  const lab::Document& document = bench.lab.document();
  const auto& gradient = bench.lab.engine().results().weight_gradient;
  const auto lit = document.selection.weight;
  ASSERT_TRUE(lit.has_value());
  const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(lit->tensor)];
  EXPECT_EQ(tensor.name, "conv2.weight");
  const float most = std::abs(gradient[nn::flat_index(document.graph(), *lit)]);
  for (std::size_t e = 0; e < tensor.shape.size(); ++e)
    EXPECT_LE(std::abs(gradient[nn::flat_index(document.graph(), {lit->tensor, e})]), most);
  // A layer without weights leaves the one in the hand alone.
  face.click("slab/relu1");
  EXPECT_EQ(document.selection.weight, lit);
}

TEST(Screen, AMessageCoversNothing) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  bench.lab.report("The file is not a picture.");
  face.screen(3);
  const auto banner = face.context.rects.find("error");
  ASSERT_TRUE(banner.has_value());
  for (const char* card : {"picture_card", "answer", "wall_card"}) {
    const auto place = face.context.rects.find(card);
    ASSERT_TRUE(place.has_value()) << card;
    EXPECT_GE(place->from.y, banner->to.y) << card;
  }
  EXPECT_GE(banner->from.y, face.context.rects.find("save")->to.y);
  face.click("error/close");
  EXPECT_FALSE(face.shows("error"));
}

TEST(Screen, WhereColumnsAreFoldedTheMapStandsBesideTheBars) {
  Bench bench;
  Headless face(bench.lab, {390, 844});
  face.state.tab = 2;
  face.screen(3);
  EXPECT_TRUE(face.shows("small_picture"));
  Headless wide(bench.lab, {1280, 800});
  wide.screen(3);
  EXPECT_FALSE(wide.shows("small_picture"));
}

}  // namespace
}  // namespace weightroom::ui
