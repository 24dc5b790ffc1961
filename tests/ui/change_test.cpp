// The pages Edit and Accuracy under a hand.
#include <string>

#include <gtest/gtest.h>

#include "../io/io_testing.h"
#include "edit/operation.h"
#include "headless.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::same_bytes;
using lab::testing::state_of;
using lab::testing::weights_of;
using testing::Headless;

struct EditPage {
  EditPage() {
    run(bench, R"({"command":"open_page","page":"edit"})");
    run(bench, R"({"command":"select_weight","weight":"conv2.weight[3,1,1,1]"})");
    face.screen(3);
  }
  void drag(ImVec2 from, ImVec2 to, bool shift = false) {
    ImGuiIO& io = ImGui::GetIO();
    face.move_to(from);
    face.screen();
    if (shift) io.AddKeyEvent(ImGuiMod_Shift, true);
    io.AddMouseButtonEvent(0, true);
    face.screen();
    for (int i = 1; i <= 4; ++i) {
      const float t = static_cast<float>(i) / 4.0F;
      face.move_to({from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t});
      face.screen();
    }
    io.AddMouseButtonEvent(0, false);
    if (shift) io.AddKeyEvent(ImGuiMod_Shift, false);
    face.screen(3);
  }
  // A place on a slider's track, from 0 to 1.
  ImVec2 on_track(const std::string& id, float share) {
    const auto place = face.context.rects.find(id);
    EXPECT_TRUE(place.has_value()) << id;
    return {place->from.x + (place->to.x - place->from.x) * share, place->to.y - 12.0F};
  }
  Bench bench;
  Headless face{bench.lab, {1280, 1000}};
};

TEST(EditPage, TheSliderPrunesAndTakesItBack) {
  EditPage page;
  const auto loaded = weights_of(page.bench);
  page.drag(page.on_track("change/param/share", 0.3F), page.on_track("change/param/share", 0.8F));
  const auto& steps = page.bench.lab.document().edit.steps;
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(steps[0]->words.said().starts_with("conv2: pruned ")) << steps[0]->words.said();
  const std::size_t many = steps[0]->changed;
  EXPECT_GT(many, 600U);
  page.drag(page.on_track("change/param/share", 0.8F), page.on_track("change/param/share", 0.2F));
  ASSERT_EQ(steps.size(), 1U) << "the same step, moved";
  EXPECT_LT(steps[0]->changed, many / 2);
  run(page.bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(page.bench)));
}

TEST(EditPage, ARectangleOnTheWallIsAPart) {
  EditPage page;
  page.drag(page.face.centre("weight/conv2/2/1/1/1"), page.face.centre("weight/conv2/5/3/1/1"), true);
  EXPECT_EQ(page.face.state.change.drawn, "conv2.weight[2:6,1:4]");
  page.face.state.change.operation = "zero";
  page.face.screen(2);
  page.face.click("change/apply");
  const auto& steps = page.bench.lab.document().edit.steps;
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0]->words.said(), "conv2.weight[2:6,1:4]: set to 0");
  EXPECT_EQ(steps[0]->changed, 4U * 3 * 9);
}

TEST(EditPage, ADragThatChoseNothingSaysSo) {
  EditPage page;
  const ImVec2 from = page.face.centre("weight/conv2/2/1/1/1");
  const ImVec2 to = page.face.centre("weight/conv2/5/3/1/1");
  page.drag(from, to, false);
  page.face.screen(2);
  EXPECT_TRUE(page.face.shows("change/missed"));
  page.drag(page.face.centre("weight/conv2/2/1/1/1"), page.face.centre("weight/conv2/5/3/1/1"), true);
  page.face.screen(2);
  EXPECT_FALSE(page.face.shows("change/missed"));
}

TEST(EditPage, APartIsRememberedAndSwapped) {
  EditPage page;
  page.face.state.change.operation = "swap";
  page.face.state.change.part = 1;
  page.face.screen(2);
  page.face.click("change/remember");
  EXPECT_EQ(page.face.state.change.source, "conv2.weight[3,1]");
  run(page.bench, R"({"command":"select_weight","weight":"conv2.weight[0,0,0,0]"})");
  page.face.screen(2);
  const auto before = page.bench.lab.document();
  page.face.click("change/apply");
  const auto& after = page.bench.lab.document();
  ASSERT_EQ(after.edit.steps.size(), 1U);
  const auto at = [](const document::Document& document, const char* weight) {
    return document.weight(*nn::parse_weight_ref(document.graph(), weight));
  };
  EXPECT_EQ(at(after, "conv2.weight[0,0,2,1]"), at(before, "conv2.weight[3,1,2,1]"));
  EXPECT_EQ(at(after, "conv2.weight[3,1,2,1]"), at(before, "conv2.weight[0,0,2,1]"));
}

TEST(EditPage, AChannelAndAnActivationFunctionAreSwitchedOff) {
  EditPage page;
  page.face.click("switch/channel");
  EXPECT_EQ(page.bench.lab.document().edit.off, (std::vector<document::Off>{{4, 3}}));
  page.face.click("switch/activation");
  EXPECT_EQ(page.bench.lab.document().edit.off, (std::vector<document::Off>{{4, 3}, {5, -1}}));
  page.face.click("switch/channel");
  page.face.click("switch/activation");
  EXPECT_TRUE(page.bench.lab.document().edit.off.empty());
}

// Twelve pictures in folders of classes, one of which the model does not have.
std::vector<std::byte> labelled_tar() {
  std::vector<io::testing::TarFile> files;
  int shade = 0;
  for (const char* name : {"cat", "dog", "sofa"}) {
    for (int i = 0; i < 4; ++i) {
      io::Image image = lab::testing::test_picture();
      for (auto& value : image.rgb) value = static_cast<std::uint8_t>(value + 20 * shade);
      ++shade;
      files.push_back({"set/" + std::string(name) + "/" + std::to_string(i) + ".png", io::encode_png(image)});
    }
  }
  return io::testing::tar_of(files);
}

TEST(AccuracyPage, FromTheMatrixToThePictureOnTheBench) {
  Bench bench;
  Headless face(bench.lab, {1280, 1400});
  face.screen(3);
  face.open_page("accuracy");
  EXPECT_TRUE(face.shows("accuracy/choose"));
  EXPECT_FALSE(face.shows("accuracy/open")) << "no set comes with this model";
  ASSERT_TRUE(bench.open_file("pictures.tar", labelled_tar()).has_value());
  bench.settle();
  face.screen(3);
  EXPECT_TRUE(face.shows("confusion"));
  EXPECT_TRUE(face.shows("accuracy_now")) << "in the status line";
  const auto state = state_of(bench)["measure"];
  EXPECT_EQ(state["now"]["pictures"], 8);
  const auto cell = state["now"]["confusion"][0];
  const std::string id = "cell/" + std::to_string(cell[0].get<int>()) + "/" + std::to_string(cell[1].get<int>());
  face.click(id);
  EXPECT_TRUE(face.shows("cell/picture/0"));
  face.click("cell/picture/0");
  const auto opened = state_of(bench);
  EXPECT_EQ(opened["predictions"][0]["index"], cell[1]);
  EXPECT_TRUE(opened["measure"]["cell"]["pictures"][0]["name"].get<std::string>().ends_with(
      opened["picture"]["name"].get<std::string>()));
  face.click("accuracy/classes");
  EXPECT_TRUE(face.shows("class_of/2"));
  face.click("class_of/2");
  face.click("class_of/2/3");
  EXPECT_EQ(bench.lab.document().class_of, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(state_of(bench)["measure"]["now"]["pictures"], 12);
  face.click("confusion/show/1");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[3]","value":30})");
  face.screen(2);
  EXPECT_TRUE(face.shows("step/0"));
  face.click(id);
  face.click("accuracy/close");
  EXPECT_EQ(bench.lab.document().labelled, nullptr);
  EXPECT_TRUE(face.shows("accuracy/choose"));
}

}  // namespace
}  // namespace weightroom::ui
