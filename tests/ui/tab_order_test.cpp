// The keyboard's way through the whole screen.
#include "ui/tab_order.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headless.h"
#include "windows.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::state_of;
using testing::Headless;

void press(Headless& face, ImGuiKey key, bool shift = false) {
  ImGuiIO& io = ImGui::GetIO();
  if (shift) io.AddKeyEvent(ImGuiMod_Shift, true);
  io.AddKeyEvent(key, true);
  face.screen();
  io.AddKeyEvent(key, false);
  if (shift) io.AddKeyEvent(ImGuiMod_Shift, false);
  face.screen(2);
}

// Where the focus is and whether its ring is drawn.
struct Focus {
  ImGuiID item = 0;
  bool seen = false;
};

Focus focus_of(const Headless& face) {
  const ImGuiContext& g = *ImGui::GetCurrentContext();
  for (const TabOrder::Stop& stop : face.context.tabs.last_stops) {
    if (stop.item != g.NavId) continue;
    const ImRect clip = stop.window->InnerClipRect;
    return {g.NavId, !g.NavDisableHighlight && stop.to.y > clip.Min.y && stop.from.y < clip.Max.y &&
                         stop.to.x > clip.Min.x && stop.from.x < clip.Max.x};
  }
  return {};
}

bool stands_on(const Headless& face, const std::string& id) {
  const auto place = face.context.rects.find(id);
  if (!place) return false;
  for (const TabOrder::Stop& stop : face.context.tabs.last_stops) {
    if (stop.item == ImGui::GetCurrentContext()->NavId)
      return stop.from.x == place->from.x && stop.from.y == place->from.y && stop.to.x == place->to.x;
  }
  return false;
}

TEST(TabOrder, GoesThroughEveryPageAndOutAtBothEnds) {
  Bench bench;
  for (const auto& [window, mode] :
       {std::pair{ImVec2{1280, 800}, Mode::light}, std::pair{ImVec2{1024, 768}, Mode::dark},
        std::pair{ImVec2{390, 844}, Mode::light}, std::pair{ImVec2{844, 390}, Mode::light}}) {
    for (const studies::StudyDef& page : studies::pages()) {
      SCOPED_TRACE(std::string(page.name) + " at " + std::to_string(static_cast<int>(window.x)));
      run(bench, R"({"command":"open_page","page":")" + std::string(page.name) + R"("})");
      Headless face(bench.lab, window, mode);
      face.state.tab = 1;
      face.screen(3);
      std::vector<ImGuiID> way;
      for (int k = 0; k < 200; ++k) {
        if (k > 0 && tab_stops_left(face.context.tabs, false) == 0) break;
        press(face, ImGuiKey_Tab);
        const Focus now = focus_of(face);
        ASSERT_NE(now.item, 0U);
        EXPECT_TRUE(now.seen) << "stop " << k << " is out of sight";
        way.push_back(now.item);
      }
      ASSERT_LT(way.size(), 120U) << "too long a way";
      ASSERT_GT(way.size(), 5U);
      EXPECT_EQ(tab_stops(face.context.tabs), static_cast<int>(way.size()));
      EXPECT_EQ(std::set(way.begin(), way.end()).size(), way.size()) << "no stop comes twice";
      for (auto before = way.rbegin() + 1; before != way.rend(); ++before) {
        ASSERT_EQ(tab_stops_left(face.context.tabs, true), way.rend() - before);
        press(face, ImGuiKey_Tab, true);
        ASSERT_EQ(focus_of(face).item, *before);
      }
      EXPECT_EQ(tab_stops_left(face.context.tabs, true), 0);
      // Out, and in again from behind.
      const int presses = face.context.tabs.presses;
      EXPECT_EQ(presses, 1) << "forward less backward";
      face.context.tabs.passed = TabOrder::Passed{presses, true, 0};
      face.screen(2);
      EXPECT_EQ(tab_stops_left(face.context.tabs, true), 0);
      face.context.tabs.passed = TabOrder::Passed{presses + 1, false, -1};  // a press that was lost is not waited for
      face.screen(2);
      EXPECT_EQ(focus_of(face).item, way.back());
      EXPECT_EQ(tab_stops_left(face.context.tabs, true), static_cast<int>(way.size()) - 1);
    }
  }
}

TEST(TabOrder, TheSelectedWeightIsReachedInSix) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[3,1,1,1]"})");
  for (const ImVec2 window : {ImVec2{1280, 800}, ImVec2{1024, 768}, ImVec2{390, 844}}) {
    SCOPED_TRACE(window.x);
    Headless face(bench.lab, window);
    face.state.tab = 2;
    face.screen(3);
    int steps = 0;
    while (steps < 20 && !stands_on(face, "weight/conv1/3/1/1/1")) {
      press(face, ImGuiKey_Tab);
      ++steps;
    }
    EXPECT_LE(steps, 6);
    const double before = state_of(bench)["selection"]["value"];
    press(face, ImGuiKey_UpArrow);
    press(face, ImGuiKey_RightArrow);
    EXPECT_TRUE(stands_on(face, "weight/conv1/3/1/1/2"));
    EXPECT_GT(state_of(bench)["selection"]["value"].get<double>(), before);
    press(face, ImGuiKey_RightArrow);
    EXPECT_TRUE(stands_on(face, "weight/conv1/3/1/2/0")) << "the next row";
    run(bench, R"({"command":"reset","scope":"all"})");
  }
}

TEST(TabOrder, StaysInAnOpenListAndTypingEndsWithIt) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("method");
  press(face, ImGuiKey_DownArrow);
  press(face, ImGuiKey_Enter);
  EXPECT_EQ(bench.lab.document().map.method, "occlusion") << "the second of the list";
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[3,1,1,1]"})");
  face.screen(3);
  for (int k = 0; k < 20 && !stands_on(face, "weight/conv1/3/1/1/1"); ++k) press(face, ImGuiKey_Tab);
  press(face, ImGuiKey_Enter);
  ASSERT_EQ(face.context.typing.id, "weight/conv1/3/1/1/1");
  ImGui::GetIO().AddInputCharactersUTF8("0.5");
  face.screen(2);
  press(face, ImGuiKey_Tab);
  EXPECT_EQ(face.context.typing.id, "");
  EXPECT_EQ(state_of(bench)["selection"]["value"], 0.5);
}

}  // namespace
}  // namespace weightroom::ui
