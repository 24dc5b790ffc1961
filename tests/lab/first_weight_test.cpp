#include "lab/first_weight.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "lab/bench_model.h"
#include "nn/weight_ref.h"

namespace weightroom::lab {
namespace {

using testing::Bench;

TEST(FirstWeight, ChangesTheTopClassWithinItsSlider) {
  Bench bench;
  const document::Document& document = bench.lab.document();
  nn::SessionPool sessions;
  const auto ref = find_telling_weight(document, sessions);
  ASSERT_TRUE(ref.has_value());
  const int top = bench.lab.engine().results().order[0];
  const float range = slider_range(document, ref->tensor);
  bool changed = false;
  for (int i = -20; i <= 20 && !changed; ++i) {
    ASSERT_TRUE(
        bench.lab.run(document::command::SetWeight{*ref, range * static_cast<float>(i) / 20.0F, true}).has_value());
    bench.settle();
    changed = bench.lab.engine().results().order[0] != top;
  }
  EXPECT_TRUE(changed);
}

TEST(FirstWeight, IsFoundInSlicesOfOneStepOfASession) {
  Bench bench;
  const document::Document& document = bench.lab.document();
  nn::SessionPool sessions;
  const auto at_once = find_telling_weight(document, sessions);
  FirstWeight search(document, sessions);
  int slices = 1;
  double progress = 0.0;
  for (; !search.step(base::Budget::milliseconds(0.0)); ++slices) {
    EXPECT_LE(sessions.lent(), 1U);
    EXPECT_LE(progress, search.progress());
    progress = search.progress();
  }
  EXPECT_EQ(search.found(), at_once);
  EXPECT_EQ(sessions.lent(), 0U);
  EXPECT_GT(progress, 0.0);
  EXPECT_LE(progress, 1.0);
  // At the least a pass forward and three backward, each of as many steps as there are nodes.
  EXPECT_GE(slices, 4 * static_cast<int>(document.graph().nodes().size() - 1));
}

// A lab whose files have come, and that has not made a step since.
struct Opening {
  std::vector<FileRequest> waiting;
  Lab lab{[this](FileRequest request) { waiting.push_back(std::move(request)); }, [](auto&&...) {}};

  Opening() {
    lab.start();
    answer(io::write_model(testing::small_model()));
    answer(io::encode_png(testing::test_picture()));
  }
  void answer(std::vector<std::byte> bytes) {
    const auto done = std::move(waiting.back().done);
    waiting.pop_back();
    done(std::move(bytes));
  }
  [[nodiscard]] bool looks_for_it() const {
    return std::ranges::any_of(lab.jobs(), [](const JobShare& job) { return job.name == "scene"; });
  }
  bool slice() { return lab.step(base::Budget::milliseconds(0.0)); }
  void some_slices() {
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(slice());
    EXPECT_TRUE(looks_for_it());
  }
  void settle() {
    while (!slice()) {
    }
    EXPECT_FALSE(looks_for_it());
  }
  [[nodiscard]] std::optional<nn::WeightRef> lit() const { return lab.document().selection.weight; }
  [[nodiscard]] std::optional<nn::WeightRef> telling() const {
    nn::SessionPool sessions;
    return find_telling_weight(lab.document(), sessions);
  }
};

TEST(FirstWeight, IsLitBeforeAnythingIsAnswered) {
  Opening opening;
  const auto before = opening.lit();
  const auto telling = opening.telling();
  ASSERT_TRUE(telling.has_value());
  EXPECT_NE(before, telling);
  int slices = 0;
  for (; opening.looks_for_it(); ++slices) {
    EXPECT_EQ(opening.lit(), before);
    EXPECT_FALSE(opening.lab.engine().ready());
    EXPECT_FALSE(opening.slice());
  }
  EXPECT_GT(slices, 20);
  EXPECT_EQ(opening.lit(), telling);
  EXPECT_EQ(opening.lab.document().selection.layer, 1);
  EXPECT_FALSE(opening.lab.engine().ready()) << "a slice is one step";
  opening.settle();
  EXPECT_EQ(opening.lit(), telling);
  EXPECT_TRUE(opening.lab.engine().ready());
}

TEST(FirstWeight, GivesWayToWhatTheVisitorTakes) {
  for (const char* command : {R"({"command":"select_weight","weight":"conv2.weight[3,1,0,2]"})",
                              R"({"command":"set_weight","weight":"conv2.weight[3,1,0,2]","value":0.5})"}) {
    Opening opening;
    opening.some_slices();
    ASSERT_TRUE(opening.lab.run_json(command).has_value());
    EXPECT_FALSE(opening.looks_for_it());
    opening.settle();
    EXPECT_EQ(opening.lit(), nn::parse_weight_ref(opening.lab.document().graph(), "conv2.weight[3,1,0,2]").value())
        << command;
  }
}

TEST(FirstWeight, IsOfThePictureThatIsThere) {
  Opening opening;
  const auto first = opening.telling();
  opening.some_slices();
  io::Image image = testing::test_picture();
  for (std::uint8_t& value : image.rgb) value = static_cast<std::uint8_t>(255 - value);
  ASSERT_TRUE(opening.lab.open_file("other.png", io::encode_png(image)).has_value());
  opening.settle();
  EXPECT_NE(opening.telling(), first) << "else this shows nothing";
  EXPECT_EQ(opening.lit(), opening.telling());
}

TEST(FirstWeight, IsOfTheModelThatIsThere) {
  Opening opening;
  const auto first = opening.telling();
  opening.some_slices();
  nn::Model model = testing::small_model("another");
  std::vector<float> weights = model.weights.copy();
  // All channels of the first layer one place on, with what the second makes of them left as it is.
  const auto end = weights.begin() + static_cast<std::ptrdiff_t>(model.graph->weights()[0].shape.size());
  std::rotate(weights.begin(), weights.begin() + 27, end);
  model.weights = std::move(weights);
  ASSERT_TRUE(opening.lab.open_file("another.safetensors", io::write_model(model)).has_value());
  EXPECT_FALSE(opening.looks_for_it() && !opening.waiting.empty()) << "its picture comes first";
  if (!opening.waiting.empty()) opening.answer(io::encode_png(testing::test_picture()));
  opening.settle();
  EXPECT_NE(opening.telling(), first) << "else this shows nothing";
  EXPECT_TRUE(opening.telling().has_value());
  EXPECT_EQ(opening.lit(), opening.telling());
}

// A command that takes no weight lets it be looked for.
TEST(FirstWeight, IsLitBesideWhateverElseIsAsked) {
  Opening opening;
  const auto telling = opening.telling();
  opening.some_slices();
  ASSERT_TRUE(opening.lab.run_json(R"({"command":"set_target","target":"bus"})").has_value());
  opening.settle();
  EXPECT_EQ(opening.lit(), telling);
  EXPECT_EQ(opening.lab.document().target, 2);
}

}  // namespace
}  // namespace weightroom::lab
