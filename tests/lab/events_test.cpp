// What the events tell, and the parts of the state.
#include <algorithm>
#include <array>
#include <set>

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
using testing::kZero;
using testing::of;
using testing::revisions;
using testing::settle;
using testing::state_of;
using testing::tiny;
using testing::Told;

TEST(Events, TellOfSentencesOnceAndInTheirOrder) {
  Bench bench;
  Events events;
  (void)settle(bench, events);
  bench.lab.report("The first.");
  bench.lab.report("The second.");
  bench.lab.report("The second.");
  auto all = settle(bench, events);
  ASSERT_EQ(all.size(), 3U) << "and nothing else";
  EXPECT_EQ(all[0].what, (json{{"revision", bench.lab.revision()}, {"sentence", "The first."}}));
  EXPECT_EQ(all[2].what["sentence"], "The second.");
  EXPECT_TRUE(settle(bench, events).empty());
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"dismiss_error"})").has_value());
  EXPECT_TRUE(settle(bench, events).empty()) << "that it is read is no news";
  const auto before = bench.lab.changes();
  bench.lab.await_picture("cat")(Lab::DecodedPicture{{1, 1, {9, 9, 9}}, "Decoded."});
  all = settle(bench, events);
  EXPECT_EQ(of(all, "notice"), (std::vector<json>{{{"revision", bench.lab.revision()}, {"sentence", "Decoded."}}}));
  EXPECT_GT(bench.lab.changes(), before) << "a frame shows it";
}

TEST(Events, TellHowFarAJobIsOnceAFrameAndOnlyWhereItHasMoved) {
  Bench bench;
  Events events;
  (void)settle(bench, events);
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_method","method":"smoothgrad","params":{"samples":20}})"));
  std::vector<Told> all;
  std::vector<double> shares;
  for (bool done = false; !done;) {
    done = bench.lab.step(tiny());
    events.look(bench.lab);
    std::vector<Told> frame;
    end_frame(events, bench.lab, frame);
    std::set<std::string> jobs;
    for (const json& what : of(frame, "progress")) {
      EXPECT_TRUE(jobs.insert(what["job"]).second) << "twice in a frame";
      if (what["job"] != "results") continue;
      if (!shares.empty()) EXPECT_NE(shares.back(), what["progress"].get<double>());
      shares.push_back(what["progress"]);
    }
    EXPECT_EQ(of(frame, "idle").size(), done ? 1U : 0U);
    all.insert(all.end(), frame.begin(), frame.end());
  }
  EXPECT_GT(shares.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(shares.begin() + 1, shares.end(), std::less{}));
  EXPECT_THAT(revisions(all, "map"), ElementsAre(bench.lab.revision()));
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(bench.lab.revision()));
}

TEST(Events, TellOfAMapThatIsStoppedAndStartedAgain) {
  Bench bench;
  Events events;
  (void)settle(bench, events);
  const auto revision = bench.lab.run_json(R"({"command":"set_method","method":"smoothgrad"})").value();
  const auto frames = [&](int count) {
    std::vector<Told> all;
    for (int i = 0; i < count; ++i) {
      (void)bench.lab.step(tiny());
      events.look(bench.lab);
      end_frame(events, bench.lab, all);
    }
    return all;
  };
  EXPECT_THAT(revisions(frames(20), "map"), IsEmpty());
  EXPECT_EQ(bench.lab.run_json(R"({"command":"stop_map"})").value(), revision);
  auto all = settle(bench, events);
  EXPECT_THAT(revisions(all, "map"), IsEmpty()) << "a part of a map is none";
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(revision));
  EXPECT_EQ(bench.lab.run_json(R"({"command":"start_map"})").value(), revision);
  all = settle(bench, events);
  EXPECT_THAT(revisions(all, "change"), IsEmpty());
  EXPECT_THAT(revisions(all, "map"), ElementsAre(revision));
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(revision));
}

TEST(Events, TellOfAStudyFromItsPageToItsEnd) {
  Bench bench;
  Events events;
  (void)settle(bench, events);
  const auto states = [](const std::vector<Told>& all) {
    std::vector<std::string> found;
    for (const json& what : of(all, "study"))
      found.push_back(what["page"].get<std::string>() + " " + what["state"].get<std::string>());
    return found;
  };
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"open_page","page":"trust"})"));
  EXPECT_THAT(states(settle(bench, events, tiny)), ElementsAre("trust running", "trust done"));
  // Asked anew by an edit: told even where it is answered within a frame.
  const auto revision = bench.lab.run_json(kZero).value();
  const auto all = settle(bench, events);
  EXPECT_THAT(states(all), ElementsAre("trust done"));
  EXPECT_THAT(revisions(all, "study"), ElementsAre(revision));
  // Under way it may be stopped; the document stays.
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"set_trust","seed":2})"));
  std::vector<Told> some;
  while (states(some).empty()) {
    (void)bench.lab.step(tiny());
    events.look(bench.lab);
    end_frame(events, bench.lab, some);
  }
  EXPECT_THAT(states(some), ElementsAre("trust running"));
  EXPECT_EQ(bench.lab.run_json(R"({"command":"stop_study"})").value(), revision + 1);
  EXPECT_THAT(states(settle(bench, events)), ElementsAre("trust stopped"));
  EXPECT_EQ(bench.lab.run_json(R"({"command":"start_study"})").value(), revision + 1);
  EXPECT_THAT(states(settle(bench, events)), ElementsAre("trust done"));
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"open_page","page":"layers"})"));
  EXPECT_THAT(states(settle(bench, events)), ElementsAre("layers none"));
}

TEST(Events, TellOfEveryRevisionAlsoOfThoseWithinAFrame) {
  Bench bench;
  Events events;
  (void)settle(bench, events);
  const auto first = bench.lab.run_json(R"({"command":"set_view","opacity":0.1})").value();
  EXPECT_EQ(bench.lab.run_json(kZero).value(), first + 1);
  EXPECT_EQ(bench.lab.run_json(R"({"command":"undo"})").value(), first + 2);
  const auto all = settle(bench, events);
  EXPECT_THAT(revisions(all, "change"), ElementsAre(first, first + 1, first + 2));
  EXPECT_THAT(revisions(all, "results"), ElementsAre(first + 2));
}

TEST(Events, TellOfTheEndOfWorkOnceAllAnswersHaveCome) {
  Bench bench;
  Events events;
  std::vector<std::function<void(std::size_t)>> waiting;
  bench.lab.use_gzip([&](auto, std::function<void(std::size_t)> done) { waiting.push_back(std::move(done)); });
  (void)settle(bench, events);
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"open_page","page":"size"})").has_value());
  std::vector<Told> all;
  for (int frame = 0; !bench.lab.jobs().empty(); ++frame) {
    ASSERT_LT(frame, 100);
    EXPECT_THAT(revisions(all, "idle"), IsEmpty());
    const auto more = settle(bench, events);
    all.insert(all.end(), more.begin(), more.end());
    for (const auto& done : std::exchange(waiting, {})) done(1234);
  }
  const auto more = settle(bench, events);
  all.insert(all.end(), more.begin(), more.end());
  EXPECT_EQ(state_of(bench)["size"]["file"]["gzip"], 1234);
  EXPECT_THAT(revisions(all, "idle"), ElementsAre(bench.lab.revision()));
}

TEST(StateParts, AreThoseOfTheWholeAndANameThatIsNoneIsRefused) {
  Garments bench;
  const json whole = state_of(bench);
  std::vector<std::string> names;
  for (const auto& [name, value] : whole.items()) {
    const std::array one{name};
    EXPECT_EQ(json::parse(bench.lab.state_json(one).value()), (json{{name, value}})) << name;
    names.push_back(name);
  }
  EXPECT_EQ(json::parse(bench.lab.state_json(names).value()), whole);
  const std::array twice{std::string("error"), std::string("view"), std::string("error")};
  EXPECT_EQ(json::parse(bench.lab.state_json(twice).value()).size(), 2U);
  for (const std::string wrong : {"modell", "", "model\n"}) {
    const std::array some{std::string("model"), wrong};
    const auto refused = bench.lab.state_json(some);
    ASSERT_FALSE(refused.has_value()) << wrong;
    EXPECT_TRUE(refused.error().message().starts_with("The state has no part '")) << refused.error().message();
    EXPECT_THAT(refused.error().message(), HasSubstr("predictions"));
  }
  Lab empty([](FileRequest) {}, [](auto&&...) {});
  const std::array model{std::string("model")};
  EXPECT_EQ(empty.state_json(model).value(), R"({"model":null})");
}

}  // namespace
}  // namespace weightroom::lab
