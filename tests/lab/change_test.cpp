// Operations on many weights as commands: one step, one undo, one line that does the same again.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "edit/operation.h"
#include "lab/bench_model.h"
#include "lab/lab.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::same_bytes;
using testing::state_of;
using testing::weights_of;

// A document of small_model() with a picture.
document::Document document_of(const Bench& bench) { return bench.lab.document(); }

document::Document applied(const document::Document& document, const document::Command& command) {
  auto next = apply(document, command);
  EXPECT_TRUE(next.has_value()) << document::to_json(command, document.graph()) << ": "
                                << (next ? "" : next.error().message());
  return next ? std::move(*next) : document;
}

// Any operation on any part it can be done on.
document::command::Change random_change(base::Rng& rng) {
  const std::vector<std::string> parts{"all",
                                       "conv1",
                                       "conv2.weight",
                                       "conv1.weight[3]",
                                       "fc.weight",
                                       "conv2.weight[:,2]",
                                       "conv2.weight[0:4,1:3]",
                                       "conv1.weight[2,1];fc"};
  const auto all = edit::operations();
  const auto pick = [&](std::size_t count) {
    return static_cast<std::size_t>(rng.uniform() * static_cast<double>(count));
  };
  const edit::OperationDef& operation = all[pick(all.size())];
  document::command::Change change{.operation = std::string(operation.name), .on = parts[pick(parts.size())]};
  if (operation.takes_source) {
    change.on = "conv2.weight[" + std::to_string(pick(6)) + "]";
    change.from = "conv2.weight[" + std::to_string(6 + pick(6)) + "]";
  }
  if (operation.name == "symmetrise") change.on = pick(2) == 0 ? "conv1" : "conv2.weight[1,2]";
  for (const base::ParamSpec& spec : operation.params) {
    double value = spec.minimum + rng.uniform() * (spec.maximum - spec.minimum);
    if (spec.integer || !spec.choices.empty()) value = std::floor(value);
    if (operation.name == "prune" && spec.name == "by") value = 0.0;
    if (operation.name == "clamp") value = 0.4;
    if (operation.name == "scale" || operation.name == "noise") value = rng.uniform();
    change.params[std::string(spec.name)] = value;
  }
  if (change.params.contains("seed")) change.params["seed"] = static_cast<double>(pick(1000));
  return change;
}

TEST(Change, EveryOperationIsPureOneStepOneUndoAndReplays) {
  for (const edit::OperationDef& operation : edit::operations()) {
    SCOPED_TRACE(operation.name);
    Bench bench;
    run(bench, R"({"command":"change","operation":"noise","on":"all","params":{"seed":9}})");
    const auto before = weights_of(bench);
    const document::Document document = document_of(bench);
    json command{{"command", "change"}, {"operation", operation.name}, {"on", "conv1.weight[2]"}};
    if (operation.takes_source) command["from"] = "conv1.weight[5]";
    if (operation.name == "prune" || operation.name == "blend") command["params"] = {{"share", 0.5}};
    if (operation.name == "clamp") command["params"] = {{"limit", 0.05}};
    if (operation.name == "scale") command["params"] = {{"factor", 0.5}};
    if (operation.name == "shift") command["params"] = {{"by", 0.25}};
    run(bench, command.dump());
    const auto after = weights_of(bench);
    EXPECT_FALSE(same_bytes(before, after));
    EXPECT_TRUE(same_bytes(before, document.edit.weights.flat())) << "a document is not changed by another one";
    const json edits = state_of(bench)["edits"];
    ASSERT_EQ(edits.size(), 2U);
    EXPECT_TRUE(edits[1]["words"].get<std::string>().starts_with("conv1.weight[2]: ")) << edits[1]["words"];
    EXPECT_GT(edits[1]["changed"].get<std::size_t>(), 0U);
    // The line of the history alone does the same again.
    const document::Command step = document::as_command(bench.lab.document().edit.steps.back()->command);
    EXPECT_TRUE(same_bytes(applied(document, step).edit.weights.flat(), after));
    const std::string line = document::to_json(step, document.graph());
    const auto again = document::parse_command(line, document.graph());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(document::to_json(*again, document.graph()), line);
    EXPECT_TRUE(same_bytes(applied(document, *again).edit.weights.flat(), after));
    run(bench, R"({"command":"undo"})");
    EXPECT_TRUE(same_bytes(before, weights_of(bench)));
    run(bench, R"({"command":"redo"})");
    EXPECT_TRUE(same_bytes(after, weights_of(bench)));
  }
}

TEST(Change, AHundredAtRandomAndAHundredUndosGiveTheSameBytes) {
  Bench bench;
  const auto loaded = weights_of(bench);
  base::Rng rng(3, "changes");
  std::size_t steps = 0;
  for (int i = 0; i < 400 && steps < 100; ++i) {
    (void)bench.lab.run(random_change(rng));  // some are refused: biases alone are not pruned
    steps = bench.lab.document().edit.steps.size();
  }
  ASSERT_EQ(steps, 100U);
  const auto last = weights_of(bench);
  // A replay of the steps on the loaded model.
  document::Document replayed = document_of(bench);
  const auto line = replayed.edit.steps;
  replayed = applied(replayed, document::command::Reset{});
  EXPECT_TRUE(same_bytes(replayed.edit.weights.flat(), loaded));
  for (const auto& step : line) replayed = applied(replayed, document::as_command(step->command));
  EXPECT_TRUE(same_bytes(replayed.edit.weights.flat(), last));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(bench.lab.run(document::command::Undo{}).has_value());
  EXPECT_TRUE(same_bytes(weights_of(bench), loaded));
  EXPECT_FALSE(bench.lab.history().can_undo());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(bench.lab.run(document::command::Redo{}).has_value());
  EXPECT_TRUE(same_bytes(weights_of(bench), last));
}

// Where there is room for few states only.
TEST(Change, UndoMakesStatesAgainThatItHadNoRoomFor) {
  Bench bench;
  document::Document document = document_of(bench);
  for (const std::size_t room : {std::size_t{0}, std::size_t{40'000}, std::size_t{200'000}}) {
    document::History history(room);
    int replayed = 0;
    history.start(document.edit, [&](const document::EditState& from, const document::Step& step) {
      ++replayed;
      document::Document next = document;
      next.edit = from;
      return applied(next, document::as_command(step.command)).edit;
    });
    base::Rng rng(4, "changes");
    std::vector<std::vector<float>> states;
    document::Document now = document;
    while (states.size() < 60) {
      auto next = apply(now, random_change(rng));
      if (!next || next->edit.steps.size() == now.edit.steps.size()) continue;
      states.push_back(now.edit.weights.flat());
      history.push(now.edit);
      now = *next;
      EXPECT_LE(history.held_bytes(now.edit), room + 3 * 16'384U);
    }
    states.push_back(now.edit.weights.flat());
    document::EditState state = now.edit;
    base::Rng walk(5, "walk");
    std::size_t at = 60;
    for (int i = 0; i < 300; ++i) {
      const bool back = at == 60 || (at > 0 && walk.uniform() < (i < 150 ? 0.8 : 0.4));
      state = back ? history.undo(std::move(state)) : history.redo(std::move(state));
      at = back ? at - 1 : at + 1;
      ASSERT_EQ(state.steps.size(), at);
      ASSERT_TRUE(same_bytes(state.weights.flat(), states[at])) << room << ", " << i;
    }
    EXPECT_GT(replayed, 0);
    EXPECT_EQ(history.dropped(), 0U);
  }
}

TEST(Change, ASliderIsOneStepFromWhereItBegan) {
  Bench bench;
  const auto loaded = weights_of(bench);
  const auto prune = [](double share, bool preview) {
    return json{{"command", "change"},
                {"operation", "prune"},
                {"on", "all"},
                {"params", {{"share", share}}},
                {"preview", preview}}
        .dump();
  };
  for (int i = 1; i <= 10; ++i) run(bench, prune(0.08 * i, true));
  EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
  run(bench, prune(0.25, true));
  run(bench, prune(0.25, false));
  EXPECT_EQ(state_of(bench)["edits"].size(), 1U);
  const auto pruned = weights_of(bench);
  const document::Document fresh = Bench().lab.document();
  EXPECT_TRUE(same_bytes(
      pruned, applied(fresh, *document::parse_command(prune(0.25, false), fresh.graph())).edit.weights.flat()));
  // Left without a last word, it becomes a step when something else is done.
  run(bench, prune(0.5, true));
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":2})");
  const json edits = state_of(bench)["edits"];
  ASSERT_EQ(edits.size(), 3U);
  EXPECT_NE(edits[1]["words"].get<std::string>().find("pruned 50 %"), std::string::npos);
  for (int i = 0; i < 3; ++i) run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
}

// Taken up again it moves the same step, back and forth; another operation in between ends that.
TEST(Change, ASliderTakenUpAgainMovesItsStep) {
  Bench bench;
  const auto loaded = weights_of(bench);
  const auto prune = [&](double share, bool preview, bool again = true) {
    run(bench, json{{"command", "change"},
                    {"operation", "prune"},
                    {"on", "conv2"},
                    {"params", {{"share", share}}},
                    {"preview", preview},
                    {"again", again}}
                   .dump());
  };
  const auto fresh = [&](double share) {
    Bench other;
    run(other,
        json{{"command", "change"}, {"operation", "prune"}, {"on", "conv2"}, {"params", {{"share", share}}}}.dump());
    return weights_of(other);
  };
  prune(0.9, true);
  prune(0.8, false);
  EXPECT_TRUE(same_bytes(weights_of(bench), fresh(0.8)));
  for (const double share : {0.5, 0.3, 0.4}) prune(share, true);
  EXPECT_TRUE(same_bytes(weights_of(bench), fresh(0.4)));
  prune(0.2, false);
  EXPECT_TRUE(same_bytes(weights_of(bench), fresh(0.2)));
  ASSERT_EQ(state_of(bench)["edits"].size(), 1U);
  EXPECT_NE(state_of(bench)["edits"][0]["words"].get<std::string>().find("20 %"), std::string::npos);
  EXPECT_FALSE(std::get<document::command::Change>(bench.lab.document().edit.steps[0]->command).again);
  prune(0.6, false);
  run(bench, R"({"command":"set_weight","weight":"fc.bias[0]","value":2})");
  prune(0.1, false);
  EXPECT_EQ(state_of(bench)["edits"].size(), 2U) << "a tenth is pruned already: the smallest are 0";
  prune(0.7, false);
  EXPECT_EQ(state_of(bench)["edits"].size(), 3U);
  prune(0.0, false);
  EXPECT_EQ(state_of(bench)["edits"].size(), 2U) << "none pruned: no step is left";
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(weights_of(bench), fresh(0.6)));
  run(bench, R"({"command":"undo"})");
  EXPECT_TRUE(same_bytes(weights_of(bench), loaded));
  EXPECT_FALSE(state_of(bench)["can_undo"].get<bool>());
}

// By what a picture says: worked out first, written down with the step, and done again without any picture.
TEST(Change, PruningByAPictureKeepsItsChoice) {
  for (const char* by : {"gradient", "loss"}) {
    Bench bench;
    const auto loaded = weights_of(bench);
    const std::string command =
        R"({"command":"change","operation":"prune","on":"conv2;fc","params":{"share":0.4,"by":")" + std::string(by) +
        "\"}}";
    ASSERT_TRUE(bench.lab.run_json(command).has_value());
    EXPECT_EQ(state_of(bench)["jobs"][0]["name"], "change");
    EXPECT_EQ(state_of(bench)["edits"].size(), 0U);
    bench.settle();
    const auto pruned = weights_of(bench);
    const std::size_t zeros =
        static_cast<std::size_t>(std::ranges::count(pruned, 0.0F) - std::ranges::count(loaded, 0.0F));
    EXPECT_NEAR(static_cast<double>(zeros), 0.4 * (12 * 8 * 9 + 4 * 12), 1.0);
    const auto& step = *bench.lab.document().edit.steps.back();
    EXPECT_EQ(step.changed, zeros);
    document::Document bare = Bench().lab.document();
    bare.picture.reset();
    EXPECT_TRUE(same_bytes(applied(bare, document::as_command(step.command)).edit.weights.flat(), pruned)) << by;
    run(bench, R"({"command":"undo"})");
    EXPECT_TRUE(same_bytes(loaded, weights_of(bench)));
    // The slider goes on at once: what the picture said is still known.
    ASSERT_TRUE(bench.lab.run_json(command).has_value());
    EXPECT_TRUE(same_bytes(pruned, weights_of(bench)));
  }
}

// A slider under way becomes a step before the picture is asked for the next change.
TEST(Change, PruningByAPictureMayFollowAPreview) {
  Bench bench;
  run(bench, R"({"command":"change","operation":"scale","on":"conv1","params":{"factor":0.5},"preview":true})");
  const auto command = R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.4,"by":"loss"}})";
  ASSERT_TRUE(bench.lab.run_json(command).has_value());
  bench.settle();
  ASSERT_EQ(state_of(bench)["edits"].size(), 2U);
  EXPECT_NE(state_of(bench)["edits"][0]["words"].get<std::string>().find("conv1"), std::string::npos);
  EXPECT_EQ(state_of(bench)["edits"][1]["words"], "conv2: pruned 40 % by loss");
}

// |w dL/dw| and w^2 h / 2 of every weight from finite differences of the loss.
TEST(Change, PruningByAPictureTakesTheLeastImportant) {
  Bench bench;
  const document::Document document = document_of(bench);
  const auto& graph = document.graph();
  const auto& fc = graph.weights()[static_cast<std::size_t>(graph.find_weight("fc.weight"))];
  const auto loss_at = [&](std::vector<float> weights, int top) {
    nn::Session session(document.model->graph, std::move(weights), {});
    session.set_input(*document.picture->input);
    session.forward();
    const auto logits = session.logits().values();
    double sum = 0.0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    return std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(top)]);
  };
  const int top = bench.lab.engine().results().order.front();
  const auto weights = weights_of(bench);
  for (const bool loss : {false, true}) {
    std::vector<std::pair<double, std::size_t>> scores;
    for (std::size_t k = fc.offset; k < fc.offset + fc.shape.size(); ++k) {
      const auto moved = [&](float by) {
        auto other = weights;
        other[k] += by;
        return loss_at(other, top);
      };
      const double w = static_cast<double>(weights[k]);
      const double h = 0.02;
      const double up = moved(static_cast<float>(h));
      const double down = moved(-static_cast<float>(h));
      const double score = loss ? 0.5 * w * w * (up - 2.0 * loss_at(weights, top) + down) / (h * h)
                                : std::abs(w * (up - down) / (2.0 * h));
      scores.emplace_back(score, k);
    }
    std::ranges::sort(scores);
    const std::string by = loss ? "loss" : "gradient";
    run(bench,
        R"({"command":"change","operation":"prune","on":"fc.weight","params":{"share":0.25,"by":")" + by + "\"}}");
    const auto pruned = weights_of(bench);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (i >= 10 && i < 14) continue;  // next to the limit of twelve
      EXPECT_EQ(pruned[scores[i].second] == 0.0F, i < 12) << by << " " << i;
    }
    run(bench, R"({"command":"undo"})");
  }
}

TEST(Change, RefusesInOneSentenceAndChangesNothing) {
  Bench bench;
  const auto says = [&](const std::string& fields, const std::string& part) {
    EXPECT_NE(refusal(bench, R"({"command":"change",)" + fields + "}").find(part), std::string::npos) << fields;
  };
  says(R"("operation":"melt","on":"all")", "no operation 'melt'");
  says(R"("operation":"prune")", "lacks the field 'on'");
  says(R"("operation":"prune","on":"conv9")", "conv9");
  says(R"("operation":"prune","on":"all","params":{"share":1.5})", "share");
  says(R"("operation":"prune","on":"all","params":{"by":"age"})", "age");
  says(R"("operation":"prune","on":"conv1.bias","params":{"by":"loss"})", "Biases are not pruned");
  says(R"("operation":"prune","on":"all","chosen":"AAAA")", "chosen for another selection");
  says(R"("operation":"prune","on":"all","chosen":"A")", "not base64");
  says(R"("operation":"swap","on":"conv1.weight[1]")", "second selection");
  says(R"("operation":"copy","on":"conv1.weight[1]","from":"conv2.weight[1]")", "same shape");
  says(R"("operation":"scale","on":"all","params":{"factor":"big"})", "");
}

}  // namespace
}  // namespace weightroom::lab
