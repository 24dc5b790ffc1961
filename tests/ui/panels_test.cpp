// Every panel in every state it can be met in, and what a hand does to the network and the wall.
#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "headless.h"
#include "io/file.h"
#include "io/model_file.h"
#include "ui/panels/wall_layout.h"

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

TEST(WeightWall, AClickLightsTheWeightUnderIt) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  for (const char* id : {"weight/conv1/3/0/1/2", "weight/conv1/7/2/2/0"}) {
    // The inspector has cells of the lit kernel under the same names; these two are on the wall alone.
    face.click(id);
    const auto lit = bench.lab.document().selection.weight;
    ASSERT_TRUE(lit.has_value());
    std::string name = nn::format_weight_ref(bench.lab.document().graph(), *lit);
    EXPECT_EQ(name, std::string(id) == "weight/conv1/3/0/1/2" ? "conv1.weight[3,0,1,2]" : "conv1.weight[7,2,2,0]");
  }
}

TEST(WeightWall, OverlaysAreChosenByTheirSegments) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("overlay/2");
  EXPECT_EQ(bench.lab.document().view.overlay, lab::Overlay::weight_x_gradient);
  face.click("overlay/0");
  EXPECT_EQ(bench.lab.document().view.overlay, lab::Overlay::value);
}

TEST(WeightWall, WheelZoomsAroundThePointerAndDragPans) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.move_to(face.centre("weight/conv1/2/1/1/1"));
  face.screen();
  face.wheel(4.0F);
  ASSERT_GT(face.state.wall.zoom, 0.0F);
  // The wall is larger than its window by now, so nothing holds it: the weight under the pointer stays there.
  const ImVec2 at = face.centre("weight/conv1/2/1/1/1");
  face.move_to(at);
  face.screen();
  face.wheel(1.0F);
  const ImVec2 after = face.centre("weight/conv1/2/1/1/1");
  EXPECT_NEAR(after.x, at.x, 1.0F);
  EXPECT_NEAR(after.y, at.y, 1.0F);
  const auto lit = bench.lab.document().selection.weight;
  face.drag({-40, 0});
  EXPECT_NEAR(face.centre("weight/conv1/2/1/1/1").x, after.x - 40, 4.0F);
  EXPECT_EQ(bench.lab.document().selection.weight, lit) << "a drag is no click";
  face.click("wall/fit");
  EXPECT_EQ(face.state.wall.zoom, 0.0F);
}

TEST(WeightWall, EveryWeightHasOnePlaceOfItsOwn) {
  const nn::Model model = lab::testing::small_model();
  const nn::Graph& graph = *model.graph;
  for (int node = 0; node < static_cast<int>(graph.nodes().size()); ++node) {
    auto layout = wall::lay_out(graph, node, {520, 180}, 24.0F);
    EXPECT_EQ(layout.has_value(), !graph.nodes()[static_cast<std::size_t>(node)].weights.empty());
    if (!layout) continue;
    float zoom = 0.0F;
    float x = 0.0F;
    float y = 0.0F;
    const wall::Window window = wall::window_at(*layout, {100, 50}, zoom, x, y);
    for (int tensor : graph.nodes()[static_cast<std::size_t>(node)].weights) {
      const std::size_t count = graph.weights()[static_cast<std::size_t>(tensor)].shape.size();
      for (std::size_t element = 0; element < count; ++element) {
        const wall::Box box = wall::cell_box(graph, *layout, window, {tensor, element});
        EXPECT_GE(box.from.x, 100.0F - 1.0F);
        EXPECT_LE(box.to.x, 620.0F + 1.0F);
        EXPECT_GE(box.from.y, 50.0F - 1.0F);
        EXPECT_LE(box.to.y, 230.0F + 1.0F);
        const auto cell = wall::cell_at(*layout, window, {(box.from.x + box.to.x) / 2, (box.from.y + box.to.y) / 2});
        ASSERT_TRUE(cell.has_value());
        EXPECT_EQ(cell->ref, (nn::WeightRef{tensor, element}));
      }
    }
  }
}

// Random weights for a net, as a file dropped on the page.
std::vector<std::byte> file_of(const nn::GraphSpec& spec) {
  auto graph = nn::Graph::build(spec);
  EXPECT_TRUE(graph) << graph.error().message;
  nn::Model model;
  model.name = "wide";
  model.title = "test";
  model.graph = *graph;
  model.weights = nn::initial_weights(**graph, 3);
  model.labels = {"a", "b"};
  model.provenance = "{}";
  return io::write_model(model);
}

// One layer of so many rows of 3072 weights.
std::vector<std::byte> wide_model(long long rows) {
  return file_of({{3, 32, 32},
                  {{"flat", "flatten", {"input"}, {}},
                   {"wide", "linear", {"flat"}, {{"out_features", rows}}},
                   {"relu", "relu", {"wide"}, {}},
                   {"fc", "linear", {"relu"}, {{"out_features", 2LL}}}}});
}

int draw_calls() {
  int calls = 0;
  for (const ImDrawList* list : ImGui::GetDrawData()->CmdLists) {
    for (const ImDrawCmd& command : list->CmdBuffer) calls += command.UserCallback != nullptr || command.ElemCount > 0;
  }
  return calls;
}

TEST(WeightWall, ElevenMillionWeightsAreDrawnInTiles) {
  constexpr long long kRows = 3600;
  Bench bench;
  Headless face(bench.lab, {1600, 1000});
  ASSERT_TRUE(bench.lab.open_file("wide.safetensors", wide_model(kRows)).has_value());
  EXPECT_GT(bench.lab.document().graph().weight_count(), 11'000'000U);
  run(bench, R"({"command":"select_layer","layer":"wide"})");
  const auto settle = [&] {
    int frames = 0;
    do {
      face.screen();
      ASSERT_LT(++frames, 500);
      EXPECT_LE(draw_calls(), 200);
    } while (face.context.animating || frames < 2);  // places are known from the second frame on
  };
  settle();
  const int node = bench.lab.document().selection.layer;
  const auto held = [&](const std::string& overlay) {  // the coarsest tile of all
    for (int level = 16; level >= 0; --level) {
      const auto at =
          face.textures.held("wall/" + std::to_string(node) + "/" + overlay + "/0/0/" + std::to_string(level) + "/0/0");
      if (at) return at;
    }
    return std::optional<std::uint64_t>();
  };
  EXPECT_TRUE(held("value"));
  for (int notch = 0; notch < 24; ++notch) {
    face.move_to(face.centre("wall"));
    ImGui::GetIO().AddMouseWheelEvent(0.0F, 2.0F);
    settle();
  }
  EXPECT_GT(face.state.wall.zoom, 50.0F);
  // The tiles of what is seen alone are held.
  EXPECT_LT(face.textures.entries(), 700U);
  // Of gradients too, and of one edit.
  run(bench, R"({"command":"set_view","overlay":"gradient"})");
  settle();
  EXPECT_TRUE(held("gradient"));
  face.click("wall/fit");
  run(bench, R"({"command":"set_view","overlay":"change"})");
  settle();
  const auto before = held("change");
  ASSERT_TRUE(before);
  run(bench, R"({"command":"set_weight","weight":"wide.weight[40,20]","value":3})");
  settle();
  EXPECT_NE(held("change"), before) << "the edit is seen";
}

// What was loaded for one size of the window fits no other: rows apart or together, more or fewer blocks.
TEST(WeightWall, LargeLayersAreDrawnAnewInAnotherWindow) {
  constexpr long long kRows = 3000;
  Bench bench;
  Headless face(bench.lab, {1600, 1000});
  ASSERT_TRUE(bench.lab.open_file("wide.safetensors", wide_model(kRows)).has_value());
  run(bench, R"({"command":"select_layer","layer":"wide"})");
  for (const float step : {-45.0F, 45.0F}) {
    for (int i = 0; i < 14; ++i) {
      ImGui::GetIO().DisplaySize.x += step;
      face.screen(i % 3 + 2);
      EXPECT_TRUE(face.shows("wall"));
    }
  }
}

// A layer that stands in several blocks, where one alone was edited: one colour still means one number.
TEST(WeightWall, BlocksOfALargeLayerShareOneScale) {
  const auto conv = [](const char* name, const char* input, long long channels) {
    return nn::NodeSpec{name, "conv2d", {input}, {{"out_channels", channels}, {"kernel", 3LL}}};
  };
  Bench bench;
  Headless face(bench.lab, {1600, 1000});
  const auto file = file_of({{3, 16, 16},
                             {conv("few", "input", 32),
                              conv("tall", "few", 1600),
                              {"gap", "global_avg_pool", {"tall"}, {}},
                              {"flat", "flatten", {"gap"}, {}},
                              {"fc", "linear", {"flat"}, {{"out_features", 2LL}}}}});
  ASSERT_TRUE(bench.lab.open_file("tall.safetensors", file).has_value());
  run(bench, R"({"command":"select_layer","layer":"tall"})");
  run(bench, R"({"command":"set_weight","weight":"tall.weight[5,20,1,1]","value":3})");
  run(bench, R"({"command":"set_view","overlay":"change"})");
  int frames = 0;
  do {
    face.screen();
    ASSERT_LT(++frames, 500);
  } while (face.context.animating || frames < 2);
  const std::string stem = "wall/" + std::to_string(bench.lab.document().selection.layer) + "/change/" +
                           std::to_string(bench.lab.document().graph().find_weight("tall.weight")) + "/";
  std::set<int> blocks;
  std::set<float> scales;
  for (int block = 0; block < 8; ++block) {
    for (int level = 0; level <= 16; ++level) {
      const auto found = face.textures.scales(stem + std::to_string(block) + "/" + std::to_string(level) + "/0/0");
      if (found.empty()) continue;
      blocks.insert(block);
      scales.insert(found.begin(), found.end());
    }
  }
  EXPECT_GT(blocks.size(), 1U);
  EXPECT_EQ(scales.size(), 1U);
  EXPECT_GT(*scales.rbegin(), 2.0F);
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
  EXPECT_EQ(bench.lab.document().graph().spec().input[1], face.state.reading.sizes[0]);
  face.click("reading/done");
  EXPECT_FALSE(face.shows("reading"));
}

TEST(ReadingSheet, ComesByItselfWhereTheFileLeavesThingsOpen) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(2);
  const auto onnx = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/vgg_13.onnx");
  ASSERT_TRUE(onnx);
  ASSERT_TRUE(bench.lab.open_file("vgg_13.onnx", *onnx).has_value());
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
