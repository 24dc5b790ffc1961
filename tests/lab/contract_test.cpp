// What scripts and lessons rely on (docs/api.md): what run() returns, when the revision grows, what is told of it.
#include <algorithm>
#include <array>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/events.h"
#include "lab/garments.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using ::testing::ElementsAre;
using testing::Garments;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::state_of;

struct Told {
  std::string name;
  json what;
};

int place(const std::string& event) {
  const auto* const at = std::ranges::find(kEventNames, event);
  EXPECT_NE(at, std::end(kEventNames)) << event;
  return static_cast<int>(at - std::begin(kEventNames));
}

// What is told at the end of a frame, in the documented order and never of a revision to come.
void end_frame(Events& events, Lab& lab, std::vector<Told>& all) {
  int last = 0;
  for (const Event& event : events.take(lab)) {
    all.push_back({event.name, json::parse(event.json)});
    EXPECT_LE(all.back().what["revision"].get<std::uint64_t>(), lab.revision()) << event.name << event.json;
    const bool sentence = event.name == "notice" || event.name == "error";  // in the order they came
    EXPECT_LE(last, sentence ? place("error") : place(event.name)) << event.name;
    last = place(sentence ? "notice" : event.name);
  }
}

std::vector<Told> settle(Bench& bench, Events& events, base::Budget (*budget)() = base::Budget::unlimited) {
  std::vector<Told> all;
  for (bool done = false; !done;) {
    done = bench.lab.step(budget());
    events.look(bench.lab);
    end_frame(events, bench.lab, all);
  }
  return all;
}
base::Budget tiny() { return base::Budget::milliseconds(0.0); }

std::vector<json> of(const std::vector<Told>& all, const std::string& name) {
  std::vector<json> found;
  for (const Told& told : all) {
    if (told.name == name) found.push_back(told.what);
  }
  return found;
}
std::vector<std::uint64_t> revisions(const std::vector<Told>& all, const std::string& name) {
  std::vector<std::uint64_t> found;
  for (const json& what : of(all, name)) found.push_back(what["revision"]);
  return found;
}

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
};
constexpr const char* kSet = R"({"command":"open_set","name":"garments"})";
constexpr const char* kZero = R"({"command":"set_weight","weight":"fc.bias[1]","value":0.25})";
constexpr const char* kPrunePage = R"({"command":"open_page","page":"curves"})";
constexpr const char* kUndo = R"({"command":"undo"})";

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
      {"select_channel", R"("layer":"relu1","channel":3)", now, never, R"("layer":"relu1","channel":12)", "no 12"},
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
       "no 28"},
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
      {"close_set", "", now, never, "", "no labelled set", {kSet}},
      {"map_class", R"("class":"Sandal","to":"Sneaker")", now, never, R"("class":"Hat","to":null)", "Hat", {kSet}},
      {"select_cell",
       R"("truth":"Shirt","answer":"Coat")",
       now,
       never,
       R"("truth":"Hat","answer":"Coat")",
       "Hat",
       {kSet}},
      {"open_measured", R"("picture":17)", now, never, R"("picture":100000)", "no 100000", {kSet}},
      {"save_map", R"("as":"picture")", never, never, R"("as":"poem")", "poem"},
      {"save_model", R"("as":"int8")", never, never, R"("as":"poem")", "poem"},
      {"save_history", "", never, never, R"({"command":"save_history")", "command"},
      {"dismiss_error", "", never, never, R"({"command":"dismiss_error")", "command"},
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
  ASSERT_TRUE(returned.has_value()) << returned.error().message;
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

void refuse(Bench& bench, Events& events, const std::string& command, const char* sentence) {
  const std::string before = bench.lab.state_json();
  const auto returned = bench.lab.run_json(command);
  ASSERT_FALSE(returned.has_value()) << *returned;
  EXPECT_THAT(returned.error().message, HasSubstr(sentence));
  EXPECT_EQ(returned.error().message.back(), '.');
  EXPECT_EQ(bench.lab.state_json(), before);
  EXPECT_TRUE(settle(bench, events).empty()) << "the sentence is the caller's";
  EXPECT_EQ(bench.lab.state_json(), before);
}

void PrintTo(const Row& row, std::ostream* out) { *out << row.command; }

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
  const auto known = document::command_names();
  EXPECT_EQ(named, std::set<std::string_view>(known.begin(), known.end()));
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/docs/api.md").value();
  const std::string words(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const std::string_view name : known) EXPECT_THAT(words, HasSubstr("| `" + std::string(name) + "`"));
  for (const std::string name : kEventNames) EXPECT_THAT(words, HasSubstr("| `" + name + "` | `{revision"));
  Garments bench;
  const json state = state_of(bench);
  for (const auto& [name, value] : state.items()) EXPECT_THAT(words, HasSubstr("\"" + name + "\"")) << name;
}

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
    EXPECT_EQ(returned.error().message, "The model is still loading.");
  }
  EXPECT_EQ(lab.run_json(R"({"command":"dismiss_error"})").value(), 0U);
  EXPECT_EQ(lab.state_json(), before);
  events.look(lab);
  end_frame(events, lab, all);
  EXPECT_TRUE(all.empty()) << "nothing has changed, and a file is awaited";
  waiting[0].done(io::write_model(testing::small_model()));
  EXPECT_EQ(lab.revision(), 1U);
}

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
            (std::vector<json>{{{"revision", lab.revision()}, {"sentence", "The file could not be fetched."}}}));
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
  ASSERT_TRUE(bench.lab.open_pixels("cat", std::vector<std::uint8_t>(4, 9), 1, 1, "Decoded.").has_value());
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
    EXPECT_TRUE(refused.error().message.starts_with("The state has no part '")) << refused.error().message;
    EXPECT_THAT(refused.error().message, HasSubstr("predictions"));
  }
  Lab empty([](FileRequest) {}, [](auto&&...) {});
  const std::array model{std::string("model")};
  EXPECT_EQ(empty.state_json(model).value(), R"({"model":null})");
}

}  // namespace
}  // namespace weightroom::lab
