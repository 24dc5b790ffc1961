// A page that is defined in this file alone: what docs/adding.md says is all it takes.
#include <string>

#include <gtest/gtest.h>
#include <strings/page.h>
#include <strings/param.h>

#include "headless.h"
#include "studies/fields.h"
#include "ui/pages/page.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::refusal;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;
using testing::Headless;

// ---- the page: counts the passes it has seen

struct CountChoice {
  static constexpr std::string_view kPart = "count";
  int to = 3;
  bool backwards = false;  // only how the numbers are shown
  void for_another_model() { to = 3; }
  [[nodiscard]] bool operator==(const CountChoice&) const = default;
};
struct Counted {
  std::vector<int> numbers{};
};

struct CountFields {
  static void visit(auto& choice, const auto& visit) {
    visit("to", choice.to, studies::Whole{1, 5000}, "where it ends");
    visit("backwards", choice.backwards, studies::Flag{}, "the largest first");
  }
};

base::Task count(studies::StudyInput input, studies::StudyResults& results) {
  const int to = input.document.choice<CountChoice>().to;
  Counted& found = results.found.edit<Counted>();
  found = {};
  while (static_cast<int>(found.numbers.size()) < to) {
    while (!input.session.forward_step()) co_await base::Pause{};
    input.session.set_input(*input.document.picture->input);
    found.numbers.push_back(static_cast<int>(found.numbers.size()));
    results.progress = static_cast<double>(found.numbers.size()) / to;
    ++results.version;
    co_await base::Pause{};
  }
}

studies::StudyDef count_study() {
  studies::StudyDef def{
      .name = "counting",
      .group = studies::Group::measure,
      .title = text::param_steps,  // a test has no sentences of its own
      .help = text::page_units_help,
      .same_question =
          [](const document::Document& a, const document::Document& b) {
            return a.choice<CountChoice>().to == b.choice<CountChoice>().to;
          },
      .passes = [](const document::Document& d) { return d.choice<CountChoice>().to >= 1000 ? 1e12 : 1.0; },
      .run = count,
      .write_found = [](const document::Document&, const studies::StudyResults& results,
                        io::JsonWriter& to) { to.put("numbers", results.get<Counted>().numbers); },
      .save = [](const document::Document&, const studies::StudyResults& results) -> Result<studies::SavedFile> {
        if (results.get<Counted>().numbers.empty()) return fail("Nothing was counted yet.");
        return studies::SavedFile{"count.txt", std::vector<std::byte>(results.get<Counted>().numbers.size())};
      }};
  studies::choice_of<CountChoice, CountFields>(def);
  return def;
}

void counting_panel(const View& view, UiState&, CommandQueue& commands) {
  const Card card("counting", "Counting");
  if (!view.has_document()) return;
  text(std::to_string(view.lab.engine().study().get<Counted>().numbers.size()) + " passes");
  if (button("counting/more", "One more"))
    choose<CountChoice>(view, commands, [](CountChoice& choice) { ++choice.to; });
}

const bool registered = [] {
  studies::add_page(count_study());
  add_page_panel({"counting", counting_panel});
  return true;
}();

// ---- what it gets for that

json count_of(const Bench& bench) { return state_of(bench)["study"]["count"]; }

TEST(NewPage, IsReachedByCommandAndStandsInTheState) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"counting"})");
  EXPECT_EQ(state_of(bench)["study"]["page"], "counting");
  EXPECT_EQ(state_of(bench)["study"]["state"], "done");
  EXPECT_EQ(count_of(bench), json::parse(R"({"to":3,"backwards":false,"numbers":[0,1,2]})"));
  run(bench, R"({"command":"set_count","to":5})");
  EXPECT_EQ(count_of(bench)["numbers"].size(), 5U);
  const auto version = bench.lab.engine().study().version;
  run(bench, R"({"command":"set_count","backwards":true})");
  EXPECT_TRUE(count_of(bench)["backwards"]);
  EXPECT_EQ(bench.lab.engine().study().version, version) << "the question is the same";
}

TEST(NewPage, IsStartedAndStopped) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"counting"})");
  run(bench, R"({"command":"set_count","to":2000})");
  EXPECT_EQ(state_of(bench)["study"]["state"], "waiting");
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"start_study"})").has_value());
  for (int i = 0; i < 50; ++i) (void)bench.lab.step(base::Budget::milliseconds(0.0));
  EXPECT_EQ(state_of(bench)["study"]["state"], "running");
  ASSERT_TRUE(bench.lab.run_json(R"({"command":"stop_study"})").has_value());
  bench.settle();
  EXPECT_EQ(state_of(bench)["study"]["state"], "stopped");
  const std::size_t so_far = count_of(bench)["numbers"].size();
  EXPECT_GT(so_far, 0U);
  EXPECT_LT(so_far, 2000U);
  run(bench, R"({"command":"start_study"})");
  EXPECT_EQ(state_of(bench)["study"]["state"], "done");
  EXPECT_EQ(count_of(bench)["numbers"].size(), 2000U);
}

TEST(NewPage, RefusesWhatItsFieldsDoNotAllow) {
  Bench bench;
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","to":0})"), "The command's field 'to' must be from 1 to 5,000.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","to":"many"})"),
            "The command's field 'to' must be a whole number.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","to":1e99})"), "The command's field 'to' must be a whole number.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","backwards":1})"),
            "The command's field 'backwards' must be true or false.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","from":1})"),
            "The command 'set_count' has no field 'from', only 'to' and 'backwards'.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_count","to":{"a":1}})"),
            "The command's field 'to' must not hold an object.");
  EXPECT_EQ(refusal(bench, R"({"command":"set_counting","to":1})"), "There is no command 'set_counting'.");
  EXPECT_EQ(refusal(bench, R"({"command":"save_count"})"), "Nothing was counted yet.");
  EXPECT_EQ(refusal(bench, R"({"command":"save_counting"})"), "There is no command 'save_counting'.");
  EXPECT_NE(refusal(bench, R"({"command":"open_page","page":"count"})").find(" or counting, not 'count'"),
            std::string::npos);
}

TEST(NewPage, SavesWhatItFound) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"counting"})");
  run(bench, R"({"command":"save_count"})");
  ASSERT_EQ(bench.saved.size(), 1U);
  EXPECT_EQ(bench.saved[0].first, "count.txt");
  EXPECT_EQ(bench.saved[0].second.size(), 3U);
}

TEST(NewPage, ForgetsWhatWasOfAnotherModel) {
  Bench bench;
  run(bench, R"({"command":"set_count","to":7,"backwards":true})");
  run(bench, R"({"command":"open_model","name":"tinyvgg"})");
  EXPECT_EQ(count_of(bench)["to"], 3);
  EXPECT_TRUE(count_of(bench)["backwards"]) << "but keeps what any model may be asked";
}

TEST(NewPage, IsInTheMenuAndDrawn) {
  Bench bench;
  Headless face(bench.lab, {1920, 1080});
  face.screen(3);
  face.open_page("counting");
  EXPECT_EQ(bench.lab.document().page, "counting");
  EXPECT_TRUE(face.shows("counting"));
  face.click("counting/more");
  EXPECT_EQ(count_of(bench)["numbers"].size(), 4U);
}

TEST(NewPage, IsInTheTableOfCommands) {
  EXPECT_NE(studies::command_table().find("| `set_count` | Steps | `to`: 1 to 5000 (where it ends); `backwards`: true "
                                          "or false (the largest first) |\n"),
            std::string::npos);
}

}  // namespace
}  // namespace weightroom::ui
