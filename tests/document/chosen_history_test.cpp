// What a pruning by pictures costs in a history, and histories saved when it was a bit a weight.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "document/history_file.h"
#include "edit/region.h"
#include "io/file.h"
#include "io/model_file.h"
#include "lab/bench_model.h"
#include "studies/importance.h"

namespace weightroom::document {
namespace {

using lab::testing::same_bytes;
using nlohmann::json;

std::vector<std::byte> file(const std::string& path) {
  auto bytes = io::read_file(path);
  EXPECT_TRUE(bytes.has_value()) << path;
  return bytes.value_or(std::vector<std::byte>());
}

Document shipped(const std::string& name) {
  auto model = io::read_model(file(WEIGHTROOM_SOURCE_DIR "/assets/" + name + ".safetensors"), name);
  EXPECT_TRUE(model.has_value());
  return open_document(std::make_shared<const nn::Model>(std::move(*model)));
}

std::string loaded_fingerprint(const Document& document) {
  return nn::fingerprint(document.graph(), document.loaded.flat());
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Document> replayed(Document document, const std::string& text) {
  const auto history = read_history(std::as_bytes(std::span(text)), document, loaded_fingerprint(document));
  if (!history) return std::unexpected(history.error());
  for (const EditCommand& step : history->steps) {
    auto next = document::apply(document, as_command(step));
    if (!next) return std::unexpected(next.error());
    document = std::move(*next);
  }
  EXPECT_EQ(nn::fingerprint(document.graph(), document.edit.running.flat()), history->fingerprint);
  return document;
}

std::string saved(const Document& document) {
  const std::string now = nn::fingerprint(document.graph(), document.edit.running.flat());
  return text_of(write_history(document, loaded_fingerprint(document), now));
}

// The model that the page opens with, pruned as its slider would, by photographs of what it knows. As a bit a weight
// the file had 55 KB.
TEST(ChosenHistory, EverydayPrunedByGradientTakesAtMost30Kilobytes) {
  const Document everyday = shipped("everyday");
  for (const char* name : {"cat.jpg", "coffee.jpg"}) {
    auto image = io::decode_image(file(WEIGHTROOM_SAMPLES "/" + std::string(name)));
    ASSERT_TRUE(image.has_value());
    Document document = everyday;
    document.picture = make_picture(*document.model, name, std::make_shared<const io::Image>(std::move(*image)), false);
    const command::Change change{
        .operation = "prune", .on = "all", .params = {{"share", 0.4}, {"by", 1.0}, {"grain", 0.0}}};
    const auto chosen = studies::choose_now(document, change);
    ASSERT_TRUE(chosen.has_value()) << chosen.error().message();
    const auto pruned = document::apply(document, *chosen);
    ASSERT_TRUE(pruned.has_value()) << pruned.error().message();
    const std::string text = saved(*pruned);
    EXPECT_LE(text.size(), 30'000U) << name;
    const auto again = replayed(everyday, text);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_TRUE(same_bytes(again->edit.weights.flat(), pruned->edit.weights.flat()));
    EXPECT_EQ(saved(*again), text);
    RecordProperty(name, static_cast<int>(text.size()));
  }
}

// bitmap.json was saved by the program before choices were written shorter.
TEST(ChosenHistory, OldHistoriesOpenAndAreSavedShorter) {
  const Document garments = shipped("garments");
  const std::string old = text_of(file(WEIGHTROOM_SOURCE_DIR "/tests/golden/history/bitmap.json"));
  const std::string chosen = json::parse(old)["steps"][2]["command"]["chosen"];
  ASSERT_EQ(base::from_base64(chosen).value().size(), (11'278U + 7) / 8);
  const auto document = replayed(garments, old);
  ASSERT_TRUE(document.has_value()) << document.error().message();
  const std::string text = saved(*document);
  EXPECT_LT(text.size() - (old.size() - chosen.size()), chosen.size() * 3 / 4);
  EXPECT_NE(json::parse(text)["steps"][2]["command"]["chosen"].get<std::string>().find(':'), std::string::npos);
  EXPECT_EQ(json::parse(text)["fingerprint"], json::parse(old)["fingerprint"]);
  const auto again = replayed(garments, text);
  ASSERT_TRUE(again.has_value()) << again.error().message();
  // One bit fewer or more in the old form, and the fingerprint tells; a byte fewer, and it is refused.
  json shorter = json::parse(old);
  shorter["steps"][2]["command"]["chosen"] = base::to_base64(std::vector<std::uint8_t>(1409, 0));
  const auto refused = replayed(garments, shorter.dump());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message(), "What is to be pruned was chosen for another selection.");
}

// What was written as bits is read, and written as runs or gaps.
TEST(ChosenHistory, BitsAreNeverWritten) {
  const Document garments = shipped("garments");
  const std::string written =
      "{\"command\":\"change\",\"operation\":\"prune\",\"on\":\"fc.weight[0,0:10]\",\"params\":{},"
      "\"chosen\":\"CAE=\",\"preview\":false}";
  const auto command = parse_command(written, garments.graph());
  ASSERT_TRUE(command.has_value()) << command.error().message();
  const json again = json::parse(to_json(*command, garments.graph()));
  EXPECT_TRUE(again["chosen"].get<std::string>().starts_with("gaps:")) << again;
  const auto read = parse_command(again.dump(), garments.graph());
  ASSERT_TRUE(read.has_value()) << read.error().message();
  const auto pruned = document::apply(garments, *command);
  ASSERT_TRUE(pruned.has_value()) << pruned.error().message();
  const auto& tensor = garments.graph().weights()[static_cast<std::size_t>(garments.graph().find_weight("fc.weight"))];
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    EXPECT_EQ(pruned->edit.weights[tensor.offset + i] == 0.0F, i == 3 || i == 8) << i;
  const auto same = document::apply(garments, *read);
  ASSERT_TRUE(same.has_value()) << same.error().message();
  EXPECT_TRUE(same_bytes(same->edit.weights.flat(), pruned->edit.weights.flat()));
}

// The choice is predicted from the weights it is about: on others it is not read as something else.
TEST(ChosenHistory, AChoiceIsNotTakenToOtherWeights) {
  const Document garments = shipped("garments");
  const auto document = replayed(garments, text_of(file(WEIGHTROOM_SOURCE_DIR "/tests/golden/history/bitmap.json")));
  ASSERT_TRUE(document.has_value());
  const auto& change = std::get<command::Change>(document->edit.steps.back()->command);
  ASSERT_EQ(change.chosen.form(), edit::Chosen::Form::weights);
  const auto elsewhere = document::apply(garments, change);
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_EQ(elsewhere.error().message(), "What is to be pruned was chosen for other weights.");
}

TEST(Commands, RefuseWeightsAndLayersThatTheModelDoesNotHave) {
  const Document document = shipped("garments");
  const auto& weights = document.graph().weights();
  const nn::WeightRef refs[] = {kNoWeight,
                                {static_cast<int>(weights.size()), 0},
                                {0, weights[0].shape.size()},
                                {-7, 3},
                                {2, static_cast<std::size_t>(-1)}};
  for (const nn::WeightRef ref : refs) {
    for (const Command& command : {Command(command::SetWeight{ref, 1.0F}), Command(command::SetWeight{ref, 1.0F, true}),
                                   Command(command::TransformWeight{ref, "zero"}), Command(command::SelectWeight{ref}),
                                   Command(command::Reset{.scope = command::Reset::Scope::weight, .weight = ref})}) {
      const auto next = document::apply(document, command);
      ASSERT_FALSE(next.has_value());
      EXPECT_EQ(next.error().message(), "The model has no such weight.");
      EXPECT_FALSE(parse_command(to_json(command, document.graph()), document.graph()).has_value());
    }
  }
  for (const int node : {-1, static_cast<int>(document.graph().nodes().size()), 1 << 30}) {
    for (const Command& command : {Command(command::Switch{node, -1, false}),
                                   Command(command::Reset{.scope = command::Reset::Scope::layer, .node = node})}) {
      const auto next = document::apply(document, command);
      ASSERT_FALSE(next.has_value());
      EXPECT_EQ(next.error().message(), "The model has no such layer.");
      EXPECT_FALSE(parse_command(to_json(command, document.graph()), document.graph()).has_value());
    }
  }
}

// What one slider moves, and what another one does.
TEST(Commands, SameSubjectIsTheSameWeightOrTheSameChange) {
  const command::SetWeight set{{0, 1}, 1.0F};
  EXPECT_TRUE(same_subject(set, command::SetWeight{{0, 1}, 2.0F, true}));
  EXPECT_FALSE(same_subject(set, command::SetWeight{{0, 2}, 1.0F}));
  EXPECT_FALSE(same_subject(set, command::SetWeight{{1, 1}, 1.0F}));
  const command::Change change{.operation = "blend", .on = "conv1", .from = "conv2"};
  command::Change other = change;
  other.params["share"] = 0.3;
  other.chosen = edit::Chosen({1}, 3);
  other.preview = other.again = true;
  EXPECT_TRUE(same_subject(change, other));
  other.from = "conv3";
  EXPECT_FALSE(same_subject(change, other));
  other = change;
  other.on = "conv4";
  EXPECT_FALSE(same_subject(change, other));
  other = change;
  other.operation = "copy";
  EXPECT_FALSE(same_subject(change, other));
  EXPECT_FALSE(same_subject(set, change));
  EXPECT_FALSE(same_subject(command::Reset{}, command::Reset{})) << "a reset is no slider";
}

// Names are looked up where JSON is read, and say what they said before.
TEST(Commands, NamesOfAnotherModelAreRefusedWhereTheyAreRead) {
  const Document document = shipped("garments");
  const auto says = [&](const std::string& text) {
    const auto command = parse_command(text, document.graph());
    return command ? "" : command.error().message();
  };
  EXPECT_TRUE(says(R"({"command":"set_weight","weight":"conv9.weight[0,0,0,0]","value":1})")
                  .starts_with("The model has no weight tensor 'conv9.weight'; it has conv1.weight"));
  EXPECT_EQ(says(R"({"command":"select_weight","weight":"conv1"})"),
            "A weight is written like conv1.weight[3,0,1,2], not 'conv1'.");
  EXPECT_EQ(says(R"({"command":"set_weight","weight":"conv9.weight[0]"})"), "The command lacks the field 'value'.")
      << "the form comes first";
  EXPECT_EQ(says(R"({"command":"reset","scope":"layer","weight":"conv9"})"), "The model has no layer 'conv9'.");
  EXPECT_EQ(says(R"({"command":"reset","scope":"half","weight":"conv1"})"),
            "A reset is of a weight, a layer or all, not 'half'.");
  EXPECT_EQ(says(R"({"command":"switch","layer":"conv9","on":false})"), "The model has no layer 'conv9'.");
  const auto unread = parse_command_without_model(R"({"command":"set_weight","weight":"conv1.bias[0]","value":1})");
  ASSERT_TRUE(unread.has_value());
  EXPECT_FALSE(document::apply(document, *unread).has_value()) << "no name was looked up";
}

}  // namespace
}  // namespace weightroom::document
