// What every page's definition promises, page by page.
#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "io/file.h"
#include "lab/bench_model.h"
#include "studies/ranking.h"
#include "studies/study.h"
#include "studies/units.h"

namespace weightroom::studies {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;

// Something other than the default in every field.
constexpr const char* kSettings[] = {
    R"({"command":"set_curve","kind":"plane","on":"conv1;fc","second":"fc.bias[1]"})",
    R"({"command":"set_compare","across":"classes","methods":["lrp"],"classes":["cup",0],"one_scale":true})",
    R"({"command":"set_trust","question":"faithfulness","methods":["lrp","rise"],"shuffle":"independent","removal":"road","seed":7})",
    R"({"command":"set_ranking","show":"flips","by":"loss","grain":"kernel","of":"layer","biases":true,"over":"pictures"})",
    R"({"command":"set_units","show":"nudge","layer":"conv1","channel":2,"y":1,"x":3,"images":2,"steps":9,"seed":4,"norm":"length","search":"fgsm","toward":"cup"})",
    R"({"command":"set_teach","head":"instant","lambda":0.01,"alike":false,"wait":true,"into":2})"};

json choice_of_page(const StudyDef& page, const document::Document& document) {
  io::JsonWriter writer = io::JsonWriter::object();
  page.choice->write(document, writer);
  return json::parse(writer.text());
}

TEST(StudyPages, HaveNamesAndPartsOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<std::string_view> parts;
  for (const StudyDef& page : pages()) {
    EXPECT_TRUE(names.insert(page.name).second) << page.name;
    if (!page.part.empty()) EXPECT_TRUE(parts.insert(page.part).second) << page.part;
    EXPECT_FALSE(tr(page.title).empty()) << page.name;
    EXPECT_TRUE(tr(page.help).ends_with('.') || tr(page.help).ends_with('?')) << page.name;
    EXPECT_EQ(page.run == nullptr, page.passes == nullptr) << page.name;
    EXPECT_EQ(page.run == nullptr, page.same_question == nullptr) << page.name;
  }
}

TEST(StudyPages, ReadTheirChoiceBackAsTheyWriteIt) {
  Bench plain;
  Bench bench;
  for (const char* setting : kSettings) run(bench, setting);
  std::size_t with_fields = 0;
  for (const StudyDef& page : pages()) {
    if (page.choice == nullptr) continue;
    ++with_fields;
    SCOPED_TRACE(page.name);
    json written = choice_of_page(page, bench.lab.document());
    const json defaults = choice_of_page(page, plain.lab.document());
    for (const FieldHelp& field : page.choice->fields())
      EXPECT_NE(written[std::string(field.name)], defaults[std::string(field.name)]) << field.name << ": try another";
    written["command"] = "set_" + std::string(page.part);
    run(plain, written.dump());
    written.erase("command");
    EXPECT_EQ(choice_of_page(page, plain.lab.document()), written);
    EXPECT_EQ(state_of(plain)["study"][std::string(page.part)].size() >= written.size(), true);
  }
  EXPECT_EQ(with_fields, std::size(kSettings)) << "a new page needs a line among the settings above";
}

TEST(StudyPages, WriteEveryFieldOnce) {
  Bench bench;
  const document::Document& document = bench.lab.document();
  for (const StudyDef& page : pages()) {
    if (page.choice == nullptr) continue;
    const json all = choice_of_page(page, document);
    for (const FieldHelp& field : page.choice->fields())
      EXPECT_TRUE(all.contains(std::string(field.name))) << field.name;
    EXPECT_EQ(all.size(), page.choice->fields().size()) << page.name;
  }
}

// A command says what a hand has changed and nothing else: a layer that is chosen begins at its first channel.
TEST(StudyPages, ACommandHoldsOnlyWhatDiffers) {
  Bench bench;
  run(bench, R"({"command":"set_units","layer":"conv1","channel":3,"seed":4})");
  const document::Document& document = bench.lab.document();
  const int conv2 = document.graph().find_node("conv2");
  const auto command = choosing<UnitsChoice>(document, [&](UnitsChoice& choice) { choice.node = conv2; });
  EXPECT_EQ(command.part, "units");
  ASSERT_EQ(command.fields.size(), 1U);
  EXPECT_EQ(command.fields[0], (document::Field{"layer", {std::string("conv2")}}));
  EXPECT_TRUE(choosing<UnitsChoice>(document, [](UnitsChoice&) {}).fields.empty());
  ASSERT_TRUE(bench.lab.run(command).has_value());
  EXPECT_EQ(bench.lab.document().choice<UnitsChoice>().node, conv2);
  EXPECT_EQ(bench.lab.document().choice<UnitsChoice>().channel, 0);
}

// What the weight wall shows and has to be worked out, the ranking works out for it.
TEST(StudyPages, AnOverlayOfTheWallIsAsked) {
  Bench bench;
  run(bench, R"({"command":"select_layer","layer":"fc"})");
  const document::Document& document = bench.lab.document();
  run(bench, R"({"command":"set_view","overlay":"ablation"})");
  const Ranking& found = bench.lab.engine().study().get<Ranking>();
  EXPECT_TRUE(found.of_wall);
  std::size_t weights = 0;
  for (const int tensor : document.graph().nodes()[static_cast<std::size_t>(document.selection.layer)].weights)
    weights += document.graph().weights()[static_cast<std::size_t>(tensor)].shape.size();
  ASSERT_EQ(found.rows.size(), weights);
  for (const explain::Ranked& row : found.rows) EXPECT_TRUE(std::isfinite(row.exact));
  run(bench, R"({"command":"set_view","overlay":"loss"})");
  EXPECT_FALSE(found.of_wall);
  EXPECT_EQ(found.influence.curvature.size(), document.graph().weight_count());
  EXPECT_EQ(document.page, "layers");
}

// The table is made from the registry: where this fails, put what it prints into docs/api.md.
TEST(StudyPages, StandInTheDocumentationAsTheyAre) {
  const auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/docs/api.md").value();
  const std::string words(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_NE(words.find("\n" + command_table() + "\n"), std::string::npos) << command_table();
  for (const StudyDef& page : pages()) {
    EXPECT_NE(words.find("`" + std::string(page.name) + "`"), std::string::npos) << page.name;
    if (!page.part.empty()) EXPECT_NE(words.find("\"" + std::string(page.part) + "\""), std::string::npos) << page.part;
  }
}

}  // namespace
}  // namespace weightroom::studies
