// What is told of what the pointer is on, and of words: beside it, never over it.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headless.h"
#include "ui/tab_order.h"
#include "windows.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

const ImGuiWindow* tooltip_window() {
  const ImGuiWindow* window = ImGui::FindWindowByName("##Tooltip_00");
  return window != nullptr && window->Active && !window->Hidden ? window : nullptr;
}

TEST(Tooltips, NeverCoverWhatTheyExplain) {
  Bench bench;
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":2})");
  for (const ImVec2 size : {ImVec2{1280, 800}, ImVec2{1024, 768}, ImVec2{844, 390}}) {
    Headless face(bench.lab, size);
    ImGui::GetStyle().HoverDelayNormal = 0.0F;
    face.screen(3);
    int told = 0;
    const auto stops = face.context.tabs.last_stops;
    for (const TabOrder::Stop& stop : stops) {
      const ImVec2 low{std::max(stop.from.x, stop.window->InnerClipRect.Min.x),
                       std::max(stop.from.y, stop.window->InnerClipRect.Min.y)};
      const ImVec2 high{std::min(stop.to.x, stop.window->InnerClipRect.Max.x),
                        std::min(stop.to.y, stop.window->InnerClipRect.Max.y)};
      if (high.x - low.x < 4 || high.y - low.y < 4) continue;
      const ImVec2 mouse{(low.x + high.x) / 2, (low.y + high.y) / 2};
      face.move_to(mouse);
      face.screen(5);
      const ImGuiWindow* tip = tooltip_window();
      if (tip == nullptr) continue;
      ++told;
      SCOPED_TRACE(testing::words(size) + " at " + testing::words(mouse));
      const ImRect box = tip->Rect();
      EXPECT_GE(box.Min.x, 0.0F);
      EXPECT_LE(box.Max.x, size.x);
      EXPECT_GE(box.Min.y, 0.0F);
      EXPECT_LE(box.Max.y, size.y);
      // Of what is large at least the part about the pointer.
      const ImVec2 from{stop.to.x - stop.from.x > 200.0F ? mouse.x - 20.0F : stop.from.x,
                        stop.to.y - stop.from.y > 200.0F ? mouse.y - 20.0F : stop.from.y};
      const ImVec2 to{stop.to.x - stop.from.x > 200.0F ? mouse.x + 20.0F : stop.to.x,
                      stop.to.y - stop.from.y > 200.0F ? mouse.y + 20.0F : stop.to.y};
      EXPECT_FALSE(box.Overlaps({from, to})) << "a tooltip of " << box.GetWidth() << " x " << box.GetHeight();
    }
    EXPECT_GT(told, 12);
  }
}

TEST(Glossary, ExplainsItsWordsWhereTheyStandFirst) {
  Bench bench;
  std::set<std::string> met;
  const std::vector<std::string> names{"weight",   "kernel",   "channel",  "layer", "activation", "logit",
                                       "gradient", "saliency", "accuracy", "loss",  "prune",      "quantise"};
  for (const studies::StudyDef& page : studies::pages()) {
    run(bench, R"({"command":"open_page","page":")" + std::string(page.name) + R"("})");
    Headless face(bench.lab);
    face.screen(3);
    for (const std::string& name : names) {
      if (!face.shows("term/" + name)) continue;
      met.insert(name);
      const auto place = face.context.rects.find("term/" + name);
      face.move_to(face.centre("term/" + name));
      face.screen(3);
      const ImGuiWindow* tip = tooltip_window();
      ASSERT_NE(tip, nullptr) << name << " on " << page.name;
      EXPECT_FALSE(tip->Rect().Overlaps({place->from, place->to})) << name;
    }
  }
  EXPECT_THAT(met, ::testing::IsSupersetOf({"weight", "layer", "logit", "accuracy", "prune", "quantise"}))
      << ::testing::PrintToString(met);
}

TEST(Glossary, AFingerOpensAWordAndClosesIt) {
  Bench bench;
  Headless face(bench.lab, {1024, 768});
  face.context.touch = true;
  face.screen(3);
  const auto& names = {"weight", "kernel", "layer", "logit"};
  const auto* const shown =
      std::ranges::find_if(names, [&](const char* name) { return face.shows(std::string("term/") + name); });
  ASSERT_NE(shown, names.end());
  face.click(std::string("term/") + *shown);
  EXPECT_NE(tooltip_window(), nullptr);
  face.move_to({4, 4});
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  face.screen(3);
  EXPECT_EQ(tooltip_window(), nullptr);
}

}  // namespace
}  // namespace weightroom::ui
