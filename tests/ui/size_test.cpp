// The pages Size, Curves and Difference under a hand.
#include <gtest/gtest.h>

#include "../io/io_testing.h"
#include "headless.h"
#include "ui/widgets/common.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::state_of;
using testing::Headless;

// Twelve pictures of two of the model's classes.
void open_set(Bench& bench) {
  std::vector<io::testing::TarFile> files;
  const auto png = io::encode_png(lab::testing::test_picture());
  for (int i = 0; i < 12; ++i) files.push_back({(i % 2 == 0 ? "cat/" : "dog/") + std::to_string(i) + ".png", png});
  ASSERT_TRUE(bench.open_file("set.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
}

TEST(SizePage, EveryWayIsSavedByItsButton) {
  Bench bench;
  Headless face(bench.lab, {1280, 1400});
  run(bench, R"({"command":"open_page","page":"size"})");
  face.screen(3);
  for (const char* as : {"fp32", "fp16", "int8", "int4", "smallest", "onnx"}) {
    const std::size_t before = bench.saved.size();
    face.click("save/" + std::string(as));
    ASSERT_EQ(bench.saved.size(), before + 1) << as;
    EXPECT_EQ(bench.saved.back().second.size(), state_of(bench)["size"]["file"][as].get<std::size_t>()) << as;
  }
  face.click("size/layer/conv2");
  EXPECT_EQ(state_of(bench)["selection"]["layer"], "conv2");
}

TEST(SizePage, AllColumnsStandSideBySideWhereThereIsRoom) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"size"})");
  {
    Headless narrow(bench.lab, {1280, 1400});
    narrow.screen(3);
    EXPECT_TRUE(narrow.shows("size/store"));
    narrow.click("size/store/2");
    EXPECT_EQ(narrow.state.size_store, 2);
  }
  Headless wide(bench.lab, {2200, 1400});
  wide.screen(3);
  EXPECT_FALSE(wide.shows("size/store"));
  EXPECT_TRUE(wide.shows("size/total"));
}

TEST(CurvesPage, AsksForASetAndThenForAWeight) {
  Bench bench;
  Headless face(bench.lab, {1280, 1400});
  run(bench, R"({"command":"open_page","page":"curves"})");
  face.screen(3);
  EXPECT_TRUE(face.shows("accuracy/choose"));
  open_set(bench);
  run(bench, R"({"command":"select_weight","weight":"fc.bias[1]"})");
  face.screen(3);
  EXPECT_TRUE(face.shows("curves/accuracy"));
  face.click("curves/kind/2");
  bench.settle();
  face.screen(3);
  EXPECT_EQ(state_of(bench)["study"]["curve"]["kind"], "bits");
  EXPECT_TRUE(face.shows("curves/below_plot"));
  face.click("curves/csv");
  EXPECT_EQ(bench.saved.back().first, "everyday-bits.csv");
  // The shell takes the picture of the frame that asks for it.
  face.move_to(face.centre("curves/png"));
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  std::optional<Requests::Capture> capture;
  for (int k = 0; k < 6; ++k) {  // once it has been brought into sight
    face.screen();
    if (face.context.requests.capture) capture = face.context.requests.capture;
  }
  ASSERT_TRUE(capture.has_value());
  EXPECT_EQ(capture->name, "everyday-bits.png");
  EXPECT_GT(capture->to.y, capture->from.y + 300.0F);
}

TEST(CurvesPage, APlaceOfThePlaneGivesBothWeightsItsValues) {
  Bench bench;
  open_set(bench);
  run(bench, R"({"command":"open_page","page":"curves"})");
  run(bench, R"({"command":"set_curve","kind":"plane"})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[1]"})");
  Headless face(bench.lab, {1280, 1400});
  face.screen(3);
  EXPECT_FALSE(face.shows("curves/plane"));
  face.click("curves/second");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[0]"})");
  face.screen(3);
  const auto plane = face.context.rects.find("curves/plane");
  ASSERT_TRUE(plane.has_value());
  const auto curve = state_of(bench)["study"]["curve"];
  EXPECT_EQ(curve["second_weight"], "fc.bias[1]");
  // The third column, and the second row from the top, where the values are largest.
  const float each = (plane->to.x - plane->from.x) / 13.0F;
  face.move_to({plane->from.x + 2.5F * each, plane->from.y + 1.5F * each});
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  face.screen();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  face.screen(3);
  const auto edits = state_of(bench)["edits"];
  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0]["weights"][0]["weight"], "fc.bias[0]");
  EXPECT_FLOAT_EQ(edits[0]["weights"][0]["after"].get<float>(), curve["x"][2].get<float>());
  EXPECT_EQ(edits[1]["weights"][0]["weight"], "fc.bias[1]");
  EXPECT_FLOAT_EQ(edits[1]["weights"][0]["after"].get<float>(), curve["y"][11].get<float>());
}

std::string all_drawn(Headless& face) {
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.screen();
  face.context.drawn = nullptr;
  std::string all;
  for (const std::string& words : drawn) all += words + '\n';
  return all;
}

TEST(SizePage, TheSmallestFileIsComparedWithWhatItWas) {
  Bench bench;
  Headless face(bench.lab, {1280, 1400});
  run(bench, R"({"command":"open_page","page":"size"})");
  face.screen(3);
  EXPECT_FALSE(face.shows("size/loaded")) << "it is the same yet";
  const std::string unedited = all_drawn(face);
  EXPECT_NE(unedited.find("as it is, smallest\n"), std::string::npos);
  EXPECT_EQ(unedited.find("pruned"), std::string::npos) << "nothing is";
  EXPECT_NE(unedited.find("Pruning makes the file smaller, not the model faster"), std::string::npos);
  const auto before = state_of(bench)["size"]["file"]["smallest"].get<std::size_t>();
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.8}})");
  face.screen(3);
  const auto after = state_of(bench)["size"]["file"]["smallest"].get<std::size_t>();
  ASSERT_LT(after, before);
  const auto loaded = face.context.rects.find("size/loaded");
  const auto now = face.context.rects.find("size/smallest");
  ASSERT_TRUE(loaded && now);
  EXPECT_GT(loaded->from.y, now->from.y);
  const std::string edited = all_drawn(face);
  for (const std::size_t bytes : {before, after})
    EXPECT_NE(edited.find('\n' + bytes_text(bytes) + '\n'), std::string::npos) << bytes;
  EXPECT_NE(edited.find("as loaded, smallest\n"), std::string::npos);
  // What is taken back is the loaded model again.
  run(bench, R"({"command":"reset","scope":"all"})");
  face.screen(3);
  EXPECT_FALSE(face.shows("size/loaded"));
}

TEST(CurvesPage, MarksStandWhereTheModelsAre) {
  Bench bench;
  open_set(bench);
  Headless face(bench.lab, {1280, 1400});
  run(bench, R"({"command":"open_page","page":"curves"})");
  run(bench, R"({"command":"set_curve","kind":"share","on":"conv2"})");
  face.screen(3);
  const auto mark = [&](const char* id) {
    const auto place = face.context.rects.find("curves/mark/" + std::string(id));
    return place ? (place->from.x + place->to.x) / 2 : -1.0F;
  };
  const float none = mark("loaded");
  ASSERT_GT(none, 0.0F);
  EXPECT_LT(mark("now"), 0.0F) << "one mark for both";
  const auto shares = state_of(bench)["study"]["curve"];
  // Half pruned, and all: the marks are as far apart as the shares.
  run(bench, R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.5}})");
  face.screen(3);
  const float half = mark("now");
  run(bench, R"({"command":"change","operation":"prune","on":"conv2","params":{"share":1}})");
  face.screen(3);
  const float all = mark("now");
  EXPECT_EQ(mark("loaded"), none);
  EXPECT_NEAR(half, (none + all) / 2, 1.5F);
  EXPECT_GT(all, none + 300.0F);
  EXPECT_EQ(state_of(bench)["study"]["curve"], shares) << "it is the loaded model's";
  EXPECT_NE(all_drawn(face).find("Pruning makes the file smaller, not the model faster"), std::string::npos);
  // Of a weight it is the value.
  run(bench, R"({"command":"reset","scope":"all"})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[1]"})");
  run(bench, R"({"command":"set_curve","kind":"weight"})");
  const auto range = state_of(bench)["selection"]["range"].get<double>();
  run(bench, nlohmann::json{{"command", "set_weight"}, {"weight", "fc.bias[1]"}, {"value", range}}.dump());
  face.screen(3);
  const float right = mark("now");
  run(bench, nlohmann::json{{"command", "set_weight"}, {"weight", "fc.bias[1]"}, {"value", -range}}.dump());
  face.screen(3);
  EXPECT_NEAR(mark("loaded"), (mark("now") + right) / 2, 1.5F) << "a bias is 0 as it is loaded";
}

TEST(DifferencePage, SaysInOneSentenceThatNothingWasChanged) {
  Bench bench;
  Headless face(bench.lab, {1280, 2000});
  run(bench, R"({"command":"open_page","page":"difference"})");
  face.screen(3);
  EXPECT_TRUE(face.shows("difference"));
  EXPECT_FALSE(face.shows("difference/conv1"));
  EXPECT_FALSE(face.shows("difference_layer"));
  EXPECT_NE(all_drawn(face).find("Nothing has been changed yet: "), std::string::npos);
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":2})");
  face.screen(3);
  EXPECT_TRUE(face.shows("difference/conv1"));
  EXPECT_EQ(all_drawn(face).find("Nothing has been changed yet"), std::string::npos);
  // Back as it was, whatever was done on the way.
  run(bench, R"({"command":"reset","scope":"all"})");
  face.screen(3);
  EXPECT_FALSE(face.shows("difference/conv1"));
  run(bench, R"({"command":"switch","layer":"relu1","on":false})");
  face.screen(3);
  EXPECT_TRUE(face.shows("difference/conv1"));
}

TEST(DifferencePage, ARowChoosesItsLayer) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"difference"})");
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[2,0,1,1]","value":2})");
  run(bench, R"({"command":"select_layer","layer":"conv2"})");
  Headless face(bench.lab, {1280, 2000});
  face.screen(3);
  EXPECT_TRUE(face.shows("difference/0/change"));
  EXPECT_TRUE(face.shows("difference/weights"));
  face.click("difference/relu1");
  bench.settle();
  face.screen(3);
  EXPECT_EQ(state_of(bench)["selection"]["layer"], "relu1");
  EXPECT_TRUE(face.shows("difference/activations"));
  EXPECT_FALSE(face.shows("difference/weights")) << "it has none";
}

}  // namespace
}  // namespace weightroom::ui
