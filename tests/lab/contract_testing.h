#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "lab/bench_model.h"
#include "lab/events.h"

// What is told of a Lab, frame by frame.
namespace weightroom::lab::testing {

// Commands that several of these tests run.
inline constexpr const char* kZero = R"({"command":"set_weight","weight":"fc.bias[1]","value":0.25})";
inline constexpr const char* kUndo = R"({"command":"undo"})";
inline constexpr const char* kSet = R"({"command":"open_set","name":"garments"})";

struct Told {
  std::string name;
  nlohmann::json what;
};

inline int place(const std::string& event) {
  const auto* const at = std::ranges::find(kEventNames, event);
  EXPECT_NE(at, std::end(kEventNames)) << event;
  return static_cast<int>(at - std::begin(kEventNames));
}

// What is told at the end of a frame, in the documented order and never of a revision to come.
inline void end_frame(Events& events, Lab& lab, std::vector<Told>& all) {
  int last = 0;
  for (const Event& event : events.take(lab)) {
    all.push_back({event.name, nlohmann::json::parse(event.json)});
    EXPECT_LE(all.back().what["revision"].get<std::uint64_t>(), lab.revision()) << event.name << event.json;
    const bool sentence = event.name == "notice" || event.name == "error";  // in the order they came
    EXPECT_LE(last, sentence ? place("error") : place(event.name)) << event.name;
    last = place(sentence ? "notice" : event.name);
  }
}

inline std::vector<Told> settle(Bench& bench, Events& events, base::Budget (*budget)() = base::Budget::unlimited) {
  std::vector<Told> all;
  for (bool done = false; !done;) {
    done = bench.lab.step(budget());
    events.look(bench.lab);
    end_frame(events, bench.lab, all);
  }
  return all;
}
inline base::Budget tiny() { return base::Budget::milliseconds(0.0); }

inline std::vector<nlohmann::json> of(const std::vector<Told>& all, const std::string& name) {
  std::vector<nlohmann::json> found;
  for (const Told& told : all) {
    if (told.name == name) found.push_back(told.what);
  }
  return found;
}
inline std::vector<std::uint64_t> revisions(const std::vector<Told>& all, const std::string& name) {
  std::vector<std::uint64_t> found;
  for (const nlohmann::json& what : of(all, name)) found.push_back(what["revision"]);
  return found;
}

// A command that is refused: nothing changes, and nothing is told.
inline void refuse(Bench& bench, Events& events, const std::string& command, const char* sentence) {
  const std::string before = bench.lab.state_json();
  const auto returned = bench.lab.run_json(command);
  ASSERT_FALSE(returned.has_value()) << *returned;
  EXPECT_THAT(returned.error().message(), ::testing::HasSubstr(sentence));
  EXPECT_EQ(returned.error().message().back(), '.');
  EXPECT_EQ(bench.lab.state_json(), before);
  EXPECT_TRUE(settle(bench, events).empty()) << "the sentence is the caller's";
  EXPECT_EQ(bench.lab.state_json(), before);
}

}  // namespace weightroom::lab::testing
