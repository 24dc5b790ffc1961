// When a document is another one, and when it only seems so.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/contract_testing.h"
#include "lab/garments.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using ::testing::ElementsAre;
using testing::end_frame;
using testing::Garments;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kSet;
using testing::kUndo;
using testing::kZero;
using testing::of;
using testing::refuse;
using testing::revisions;
using testing::settle;
using testing::state_of;
using testing::Told;

TEST(Revision, GrowsWhenAFileHasComeAndNotWhenItIsAskedFor) {
  std::vector<FileRequest> waiting;
  Lab lab([&](FileRequest request) { waiting.push_back(std::move(request)); }, [](auto&&...) {});
  const auto answer = [&](std::size_t i, Result<std::vector<std::byte>> bytes) {
    const auto done = std::move(waiting[i].done);
    done(std::move(bytes));
  };
  lab.start();
  answer(0, io::write_model(testing::small_model()));
  answer(1, io::encode_png(testing::test_picture()));
  Events events;
  std::vector<Told> all;
  const auto frame = [&] {
    all.clear();
    const bool done = lab.step(base::Budget::unlimited());
    events.look(lab);
    end_frame(events, lab, all);
    return done;
  };
  while (!frame()) {
  }
  const auto ask = [&](const char* command) {
    waiting.clear();
    const std::uint64_t asked = lab.revision();
    EXPECT_EQ(lab.run_json(command).value(), asked);
    EXPECT_EQ(json::parse(lab.state_json())["jobs"].size(), 1U);
    frame();
    EXPECT_TRUE(all.empty()) << "not idle either: a file is on its way";
    EXPECT_EQ(lab.revision(), asked);
  };
  ask(R"({"command":"open_model","name":"tinyvgg"})");
  answer(0, io::write_model(testing::small_model("tinyvgg")));
  frame();
  EXPECT_THAT(revisions(all, "change"), ElementsAre(lab.revision()));
  EXPECT_THAT(revisions(all, "results"), ElementsAre(lab.revision())) << "of the picture that was there";
  EXPECT_THAT(revisions(all, "idle"), IsEmpty()) << "its own picture is on its way";
  const auto before = lab.revision();
  answer(1, fail("The file could not be fetched."));
  frame();
  EXPECT_EQ(of(all, "error"),
            (std::vector<json>{{{"revision", before}, {"sentence", "The file could not be fetched."}}}));
  EXPECT_GT(lab.revision(), before) << "a weight is lit";
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(lab.revision()));
  ask(R"({"command":"open_sample","name":"coffee"})");
  answer(0, io::encode_png(testing::test_picture()));
  EXPECT_EQ(lab.document().picture->name, "coffee");
  frame();
  EXPECT_THAT(revisions(all, "change"), ElementsAre(lab.revision()));
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(lab.revision()));
}

TEST(Revision, StaysWhereADragComesBackAndGrowsByOneWhereTwoThingsHappen) {
  Garments bench;
  Events events;
  (void)settle(bench, events);
  const auto run = [&](const std::string& text) { return bench.lab.run_json(text).value(); };
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"select_weight","weight":"fc.bias[1]"})").has_value());
  const std::uint64_t start = bench.lab.revision();
  const std::string value =
      std::to_string(bench.lab.document().weight({bench.lab.document().selection.weight->tensor, 1}));
  const auto drag = [](const char* to) {
    return std::string(R"({"command":"set_weight","weight":"fc.bias[1]","preview":true,"value":)") + to + "}";
  };
  EXPECT_EQ(run(drag("0.5")), start + 1);
  EXPECT_EQ(run(drag("0.5")), start + 1) << "the mouse moved, and the weight did not";
  EXPECT_EQ(run(drag("0.75")), start + 2);
  // What settles the drag and what is asked are one command.
  EXPECT_EQ(run(R"({"command":"select_weight","weight":"fc.bias[2]"})"), start + 3);
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  (void)settle(bench, events);
  EXPECT_EQ(run(drag("0.5")), start + 4);
  EXPECT_EQ(run(kUndo), start + 5);
  (void)settle(bench, events);
  // A step taken up again at the value it has is the step it was.
  const std::string prune =
      R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.4},"again":true})";
  EXPECT_EQ(run(prune), start + 6);
  EXPECT_EQ(run(prune), start + 6);
  // Undone, the same step is there to be redone: forgetting that is a change.
  EXPECT_EQ(run(kZero), start + 7);
  EXPECT_EQ(run(kUndo), start + 8);
  EXPECT_EQ(run(prune), start + 9);
  EXPECT_FALSE(state_of(bench)["can_redo"].get<bool>());
}

TEST(Revision, ARefusedCommandLeavesADragAndAWaitingChange) {
  Garments bench;
  Events events;
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_weight","weight":"fc.bias[1]","value":0.5,"preview":true})"));
  (void)settle(bench, events);
  refuse(bench, events, R"({"command":"save_model","as":"poem"})", "poem");
  refuse(bench, events, R"({"command":"select_weight","weight":"fc.bias[99]"})", "out of range");
  refuse(bench, events, R"({"command":"change","operation":"prune","on":"nowhere"})", "nowhere");
  refuse(bench, events, R"({"command":"redo"})", "redo");
  // The drag is saved as the step it becomes.
  const auto revision = bench.lab.revision();
  EXPECT_EQ(bench.lab.run_json(R"({"command":"save_model"})").value(), revision + 1);
  EXPECT_EQ(bench.saved.back().first, "garments-edited.safetensors");
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  (void)settle(bench, events);
  // A change that asks the picture first is none yet, and waits on.
  const std::string by_loss =
      R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.5,"by":"loss"}})";
  EXPECT_EQ(bench.lab.run_json(by_loss).value(), revision + 1);
  const std::string waiting = bench.lab.state_json();
  EXPECT_THAT(waiting, HasSubstr(R"("name":"change")"));
  for (const char* const wrong :
       {R"({"command":"set_weight","weight":"fc.bias[99]","value":1})", R"({"command":"redo"})"}) {
    EXPECT_FALSE(bench.lab.run_json(wrong).has_value());
    EXPECT_EQ(bench.lab.state_json(), waiting);
  }
  const auto all = settle(bench, events);
  EXPECT_THAT(revisions(all, "change"), ElementsAre(revision + 2)) << "when it is carried out";
  EXPECT_EQ(state_of(bench)["edits"].size(), 2U);
}

TEST(Revision, APictureThatIsThereAlreadyIsNoChangeAndItsCropIs) {
  Bench bench;
  const auto revision = bench.lab.revision();
  EXPECT_EQ(bench.lab.run_json(R"({"command":"open_sample","name":"cat"})").value(), revision);
  ASSERT_TRUE(bench.lab.open_file("cat", io::encode_png(testing::test_picture())).has_value());
  EXPECT_EQ(bench.lab.revision(), revision);
  ASSERT_TRUE(bench.lab.open_file("tom", io::encode_png(testing::test_picture())).has_value());
  EXPECT_EQ(bench.lab.revision(), revision + 1) << "another name is seen";
  io::Image other = testing::test_picture();
  other.rgb[0] ^= 1;  // in a corner that the crop leaves out
  ASSERT_TRUE(bench.lab.open_file("tom", io::encode_png(other)).has_value());
  EXPECT_EQ(bench.lab.revision(), revision + 2) << "a single bit is another picture";
}

// What else would be thrown away by these: the set is read anew, a class that was mapped by hand is looked up.
TEST(Revision, ReadingsAndNamesThatAreSetAlreadyLeaveTheSetAsItIs) {
  Garments bench;
  testing::run(bench, kSet);
  testing::run(bench, R"({"command":"map_class","class":"Sandal","to":"Sneaker"})");
  const json before = state_of(bench);
  const json& reading = before["model"]["reading"];
  for (const json& command : {json{{"command", "set_labels"}, {"labels", before["model"]["labels"]}},
                              json{{"command", "set_reading"}, {"mean", reading["mean"]}, {"size", 28}}}) {
    EXPECT_EQ(bench.lab.run_json(command.dump()).value(), bench.lab.revision());
    EXPECT_EQ(state_of(bench), before) << command;
  }
}

}  // namespace
}  // namespace weightroom::lab
