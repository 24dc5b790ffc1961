// What a picture of the labelled set is known to be, and a model that is opened with its set.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/io_testing.h"
#include "lab/garments.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::Garments;
using testing::refusal;
using testing::run;
using testing::state_of;

json truth_of(const Bench& bench) { return state_of(bench)["picture"]["truth"]; }

TEST(Truth, StaysWithThePictureAndGoesWithIt) {
  Garments bench;
  EXPECT_TRUE(truth_of(bench).is_null()) << "nobody has said what a sample is";
  run(bench, R"({"command":"open_set","name":"garments"})");
  // The test set's own labels, as they lie in its file after eight bytes of head.
  const auto& set = *bench.lab.document().labelled;
  const std::vector<std::string> names{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                       "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  for (const int picture : {0, 17, 999}) {
    run(bench, json{{"command", "open_measured"}, {"picture", picture}}.dump());
    EXPECT_EQ(truth_of(bench),
              names.at(static_cast<std::size_t>(set.images.labels[static_cast<std::size_t>(picture)])));
  }
  const json truth = truth_of(bench);
  for (const char* command :
       {R"({"command":"set_weight","weight":"fc.bias[1]","value":2})", R"({"command":"undo"})", R"({"command":"redo"})",
        R"({"command":"set_crop","x":2,"y":2,"size":20})", R"({"command":"set_reading","mean":[0.5],"std":[0.25]})",
        R"({"command":"set_reading","size":32})", R"({"command":"open_page","page":"layers"})",
        R"({"command":"set_view","compare":true})", R"({"command":"close_set"})"}) {
    run(bench, command);
    EXPECT_EQ(truth_of(bench), truth) << command;
  }
  run(bench, R"({"command":"open_sample","name":"bag 1"})");
  EXPECT_TRUE(truth_of(bench).is_null());
}

// The same pixels by another road are another picture, since less is known of it.
TEST(Truth, IsAPartOfTheDocument) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  const auto opened = run(bench, R"({"command":"open_measured","picture":17})");
  EXPECT_EQ(run(bench, R"({"command":"open_measured","picture":17})"), opened) << "it is there";
}

TEST(Truth, GoesByTheNewNamesOfTheClasses) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_measured","picture":0})");
  const int right = bench.lab.document().labelled->images.labels[0];
  std::vector<std::string> labels;
  for (int k = 0; k < 10; ++k) labels.push_back("class " + std::to_string(k));
  run(bench, json{{"command", "set_labels"}, {"labels", labels}}.dump());
  EXPECT_EQ(truth_of(bench), "class " + std::to_string(right));
}

TEST(Truth, IsTheSetsOwnNameWhereTheModelHasNone) {
  Bench bench;
  std::vector<io::testing::TarFile> files;
  for (const char* name : {"cat", "sofa"})
    files.push_back({"set/" + std::string(name) + "/1.png", io::encode_png(testing::test_picture())});
  ASSERT_TRUE(bench.open_file("pictures.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
  const auto& names = bench.lab.document().labelled->images.names;
  for (std::size_t k = 0; k < 2; ++k) {
    run(bench, json{{"command", "open_measured"}, {"picture", k}}.dump());
    EXPECT_EQ(truth_of(bench), names[k].find("sofa") == std::string::npos ? "cat" : "sofa");
  }
  run(bench, R"({"command":"map_class","class":"sofa","to":"cup"})");
  const std::size_t sofa = names[0].find("sofa") == std::string::npos ? 1 : 0;
  run(bench, json{{"command", "open_measured"}, {"picture", 1 - sofa}}.dump());
  run(bench, json{{"command", "open_measured"}, {"picture", sofa}}.dump());
  EXPECT_EQ(truth_of(bench), "cup");
}

TEST(OpenModel, BringsItsSetAlong) {
  Garments bench;
  run(bench, R"({"command":"open_model","name":"everyday"})");
  run(bench, R"({"command":"open_page","page":"accuracy"})");
  for (const auto& [set, why] :
       {std::pair{"hats", "no labelled set"}, std::pair{"garments", "for the model 'garments'"}})
    EXPECT_NE(refusal(bench, json{{"command", "open_model"}, {"name", "tinyvgg"}, {"set", set}}.dump()).find(why),
              std::string::npos);
  run(bench, R"({"command":"open_model","name":"garments","set":"garments"})");
  json state = state_of(bench);
  EXPECT_EQ(state["model"]["name"], "garments");
  EXPECT_EQ(state["measure"]["now"]["pictures"], 1000);
  EXPECT_EQ(state["study"]["page"], "accuracy");
  // Where the set cannot be had, the model is there all the same.
  run(bench, R"({"command":"open_model","name":"everyday"})");
  bench.failing = "samples/garments-test-images.idx.gz";
  run(bench, R"({"command":"open_model","name":"garments","set":"garments"})");
  state = state_of(bench);
  EXPECT_EQ(state["model"]["name"], "garments");
  EXPECT_TRUE(state["measure"].is_null());
  EXPECT_EQ(state["error"], "The file could not be fetched.");
}

TEST(OpenModel, IsWrittenAsItIsRead) {
  Garments bench;
  for (const char* json : {R"({"command":"open_model","name":"garments"})",
                           R"({"command":"open_model","name":"garments","set":"garments"})"}) {
    const auto command = document::parse_command(json, bench.lab.document().graph());
    ASSERT_TRUE(command.has_value());
    EXPECT_EQ(document::to_json(*command, bench.lab.document().graph()), json);
  }
}

}  // namespace
}  // namespace weightroom::lab
