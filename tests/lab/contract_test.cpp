// What scripts and lessons rely on (docs/api.md), for every command: what run() returns, when the revision grows, what
// is told of it.
#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "edit/operation.h"
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
using testing::kSet;
using testing::kUndo;
using testing::kZero;
using testing::of;
using testing::refuse;
using testing::revisions;
using testing::settle;
using testing::state_of;
using testing::Told;

// The state without counts of revisions, times and how far things are; settled, it follows from the document.
json without_times(json state) {
  if (state.is_object()) {
    for (const char* const name :
         {"revision", "ms", "forward_ms", "progress", "state", "stopped", "spared", "jobs", "error", "notice"})
      state.erase(name);
  }
  if (state.is_structured()) {
    for (auto& value : state) value = without_times(value);
  }
  return state;
}

enum class Grows { now, later, never };
struct Row {
  const char* command;
  const char* valid;    // fields of the command
  Grows grows;          // the revision, by the valid one
  Grows again;          // by the same once more
  const char* wrong;    // fields, or the whole text
  const char* refused;  // a part of the sentence
  std::vector<const char*> before{};
  bool taught = false;  // two classes have a picture each, 1 and 2
};
constexpr const char* kPrunePage = R"({"command":"open_page","page":"curves"})";

const std::vector<Row>& rows() {
  using enum Grows;
  static const std::vector<Row> all{
      {"set_weight", R"("weight":"conv2.weight[3,1,0,2]","value":-0.8)", now, never,
       R"("weight":"conv2.weight[3,1,0,9]","value":1)", "out of range"},
      {"transform_weight", R"("weight":"fc.bias[1]","operation":"zero")", now, never,
       R"("weight":"fc.bias[1]","operation":"halve")", "halve"},
      {"reset", R"("scope":"all")", now, never, R"("scope":"everything","weight":"x")", "everything", {kZero}},
      {"change", R"("operation":"prune","on":"conv2","params":{"share":0.4})", now, never,
       R"("operation":"prune","on":"conv9")", "conv9"},
      {"switch", R"("layer":"relu2","on":false)", now, never, R"("layer":"gap","on":false)", "cannot be switched off"},
      {"undo", "", now, never, "", "nothing to undo", {kZero}},
      {"redo", "", now, never, "", "nothing to redo", {kZero, kUndo}},
      {"select_weight", R"("weight":"fc.bias[1]")", now, never, R"("weight":"fc.bias[10]")", "out of range"},
      {"select_layer", R"("layer":"conv4")", now, never, R"("layer":"conv5")", "conv5"},
      {"select_channel", R"("layer":"relu1","channel":3)", now, never, R"("layer":"relu1","channel":12)",
       "no channel 12"},
      {"set_target", R"("target":"Sandal")", now, never, R"("target":"Hat")", "Hat"},
      {"set_method", R"("method":"grad_cam","layer":"conv3")", now, never, R"("method":"hunch")", "hunch"},
      {"remember_picture", R"("remember":true)", now, never, R"("remember":1)", "true or false"},
      {"set_view", R"("overlay":"change","opacity":0.5)", now, never, R"("opacity":1.5)", "from 0 to 1"},
      {"open_page", R"("page":"difference")", now, never, R"("page":"cellar")", "cellar"},
      {"set_curve", R"("kind":"share","on":"conv2")", now, never, R"("kind":"spiral")", "spiral"},
      {"save_curve", "", never, never, "", "no curve yet", {kSet, kPrunePage}},
      {"set_compare", R"("methods":["gradient","lrp"])", now, never, R"("methods":["lrp","lrp"])", "twice"},
      {"set_trust", R"("question":"faithfulness","seed":3)", now, never, R"("seed":-1)", "seed"},
      {"set_ranking", R"("show":"flips","grain":"kernel")", now, never, R"("by":"luck")", "luck"},
      {"set_units", R"("layer":"conv4","channel":3,"steps":16)", now, never, R"("layer":"conv4","channel":28)",
       "no channel 28"},
      {"stop_map", "", never, never, R"({"command":"stop_map")", "command"},
      {"start_map", "", never, never, R"({"command":"start_map")", "command"},
      {"start_study", "", never, never, "", "nothing to start", {R"({"command":"open_page","page":"difference"})"}},
      {"stop_study", "", never, never, "", "nothing to start", {R"({"command":"open_page","page":"difference"})"}},
      {"set_crop", R"("x":1,"y":2,"size":20)", now, never, R"("x":1,"y":2,"size":200)", "within the picture"},
      {"set_reading", R"("mean":[0.5],"std":[0.25])", now, never, R"("order":"bgr")", "grey"},
      {"set_labels", R"("labels":["a","b","c","d","e","f","g","h","i","j"])", now, never, R"("labels":["a"])",
       "10 classes"},
      {"open_sample", R"("name":"ankle boot 3")", now, never, R"("name":"hat")", "hat"},
      {"open_model", R"("name":"everyday")", now, now, R"("name":"gpt")", "gpt"},
      {"open_set", R"("name":"garments")", later, later, R"("name":"hats")", "hats"},
      {"close_set", "", now, never, "", "No labelled set", {kSet}},
      {"map_class", R"("class":"Sandal","to":"Sneaker")", now, never, R"("class":"Hat","to":null)", "Hat", {kSet}},
      {"select_cell",
       R"("truth":"Shirt","answer":"Coat")",
       now,
       never,
       R"("truth":"Hat","answer":"Coat")",
       "Hat",
       {kSet}},
      {"open_measured", R"("picture":17)", now, never, R"("picture":100000)", "no picture 100,000", {kSet}},
      {"save_map", R"("as":"picture")", never, never, R"("as":"poem")", "poem"},
      {"save_model", R"("as":"int8")", never, never, R"("as":"poem")", "poem"},
      {"save_history", "", never, never, R"({"command":"save_history")", "command"},
      {"dismiss_error", "", never, never, R"({"command":"dismiss_error")", "command"},
      {"set_teach", R"("head":"instant","into":3)", now, never, R"("lambda":2)", "from 1e-06 to 1"},
      {"add_class", R"("name":"Cup")", now, never, R"("name":"  ")", "needs a name"},
      {"rename_class", R"("class":1,"name":"Cup")", now, never, R"("class":9,"name":"Cup")", "no class '9'"},
      {"remove_class", R"("class":"Class 2")", now, never, R"("class":9)", "no class '9'"},
      {"move_picture", R"("picture":1,"class":1)", now, never, R"("picture":9,"class":1)", "no picture 9", {}, true},
      {"remove_picture", R"("picture":2)", now, never, R"("picture":9)", "no picture 9", {}, true},
      {"open_taught", R"("picture":2)", now, never, R"("picture":9)", "no picture 9", {}, true},
      {"learn", "", never, never, "", "Two classes", {R"({"command":"add_class"})"}},
      {"end_teaching", "", now, never, "", "no classes", {R"({"command":"add_class"})"}},
  };
  return all;
}

std::string written(const char* command, const char* fields) {
  if (fields[0] == '{') return fields;
  return std::string(R"({"command":")") + command + '"' + (fields[0] == '\0' ? "" : ",") + fields + "}";
}

// Once more there may be nothing left to do, and the command is refused for that.
enum class Time { first, second };
void carry_out(Bench& bench, Events& events, const std::string& command, Grows grows, Time time) {
  const json before = without_times(state_of(bench));
  const std::uint64_t revision = bench.lab.revision();
  const auto returned = bench.lab.run_json(command);
  if (!returned && time == Time::second && grows == Grows::never) return;
  ASSERT_TRUE(returned.has_value()) << returned.error().message();
  EXPECT_EQ(*returned, bench.lab.revision());
  EXPECT_EQ(*returned, bench.lab.document().revision);
  EXPECT_EQ(state_of(bench)["revision"], *returned);
  EXPECT_EQ(*returned, revision + (grows == Grows::now ? 1 : 0)) << "by one at most";
  const std::vector<Told> all = settle(bench, events);
  // Each revision is told, in turn; the first is the command's own.
  std::vector<std::uint64_t> expected;
  for (auto r = revision + 1; r <= bench.lab.revision(); ++r) expected.push_back(r);
  EXPECT_EQ(revisions(all, "change"), expected);
  EXPECT_EQ(bench.lab.revision() > revision, grows != Grows::never);
  // An opened model or set is another one, even out of the same file.
  const bool reopened =
      command.find("open_model") != std::string::npos || command.find("open_set") != std::string::npos;
  if (!reopened || grows == Grows::never)
    EXPECT_EQ(bench.lab.revision() > revision, without_times(state_of(bench)) != before);
  if (grows != Grows::never) EXPECT_THAT(revisions(all, "idle"), ElementsAre(bench.lab.revision()));
  if (grows != Grows::never) EXPECT_EQ(revisions(all, "results").back(), bench.lab.revision());
  EXPECT_TRUE(bench.lab.jobs().empty());
  EXPECT_TRUE(state_of(bench)["ready"].get<bool>());
}

void PrintTo(const Row& row, std::ostream* out) { *out << row.command; }

std::string source(const std::string& path) {
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/" + path).value();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "`a`, `b`", as docs/api.md lists words to choose from.
std::string listed(const auto& all, const auto& name_of) {
  std::string words;
  for (const auto& one : all) words += (words.empty() ? "`" : ", `") + std::string(name_of(one)) + "`";
  return words;
}

void teach(Bench& bench) {
  for (const int into : {0, 1}) {
    testing::run(bench, json{{"command", "open_page"}, {"page", "teach"}}.dump());
    testing::run(bench, json{{"command", "set_teach"}, {"into", into}}.dump());
    io::Image image = testing::test_picture();
    if (into == 1) std::ranges::reverse(image.rgb);
    ASSERT_TRUE(bench.open_file("card.png", io::encode_png(image)).has_value());
    bench.settle();
  }
}

class Contract : public ::testing::TestWithParam<Row> {};

TEST_P(Contract, Holds) {
  const Row& row = GetParam();
  Garments bench;
  Events events;
  (void)settle(bench, events);
  SCOPED_TRACE(written(row.command, row.wrong));
  // Where the fields are right it is the moment that is wrong.
  const bool moment = row.wrong[0] == '\0';
  if (moment) refuse(bench, events, written(row.command, row.wrong), row.refused);
  if (row.taught) teach(bench);
  for (const char* const command : row.before) ASSERT_TRUE(bench.lab.run_json(command).has_value()) << command;
  (void)settle(bench, events);
  if (!moment) refuse(bench, events, written(row.command, row.wrong), row.refused);
  SCOPED_TRACE(written(row.command, row.valid));
  carry_out(bench, events, written(row.command, row.valid), row.grows, Time::first);
  carry_out(bench, events, written(row.command, row.valid), row.again, Time::second);
}
INSTANTIATE_TEST_SUITE_P(Of, Contract, ::testing::ValuesIn(rows()),
                         [](const auto& info) { return std::string(info.param.command); });

TEST(ContractTable, NamesEveryCommandAndSoDoesItsDocumentation) {
  std::set<std::string_view> named;
  for (const Row& row : rows()) named.insert(row.command);
  std::vector<std::string> known;
  for (const std::string_view name : document::command_names()) known.emplace_back(name);
  for (const studies::StudyDef& page : studies::pages()) {
    if (page.choice != nullptr) known.push_back("set_" + std::string(page.part));
    if (page.save != nullptr) known.push_back("save_" + std::string(page.part));
  }
  EXPECT_EQ(std::set<std::string>(named.begin(), named.end()), std::set<std::string>(known.begin(), known.end()));
  const std::string words = source("docs/api.md");
  for (const std::string& name : known) EXPECT_THAT(words, HasSubstr("| `" + name + "`"));
  // tests/javascript/types_test.mjs holds the types to docs/api.md.
  const std::string types = source("web/weightroom.d.ts");
  const std::regex command("command: '([a-z_]+)'");
  std::set<std::string> typed;
  for (auto at = std::sregex_iterator(types.begin(), types.end(), command); at != std::sregex_iterator(); ++at)
    typed.insert((*at)[1]);
  EXPECT_EQ(typed, std::set<std::string>(known.begin(), known.end()));
  for (const std::string name : kEventNames) EXPECT_THAT(words, HasSubstr("| `" + name + "` | `{revision"));
  Garments bench;
  const json state = state_of(bench);
  for (const auto& [name, value] : state.items()) EXPECT_THAT(words, HasSubstr("\"" + name + "\"")) << name;
}

TEST(ContractTable, TellsTheWordsToChooseFrom) {
  const std::string words = source("docs/api.md");
  const auto name = [](const auto& one) { return one.name; };
  const auto itself = [](const char* word) { return word; };
  EXPECT_THAT(words, HasSubstr("`page`: " + listed(studies::pages(), name) + " |"));
  EXPECT_THAT(words, HasSubstr("`operation`: " + listed(edit::operations(), name) + "; `on`"));
  EXPECT_THAT(words, HasSubstr("`overlay`: " + listed(document::kOverlayNames, itself) + "; `map`"));
}

// Before there is a document no command does anything.
TEST(Revision, IsNoneBeforeThereIsADocument) {
  std::vector<FileRequest> waiting;
  Lab lab([&](FileRequest request) { waiting.push_back(std::move(request)); }, [](auto&&...) {});
  Events events;
  std::vector<Told> all;
  lab.start();
  const std::string before = lab.state_json();
  for (const Row& row : rows()) {
    const std::string name = row.command;
    if (name == "open_model" || name == "dismiss_error") continue;
    const auto returned = lab.run_json(written(row.command, row.valid));
    ASSERT_FALSE(returned.has_value()) << name;
    EXPECT_EQ(returned.error().message(), "The model is still loading.");
  }
  EXPECT_EQ(lab.run_json(R"({"command":"dismiss_error"})").value(), 0U);
  EXPECT_EQ(lab.state_json(), before);
  events.look(lab);
  end_frame(events, lab, all);
  EXPECT_TRUE(all.empty()) << "nothing has changed, and a file is awaited";
  waiting[0].done(io::write_model(testing::small_model()));
  EXPECT_EQ(lab.revision(), 1U);
}

}  // namespace
}  // namespace weightroom::lab
