// What a hand does to the picture's square, the list of edits and the rest of the bench.
#include <string>

#include <gtest/gtest.h>
#include <strings/network.h>

#include "headless.h"
#include "ui/network/words.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

TEST(CropEditor, ACornerSizesTheSquareAndTheOneAcrossStays) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  ASSERT_TRUE(face.state.cropping);
  const document::Crop before = bench.lab.document().picture->crop;
  ASSERT_EQ(before, (document::Crop{8, 0, 24}));
  face.move_to(face.centre("crop/0"));
  face.screen();
  face.drag({40, 40});
  const document::Crop after = bench.lab.document().picture->crop;
  EXPECT_LT(after.side, before.side);
  EXPECT_EQ(after.x + after.side, before.x + before.side);
  EXPECT_EQ(after.y + after.side, before.y + before.side);
  // Out of the picture it goes no further than its edge.
  face.move_to(face.centre("crop/3"));
  face.screen();
  face.drag({600, 600});
  const document::Crop largest = bench.lab.document().picture->crop;
  EXPECT_EQ(largest.x, after.x);
  EXPECT_EQ(largest.y + largest.side, 24);
  face.click("crop/done");
  EXPECT_FALSE(face.state.cropping);
  EXPECT_TRUE(face.shows("samples"));
}

TEST(CropEditor, ADragInManySmallStepsGoesAsFarAsInOne) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  face.move_to(face.centre("crop"));
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen();
  const ImVec2 start = face.centre("crop");
  // Its 40 columns are drawn 300 points wide: a point is less than a tenth of a pixel.
  for (int i = 1; i <= 45; ++i) {
    face.move_to({start.x + static_cast<float>(i), start.y});
    face.screen();
  }
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  face.screen(2);
  EXPECT_EQ(bench.lab.document().picture->crop, (document::Crop{14, 0, 24}));
}

// What the page sends when a second finger lands: the first one has no place any more, and lets go a frame later.
void second_finger_lands(Headless& face) {
  ImGuiIO& io = ImGui::GetIO();
  io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
  io.AddMousePosEvent(-1e9F, -1e9F);
  face.screen();
  io.AddMouseButtonEvent(0, false);
  face.screen(3);
}

TEST(CropEditor, ASecondFingerLeavesTheSquareWhereItIs) {
  for (const char* part : {"crop", "crop/0", "crop/3"}) {
    SCOPED_TRACE(part);
    Bench bench;
    Headless face(bench.lab);
    face.screen(3);
    face.click("crop_toggle");
    run(bench, R"({"command":"set_crop","x":10,"y":4,"size":16})");
    face.screen(2);
    face.move_to(face.centre(part));
    face.screen();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    face.screen(2);
    second_finger_lands(face);
    EXPECT_EQ(bench.lab.document().picture->crop, (document::Crop{10, 4, 16}));
  }
}

TEST(Inspector, ASecondFingerLeavesTheWeightWhereItIs) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.move_to(face.centre("weight_slider"));
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen(2);
  const float held = bench.lab.document().weight(*bench.lab.document().selection.weight);
  second_finger_lands(face);
  EXPECT_EQ(bench.lab.document().weight(*bench.lab.document().selection.weight), held);
}

TEST(CropEditor, KeysMoveAndSizeIt) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("crop_toggle");
  face.click("crop");
  const auto press = [&](ImGuiKey key) {
    ImGui::GetIO().AddKeyEvent(key, true);
    face.screen();
    ImGui::GetIO().AddKeyEvent(key, false);
    face.screen();
  };
  press(ImGuiKey_RightArrow);
  EXPECT_EQ(bench.lab.document().picture->crop.x, 9);
  press(ImGuiKey_Minus);
  EXPECT_EQ(bench.lab.document().picture->crop.side, 22);
  press(ImGuiKey_Equal);
  EXPECT_EQ(bench.lab.document().picture->crop.side, 24);
}

TEST(Edits, ALineTakesItsWeightIntoTheHandAgain) {
  Bench bench;
  Headless face(bench.lab, {1280, 1900});
  run(bench, R"({"command":"set_weight","weight":"conv2.weight[3,1,0,2]","value":1})");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":2})");
  face.screen(3);
  face.click("step/0");
  EXPECT_EQ(nn::format_weight_ref(bench.lab.document().graph(), *bench.lab.document().selection.weight),
            "conv2.weight[3,1,0,2]");
  EXPECT_EQ(bench.lab.document().edit.steps.size(), 2U);
}

TEST(Edits, TheWholeListOpensAndCloses) {
  Bench bench;
  Headless face(bench.lab, {1280, 2200});
  for (int i = 0; i < 8; ++i)
    run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":)" + std::to_string(i + 1) + "}");
  face.screen(3);
  EXPECT_TRUE(face.shows("step/7"));
  EXPECT_FALSE(face.shows("step/0"));
  face.click("edits/more");
  EXPECT_TRUE(face.shows("step/0"));
  face.click("edits/more");
  EXPECT_FALSE(face.shows("step/0"));
}

TEST(Inspector, AFieldLeftAsItWasOpenedEditsNothing) {
  Bench bench;
  Headless face(bench.lab);
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":0.123456789})");
  face.screen(3);
  const float before = bench.lab.document().weight({5, 1});
  const auto type = [&](std::string_view words) {
    const ImVec2 at = face.centre("bias/fc/1");
    face.move_to(at);
    for (int k = 0; k < 2; ++k) {
      ImGui::GetIO().AddMouseButtonEvent(0, true);
      face.screen();
      ImGui::GetIO().AddMouseButtonEvent(0, false);
      face.screen();
    }
    face.screen(3);
    EXPECT_FALSE(face.context.typing.id.empty());
    for (char letter : words) ImGui::GetIO().AddInputCharacter(static_cast<unsigned>(letter));
    face.screen(2);
    ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, true);
    face.screen();
    ImGui::GetIO().AddKeyEvent(ImGuiKey_Enter, false);
    face.screen(3);
  };
  type("");
  EXPECT_EQ(bench.lab.document().edit.steps.size(), 1U);
  EXPECT_EQ(bench.lab.document().weight({5, 1}), before);
  face.screen(60);  // long enough for the next click not to be a third
  type("0.5");
  EXPECT_EQ(bench.lab.document().edit.steps.size(), 2U);
  EXPECT_EQ(bench.lab.document().weight({5, 1}), 0.5F);
}

TEST(Answer, AClassIsFoundByItsLabelAsTheStateTellsIt) {
  Bench bench;
  nn::Model model = lab::testing::small_model("cats");
  model.labels = {"big_cat", "small cat", "bus", "cup"};
  ASSERT_TRUE(bench.open_file("cats.safetensors", io::write_model(model)).has_value());
  bench.settle();
  Headless face(bench.lab);
  face.screen(3);
  for (const std::string& label : model.labels) EXPECT_TRUE(face.shows("class/" + label)) << label;
}

TEST(NetworkPanel, AChosenLayerBringsTheWeightThatMovesTheTargetMost) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  face.click("slab/conv2");
  const document::Document& document = bench.lab.document();
  const auto& gradient = bench.lab.engine().results().weight_gradient;
  const auto lit = document.selection.weight;
  ASSERT_TRUE(lit.has_value());
  const nn::GraphWeight& tensor = document.graph().weights()[static_cast<std::size_t>(lit->tensor)];
  EXPECT_EQ(tensor.name, "conv2.weight");
  const float most = std::abs(gradient[nn::flat_index(document.graph(), *lit)]);
  for (std::size_t e = 0; e < tensor.shape.size(); ++e)
    EXPECT_LE(std::abs(gradient[nn::flat_index(document.graph(), {lit->tensor, e})]), most);
  // A layer without weights leaves the one in the hand alone.
  face.click("slab/relu1");
  EXPECT_EQ(document.selection.weight, lit);
}

TEST(NetworkPanel, AMapBringsAWeightOfItsOwnKernel) {
  Bench bench;
  Headless face(bench.lab, {1920, 1080});
  face.screen(3);
  face.click("map/conv2/5");
  const document::Document& document = bench.lab.document();
  EXPECT_EQ(document.selection.channel, 5);
  const std::string name = nn::format_weight_ref(document.graph(), *document.selection.weight);
  EXPECT_TRUE(name.starts_with("conv2.weight[5,")) << name;
}

TEST(Panels, DrawAModelWithBatchNormAndAHiddenLinearLayer) {
  nn::GraphSpec spec;
  spec.input = {3, 16, 16};
  spec.nodes = {
      {"conv1", "conv2d", {"input"}, {{"out_channels", 6LL}, {"kernel", 3LL}, {"groups", 3LL}, {"bias", 0LL}}},
      {"bn1", "batch_norm", {"conv1"}, {}},
      {"relu1", "relu", {"bn1"}, {}},
      {"gap", "global_avg_pool", {"relu1"}, {}},
      {"flatten", "flatten", {"gap"}, {}},
      {"hidden", "linear", {"flatten"}, {{"out_features", 9LL}}},
      {"relu2", "relu", {"hidden"}, {}},
      {"fc", "linear", {"relu2"}, {{"out_features", 4LL}}}};
  auto graph = nn::Graph::build(spec);
  ASSERT_TRUE(graph.has_value()) << graph.error().message();
  nn::Model model = lab::testing::small_model("normed");
  model.graph = *graph;
  model.weights = nn::initial_weights(**graph, 3);
  Bench bench;
  ASSERT_TRUE(bench.open_file("normed.safetensors", io::write_model(model)).has_value());
  bench.settle();
  Headless face(bench.lab, {390, 844});
  for (const nn::GraphWeight& tensor : bench.lab.document().graph().weights()) {
    SCOPED_TRACE(tensor.name);
    const nn::WeightRef last{bench.lab.document().graph().find_weight(tensor.name), tensor.shape.size() - 1};
    const std::string name = nn::format_weight_ref(bench.lab.document().graph(), last);
    run(bench, R"({"command":"select_weight","weight":")" + name + R"("})");
    for (face.state.tab = 0; face.state.tab < 3; ++face.state.tab) face.screen(2);
  }
  const auto words = [&](const char* weight) {
    const auto ref = nn::parse_weight_ref(bench.lab.document().graph(), weight);
    EXPECT_TRUE(ref.has_value()) << weight;
    return network::weight_words(bench.lab.document(), ref.value_or(nn::WeightRef{}));
  };
  EXPECT_EQ(words("conv1.weight[5,0,1,1]"), tr(text::network_weight_kernel, {{"to", 5}, {"from", 2}}));
  EXPECT_EQ(words("bn1.weight[2]"), tr(text::network_weight_map, {{"channel", 2}}));
  EXPECT_EQ(words("hidden.weight[8,3]"), tr(text::network_weight_to_value, {{"from", 3}, {"to", 8}}));
  EXPECT_EQ(words("hidden.bias[8]"), tr(text::network_bias_value, {{"channel", 8}}));
  EXPECT_EQ(words("fc.weight[1,8]"), tr(text::network_weight_to_class, {{"from", 8}, {"class", "dog"}}));
  EXPECT_EQ(words("fc.bias[1]"), tr(text::network_bias_class, {{"class", "dog"}}));
}

TEST(Screen, AMessageCoversNothing) {
  Bench bench;
  Headless face(bench.lab);
  face.screen(3);
  bench.lab.report("The file is not a picture.");
  face.screen(3);
  const auto banner = face.context.rects.find("error");
  ASSERT_TRUE(banner.has_value());
  for (const char* card : {"picture_card", "answer", "wall_card"}) {
    const auto place = face.context.rects.find(card);
    ASSERT_TRUE(place.has_value()) << card;
    EXPECT_GE(place->from.y, banner->to.y) << card;
  }
  EXPECT_GE(banner->from.y, face.context.rects.find("save")->to.y);
  face.click("error/close");
  EXPECT_FALSE(face.shows("error"));
}

TEST(Screen, WhereColumnsAreFoldedTheMapStandsBesideTheBars) {
  Bench bench;
  Headless face(bench.lab, {390, 844});
  face.state.tab = 2;
  face.screen(3);
  EXPECT_TRUE(face.shows("small_picture"));
  const auto place = face.context.rects.find("small_picture");
  EXPECT_GT(place->to.x - place->from.x, 100.0F);
  EXPECT_LE(place->to.x, face.context.rects.find("class/cat")->from.x);
  Headless pair(bench.lab, {1199, 700});
  pair.screen(3);
  EXPECT_TRUE(pair.shows("small_picture"));
  EXPECT_FALSE(pair.shows("picture"));
  pair.click("small_picture");
  EXPECT_TRUE(pair.shows("picture")) << "large, in the page's place";
  pair.click("group/look");
  EXPECT_FALSE(pair.shows("picture"));
  Headless wide(bench.lab, {1200, 700});
  wide.screen(3);
  EXPECT_FALSE(wide.shows("small_picture"));
  EXPECT_TRUE(wide.shows("picture"));
}

}  // namespace
}  // namespace weightroom::ui
