// weightroom edit: by hand, by operations, by the steps of a history.
#include <algorithm>
#include <map>
#include <set>

#include "program.h"

namespace weightroom::cli {
namespace {

class EditCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    model_ = write_model("assets/small.safetensors");
    write_picture("picture.png", 1, 7, 20);
  }
  nn::Model model_;
};

TEST_F(EditCli, EditSetsWeightsAndKeepsTheRest) {
  const Outcome edited =
      run("edit small --set 'conv1.weight[3,1,0,2]=-0.8' --set 'fc.bias[1]=2' --out e.safetensors --json");
  ASSERT_EQ(edited.code, 0) << edited.err;
  nn::Model wanted = model_;
  const auto& weights = wanted.graph->weights();
  const auto offset = [&](const char* name) {
    return weights[static_cast<std::size_t>(wanted.graph->find_weight(name))].offset;
  };
  std::vector<float> changed = wanted.weights.copy();
  changed[offset("conv1.weight") + ((3 * 3 + 1) * 3 + 0) * 3 + 2] = -0.8F;
  changed[offset("fc.bias") + 1] = 2.0F;
  wanted.weights = std::move(changed);
  EXPECT_EQ(edited.json()["fingerprint"], nn::fingerprint(*wanted.graph, wanted.weights));
  EXPECT_EQ(edited.json()["edits"][0]["weight"], "conv1.weight[3,1,0,2]");
  EXPECT_EQ(edited.json()["edits"][0]["after"].get<float>(), -0.8F);
  const auto back = io::read_model(bytes("e.safetensors"), "e");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->weights, wanted.weights);
  EXPECT_EQ(run("inspect e.safetensors --json").json()["fingerprint"], edited.json()["fingerprint"]);
}

TEST_F(EditCli, EditPrunesQuantisesAndKeepsAHistory) {
  const Outcome edited = run(
      "edit small --prune 0.5 --on conv1 --quantise 4 --per channel --change "
      R"('{"operation":"scale","on":"fc","params":{"factor":2}}' --save-history steps.json --out e.safetensors --json)");
  ASSERT_EQ(edited.code, 0) << edited.err;
  const auto edits = edited.json()["steps"];
  ASSERT_EQ(edits.size(), 3U);
  EXPECT_EQ(edits[0]["words"], "conv1: pruned 50 % by size");
  EXPECT_EQ(edits[1]["words"], "conv1: quantised to 4 bits per weight, channel by channel");
  EXPECT_EQ(edits[2]["words"], "fc: scaled by 2");
  const auto back = io::read_model(bytes("e.safetensors"), "e");
  ASSERT_TRUE(back);
  const auto& conv1 = back->graph->weights()[static_cast<std::size_t>(back->graph->find_weight("conv1.weight"))];
  const auto values = std::span<const float>(back->weights).subspan(conv1.offset, conv1.shape.size());
  EXPECT_GE(std::ranges::count(values, 0.0F), static_cast<std::ptrdiff_t>(values.size() / 2));
  // The steps alone do the same again, on the same model only.
  const Outcome again = run("edit small --history steps.json --out f.safetensors --json");
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.json()["fingerprint"], edited.json()["fingerprint"]);
  EXPECT_EQ(bytes("e.safetensors"), bytes("f.safetensors"));
  EXPECT_NE(refusal("edit e.safetensors --history steps.json --out g.safetensors").find("belongs to 'small'"),
            std::string::npos);
  const Outcome words = run("edit small --prune 0.25 --out e.safetensors");
  EXPECT_TRUE(words.out.starts_with("all: pruned 25 % by size\ne.safetensors: fingerprint ")) << words.out;
}

// Whatever the order, and however an option is joined to its value.
TEST_F(EditCli, EditsInTheOrderTyped) {
  const std::string set = "--set 'fc.bias[1]=2' ";
  const std::string change = R"(--change '{"operation":"scale","on":"fc","params":{"factor":3}}' )";
  const std::string prune = "--prune=0.5 ";
  const std::string quantise = "--quantise 4 ";
  const std::map<std::string, std::string> words{{set, "fc.bias[1]: "},
                                                 {change, "fc: scaled by 3"},
                                                 {prune, "all: pruned 50 % by size"},
                                                 {quantise, "all: quantised to 4 bits"}};
  std::vector<std::string> order{set, change, prune, quantise};
  std::ranges::sort(order);
  std::set<std::string> fingerprints;
  do {
    std::string line;
    for (const std::string& option : order) line += option;
    const Outcome edited = run("edit small " + line + "--out e.safetensors --json");
    ASSERT_EQ(edited.code, 0) << edited.err;
    const auto steps = edited.json()["steps"];
    ASSERT_EQ(steps.size(), order.size()) << line;
    for (std::size_t i = 0; i < order.size(); ++i)
      EXPECT_TRUE(steps[i]["words"].get<std::string>().starts_with(words.at(order[i]))) << line << steps[i]["words"];
    fingerprints.insert(edited.json()["fingerprint"].get<std::string>());
  } while (std::ranges::next_permutation(order).found);
  EXPECT_GT(fingerprints.size(), 4U) << "what is scaled before it is quantised is another model";
  // The same option between others; a history where it stands.
  const Outcome between = run("edit small --set 'fc.bias[1]=1' " + change +
                              "--set 'fc.bias[1]=5' --save-history steps.json --out e.safetensors --json");
  ASSERT_EQ(between.code, 0) << between.err;
  EXPECT_EQ(between.json()["steps"][1]["words"], "fc: scaled by 3");
  EXPECT_TRUE(between.json()["steps"][2]["words"].get<std::string>().ends_with("5.000"));
  const Outcome after = run("edit small --set 'fc.bias[1]=7' --history steps.json --out f.safetensors --json");
  ASSERT_EQ(after.code, 0) << after.err;
  EXPECT_EQ(bytes("e.safetensors"), bytes("f.safetensors"));
  const Outcome before = run("edit small --history steps.json --set 'fc.bias[1]=7' --out f.safetensors --json");
  EXPECT_NE(before.json()["fingerprint"], after.json()["fingerprint"]);
  EXPECT_NE(run("edit --help").out.find("in the order in which they are typed"), std::string::npos);
}

TEST_F(EditCli, EditPrunesByWhatAPictureSays) {
  for (const std::string by : {"gradient", "loss"}) {
    const Outcome edited = run("edit small --prune 0.5 --by " + by +
                               " --picture picture.png --save-history steps.json --out e.safetensors --json");
    ASSERT_EQ(edited.code, 0) << edited.err;
    const Outcome again = run("edit small --history steps.json --out f.safetensors --json");
    EXPECT_EQ(again.json()["fingerprint"], edited.json()["fingerprint"]) << "without the picture";
  }
  EXPECT_NE(refusal("edit small --prune 0.5 --by loss --out e.safetensors").find("no picture"), std::string::npos);
}

TEST_F(EditCli, EditRefusesByASentence) {
  EXPECT_NE(refusal("edit small --out x.safetensors").find("Say what to change"), std::string::npos);
  EXPECT_NE(refusal("edit small --prune 0.5 --on conv9 --out x.safetensors").find("conv9"), std::string::npos);
  EXPECT_NE(refusal("edit small --prune 0.5 --by age --out x.safetensors").find("age"), std::string::npos);
  EXPECT_NE(refusal("edit small --change '[1]' --out x.safetensors").find("JSON object"), std::string::npos);
  EXPECT_NE(refusal("edit small --history picture.png --out x.safetensors").find("This is a picture"),
            std::string::npos);
  const auto sentence = [&](const std::string& set) {
    return refusal("edit small --out e.safetensors --set '" + set + "'");
  };
  EXPECT_NE(sentence("conv9.weight[0,0,0,0]=1").find("no weight tensor 'conv9.weight'; it has conv1.weight"),
            std::string::npos);
  EXPECT_NE(sentence("conv1.weight[0,0,0]=1").find("takes 4 indices; its shape is (4,3,3,3)"), std::string::npos);
  EXPECT_NE(sentence("conv1.weight[4,0,0,0]=1").find("The index 4 of 'conv1.weight' is out of range"),
            std::string::npos);
  EXPECT_NE(sentence("conv1.weight[-1,0,0,0]=1").find("out of range"), std::string::npos);
  EXPECT_NE(sentence("conv1.weight[a,0,0,0]=1").find("is not a whole number"), std::string::npos);
  EXPECT_NE(sentence("conv1.weight[0,0,0,0]").find("An edit is written like"), std::string::npos);
  EXPECT_NE(sentence("conv1.weight=1").find("A weight is written like"), std::string::npos);
  for (const char* value : {"nan", "NaN", "inf", "-inf", "1e39", "infinity"}) {
    EXPECT_NE(sentence("conv1.weight[0,0,0,0]=" + std::string(value)).find("must be a finite number"),
              std::string::npos)
        << value;
  }
  EXPECT_NE(sentence("conv1.weight[0,0,0,0]=").find("is not a number"), std::string::npos);
  EXPECT_NE(sentence("conv1.weight[0,0,0,0]=0x10").find("is not a number"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("e.safetensors")));
}

TEST_F(EditCli, AHistoryEndsInWhatItSays) {
  const std::string edit = "edit small --set 'conv1.weight[0,0,0,0]=0.5' --save-history steps.json --out e.safetensors";
  ASSERT_EQ(run(edit).code, 0);
  ASSERT_EQ(run("edit small --history steps.json --prune 0.5 --out again.safetensors").code, 0);
  auto history = nlohmann::json::parse(text("steps.json"));
  std::string said = history["fingerprint"];
  said[0] = said[0] == '0' ? '1' : '0';
  history["fingerprint"] = said;
  write("lie.json", history.dump());
  EXPECT_EQ(refusal("edit small --history lie.json --out lie.safetensors"),
            "weightroom: The steps of the history give other weights here than where it was saved.\n");
  EXPECT_FALSE(std::filesystem::exists(path("lie.safetensors")));
}

}  // namespace
}  // namespace weightroom::cli
