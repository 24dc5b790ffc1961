// The card Why? and the menu of methods, as they are met on the first screen.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headless.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::Headless;

// What is drawn, the breaks of its lines as the spaces that they were.
std::vector<std::string> said(Headless& face, int frames = 2) {
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.screen(frames);
  face.context.drawn = nullptr;
  for (std::string& words : drawn) std::ranges::replace(words, '\n', ' ');
  return drawn;
}

bool drew(const std::vector<std::string>& drawn, const std::string& words) {
  return std::ranges::find(drawn, words) != drawn.end();
}

const ImGuiWindow* open_list() {
  const auto& windows = ImGui::GetCurrentContext()->Windows;
  const auto at = std::ranges::find_if(windows, [](const ImGuiWindow* window) {
    return window->Active && (window->Flags & ImGuiWindowFlags_Popup) != 0;
  });
  return at == windows.end() ? nullptr : *at;
}

// How high a caption is in lines of this width, as Dear ImGui itself breaks them.
float height_of(const Headless& face, const std::string& words, float width) {
  ImFont* font = face.context.theme.fonts.body;
  return font->CalcTextSizeA(font_height(font), 1e9F, width, words.c_str(), words.c_str() + words.size()).y;
}

TEST(MethodMenu, CutsNoCaptionAtAnyWidth) {
  Bench bench;
  for (const ImVec2 window : {ImVec2{1280, 800}, ImVec2{390, 844}, ImVec2{320, 568}}) {
    SCOPED_TRACE(window.x);
    Headless face(bench.lab, window);
    face.screen(3);
    if (!face.shows("method")) {  // below the picture
      face.move_to({window.x / 2, window.y / 2});
      face.wheel(-20);
    }
    face.click("method");
    const auto drawn = said(face);
    const ImGuiWindow* list = open_list();
    ASSERT_NE(list, nullptr);
    EXPECT_GE(list->Pos.x, 0.0F);
    EXPECT_GE(list->Pos.y, 0.0F);
    EXPECT_LE(list->Pos.x + list->Size.x, window.x);
    EXPECT_LE(list->Pos.y + list->Size.y, window.y);
    float below = -1e9F;
    for (const explain::MethodDef& method : explain::methods()) {
      SCOPED_TRACE(std::string(method.name));
      const auto row = face.context.rects.find("method/" + std::string(method.name));
      ASSERT_TRUE(row.has_value());
      EXPECT_GE(row->from.y, below) << "as the list has them";
      below = row->to.y;
      EXPECT_GE(row->from.x, list->InnerRect.Min.x);
      EXPECT_LE(row->to.x, list->InnerRect.Max.x) << "under the scroll bar";
      const std::string caption = tr(method.summary) + (method.warning ? " " + tr(*method.warning) : "");
      EXPECT_TRUE(drew(drawn, caption)) << caption;
      EXPECT_TRUE(drew(drawn, tr(method.plain))) << tr(method.plain);
      EXPECT_TRUE(drew(drawn, tr(method.title))) << "its own name";
      const bool cut =
          row->visible && (row->from.y <= list->InnerClipRect.Min.y || row->to.y >= list->InnerClipRect.Max.y);
      if (cut) continue;  // by the list's edge: what is told is the part that is seen
      EXPECT_GE(row->to.y - row->from.y, 29.0F + height_of(face, caption, row->to.x - row->from.x - 24.0F));
    }
  }
}

TEST(MethodMenu, BeginsWithGradCamThenOcclusionUnderPlainHeadings) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("method");
  const auto drawn = said(face, 1);
  for (const char* heading : {"Start here", "Add up feature maps", "Cover and see", "Nudge the pixels"})
    EXPECT_TRUE(drew(drawn, heading)) << heading;
  for (const char* own : {"Feature maps", "Hide and see", "Gradients", "Relevance passed back"})
    EXPECT_TRUE(drew(drawn, own)) << own;
  face.click("method/1");
  EXPECT_EQ(bench.lab.document().map.method, "occlusion");
  face.click("method");
  face.click("method/0");
  EXPECT_EQ(bench.lab.document().map.method, "grad_cam");
}

TEST(SaliencyCard, FitsTheFirstScreenAndSaysWhatIsSeen) {
  Bench bench;
  Headless face(bench.lab, {1280, 800});
  const auto drawn = said(face, 3);
  const auto top = lab::testing::state_of(bench)["predictions"][0]["label"].get<std::string>();
  EXPECT_TRUE(drew(drawn, "Warm: speaks for " + top + ". Cold: speaks against it."));
  EXPECT_TRUE(drew(drawn, "64 places: added up, they give the score (logit) less its bias."));
  const auto& windows = ImGui::GetCurrentContext()->Windows;
  const auto column = std::ranges::find_if(windows, [](const ImGuiWindow* window) {
    return std::string_view(window->Name).find("column/picture") != std::string_view::npos;
  });
  ASSERT_NE(column, windows.end());
  EXPECT_EQ((*column)->ScrollMax.y, 0.0F) << "nothing lies below the window's foot";
  for (const char* id : {"method", "map_legend", "map_shown", "saliency/more", "save_map/picture"})
    EXPECT_TRUE(face.shows(id)) << id;
  for (const char* id : {"target", "layer", "opacity", "param/positive_only"}) EXPECT_FALSE(face.shows(id)) << id;
}

TEST(SaliencyCard, UnfoldsTheRest) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"integrated_gradients"})");
  for (const ImVec2 window : {ImVec2{1280, 800}, ImVec2{390, 844}}) {
    Headless face(bench.lab, window);
    face.screen(3);
    EXPECT_FALSE(face.context.rects.find("param/noise").has_value()) << "behind More";
    if (!face.shows("saliency/more")) {
      face.move_to({window.x / 2, window.y / 2});
      face.wheel(-20);
    }
    face.click("saliency/more");
    EXPECT_TRUE(face.shows("opacity")) << "scrolled to its end";
    for (const char* id : {"target", "param/steps", "param/baseline", "param/noise", "remember_picture"})
      EXPECT_TRUE(face.context.rects.find(id).has_value()) << id;
    face.click("remember_picture");
    EXPECT_TRUE(bench.lab.document().second.has_value());
    face.click("remember_picture");
    EXPECT_FALSE(bench.lab.document().second.has_value());
  }
}

// Between the places of a coarse map the eye sees a mixture of them: the number told is the place's own.
TEST(SaliencyCard, PointingAtThePictureTellsThePlace) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  const auto picture = face.context.rects.find("picture");
  ASSERT_TRUE(picture.has_value());
  const float each = (picture->to.x - picture->from.x) / 8.0F;
  face.move_to({picture->from.x + 2.1F * each, picture->from.y + 5.9F * each});
  const auto drawn = said(face, 3);
  EXPECT_TRUE(drew(drawn, "Row 6, column 3 of 8 × 8 places"));
  const float value = bench.lab.engine().results().explanation.attribution.values[5 * 8 + 2];
  EXPECT_THAT(drawn, Contains(HasSubstr(document::number_text(value) + ": ")));
  run(bench, R"({"command":"set_method","method":"gradient"})");
  EXPECT_TRUE(drew(said(face, 3), "Pixel 4, 11")) << "of 16 × 16";
}

}  // namespace
}  // namespace weightroom::ui
