// Every panel in every state it can be met in, and what a hand does to the network and the reading sheet.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "headless.h"
#include "io/file.h"
#include "io/model_file.h"
#include "support/version.h"
#include "ui/pages/page.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using testing::Headless;

constexpr std::array<ImVec2, 3> kColumns{{{576, 708}, {340, 700}, {220, 260}}};

void draw_all(lab::Lab& lab) {
  for (Mode mode : {Mode::light, Mode::dark}) {
    Headless face(lab, {1280, 800}, mode);
    for (ImVec2 size : kColumns) {
      for (const Panel& each : panels()) {
        SCOPED_TRACE(std::string(each.name) + " " + std::to_string(size.x));
        face.panel(each.name, size, 3);
        EXPECT_GT(ImGui::GetDrawData()->CmdListsCount, 0);
      }
      for (const studies::StudyDef& page : studies::pages()) {
        SCOPED_TRACE("page " + std::string(page.name) + " " + std::to_string(size.x));
        face.panel(page_panel(page.name), size, 3);
        EXPECT_GT(ImGui::GetDrawData()->CmdListsCount, 0);
      }
    }
  }
}

lab::Lab empty_lab() {
  return lab::Lab([](lab::FileRequest) {}, [](const std::string&, std::span<const std::byte>) {});
}

TEST(Panels, DrawWhenNothingIsThere) {
  lab::Lab lab = empty_lab();
  draw_all(lab);
}

TEST(Panels, DrawWhileTheModelIsOnItsWay) {
  lab::Lab lab = empty_lab();
  lab.start();
  draw_all(lab);
}

TEST(Panels, DrawAModelWithoutAPicture) {
  lab::Lab lab(
      [](lab::FileRequest request) {
        if (request.file.ends_with(".safetensors")) request.done(io::write_model(lab::testing::small_model()));
      },
      [](const std::string&, std::span<const std::byte>) {});
  lab.start();
  ASSERT_TRUE(lab.has_document());
  draw_all(lab);
}

TEST(Panels, DrawAnAnswer) {
  Bench bench;
  draw_all(bench.lab);
}

TEST(Panels, TheStatusLineSaysTheVersion) {
  Bench bench;
  Headless face(bench.lab);
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.screen(3);
  EXPECT_NE(std::ranges::find(drawn, "version " + test::project_version()), drawn.end());
  EXPECT_TRUE(face.shows("version"));
}

TEST(Panels, DrawAnError) {
  Bench bench;
  bench.lab.report("The file is not a picture.");
  draw_all(bench.lab);
}

TEST(Panels, DrawEveryLayerChannelAndOverlay) {
  Bench bench;
  Headless face(bench.lab);
  const auto run = [&](const std::string& json) {
    ASSERT_TRUE(bench.lab.run_json(json).has_value()) << json;
    bench.settle();
    face.screen(3);
  };
  for (const nn::Node& node : bench.lab.document().graph().nodes()) {
    SCOPED_TRACE(node.name);
    run(R"({"command":"select_layer","layer":")" + node.name + "\"}");
    EXPECT_TRUE(face.shows("layer/" + node.name));
    for (const char* overlay : {"gradient", "weight_x_gradient", "change", "value"}) {
      run(R"({"command":"set_view","overlay":")" + std::string(overlay) + "\"}");
    }
    const std::string last = std::to_string(node.output.c() - 1);
    run(R"({"command":"select_channel","layer":")" + node.name + R"(","channel":)" + last + "}");
    EXPECT_TRUE(face.shows("map/" + node.name + "/" + last));
    run(R"({"command":"select_channel","layer":")" + node.name + R"(","channel":null})");
  }
}

TEST(Panels, DrawTheReadingSheet) {
  Bench bench;
  for (const ImVec2 window : {ImVec2{1280, 800}, ImVec2{390, 844}, ImVec2{320, 480}}) {
    Headless face(bench.lab, window);
    face.state.reading = {.open = true, .models = bench.lab.models_opened()};
    face.screen(3);
    EXPECT_TRUE(face.shows("reading/close")) << window.x;
    if (window.y < 500.0F) {  // lower than the sheet: it scrolls
      face.move_to({window.x / 2, 300});
      face.wheel(-20);
      face.screen(3);
    }
    EXPECT_TRUE(face.shows("reading/done")) << window.x;
    for (const char* id :
         {"reading", "reading/scale", "reading/scale/0", "reading/scale/1", "reading/scale/2", "reading/scale/3",
          "reading/scale/4", "reading/order/0", "reading/order/1", "reading/labels", "reading/done"}) {
      const auto place = face.context.rects.find(id);
      ASSERT_TRUE(place.has_value()) << id;
      EXPECT_GE(place->from.x, 0.0F) << id << window.x;
      EXPECT_LE(place->to.x, window.x) << id << window.x;
    }
  }
}

TEST(Panels, ShowHowFarAFileIsRead) {
  Bench bench;
  for (const float width : {1280.0F, 320.0F}) {
    Headless face(bench.lab, {width, 800});
    face.screen();
    EXPECT_FALSE(face.shows("progress"));
    face.state.progress = {"Reading a file with quite a long name and more than one model in it.onnx", 0.31};
    face.screen(3);
    ASSERT_TRUE(face.shows("progress"));
    const auto place = face.context.rects.find("progress");
    EXPECT_GE(place->from.x, 0.0F);
    EXPECT_LE(place->to.x, width);
    face.state.progress = {};
    face.screen(2);
    EXPECT_FALSE(face.shows("progress"));
  }
}

TEST(Panels, DrawInNarrowAndTinyWindows) {
  Bench bench;
  for (ImVec2 size : {ImVec2{390, 844}, ImVec2{320, 480}, ImVec2{1920, 1080}, ImVec2{901, 400}}) {
    Headless face(bench.lab, size);
    for (int tab = 0; tab < 3; ++tab) {
      face.state.tab = tab;
      face.screen(2);
    }
  }
}

TEST(NetworkPanel, ALayerIsChosenByItsName) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("layer/relu1");
  EXPECT_EQ(bench.lab.document().graph().nodes()[static_cast<std::size_t>(bench.lab.document().selection.layer)].name,
            "relu1");
  EXPECT_TRUE(face.shows("wall/neighbour"));
  face.click("wall/neighbour");
  EXPECT_EQ(bench.lab.document().graph().nodes()[static_cast<std::size_t>(bench.lab.document().selection.layer)].name,
            "conv1");
}

TEST(NetworkPanel, AMapGrowsOnClickAndGoesBack) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("map/relu1/2");
  EXPECT_EQ(bench.lab.document().selection.channel, 2);
  face.click("channel/next");
  EXPECT_EQ(bench.lab.document().selection.channel, 3);
  face.click("channel/close");
  EXPECT_EQ(bench.lab.document().selection.channel, -1);
}

TEST(NetworkPanel, PointingAtAMapTellsThePlace) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.move_to(face.centre("map/conv1/4"));
  face.screen(3);
  EXPECT_EQ(face.state.hover.node, bench.lab.document().graph().find_node("conv1"));
  EXPECT_EQ(face.state.hover.channel, 4);
  EXPECT_EQ(face.state.hover.y, 8);
  EXPECT_EQ(face.state.hover.x, 8);
}

TEST(ReadingSheet, OpensByItsButtonAndSetsWhatIsChosen) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(2);
  EXPECT_FALSE(face.shows("reading"));
  face.click("reads");
  ASSERT_TRUE(face.shows("reading"));
  face.click("reading/scale/1");
  EXPECT_EQ(bench.lab.document().model->preprocessing.mean[0], 0.0F);
  face.click("reading/order/1");
  EXPECT_TRUE(bench.lab.document().model->preprocessing.bgr);
  face.click("reading/size");
  face.screen(2);
  face.click("reading/size/0");
  EXPECT_EQ(bench.lab.document().graph().spec().input[1], face.state.reading.sizes.found()[0]);
  face.click("reading/done");
  EXPECT_FALSE(face.shows("reading"));
}

TEST(ReadingSheet, ComesByItselfWhereTheFileLeavesThingsOpen) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(2);
  const auto onnx = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/vgg_13.onnx");
  ASSERT_TRUE(onnx);
  ASSERT_TRUE(bench.open_file("vgg_13.onnx", *onnx).has_value());
  face.screen(3);
  EXPECT_TRUE(face.shows("reading"));
  EXPECT_FALSE(face.shows("reading/size")) << "its last layers are linear: one size alone";
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, true);
  face.screen(3);
  EXPECT_FALSE(face.shows("reading"));
  face.screen(2);
  EXPECT_FALSE(face.shows("reading")) << "once closed it stays closed";
}

}  // namespace
}  // namespace weightroom::ui
