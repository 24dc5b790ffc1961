// Classes of one's own: taught by files, learned at once, undone, kept apart from edits; and what an answer is made of.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/io_testing.h"
#include "bench_model.h"
#include "nn/none_of_these.h"
#include "teach/base.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::state_of;

// A picture of one colour with a grain that is its own, so that no two are the same.
io::Image coloured(int red, int green, int blue, int grain) {
  io::Image image{40, 32, {}};
  for (int i = 0; i < image.width * image.height; ++i) {
    const int noise = (i * 7919 + grain * 104729) % 61 - 30;
    for (const int value : {red, green, blue})
      image.rgb.push_back(static_cast<std::uint8_t>(std::clamp(value + noise, 0, 255)));
  }
  return image;
}

io::Image red(int grain) { return coloured(190 - 25 * (grain % 5), 40, 30 + 12 * (grain % 7), grain); }
io::Image blue(int grain) { return coloured(30 + 12 * (grain % 7), 60, 200 - 25 * (grain % 5), grain); }

struct Teaching : Bench {
  Teaching() { run(*this, R"({"command":"open_page","page":"teach"})"); }

  void add(int of_class, const io::Image& image) {
    run(*this, json{{"command", "set_teach"}, {"into", of_class}}.dump());
    ASSERT_TRUE(open_file("photo " + std::to_string(++count) + ".png", io::encode_png(image)).has_value());
    settle();
  }
  void teach(int each) {
    for (int i = 0; i < each; ++i) {
      add(0, red(i));
      add(1, blue(i));
    }
  }
  [[nodiscard]] json teach_state() const { return state_of(*this)["teach"]; }
  int count = 0;
};

TEST(Teach, OnePictureOfTwoClassesIsEnoughAndTheModelIsAnOrdinaryOne) {
  Teaching bench;
  EXPECT_TRUE(bench.teach_state().is_null());
  bench.add(0, red(0));
  EXPECT_EQ(bench.teach_state()["warnings"], json::array({"Two classes with a picture each are needed."}));
  EXPECT_EQ(state_of(bench)["model"]["name"], "everyday") << "nothing is learned of one class";
  bench.add(1, blue(0));
  json state = state_of(bench);
  EXPECT_EQ(state["model"]["name"], "my-classes");
  EXPECT_EQ(state["teach"]["learnt"]["head"], "instant");
  ASSERT_EQ(state["predictions"].size(), 2U);
  EXPECT_EQ(state["teach"]["base"], "everyday");
  // Every weight of it can be edited, undone, saved.
  run(bench, R"({"command":"set_weight","weight":"fc.weight[1,3]","value":2})");
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  run(bench, R"({"command":"save_model"})");
  const auto again = io::read_model(bench.saved.back().second, "again");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(again->labels, (std::vector<std::string>{"Class 1", "Class 2"}));
}

TEST(Teach, IsFittedFromThreePicturesOnAndKnowsItsOwn) {
  Teaching bench;
  bench.teach(2);
  EXPECT_EQ(bench.teach_state()["learnt"]["head"], "instant");
  bench.teach(3);
  const json learnt = bench.teach_state()["learnt"];
  EXPECT_EQ(learnt["head"], "fitted");
  EXPECT_LE(learnt["fit"]["gradient"].get<double>(), 1e-8);
  ASSERT_FALSE(learnt["held_out"].is_null());
  EXPECT_EQ(learnt["held_out"]["folds"], 3) << "the first two came twice";
  EXPECT_EQ(learnt["held_out"]["accuracy"], 1.0);
  for (const json& picture : bench.teach_state()["classes"][1]["pictures"]) {
    run(bench, json{{"command", "open_taught"}, {"picture", picture["picture"]}}.dump());
    bench.settle();
    EXPECT_EQ(state_of(bench)["picture"]["truth"], "Class 2");
    EXPECT_EQ(state_of(bench)["predictions"][0]["label"], "Class 2");
  }
}

// The layers below stay the base's, byte for byte, and the head is the optimum of the pictures as they are kept.
TEST(Teach, OnlyTheLastLayerIsAnotherOne) {
  Teaching bench;
  bench.teach(4);
  const document::Document& document = bench.lab.document();
  for (const nn::GraphWeight& tensor : document.base->graph->weights()) {
    if (tensor.name.starts_with("fc.")) continue;
    const auto& own = document.graph().weights()[static_cast<std::size_t>(document.graph().find_weight(tensor.name))];
    EXPECT_EQ(std::memcmp(document.base->weights.data() + tensor.offset, document.model->weights.data() + own.offset,
                          tensor.shape.size() * sizeof(float)),
              0)
        << tensor.name;
  }
  nn::LabelledImages images{
      .channels = 3, .height = 16, .width = 16, .pixels = {}, .labels = {}, .names = {}, .class_names = {"a", "b"}};
  for (int c = 0; c < 2; ++c) {
    for (const auto& picture : document.project->classes[static_cast<std::size_t>(c)].pictures) {
      const auto bytes = teach::input_of(*picture.kept, *document.base);
      images.pixels.insert(images.pixels.end(), bytes.begin(), bytes.end());
      images.labels.push_back(c);
    }
  }
  images.names.resize(images.count());
  const auto features = train::features_of(*document.base, images, 1);
  const std::size_t width = nn::feature_count(*document.base->graph);
  const auto examples = teach::examples_of(features, width, train::feature_scale(features, width), images.labels, 2);
  const teach::Head head = teach::fitted_head(examples, {});
  const auto& fc = document.graph().weights()[static_cast<std::size_t>(document.graph().find_weight("fc.weight"))];
  for (std::size_t i = 0; i < head.weights.size(); ++i)
    EXPECT_EQ(document.model->weights[fc.offset + i], static_cast<float>(head.weights[i] / examples.scale)) << i;
}

TEST(Teach, EveryActionCanBeUndoneAndTheSameModelComesBack) {
  Teaching bench;
  bench.teach(3);
  const auto fingerprint = [&] {
    bench.settle();
    return state_of(bench)["model"]["fingerprint"];
  };
  const json before = bench.teach_state()["classes"];
  const json model = fingerprint();
  const std::vector<std::string> commands{
      R"({"command":"rename_class","class":"Class 1","name":"Cup"})",
      R"({"command":"move_picture","picture":1,"class":1})", R"({"command":"remove_picture","picture":2})",
      R"({"command":"add_class","name":"Bowl"})", R"({"command":"remove_class","class":0})"};
  for (const std::string& command : commands) {
    run(bench, command);
    bench.settle();
    const json after = bench.teach_state()["classes"];
    EXPECT_NE(after, before) << command;
    run(bench, R"({"command":"undo"})");
    EXPECT_EQ(bench.teach_state()["classes"], before) << command;
    EXPECT_EQ(fingerprint(), model) << command;
    run(bench, R"({"command":"redo"})");
    EXPECT_EQ(bench.teach_state()["classes"], after) << command;
    run(bench, R"({"command":"undo"})");
  }
  EXPECT_EQ(fingerprint(), model);
  // Weights and classes are taken back in the order in which they were done.
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":3})");
  run(bench, R"({"command":"add_class","name":"Bowl"})");
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  EXPECT_EQ(bench.teach_state()["classes"], before);
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(bench.teach_state()["classes"].size(), 3U);
}

TEST(Teach, WhereTooLittleIsLeftTheNetworkIsWhatItWas) {
  Teaching bench;
  const json before = state_of(bench)["model"];
  bench.teach(1);
  EXPECT_EQ(state_of(bench)["model"]["name"], "my-classes");
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["model"], before);
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(state_of(bench)["model"]["name"], "my-classes");
  run(bench, R"({"command":"undo"})");
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(state_of(bench)["model"], before);
  EXPECT_TRUE(bench.teach_state().is_null());
}

// Of a network that ends in a convolution nothing can be learned: a sentence, by every way in.
TEST(Teach, ANetworkThatCannotBeTaughtSaysSo) {
  nn::Model model = testing::small_model("odd");
  nn::GraphSpec spec = model.graph->spec();
  spec.nodes.resize(5);
  spec.nodes.push_back({"head", "conv2d", {"relu2"}, {{"out_channels", 4LL}, {"kernel", 1LL}}});
  spec.nodes.push_back({"gap", "global_avg_pool", {"head"}, {}});
  spec.nodes.push_back({"flatten", "flatten", {"gap"}, {}});
  model.graph = nn::Graph::build(spec).value();
  model.weights = nn::initial_weights(*model.graph, 7);
  Teaching bench;
  ASSERT_TRUE(bench.open_file("odd.safetensors", io::write_model(model)).has_value());
  bench.settle();
  const std::string sentence = "'odd' does not end in a linear layer, and classes of one's own are one in its place.";
  EXPECT_EQ(refusal(bench, R"({"command":"add_class"})"), sentence);
  for (const auto& [name, bytes] :
       {std::pair{std::string("card.png"), io::encode_png(red(1))},
        {std::string("cups.tar"),
         io::testing::tar_of({{"set/a/1.png", io::encode_png(red(1))}, {"set/b/1.png", io::encode_png(blue(1))}})}}) {
    (void)bench.open_file(name, bytes);
    bench.settle();
    EXPECT_NE(bench.lab.error().find(sentence), std::string::npos) << name << ": " << bench.lab.error();
    EXPECT_TRUE(bench.teach_state().is_null());
  }
}

TEST(Teach, EditsAreNotLostUnasked) {
  Teaching bench;
  bench.teach(3);
  run(bench, R"({"command":"set_weight","weight":"conv1.bias[0]","value":3})");
  bench.add(1, blue(9));
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  EXPECT_TRUE(bench.teach_state()["waits"].get<bool>());
  EXPECT_EQ(bench.teach_state()["learnt"]["pictures"], 7) << "it is learned and waits";
  run(bench, R"({"command":"learn"})");
  bench.settle();
  EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
  EXPECT_FALSE(bench.teach_state()["waits"].get<bool>());
  // Or until they are undone.
  run(bench, R"({"command":"set_weight","weight":"conv1.bias[0]","value":3})");
  bench.add(1, blue(10));
  run(bench, R"({"command":"undo"})");  // the picture
  run(bench, R"({"command":"undo"})");  // the edit
  bench.settle();
  EXPECT_FALSE(bench.teach_state()["waits"].get<bool>());
}

// The shares of all pictures, the bias and what was edited since add up to the logit.
TEST(Teach, AnAnswerIsMadeOfPictures) {
  for (const int each : {1, 4}) {
    Teaching bench;
    bench.teach(each);
    const json made = bench.teach_state()["made_of"];
    ASSERT_EQ(made["shares"].size(), static_cast<std::size_t>(2 * each));
    double sum = made["bias"].get<double>();
    double largest = std::abs(made["logit"].get<double>());
    for (const json& row : made["shares"]) {
      sum += row["share"].get<double>();
      largest = std::max(largest, std::abs(row["share"].get<double>()));
    }
    EXPECT_NEAR(sum, made["logit"].get<double>(), 1e-4 * largest);
    EXPECT_NEAR(made["edits"].get<double>(), 0.0, 1e-4 * largest);
    run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":5})");
    bench.settle();
    run(bench, R"({"command":"set_target","target":0})");
    bench.settle();
    const json edited = bench.teach_state()["made_of"];
    EXPECT_NEAR(edited["edits"].get<double>() + edited["bias"].get<double>(), 5.0, 1e-4 * (5.0 + largest));
  }
}

TEST(Teach, AFolderOfClassFoldersBecomesClasses) {
  Teaching bench;
  std::vector<io::testing::TarFile> files;
  for (const char* name : {"bowl", "cup"}) {
    for (int i = 0; i < 3; ++i) {
      const io::Image image = name[0] == 'b' ? blue(i) : red(i);
      files.push_back({"set/" + std::string(name) + "/" + std::to_string(i) + ".png", io::encode_png(image)});
    }
  }
  files.push_back({"set/cup/broken.png", {std::byte{1}, std::byte{2}}});
  ASSERT_TRUE(bench.open_file("cups.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
  const json teach = bench.teach_state();
  ASSERT_EQ(teach["classes"].size(), 2U) << "empty classes that nobody has named give way";
  EXPECT_EQ(teach["classes"][0]["name"], "bowl");
  EXPECT_EQ(teach["classes"][1]["pictures"].size(), 3U);
  EXPECT_EQ(teach["learnt"]["classes"], json::array({"bowl", "cup"}));
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(bench.teach_state().is_null()) << "the whole folder is one step";
}

TEST(Teach, TheSamePictureTwiceIsOneTakeAndInTwoClassesASentence) {
  Teaching bench;
  for (int i = 0; i < 3; ++i) bench.add(0, red(0));
  bench.add(1, blue(0));
  json teach = bench.teach_state();
  EXPECT_EQ(teach["classes"][0]["takes"], 1);
  EXPECT_EQ(
      teach["warnings"],
      json::array({"The pictures of 'Class 1' are almost the same picture. It will learn the table behind it, too."}));
  bench.add(1, red(0));
  teach = bench.teach_state();
  EXPECT_EQ(teach["warnings"][0], "One picture is in 'Class 1' and in 'Class 2'.");
  EXPECT_TRUE(teach["learnt"]["held_out"].is_null()) << "of a class with one take nothing is known";
}

TEST(Teach, AnotherModelLeavesTheClassesToBeLearnedAgain) {
  Teaching bench;
  bench.files["models/tinyvgg.safetensors"] = io::write_model(testing::small_model("tinyvgg"));
  bench.teach(3);
  run(bench, R"({"command":"open_model","name":"tinyvgg"})");
  bench.settle();
  EXPECT_EQ(state_of(bench)["model"]["name"], "tinyvgg");
  json teach = bench.teach_state();
  EXPECT_EQ(teach["classes"].size(), 2U);
  EXPECT_TRUE(teach["base"].is_null());
  run(bench, R"({"command":"learn"})");
  bench.settle();
  EXPECT_EQ(bench.teach_state()["base"], "tinyvgg");
  EXPECT_EQ(state_of(bench)["model"]["name"], "my-classes");
  run(bench, R"({"command":"end_teaching"})");
  bench.settle();
  EXPECT_EQ(state_of(bench)["model"]["name"], "tinyvgg");
  EXPECT_TRUE(bench.teach_state().is_null());
  run(bench, R"({"command":"undo"})");
  EXPECT_EQ(bench.teach_state()["classes"].size(), 2U) << "they come back, and wait";
  EXPECT_EQ(state_of(bench)["model"]["name"], "tinyvgg");
}

TEST(Teach, WaitsWhereTheVisitorSaysSo) {
  Teaching bench;
  run(bench, R"({"command":"set_teach","wait":true})");
  bench.teach(1);
  EXPECT_EQ(state_of(bench)["model"]["name"], "everyday");
  EXPECT_TRUE(bench.teach_state()["waits"].get<bool>());
  run(bench, R"({"command":"learn"})");
  bench.settle();
  EXPECT_EQ(state_of(bench)["model"]["name"], "my-classes");
}

TEST(Teach, PicturesGoToTheBenchWhereNoClassIsChosen) {
  Teaching bench;
  bench.teach(2);
  run(bench, R"({"command":"set_teach","into":-1})");
  ASSERT_TRUE(bench.open_file("cup.png", io::encode_png(red(77))).has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["picture"]["name"], "cup.png");
  EXPECT_EQ(state_of(bench)["predictions"][0]["label"], "Class 1");
  EXPECT_EQ(bench.teach_state()["classes"][0]["pictures"].size(), 2U);
}

TEST(Teach, RefusesBySentencesAndLeavesAllAsItWas) {
  Teaching bench;
  EXPECT_EQ(refusal(bench, R"({"command":"learn"})"), "Two classes with a picture each are needed.");
  bench.teach(2);
  const json before = bench.teach_state();
  const std::vector<std::pair<const char*, const char*>> refused{
      {R"({"command":"add_class","name":"Class 1"})", "There is a class 'Class 1' already."},
      {R"({"command":"rename_class","class":0,"name":"  "})", "A class needs a name."},
      {R"({"command":"rename_class","class":"Cup","name":"x"})", "The project has no class 'Cup'."},
      {R"({"command":"remove_class","class":7})", "The project has no class '7'."},
      {R"({"command":"move_picture","picture":99,"class":0})", "The project has no picture 99."},
      {R"({"command":"remove_picture","picture":-1})", "The project has no picture 0."},
      {R"({"command":"open_taught","picture":99})", "The project has no picture 99."},
      {R"({"command":"set_teach","lambda":0})", "The command's field 'lambda' must be from 1e-06 to 1."}};
  for (const auto& [command, sentence] : refused) {
    EXPECT_EQ(refusal(bench, command), sentence) << command;
    EXPECT_EQ(bench.teach_state(), before) << command;
  }
  EXPECT_EQ(refusal(bench, json{{"command", "add_class"}, {"name", std::string(61, 'x')}}.dump()),
            "A class's name may have at most 60 bytes.");
  for (int c = 2; c < 20; ++c) run(bench, R"({"command":"add_class"})");
  EXPECT_EQ(refusal(bench, R"({"command":"add_class"})"), "20 classes are as many as this page holds.");
}

}  // namespace
}  // namespace weightroom::lab
