#include "lab/lab.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "io/model_file.h"
#include "lab/bench_model.h"
#include "lab/first_weight.h"
#include "support/version.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::same_bytes;
using testing::state_of;
using testing::weights_of;

TEST(Lab, OpensClassifiedWithAMapAndALitWeight) {
  Bench bench;
  const json state = state_of(bench);
  EXPECT_TRUE(state["ready"].get<bool>());
  EXPECT_EQ(state["model"]["name"], "everyday");
  EXPECT_EQ(state["model"]["fingerprint"].get<std::string>().size(), 64U);
  EXPECT_EQ(state["model"]["fingerprint"], state["model"]["loaded_fingerprint"]);
  ASSERT_EQ(state["predictions"].size(), 4U);
  double sum = 0.0;
  for (const auto& row : state["predictions"]) sum += row["probability"].get<double>();
  EXPECT_NEAR(sum, 1.0, 1e-6);
  EXPECT_EQ(state["target"]["index"], state["predictions"][0]["index"]);
  EXPECT_GT(state["map"]["scale"].get<double>(), 0.0);
  EXPECT_TRUE(state["selection"]["weight"].is_string());
  EXPECT_EQ(state["picture"]["crop"]["size"], 24);
}

TEST(Lab, SaysTheVersionOfTheProjectFromTheStart) {
  ASSERT_NE(test::project_version(), "");
  Bench bench;
  EXPECT_EQ(state_of(bench)["version"], test::project_version());
  const Lab empty([](FileRequest) {}, [](const std::string&, std::span<const std::byte>) {});
  EXPECT_EQ(json::parse(empty.state_json())["version"], test::project_version());
}

TEST(Lab, AnEditMovesTheAnswerAndUndoBringsItBackToTheByte) {
  Bench bench;
  const json before = state_of(bench);
  const auto loaded = weights_of(bench);
  run(bench, R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":-3.5})");
  const json edited = state_of(bench);
  EXPECT_NE(before["predictions"], edited["predictions"]);
  EXPECT_NE(before["model"]["fingerprint"], edited["model"]["fingerprint"]);
  EXPECT_EQ(edited["edits"].size(), 1U);
  EXPECT_EQ(edited["edits"][0]["weights"][0]["after"], -3.5);
  run(bench, R"({"command":"undo"})");
  const json undone = state_of(bench);
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  EXPECT_EQ(before["predictions"], undone["predictions"]);
  EXPECT_EQ(before["model"]["fingerprint"], undone["model"]["fingerprint"]);
  run(bench, R"({"command":"redo"})");
  EXPECT_EQ(edited["predictions"], state_of(bench)["predictions"]);
  EXPECT_NE(refusal(bench, R"({"command":"redo"})").find("nothing to redo"), std::string::npos);
}

TEST(Lab, EditedAnswerEqualsAFreshSession) {
  Bench bench;
  for (int i = 0; i < 10; ++i) {
    run(bench, R"({"command":"set_weight","weight":"conv2.weight[)" + std::to_string(i) + R"(,3,0,2]","value":)" +
                   std::to_string(0.37 * i - 1.5) + "}");
  }
  nn::Session fresh(bench.lab.document().model->graph);
  fresh.set_weights(weights_of(bench));
  fresh.set_input(*bench.lab.document().picture->input);
  fresh.forward();
  const auto logits = fresh.logits().values();
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_EQ(logits[i], bench.lab.engine().results().logits[i]);
}

TEST(Lab, TransformsAndResets) {
  Bench bench;
  const auto loaded = weights_of(bench);
  const float w = loaded[0];
  run(bench, R"({"command":"transform_weight","weight":"conv1.weight[0,0,0,0]","operation":"double"})");
  EXPECT_EQ(weights_of(bench)[0], 2.0F * w);
  run(bench, R"({"command":"transform_weight","weight":"conv1.weight[0,0,0,0]","operation":"negate"})");
  EXPECT_EQ(weights_of(bench)[0], -2.0F * w);
  run(bench, R"({"command":"transform_weight","weight":"conv1.weight[0,0,0,0]","operation":"zero"})");
  EXPECT_EQ(weights_of(bench)[0], 0.0F);
  run(bench, R"({"command":"set_weight","weight":"fc.weight[1,1]","value":"0,5"})");
  run(bench, R"({"command":"reset","scope":"layer","weight":"conv1"})");
  EXPECT_EQ(weights_of(bench)[0], w);
  EXPECT_FALSE(same_bytes(loaded, weights_of(bench)));
  run(bench, R"({"command":"reset","scope":"all"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  for (int i = 0; i < 6; ++i) run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  EXPECT_FALSE(state_of(bench)["can_undo"].get<bool>());
}

TEST(Lab, ManyRandomEditsUndoneGiveTheSameBytes) {
  Bench bench;
  const auto loaded = weights_of(bench);
  const nn::Graph& graph = bench.lab.document().graph();
  base::Rng rng(1, "test");
  int steps = 0;
  for (int i = 0; i < 100; ++i) {
    const auto tensor = rng.below(static_cast<std::uint32_t>(graph.weights().size()));
    const auto element = rng.below(static_cast<std::uint32_t>(graph.weights()[tensor].shape.size()));
    const nn::WeightRef ref{static_cast<int>(tensor), element};
    const auto revision =
        bench.lab.run(document::command::SetWeight{ref, static_cast<float>(rng.uniform(-2.0, 2.0)), false});
    ASSERT_TRUE(revision.has_value());
    ++steps;
  }
  const auto edited = weights_of(bench);
  for (int i = 0; i < steps; ++i) ASSERT_TRUE(bench.lab.run(document::command::Undo{}).has_value());
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
  for (int i = 0; i < steps; ++i) ASSERT_TRUE(bench.lab.run(document::command::Redo{}).has_value());
  EXPECT_TRUE(same_bytes(edited, weights_of(bench)));
}

TEST(Lab, BadCommandsEndInASentenceAndChangeNothing) {
  Bench bench;
  const std::vector<std::pair<std::string, std::string>> rows{
      {"{", "command"},
      {"[]", "command"},
      {R"({"command":"fly"})", "fly"},
      {R"({"command":"set_weight","weight":"conv9.weight[0]","value":1})", "conv9"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0]","value":1})", "4 indices"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,3]","value":1})", "out of range"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,-1]","value":1})", "out of range"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,0]","value":"nan"})", "finite"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,0]","value":"-inf"})", "finite"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,0]","value":1e300})", "finite"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,0]","value":"one"})", "not a number"},
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,0,0]"})", "value"},
      {R"({"command":"set_target","target":"unicorn"})", "unicorn"},
      {R"({"command":"set_target","target":4})", "4"},
      {R"({"command":"set_method","method":"magic"})", "magic"},
      {R"({"command":"set_method","method":"grad_cam","layer":"fc"})", "fc"},
      {R"({"command":"set_method","method":"smoothgrad","params":{"samples":-1}})", "samples"},
      {R"({"command":"set_view","opacity":7})", "opacity"},
      {R"({"command":"set_view","overlay":"x"})", "overlay"},
      {R"({"command":"set_crop","x":0,"y":0,"size":25})", "40 × 24"},
      {R"({"command":"set_crop","x":2000000000,"y":0,"size":2})", "within"},
      {R"({"command":"select_channel","layer":"conv1","channel":8})", "0 to 7"},
      {R"({"command":"reset","scope":"world"})", "weight"},
      {R"({"command":"open_model","name":"gpt"})", "gpt"},
      {R"({"command":"open_sample","name":"gpt"})", "gpt"},
      {R"({"command":"undo"})", "nothing to undo"},
  };
  for (const auto& [text, word] : rows) {
    const std::string sentence = refusal(bench, text);
    EXPECT_NE(sentence.find(word), std::string::npos) << text << " -> " << sentence;
    EXPECT_TRUE(sentence.ends_with('.')) << sentence;
  }
}

TEST(Lab, ABadFileLeavesTheDocumentAsItWas) {
  Bench bench;
  const std::string before = state_of(bench)["model"].dump();
  const std::string junk = "this is no picture";
  EXPECT_FALSE(bench.open_file("x.jpg", std::as_bytes(std::span(junk))).has_value());
  EXPECT_EQ(
      bench.lab.error(),
      "'x.jpg': This is a text, not a picture or model. A list of class names should end in .txt, with one name per "
      "line.");
  // A long name is cut between two characters.
  std::string name = "class/";
  for (int i = 0; i < 40; ++i) name += "ä";
  EXPECT_FALSE(bench.open_file(name, std::as_bytes(std::span(junk))).has_value());
  EXPECT_TRUE(bench.lab.error().starts_with("'ääääääääääääääääääääääää…': This")) << bench.lab.error();
  EXPECT_FALSE(bench.open_file("x.safetensors", std::as_bytes(std::span(junk))).has_value());
  EXPECT_TRUE(bench.lab.error().starts_with("'x.safetensors': ")) << bench.lab.error();
  EXPECT_EQ(before, state_of(bench)["model"].dump());
  EXPECT_EQ(state_of(bench)["picture"]["name"], "cat");
  run(bench, R"({"command":"dismiss_error"})");
  EXPECT_TRUE(bench.lab.error().empty());
}

TEST(Lab, AFailedFetchIsReportedOnce) {
  Bench bench;
  bench.failing = "models/garments.safetensors";
  run(bench, R"({"command":"open_model","name":"garments"})");
  EXPECT_EQ(bench.lab.error(), "The file could not be fetched.");
  EXPECT_EQ(state_of(bench)["model"]["name"], "everyday");
  EXPECT_TRUE(bench.lab.loading().empty());
}

TEST(Lab, APictureThatWasChosenStaysAndOneAModelOpenedOnGivesWay) {
  Bench bench;
  const auto open = [&](const char* model) {
    ASSERT_TRUE(bench.open_file("a.safetensors", io::write_model(testing::small_model(model))).has_value());
  };
  EXPECT_EQ(bench.lab.document().picture->name, "cat");
  open("tinyvgg");
  EXPECT_EQ(bench.lab.document().picture->name, "coffee");
  open("everyday");
  EXPECT_EQ(bench.lab.document().picture->name, "cat");
  run(bench, R"({"command":"open_sample","name":"coffee"})");
  open("everyday");
  EXPECT_EQ(bench.lab.document().picture->name, "coffee");
  open("somebody's own");
  EXPECT_EQ(bench.lab.document().picture->name, "coffee");
}

TEST(Lab, AModelWhoseSampleIsOutOfReachKeepsThePictureThereIs) {
  Bench bench;
  bench.failing = "samples/coffee.jpg";
  ASSERT_TRUE(bench.open_file("a.safetensors", io::write_model(testing::small_model("tinyvgg"))).has_value());
  bench.settle();
  EXPECT_EQ(bench.lab.error(), "The file could not be fetched.");
  EXPECT_EQ(bench.lab.document().picture->name, "cat");
  nn::SessionPool sessions;
  EXPECT_EQ(bench.lab.document().selection.weight, find_telling_weight(bench.lab.document(), sessions));
  EXPECT_TRUE(state_of(bench)["ready"].get<bool>());
}

TEST(Lab, AWeightTakenBeforeThePictureComesStaysInTheHand) {
  std::vector<FileRequest> waiting;
  Lab lab([&](FileRequest request) { waiting.push_back(std::move(request)); }, [](auto&&...) {});
  lab.start();
  waiting[0].done(io::write_model(testing::small_model()));
  ASSERT_TRUE(lab.run_json(R"({"command":"select_weight","weight":"conv2.weight[3,1,0,2]"})").has_value());
  waiting[1].done(io::encode_png(testing::test_picture()));
  ASSERT_TRUE(lab.document().picture.has_value());
  EXPECT_EQ(nn::format_weight_ref(lab.document().graph(), *lab.document().selection.weight), "conv2.weight[3,1,0,2]");
}

TEST(Lab, TheLastWishWinsWhateverComesFirst) {
  std::vector<FileRequest> waiting;
  Lab lab([&](FileRequest request) { waiting.push_back(std::move(request)); }, [](auto&&...) {});
  const auto answer = [&](std::size_t i) {
    const bool model = waiting[i].file.ends_with(".safetensors");
    auto done = std::move(waiting[i].done);
    if (model) return done(io::write_model(testing::small_model(waiting[i].file)));
    done(io::encode_png(testing::test_picture()));
  };
  lab.start();
  answer(0);  // the model, which asks for its first picture
  answer(1);
  ASSERT_TRUE(lab.run(document::command::OpenSample{"coffee"}).has_value());
  ASSERT_TRUE(lab.run(document::command::OpenSample{"cat"}).has_value());
  answer(3);
  answer(2);
  EXPECT_EQ(lab.document().picture->name, "cat");
  ASSERT_TRUE(lab.run(document::command::OpenModel{"garments"}).has_value());
  ASSERT_TRUE(lab.run(document::command::OpenModel{"tinyvgg"}).has_value());
  answer(5);
  answer(4);
  EXPECT_EQ(lab.document().model->name, "models/tinyvgg.safetensors");
  EXPECT_TRUE(lab.loading().empty());
}

// Methods whose baseline is another picture need one that was remembered.
TEST(Lab, ASecondPictureIsABaseline) {
  Bench bench;
  const char* const by_picture =
      R"({"command":"set_method","method":"integrated_gradients","params":{"steps":8,"baseline":"picture"}})";
  EXPECT_NE(refusal(bench, by_picture).find("no second picture"), std::string::npos);
  run(bench, R"({"command":"remember_picture"})");
  EXPECT_EQ(state_of(bench)["second_picture"], "cat");
  run(bench, by_picture);
  const json same = state_of(bench);
  EXPECT_EQ(same["map"]["params"]["baseline"], "picture");
  EXPECT_TRUE(same["map"]["no_evidence"].get<bool>()) << "from a picture to itself there is nothing to tell";
  // Another crop of it beside the remembered one, until that is remembered in its place.
  run(bench, R"({"command":"set_crop","x":2,"y":1,"size":17})");
  EXPECT_FALSE(state_of(bench)["map"]["no_evidence"].get<bool>());
  run(bench, R"({"command":"remember_picture"})");
  EXPECT_TRUE(state_of(bench)["map"]["no_evidence"].get<bool>());
  run(bench, R"({"command":"open_sample","name":"coffee"})");
  // Another model has it too, read as that model reads pictures.
  ASSERT_TRUE(bench.open_file("other.safetensors", io::write_model(testing::small_model("other"))).has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["second_picture"], "cat");
  run(bench, R"({"command":"remember_picture","remember":false})");
  const json forgotten = state_of(bench);
  EXPECT_TRUE(forgotten["second_picture"].is_null());
  if (forgotten["map"]["method"] == "integrated_gradients") EXPECT_EQ(forgotten["map"]["params"]["baseline"], "black");
}

TEST(Lab, ParametersAreWordsOrNumbers) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"lrp","params":{"composite":"epsilon_gamma_box","gamma":0.5}})");
  EXPECT_EQ(state_of(bench)["map"]["params"], (json{{"composite", "epsilon_gamma_box"},
                                                    {"rule", "by_layer"},
                                                    {"epsilon", 1e-6},
                                                    {"gamma", 0.5},
                                                    {"noise", "none"},
                                                    {"noise_samples", 25},
                                                    {"noise_sigma", 0.15},
                                                    {"noise_seed", 0}}));
  EXPECT_EQ(bench.lab.document().map.params.at("composite"), 2.0);
  EXPECT_NE(refusal(bench, R"({"command":"set_method","method":"lrp","params":{"rule":"purple"}})").find("alpha_beta"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_method","method":"lrp","params":{"gamma":"much"}})").find("a number"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_method","method":"lrp","params":{"rule":[]}})").find("rule"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_method","method":"none","params":{"rule":"flat"}})").find("no method"),
            std::string::npos);
}

TEST(Lab, BeforeAModelIsOpenNamesMeanNothing) {
  Lab lab([](FileRequest) {}, [](const std::string&, std::span<const std::byte>) {});
  lab.start();
  for (const char* text :
       {R"({"command":"set_weight","weight":"conv1.bias[0]","value":1})",
        R"({"command":"select_weight","weight":"conv1.bias[0]"})",
        R"({"command":"reset","scope":"layer","weight":"conv1"})", R"({"command":"switch","layer":"conv1","on":false})",
        R"({"command":"change","operation":"zero","on":"all","chosen":"AA=="})"}) {
    const auto done = lab.run_json(text);
    ASSERT_FALSE(done.has_value()) << text;
    EXPECT_EQ(done.error().message(), "The model is still loading.");
  }
  EXPECT_EQ(lab.run_json(R"({"command":"set_weight"})").error().message(), "The command lacks the field 'weight'.");
  EXPECT_TRUE(lab.run_json(R"({"command":"dismiss_error"})").has_value());
}

TEST(Lab, CommandsSurviveTheirJson) {
  const nn::Model model = testing::small_model();
  const nn::Graph& graph = *model.graph;
  const nn::WeightRef weight = nn::parse_weight_ref(graph, "conv2.weight[3,1,0,2]").value();
  const int conv1 = graph.find_node("conv1");
  const std::vector<document::Command> all{
      document::command::SetWeight{weight, 0.5F, true},
      document::command::TransformWeight{weight, "zero"},
      document::command::Reset{.scope = document::command::Reset::Scope::layer, .node = conv1},
      document::command::Reset{.scope = document::command::Reset::Scope::weight, .weight = weight},
      document::command::Reset{},
      document::command::Change{"swap", "conv1.weight[0]", "conv1.weight[1]", {}, edit::Chosen({1}, 3), true},
      document::command::Change{.operation = "prune", .on = "all", .params = {{"share", 0.5}, {"by", 2.0}}},
      document::command::Switch{conv1, 3, true},
      document::command::Undo{},
      document::command::Redo{},
      document::command::SelectWeight{weight},
      document::command::SelectLayer{"conv1"},
      document::command::SelectChannel{"conv1", 3},
      document::command::RememberPicture{false},
      document::command::SetTarget{"cat"},
      document::command::SetTarget{""},
      document::command::SetMethod{"smoothgrad", {{"samples", 5.0}}, "conv2"},
      document::command::SetMethod{"lrp", {{"rule", 3.0}}, ""},
      document::command::SetView{"change", true, 0.25, false, true},
      document::command::SetCrop{{1, 2, 3}},
      document::command::SetReading{224, "bgr", "0-1", {{1, 2, 3}}, {{0.5F, 1, 2}}, true},
      document::command::SetLabels{{"cat", "dog"}},
      document::command::OpenSample{"cat"},
      document::command::OpenModel{"garments"},
      document::command::OpenSet{"garments"},
      document::command::CloseSet{},
      document::command::MapClass{"kitten", "cat"},
      document::command::MapClass{"kitten", ""},
      document::command::SelectCell{"cat", "dog"},
      document::command::SelectCell{"", ""},
      document::command::OpenMeasured{17},
      document::command::OpenPage{"compare"},
      document::command::Choose{"trust", {{"question", {std::string("sanity")}}, {"seed", {std::int64_t{3}}}}},
      document::command::Choose{"anything",
                                {{"flag", {true}},
                                 {"half", {0.5}},
                                 {"list", {document::Value::List{{std::string("a")}, {std::int64_t{2}}}}},
                                 {"none", {}}}},
      document::command::SaveFound{"curve"},
      document::command::StopMap{},
      document::command::StartMap{},
      document::command::StartStudy{},
      document::command::StopStudy{},
      document::command::SaveMap{"picture"},
      document::command::SaveModel{},
      document::command::SaveModel{"int8"},
      document::command::SaveHistory{},
      document::command::DismissError{},
      document::command::AddClass{"cup"},
      document::command::AddClass{},
      document::command::RenameClass{"cup", "bowl"},
      document::command::RemoveClass{"0"},
      document::command::MovePicture{7, "cup"},
      document::command::RemovePicture{7},
      document::command::OpenTaught{7},
      document::command::Learn{},
      document::command::EndTeaching{}};
  EXPECT_EQ(all.size(), std::variant_size_v<document::Command> - 1 + 10);
  for (const document::Command& command : all) {
    const std::string text = document::to_json(command, graph);
    const auto back = document::parse_command(text, graph);
    ASSERT_TRUE(back.has_value()) << text << ": " << back.error().message();
    EXPECT_EQ(document::to_json(*back, graph), text);
    EXPECT_EQ(back->index(), command.index());
  }
}

}  // namespace
}  // namespace weightroom::lab
