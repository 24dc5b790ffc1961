// What a mouse, a keyboard and a finger do to the widgets, without a display.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "headless.h"
#include "ui/touch_scroll.h"
#include "ui/widgets/bars.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/common.h"
#include "ui/widgets/number_cell.h"
#include "ui/widgets/slider.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using testing::Headless;

// A window with one number among other things, and what came of it.
class Numbers : public ::testing::Test {
 protected:
  void frames(int count = 1) {
    for (int i = 0; i < count; ++i) {
      face.frame([&](const View&, UiState&, CommandQueue&) {
        scroll_by_finger();
        ImGui::SetNextWindowPos({0, 0});
        ImGui::SetNextWindowSize({320, 240});
        ImGui::Begin("window", nullptr, ImGuiWindowFlags_NoDecoration);
        ImGui::Dummy({10, 40});
        const CellChange change = number_cell("number", {.value = value, .scale = 1.0, .range = 2.0, .lit = lit});
        if (change) value = change.value;
        if (change.commit) committed.push_back(change.value);
        if (change.typed) typed = *change.typed;
        (void)button("after", "After");
        ImGui::Dummy({10, 800});
        scrolled = ImGui::GetScrollY();
        ImGui::End();
      });
    }
  }
  void press(ImVec2 at) {
    ImGui::GetIO().AddMousePosEvent(at.x, at.y);
    frames();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    frames();
  }
  void release() {
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    frames(3);
  }
  void move(ImVec2 from, ImVec2 by) {
    for (int i = 1; i <= 10; ++i) {
      const float share = static_cast<float>(i) / 10.0F;
      ImGui::GetIO().AddMousePosEvent(from.x + by.x * share, from.y + by.y * share);
      frames();
    }
  }
  void key(ImGuiKey k) {
    ImGui::GetIO().AddKeyEvent(k, true);
    frames();
    ImGui::GetIO().AddKeyEvent(k, false);
    frames(2);
  }
  void type(const char* text) {
    ImGui::GetIO().AddInputCharactersUTF8(text);
    frames(2);
  }
  ImVec2 cell() { return face.centre("number"); }

  Bench bench;
  Headless face{bench.lab};
  double value = 0.25;
  bool lit = true;
  std::vector<double> committed;
  std::string typed;
  float scrolled = 0.0F;
};

TEST_F(Numbers, ADragPreviewsAndLettingGoCommitsOnce) {
  frames(3);
  const ImVec2 at = cell();
  press(at);
  move(at, {50, 0});
  EXPECT_NEAR(value, 1.25, 1e-5) << "100 points are the range";
  EXPECT_TRUE(committed.empty());
  release();
  ASSERT_EQ(committed.size(), 1U);
  EXPECT_NEAR(committed[0], 1.25, 1e-5);
}

TEST_F(Numbers, ADragStaysWithinTheRange) {
  frames(3);
  const ImVec2 at = cell();
  press(at);
  move(at, {0, 600});
  release();
  EXPECT_EQ(value, -2.0);
}

TEST_F(Numbers, AClickAloneChangesNothing) {
  frames(3);
  press(cell());
  release();
  EXPECT_EQ(value, 0.25);
  EXPECT_TRUE(committed.empty());
}

TEST_F(Numbers, ADoubleClickTypesAndEnterHandsTheTextOn) {
  frames(3);
  press(cell());
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  frames();
  press(cell());
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  frames(3);
  type("-0,8");
  key(ImGuiKey_Enter);
  EXPECT_EQ(typed, "-0,8");
  EXPECT_TRUE(face.context.typing.id.empty());
}

TEST_F(Numbers, EscapeDropsWhatWasTyped) {
  frames(3);
  face.context.typing = {"number", "0.25", true};
  frames(3);
  type("7");
  key(ImGuiKey_Escape);
  EXPECT_EQ(typed, "");
  EXPECT_TRUE(face.context.typing.id.empty());
}

TEST_F(Numbers, LeavingTheFieldCommits) {
  frames(3);
  face.context.typing = {"number", "0.25", true};
  frames(3);
  type("7");
  press({300, 200});
  release();
  EXPECT_EQ(typed, "7");
}

TEST_F(Numbers, TheWheelNudgesByAHundredthOfTheRange) {
  frames(3);
  ImGui::GetIO().AddMousePosEvent(cell().x, cell().y);
  frames(2);
  for (int i = 0; i < 3; ++i) {
    ImGui::GetIO().AddMouseWheelEvent(0, 1);
    frames(2);
  }
  EXPECT_NEAR(value, 0.31, 1e-9);
  EXPECT_TRUE(committed.empty()) << "the wheel may go on";
  frames(40);
  EXPECT_EQ(committed.size(), 1U) << "at rest: one step";
  EXPECT_EQ(scrolled, 0.0F) << "the window under it stays";
}

TEST_F(Numbers, TheWheelScrollsPastANumberThatIsNotLit) {
  lit = false;
  frames(3);
  ImGui::GetIO().AddMousePosEvent(cell().x, cell().y);
  frames(2);
  ImGui::GetIO().AddMouseWheelEvent(0, -1);
  frames(40);
  EXPECT_EQ(value, 0.25);
  EXPECT_TRUE(committed.empty());
  EXPECT_GT(scrolled, 0.0F);
}

TEST_F(Numbers, ArrowKeysNudgeTheFocusedNumberAndDoNotLeaveIt) {
  frames(3);
  key(ImGuiKey_Tab);
  for (int i = 0; i < 3; ++i) key(ImGuiKey_UpArrow);
  key(ImGuiKey_DownArrow);
  EXPECT_NEAR(value, 0.29, 1e-9);
  frames(40);
  EXPECT_EQ(committed.size(), 1U) << "one step of them all";
}

TEST_F(Numbers, ATapAsksForAKeyboard) {
  face.context.touch = true;
  frames(3);
  press(cell());
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  std::optional<Requests::NumberField> asked;
  for (int i = 0; i < 3; ++i) {
    frames();
    if (face.context.requests.number) asked = face.context.requests.number;
  }
  ASSERT_TRUE(asked.has_value());
  EXPECT_EQ(asked->id, "number");
  EXPECT_EQ(asked->text, "0.25");
  face.context.typed["number"] = "1,5";
  frames();
  EXPECT_EQ(typed, "1,5");
}

TEST_F(Numbers, ANumberIsOfferedToBeTypedInTheLanguagesSigns) {
  std::ifstream in(std::string(WEIGHTROOM_BINARY_DIR) + "/strings/pseudo.bin", std::ios::binary);
  const std::vector<unsigned char> table{std::istreambuf_iterator<char>(in), {}};
  ASSERT_TRUE(base::use_language(table));
  face.context.touch = true;
  std::vector<std::string> offered;
  for (const double each : {-0.25, 2.0, 1e10}) {
    value = each;
    frames(3);
    press(cell());
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    for (int i = 0; i < 3; ++i) {
      frames();
      if (face.context.requests.number) offered.push_back(face.context.requests.number->text);
    }
  }
  base::use_english();
  EXPECT_EQ(offered, (std::vector<std::string>{"-0,25", "2", "1,00e+10"}));
}

TEST_F(Numbers, AFingerDragsSidewaysAndScrollsUpAndDown) {
  face.context.touch = true;
  frames(3);
  ImVec2 at = cell();
  press(at);
  move(at, {0, -60});
  release();
  EXPECT_EQ(value, 0.25);
  EXPECT_TRUE(committed.empty());
  EXPECT_GT(scrolled, 30.0F);
  at = cell();
  press(at);
  move(at, {50, 4});
  release();
  EXPECT_NEAR(value, 1.25, 1e-5);
  EXPECT_EQ(committed.size(), 1U);
}

TEST(Where, TellsTheRectangleOfTheLastFrameAsJson) {
  Bench bench;
  Headless face(bench.lab);
  face.frame([](const View&, UiState&, CommandQueue&) {
    ImGui::SetNextWindowPos({10, 20});
    ImGui::SetNextWindowSize({300, 200});
    ImGui::Begin("window", nullptr, ImGuiWindowFlags_NoDecoration);
    {
      const Card card("card", "Title");
      (void)button("go", "Go", {.width = 80});
    }
    ImGui::End();
  });
  face.context.rects.end_frame();
  EXPECT_EQ(face.context.rects.json("nothing"), "null");
  const auto place = face.context.rects.find("go");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->to.x - place->from.x, 80.0F);
  EXPECT_EQ(place->from.x, 10.0F + Metrics::kPad);
  EXPECT_NE(face.context.rects.json("go").find("\"width\":80.00"), std::string::npos);
}

TEST(Text, IsBrokenAtSpacesAloneAndANumberKeepsItsSign) {
  Bench bench;
  Headless face(bench.lab);
  const std::string words =
      "Of 3,620 weights 65.2 % (26 KB) moved by −3.902, at\nconv2.weight[0:4,1:3] and/or elsewhere";
  face.frame([&](const View&, UiState&, CommandQueue&) {
    ImFont* font = fonts().body;
    for (float width = 20.0F; width < 600.0F; width += 7.0F) {
      const std::string lines = wrapped(words, width, font);
      ASSERT_EQ(lines.size(), words.size());
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (lines[i] != words[i]) EXPECT_EQ(std::string({words[i], lines[i]}), " \n");
      }
      for (const char* whole : {"65.2 %", "(26 KB)"}) EXPECT_NE(lines.find(whole), std::string::npos) << width;
      for (std::size_t from = 0; from < lines.size();) {
        const std::size_t to = std::min(lines.find('\n', from), lines.size());
        const std::string line = lines.substr(from, to - from);
        if (line != "65.2 %" && line != "(26 KB)" && line.find(' ') != std::string::npos)
          EXPECT_LE(text_size(line, font).x, width) << line;
        from = to + 1;
      }
      EXPECT_LE(text_size(words, font, width).x, std::max(width + 1.0F, text_size("conv2.weight[0:4,1:3]", font).x));
    }
    EXPECT_EQ(wrapped(words, 5000.0F, font), words);
    EXPECT_EQ(wrapped("", 50.0F, font), "");
  });
}

TEST(Decimal, WritesATrueMinusAndNoMinusZero) {
  EXPECT_EQ(decimal(-0.5, 2), "−0.50");
  EXPECT_EQ(decimal(-0.001, 2), "0.00");
  EXPECT_EQ(decimal(INFINITY), "∞");
  EXPECT_EQ(decimal(-3e38, 2), "−3.00e+38");
  EXPECT_EQ(decimal(99999.0, 2), "99999.00");
  EXPECT_EQ(decimal(NAN), "not a number");
  EXPECT_EQ(percent_done(0.0), "0 %");
  EXPECT_EQ(percent_done(0.999), "99 %");
  EXPECT_EQ(percent_done(1.0), "100 %");
}

// WCAG 2.2: at least 4.5:1 for text on what it stands on.
TEST(Theme, TextCanBeRead) {
  const auto luminance = [](ImU32 colour) {
    const ImVec4 c = ImGui::ColorConvertU32ToFloat4(colour);
    const auto linear = [](float v) { return v <= 0.04045F ? v / 12.92F : std::pow((v + 0.055F) / 1.055F, 2.4F); };
    return 0.2126F * linear(c.x) + 0.7152F * linear(c.y) + 0.0722F * linear(c.z);
  };
  const auto contrast = [&](ImU32 a, ImU32 b) {
    const float x = luminance(a);
    const float y = luminance(b);
    return (std::max(x, y) + 0.05F) / (std::min(x, y) + 0.05F);
  };
  for (Mode mode : {Mode::light, Mode::dark}) {
    const Palette p = palette(mode);
    for (ImU32 ground : {p.paper, p.card, p.control, p.raised}) {
      for (ImU32 ink : {p.ink, p.quiet, p.accent, p.rise, p.fall, p.danger}) EXPECT_GE(contrast(ink, ground), 4.5F);
    }
    EXPECT_GE(contrast(p.ink, p.accent_soft), 4.5F);
    EXPECT_GE(contrast(p.on_accent, p.accent), 4.5F);
    EXPECT_GE(contrast(p.ink, p.danger_soft), 4.5F);
    for (int i = -10; i <= 10; ++i) {
      const ImU32 tile = to_u32(
          gfx::diverging(static_cast<float>(i) / 10.0F, mode == Mode::dark ? gfx::Ground::dark : gfx::Ground::light));
      EXPECT_GE(contrast(ink_on(tile), tile), 4.5F) << i;
    }
  }
}

}  // namespace
}  // namespace weightroom::ui
