// What every window has in sight, and that no words of it are cut.
#include "ui/layout.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/language.h"
#include "headless.h"
#include "io/model_file.h"
#include "windows.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;
using testing::inside;
using testing::kWindows;
using testing::words;

void open(Bench& bench, std::string_view page) {
  run(bench, R"({"command":"open_page","page":")" + std::string(page) + "\"}");
}

TEST(Layout, TopClassWeightAndSliderAreInSightTogether) {
  for (const ImVec2 window : kWindows) {
    SCOPED_TRACE(words(window));
    Bench bench;
    Headless face(bench.lab, window);
    std::vector<std::string> drawn;
    const int tabs = window.x < 760 && window.y >= 480 ? 3 : 1;
    for (face.state.tab = 0; face.state.tab < tabs; ++face.state.tab) {
      face.screen(3);
      drawn.clear();
      face.context.drawn = &drawn;
      face.screen();
      face.context.drawn = nullptr;
      EXPECT_TRUE(inside(face, "weight_slider", window));
      EXPECT_TRUE(inside(face, "weight_title/0", window) || inside(face, "glance", window));
      const int top = bench.lab.engine().results().order.front();
      const std::string share =
          base::percent(static_cast<double>(bench.lab.engine().results().probabilities[static_cast<std::size_t>(top)]));
      EXPECT_THAT(drawn, ::testing::Contains(::testing::HasSubstr(share)));
    }
  }
}

// On a phone the network's tab, in two columns the page in the picture's place.
TEST(Layout, APageThatACommandOpensComesToTheFront) {
  for (const ImVec2 window : {ImVec2{390, 844}, ImVec2{1024, 768}, ImVec2{844, 390}}) {
    SCOPED_TRACE(words(window));
    Bench bench;
    Headless face(bench.lab, window);
    face.screen(3);
    face.state.tab = 0;
    face.state.picture_shown = true;
    face.screen(3);
    open(bench, "size");
    face.screen(3);
    EXPECT_EQ(face.state.tab, 1);
    EXPECT_FALSE(face.state.picture_shown);
    face.state.tab = 0;  // and the visitor may leave it
    face.screen(3);
    EXPECT_EQ(face.state.tab, 0);
  }
}

TEST(Layout, TabsOfPagesStayWhenAPageScrolls) {
  for (const ImVec2 window : kWindows) {
    if (window.y < 480) continue;  // there they are one list, in the line above
    SCOPED_TRACE(words(window));
    Bench bench;
    Headless face(bench.lab, window);
    face.state.tab = 1;
    for (const studies::StudyDef& page : studies::pages()) {
      if (page.name == "counting") continue;
      SCOPED_TRACE(page.name);
      open(bench, page.name);
      face.screen(3);
      const auto group = face.context.rects.find("group");
      const auto row = face.context.rects.find("page");
      ASSERT_TRUE(group && row);
      EXPECT_FLOAT_EQ(group->to.y - group->from.y, theme().metrics.control) << "one line";
      face.move_to({(row->from.x + row->to.x) / 2, row->to.y + 200.0F});
      face.screen();
      for (int i = 0; i < 30; ++i) face.wheel(-5.0F);
      EXPECT_TRUE(inside(face, "page/" + std::string(page.name), window));
    }
  }
}

TEST(Layout, OfAPageInALowWindowTheListOpensAll) {
  Bench bench;
  Headless face(bench.lab, {844, 390});
  face.screen(3);
  EXPECT_FALSE(face.shows("group"));
  face.click("page");
  face.click("page/trust");
  EXPECT_EQ(bench.lab.document().page, "trust");
  face.click("page");
  face.move_to(face.centre("page/trust"));
  face.wheel(20.0F);  // to its top
  face.click("page/picture");
  EXPECT_TRUE(face.shows("picture"));
  EXPECT_EQ(bench.lab.document().page, "trust");
}

TEST(Layout, AGroupRemembersItsPage) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.open_page("trust");
  face.click("group/look");
  EXPECT_EQ(bench.lab.document().page, "layers");
  face.click("group/why");
  EXPECT_EQ(bench.lab.document().page, "trust");
}

TEST(Layout, NoWordsAreCut) {
  for (const Mode mode : {Mode::light, Mode::dark}) {
    for (const ImVec2 window : kWindows) {
      Bench bench;
      Headless face(bench.lab, window, mode);
      std::vector<std::string> cut;
      for (const studies::StudyDef& page : studies::pages()) {
        open(bench, page.name);
        for (face.state.tab = 0; face.state.tab < 3; ++face.state.tab) {
          face.screen(3);
          face.context.cut = &cut;
          face.screen();
          face.context.cut = nullptr;
          EXPECT_THAT(cut, ::testing::IsEmpty()) << words(window) << " " << page.name << " " << face.state.tab;
          cut.clear();
        }
      }
    }
  }
}

TEST(Layout, ALongClassNameKeepsItsPerCent) {
  nn::Model model = lab::testing::small_model("long");
  model.labels[0] = "a very long name of a class, of fifty-six letters in all";
  ASSERT_EQ(model.labels[0].size(), 56U);
  model.labels[1] = model.labels[0] + " 2";
  model.labels[2] = model.labels[0] + " 3";
  for (const ImVec2 window : kWindows) {
    SCOPED_TRACE(words(window));
    Bench bench;
    ASSERT_TRUE(bench.open_file("long.safetensors", io::write_model(model)));
    bench.settle();
    Headless face(bench.lab, window);
    face.state.tab = 2;
    face.screen(3);
    std::vector<std::string> drawn;
    std::vector<std::string> cut;
    face.context.drawn = &drawn;
    face.context.cut = &cut;
    face.screen();
    const lab::Results& results = bench.lab.engine().results();
    const std::string share =
        base::percent(static_cast<double>(results.probabilities[static_cast<std::size_t>(results.order.front())]));
    EXPECT_THAT(drawn, ::testing::Contains(::testing::EndsWith(share)));
    EXPECT_THAT(cut, ::testing::Not(::testing::Contains(::testing::EndsWith(share))));
  }
}

}  // namespace
}  // namespace weightroom::ui
