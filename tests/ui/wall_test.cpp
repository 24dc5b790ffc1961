// What a hand does to the weight wall, and how it draws layers of any size.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "headless.h"
#include "io/model_file.h"
#include "ui/wall/layout.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using testing::Headless;

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
  EXPECT_EQ(bench.lab.document().view.overlay, document::Overlay::weight_x_gradient);
  face.click("overlay/0");
  EXPECT_EQ(bench.lab.document().view.overlay, document::Overlay::value);
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
  EXPECT_TRUE(graph) << graph.error().message();
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
  ASSERT_TRUE(bench.open_file("wide.safetensors", wide_model(kRows)).has_value());
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
  ASSERT_TRUE(bench.open_file("wide.safetensors", wide_model(kRows)).has_value());
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
  ASSERT_TRUE(bench.open_file("tall.safetensors", file).has_value());
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

}  // namespace
}  // namespace weightroom::ui
