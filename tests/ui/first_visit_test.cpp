// The first visit, and what the selected weight is told by: its title, its slider's track, its sum.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headless.h"
#include "ui/columns/answer_track.h"
#include "ui/columns/sum_pictures.h"
#include "ui/columns/weight_title.h"
#include "windows.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;
using testing::inside;
using testing::kWindows;
using testing::words;

TEST(FirstVisit, ShowsFewThingsAndAllOfThem) {
  for (const ImVec2 window : kWindows) {
    SCOPED_TRACE(words(window));
    Bench bench;
    Headless face(bench.lab, window);
    face.state.whole_bench = false;
    face.screen(3);
    std::vector<std::string> cut;
    face.context.cut = &cut;
    face.screen();
    face.context.cut = nullptr;
    EXPECT_THAT(cut, ::testing::IsEmpty());
    EXPECT_LE(face.context.controls, 15);
    EXPECT_GE(face.context.controls, 12) << "nine weights, their slider, a picture, and the way on";
    EXPECT_TRUE(inside(face, "weight_slider", window));
    EXPECT_TRUE(inside(face, "weight_title/0", window));
    EXPECT_TRUE(inside(face, "answer", window));
    EXPECT_FALSE(face.shows("group"));
  }
}

TEST(FirstVisit, TheWholeBenchIsOneClickAway) {
  Bench bench;
  Headless face(bench.lab);
  face.state.whole_bench = false;
  face.screen(3);
  face.click("whole_bench");
  EXPECT_TRUE(face.state.whole_bench);
  EXPECT_TRUE(face.shows("group"));
}

// The track in parts from end to end, each the class that the network answers there.
TEST(AnswerTrack, IsWhatTheNetworkAnswersAtEachValue) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"fc.bias[1]"})");
  Headless face(bench.lab);
  face.screen(3);
  const View view{bench.lab, face.textures, 0.0};
  const AnswerTrack track = answer_track(view);
  ASSERT_GE(track.parts.size(), 2U) << "a bias of the last layer can bring any answer";
  const double reach = document::slider_range(bench.lab.document(), bench.lab.document().selection.weight->tensor);
  EXPECT_DOUBLE_EQ(track.parts.front().from, -reach);
  EXPECT_DOUBLE_EQ(track.parts.back().to, reach);
  for (std::size_t i = 0; i < track.parts.size(); ++i) {
    const TrackPart& part = track.parts[i];
    if (i > 0) EXPECT_DOUBLE_EQ(part.from, track.parts[i - 1].to);
    const double inner = 0.02 * (part.to - part.from);
    for (const double value : {part.from + inner, (part.from + part.to) / 2, part.to - inner}) {
      run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":)" + std::to_string(value) + "}");
      const int top = bench.lab.engine().results().order.front();
      EXPECT_EQ(bench.lab.document().model->labels[static_cast<std::size_t>(top)], part.label) << value;
    }
  }
}

// Patch, weights and products, the other channels and the bias are the activation.
TEST(ChannelSum, IsTheActivation) {
  Bench bench;
  for (const char* weight : {"conv1.weight[3,0,1,2]", "conv2.weight[5,2,0,0]"}) {
    run(bench, std::string(R"({"command":"select_weight","weight":")") + weight + "\"}");
    Headless face(bench.lab);
    face.screen(3);
    const View view{bench.lab, face.textures, 0.0};
    const nn::WeightRef ref = *bench.lab.document().selection.weight;
    const int node = bench.lab.document().graph().weights()[static_cast<std::size_t>(ref.tensor)].node;
    const nn::ConstTensor map = bench.lab.engine().activation(node);
    const int channel = output_channel(bench.lab.document(), ref);
    for (int y = 0; y < map.shape.h(); y += 3) {
      for (int x = 0; x < map.shape.w(); x += 3) {
        const auto sum = channel_sum(view, ref, {node, channel, y, x});
        ASSERT_TRUE(sum);
        double own = 0.0;
        for (std::size_t k = 0; k < sum->patch.size(); ++k)
          own += static_cast<double>(sum->patch[k]) * static_cast<double>(sum->weights[k]);
        const auto at = static_cast<std::size_t>((channel * map.shape.h() + y) * map.shape.w() + x);
        EXPECT_NEAR(own + sum->others + static_cast<double>(sum->bias), static_cast<double>(map.data[at]), 1e-5);
        EXPECT_NEAR(sum->own, own, 1e-6);
        EXPECT_EQ(sum->value, map.data[at]);
      }
    }
  }
}

TEST(Lens, MovesWithAPressOnThePicture) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[3,0,1,2]"})");
  Headless face(bench.lab);
  face.screen(3);
  ASSERT_TRUE(face.shows("lens"));
  const auto picture = face.context.rects.find("picture");
  face.move_to({picture->from.x + 0.25F * (picture->to.x - picture->from.x),
                picture->from.y + 0.75F * (picture->to.y - picture->from.y)});
  face.screen();
  face.drag({1.0F, 0.0F});
  const nn::Shape& map = bench.lab.document().graph().nodes()[static_cast<std::size_t>(face.state.lens.node)].output;
  EXPECT_EQ(face.state.lens.x, map.w() / 4);
  EXPECT_EQ(face.state.lens.y, map.h() * 3 / 4);
  const auto lens = face.context.rects.find("lens");
  EXPECT_LT(lens->to.x, (picture->from.x + picture->to.x) / 2);
  EXPECT_GT(lens->from.y, (picture->from.y + picture->to.y) / 2);
}

TEST(WeightTitle, SaysInWordsWhichWeightItIs) {
  Bench bench;
  const auto title = [&](const char* weight) {
    run(bench, std::string(R"({"command":"select_weight","weight":")") + weight + "\"}");
    return weight_title(bench.lab.document(), *bench.lab.document().selection.weight);
  };
  EXPECT_EQ(title("conv1.weight[3,2,1,1]"), "Detector 3 of conv1, on blue, middle");
  EXPECT_EQ(title("conv1.weight[3,0,0,2]"), "Detector 3 of conv1, on red, top right");
  EXPECT_EQ(title("conv2.weight[5,4,2,1]"), "Detector 5 of conv2, on map 4, bottom");
  EXPECT_EQ(title("conv2.bias[5]"), "Bias: added to every value of map 5");
}

TEST(Inspector, SaysWhereAWeightIsFarLargerThanAllOthers) {
  Bench bench;
  Headless face(bench.lab);
  std::vector<std::string> drawn;
  const auto says = [&](double times) {
    const nn::WeightRef ref = *nn::parse_weight_ref(bench.lab.document().graph(), "conv1.weight[3,0,1,2]");
    const double largest =
        static_cast<double>((*bench.lab.document().largest_loaded)[static_cast<std::size_t>(ref.tensor)]);
    run(bench,
        R"({"command":"set_weight","weight":"conv1.weight[3,0,1,2]","value":)" + std::to_string(times * largest) + "}");
    face.screen(2);
    drawn.clear();
    face.context.drawn = &drawn;
    face.screen();
    face.context.drawn = nullptr;
    return std::ranges::any_of(drawn,
                               [](const std::string& text) { return text.find("times the largest") != text.npos; });
  };
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[3,0,1,2]"})");
  EXPECT_FALSE(says(29.0));
  EXPECT_TRUE(says(-31.0));
}

}  // namespace
}  // namespace weightroom::ui
