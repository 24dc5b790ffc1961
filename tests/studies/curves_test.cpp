// Curves of the accuracy: every point is what the same edit would be measured to be.
#include "studies/curves.h"

#include <cmath>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/garments.h"
#include "lab/save_model.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::Garments;
using lab::testing::refusal;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;

json curve_of(const Bench& bench) { return state_of(bench)["study"]["curve"]; }

// What the page Accuracy says after a command, which is undone.
json measured_after(Bench& bench, const std::string& command) {
  run(bench, R"({"command":"open_page","page":"accuracy"})");
  run(bench, command);
  json now = state_of(bench)["measure"]["now"];
  run(bench, R"({"command":"undo"})");
  return now;
}

TEST(Curves, OfAWeightGoThroughWhatItsValuesAreMeasuredToBe) {
  Garments bench;
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,0,1,1]"})");
  run(bench, R"({"command":"open_page","page":"curves"})");
  EXPECT_TRUE(curve_of(bench)["lacks_set"].get<bool>());
  run(bench, R"({"command":"open_set","name":"garments"})");
  const json curve = curve_of(bench);
  EXPECT_FALSE(curve["lacks_set"].get<bool>());
  EXPECT_EQ(curve["what"], "conv1.weight[2,0,1,1]");
  EXPECT_EQ(curve["pictures"], 1000);
  ASSERT_EQ(curve["x"].size(), 21U);
  EXPECT_EQ(curve["x"][10], 0.0);
  for (const std::size_t k : {0U, 10U, 17U}) {
    const auto now = measured_after(
        bench, json{{"command", "set_weight"}, {"weight", "conv1.weight[2,0,1,1]"}, {"value", curve["x"][k]}}.dump());
    EXPECT_EQ(curve["accuracy"][k], now["accuracy"]) << k;
    EXPECT_EQ(curve["loss"][k], now["loss"]) << k;
  }
  EXPECT_NE(curve["accuracy"][0], curve["accuracy"][10]);
}

TEST(Curves, AWeightThatIsDraggedMovesAlongItsCurve) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[3]"})");
  run(bench, R"({"command":"open_page","page":"curves"})");
  const json curve = curve_of(bench);
  const auto version = bench.lab.engine().study().version;
  run(bench, R"({"command":"set_weight","weight":"fc.bias[3]","value":0.4})");
  EXPECT_EQ(bench.lab.engine().study().version, version) << "nothing is measured anew";
  // And it is the loaded model's, whatever is edited beside it.
  run(bench, R"({"command":"change","operation":"zero","on":"conv2"})");
  run(bench, R"({"command":"switch","layer":"relu4","on":false})");
  EXPECT_EQ(bench.lab.engine().study().version, version);
  EXPECT_EQ(curve_of(bench), curve);
}

// Asked when the model has been edited already: the curve is that of a bench where nothing was.
TEST(Curves, AreOfTheLoadedModel) {
  Garments plain;
  Garments edited;
  run(edited, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.7}})");
  run(edited, R"({"command":"switch","layer":"relu4","on":false})");
  for (Garments* bench : {&plain, &edited}) {
    run(*bench, R"({"command":"open_set","name":"garments"})");
    run(*bench, R"({"command":"select_weight","weight":"fc.bias[3]"})");
    run(*bench, R"({"command":"open_page","page":"curves"})");
  }
  for (const char* kind : {"weight", "share", "bits"}) {
    for (Garments* bench : {&plain, &edited}) run(*bench, json{{"command", "set_curve"}, {"kind", kind}}.dump());
    EXPECT_EQ(curve_of(edited), curve_of(plain)) << kind;
  }
  EXPECT_NE(state_of(edited)["measure"]["now"]["accuracy"], curve_of(edited)["accuracy"].back());
}

// A model and a part with the choice made, and where they stand.
std::optional<double> place(Bench& bench, const char* kind, const char* on) {
  run(bench, json{{"command", "set_curve"}, {"kind", kind}, {"on", on}}.dump());
  return curve_place(bench.lab.document(), bench.lab.document().edit.weights);
}

TEST(CurvePlace, IsTheShareOfZerosAmongWhatPruningMayTake) {
  Bench bench;
  EXPECT_EQ(place(bench, "share", "conv2"), 0.0);
  run(bench, R"({"command":"change","operation":"zero","on":"conv2.weight[0:3]"})");
  EXPECT_EQ(place(bench, "share", "conv2"), 0.25) << "three of twelve kernels; biases do not count";
  EXPECT_EQ(place(bench, "share", "conv1"), 0.0);
  // 8 x 3 x 9 weights of conv1, 12 x 8 x 9 of conv2, 4 x 12 of fc.
  EXPECT_DOUBLE_EQ(*place(bench, "share", "all"), 3.0 * 8 * 9 / (8.0 * 3 * 9 + 12.0 * 8 * 9 + 4.0 * 12));
  EXPECT_EQ(curve_place(bench.lab.document(), bench.lab.document().loaded), 0.0) << "as it was loaded";
  EXPECT_FALSE(place(bench, "share", "conv2.bias").has_value());
}

TEST(CurvePlace, IsTheLeastBitsThatHoldThePart) {
  for (const char* params : {R"({"bits":%})", R"({"bits":%,"per":"channel"})", R"({"bits":%,"mode":"affine"})"}) {
    for (const int bits : {2, 3, 5, 8, 12}) {
      Bench bench;
      EXPECT_EQ(place(bench, "bits", "conv2"), 32.0);
      std::string given = params;
      given.replace(given.find('%'), 1, std::to_string(bits));
      run(bench, R"({"command":"change","operation":"quantise","on":"conv2","params":)" + given + "}");
      EXPECT_EQ(place(bench, "bits", "conv2"), bits) << given;
      EXPECT_EQ(place(bench, "bits", "all"), 32.0) << "the others are floats still";
      // What is pruned stays among the values.
      run(bench, R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.4}})");
      EXPECT_EQ(place(bench, "bits", "conv2"), bits) << given;
    }
  }
  Bench bench;
  run(bench, R"({"command":"change","operation":"quantise","on":"conv2","params":{"bits":1}})");
  EXPECT_EQ(place(bench, "bits", "conv2"), 1.0);
  run(bench, R"({"command":"change","operation":"quantise","on":"all","params":{"mode":"fp16"}})");
  EXPECT_EQ(place(bench, "bits", "all"), 16.0);
}

TEST(CurvePlace, IsTheSelectedWeightsValue) {
  Bench bench;
  run(bench, R"({"command":"select_weight","weight":"fc.bias[1]"})");
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":0.75})");
  EXPECT_EQ(place(bench, "weight", "all"), 0.75);
  EXPECT_EQ(curve_place(bench.lab.document(), bench.lab.document().loaded), 0.0);
}

TEST(Curves, OfPruningAndOfBitsAreThoseOfThePageEdit) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_page","page":"curves"})");
  run(bench, R"({"command":"set_curve","kind":"share","on":"conv2"})");
  const json shares = curve_of(bench);
  ASSERT_EQ(shares["x"].size(), 21U);
  EXPECT_EQ(shares["accuracy"][12],
            measured_after(
                bench, R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.6}})")["accuracy"]);
  run(bench, R"({"command":"open_page","page":"curves"})");
  run(bench, R"({"command":"set_curve","kind":"bits","on":"all"})");
  const json bits = curve_of(bench);
  ASSERT_EQ(bits["x"].size(), 11U);
  EXPECT_EQ(bits["accuracy"][2],
            measured_after(
                bench, R"({"command":"change","operation":"quantise","on":"all","params":{"bits":3}})")["accuracy"]);
  EXPECT_LT(bits["accuracy"][0], bits["accuracy"][10]);
  // Beside it the file: of fewer bits it is smaller, and as large as the one that would be saved.
  run(bench, R"({"command":"change","operation":"quantise","on":"all","params":{"bits":3}})");
  EXPECT_EQ(bits["bytes"][2], lab::edited_file(bench.lab.document(), "smallest")->size());
  EXPECT_LT(bits["bytes"][2], bits["bytes"][10]);
}

TEST(Curves, AreMeasuredAnewWhenWhatTheyAreOfChanges) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[3]"})");
  run(bench, R"({"command":"open_page","page":"curves"})");
  json before = curve_of(bench);
  const auto renewed_by = [&](const std::string& command) {
    run(bench, command);
    const json now = curve_of(bench);
    return std::exchange(before, now)["loss"] != now["loss"];
  };
  EXPECT_TRUE(renewed_by(R"({"command":"select_weight","weight":"fc.bias[5]"})"));
  EXPECT_EQ(before["what"], "fc.bias[5]");
  EXPECT_TRUE(renewed_by(R"({"command":"set_curve","kind":"bits","on":"fc"})"));
  EXPECT_TRUE(renewed_by(R"({"command":"map_class","class":"Sandal","to":"Sneaker"})"));
  run(bench, R"({"command":"set_curve","kind":"plane","second":"fc.bias[5]"})");  // the lit one
  EXPECT_TRUE(curve_of(bench)["accuracy"].empty()) << "a plane of one weight is none";
}

TEST(Curves, OfTwoWeightsAreAPlane) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"select_weight","weight":"fc.bias[3]"})");
  run(bench, R"({"command":"open_page","page":"curves"})");
  run(bench, R"({"command":"set_curve","kind":"plane"})");
  EXPECT_TRUE(curve_of(bench)["lacks_weight"].get<bool>());
  run(bench, R"({"command":"set_curve","second":"fc.bias[8]"})");
  const json plane = curve_of(bench);
  ASSERT_EQ(plane["x"].size(), 13U);
  ASSERT_EQ(plane["accuracy"].size(), 169U);
  run(bench, json{{"command", "set_weight"}, {"weight", "fc.bias[3]"}, {"value", plane["x"][4]}}.dump());
  EXPECT_EQ(
      plane["accuracy"][9 * 13 + 4],
      measured_after(
          bench,
          json{{"command", "set_weight"}, {"weight", "fc.bias[8]"}, {"value", plane["y"][9]}}.dump())["accuracy"]);
  run(bench, R"({"command":"save_curve"})");
  const auto& [name, bytes] = bench.saved.back();
  EXPECT_EQ(name, "garments-plane.csv");
  const std::string csv(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_TRUE(csv.starts_with("value,second value,accuracy,loss\n"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 170);
}

TEST(Curves, CanBeStoppedAndRefuseWhatIsNotThere) {
  Garments bench;
  EXPECT_NE(refusal(bench, R"({"command":"save_curve"})").find("no curve yet"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_curve","kind":"line"})").find("weight, share, bits or plane"),
            std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_curve","on":"conv9"})").find("conv9"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_curve","second":"fc.bias[99]"})").find("fc.bias"), std::string::npos);
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"select_weight","weight":"conv1.weight[2,0,1,1]"})");
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"open_page","page":"curves"})").has_value());
  const auto known = [&] {
    const json accuracy = curve_of(bench)["accuracy"];
    return std::ranges::count_if(accuracy, [](const json& value) { return value.is_number(); });
  };
  while (known() < 3) (void)bench.lab.step(base::Budget::milliseconds(5.0));
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"stop_study"})").has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["study"]["state"], "stopped");
  const auto some = known();
  EXPECT_LT(some, 21);
  EXPECT_GE(some, 3) << "what was found stays";
  // The ends and the middle come first.
  EXPECT_TRUE(curve_of(bench)["accuracy"][0].is_number());
  EXPECT_TRUE(curve_of(bench)["accuracy"][20].is_number());
  EXPECT_TRUE(curve_of(bench)["accuracy"][10].is_number());
  run(bench, R"({"command":"start_study"})");
  EXPECT_EQ(known(), 21);
}

}  // namespace
}  // namespace weightroom::studies
