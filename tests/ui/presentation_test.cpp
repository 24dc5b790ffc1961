// What is for a class in front of a projector: larger, loaded or edited, and maps that can be seen from afar.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headless.h"
#include "ui/network/maps.h"
#include "windows.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

constexpr const char* kEdit = R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":4})";

TEST(Compare, LatchesByADoubleClickAndIsLetGoByAnother) {
  Bench bench;
  run(bench, kEdit);
  Headless face(bench.lab);
  face.screen(3);
  ImGuiIO& io = ImGui::GetIO();
  const auto press = [&](bool down) {
    io.AddMouseButtonEvent(0, down);
    face.screen(2);
  };
  face.move_to(face.centre("compare"));
  face.screen(2);
  press(true);
  EXPECT_TRUE(bench.lab.document().view.compare) << "as long as it is held";
  press(false);
  EXPECT_FALSE(bench.lab.document().view.compare);
  press(true);
  press(false);
  EXPECT_TRUE(bench.lab.document().view.compare) << "a second click at once lets it stay";
  face.screen(60);
  press(true);
  press(false);
  EXPECT_FALSE(bench.lab.document().view.compare);
  face.screen(60);
  press(true);
  press(false);
  press(true);
  press(false);
  ASSERT_TRUE(bench.lab.document().view.compare);
  run(bench, R"({"command":"undo"})");
  face.screen(3);
  EXPECT_FALSE(bench.lab.document().view.compare) << "nothing is left to be compared";
}

TEST(Presentation, OneSwitchTurnsTheBenchIntoASlide) {
  Bench bench;
  run(bench, kEdit);
  for (const Mode mode : {Mode::light, Mode::dark}) {
    // 1280, 1366 and 1920 points wide, over the zoom of 1.4.
    for (const ImVec2 size : {ImVec2{914, 514}, ImVec2{976, 549}, ImVec2{1371, 771}}) {
      SCOPED_TRACE(size.x);
      Headless face(bench.lab, size, mode);
      face.screen(3);
      for (const char* form : {"model", "save", "step/0"})
        EXPECT_TRUE(face.context.rects.find(form).has_value()) << form;
      face.click("present");
      ASSERT_TRUE(face.state.presenting);
      std::vector<std::string> cut;
      face.context.cut = &cut;
      face.screen(3);
      face.context.cut = nullptr;
      EXPECT_THAT(cut, ::testing::IsEmpty());
      for (const char* form : {"model", "save", "saliency/more", "step/0", "fingerprint"})
        EXPECT_FALSE(face.shows(form)) << form;
      for (const char* kept : {"loaded_or_edited/0", "undo", "weight_slider", "group/why"})
        EXPECT_TRUE(testing::inside(face, kept, size)) << kept;
      face.click("loaded_or_edited/0");
      EXPECT_TRUE(bench.lab.document().view.compare);
      face.screen(30);
      EXPECT_TRUE(bench.lab.document().view.compare) << "it stays without a hand on it";
      face.click("loaded_or_edited/1");
      EXPECT_FALSE(bench.lab.document().view.compare);
      face.click("present");
      EXPECT_TRUE(face.shows("save"));
    }
  }
}

TEST(FeatureMaps, StandEachInItsOwnLightUntilTheyAreToBeCompared) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  const int node = 1;
  const nn::ConstTensor output = bench.lab.engine().activation(node);
  const auto size = static_cast<std::size_t>(output.shape.h() * output.shape.w());
  ASSERT_GT(size, 1U);
  const auto maps = [&] {
    network::LayerMaps found;
    face.frame([&](const View& view, UiState& ui, CommandQueue& queue) {
      draw_screen(view, ui, queue);
      found = network::layer_maps(view, ui, node);
    });
    return found;
  };
  const network::LayerMaps own = maps();
  ASSERT_EQ(own.each.size(), static_cast<std::size_t>(output.shape.c()));
  float most = 0.0F;
  for (int c = 0; c < output.shape.c(); ++c) {
    float largest = 0.0F;
    for (const float value : output.values().subspan(static_cast<std::size_t>(c) * size, size))
      largest = std::max(largest, std::fabs(value));
    EXPECT_EQ(own.scale_of(c), largest);
    most = std::max(most, largest);
  }
  face.click("own_light");
  ASSERT_FALSE(face.state.own_light);
  const network::LayerMaps one = maps();
  for (int c = 0; c < output.shape.c(); ++c) EXPECT_EQ(one.scale_of(c), most);
}

}  // namespace
}  // namespace weightroom::ui
