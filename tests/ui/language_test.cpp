// Every panel and page in a language that is 40 % longer, in accents and brackets: nothing is left in English, and no
// number is written past the formatter.
#include "base/language.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/version.h"
#include "headless.h"
#include "ui/pages/page.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::run;
using testing::Headless;

class PseudoLanguage : public ::testing::Test {
 protected:
  PseudoLanguage() {
    std::ifstream in(std::string(WEIGHTROOM_BINARY_DIR) + "/strings/pseudo.bin", std::ios::binary);
    const std::vector<unsigned char> table{std::istreambuf_iterator<char>(in), {}};
    EXPECT_TRUE(base::use_language(table));
  }
  ~PseudoLanguage() override { base::use_english(); }
};

// What stands outside of all brackets; a text that was cut may have lost its last ones.
std::string outside(std::string_view text) {
  std::string left;
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' ? 1 : 0;
    if (depth == 0) left += c;
    depth -= c == ']' && depth > 0 ? 1 : 0;
  }
  return left;
}

// Data, which no language changes: names of classes, layers, weights, files and formats.
class Data {
 public:
  explicit Data(const lab::Lab& lab) {
    if (!lab.has_document()) return;
    const document::Document& document = lab.document();
    for (const std::string& label : document.model->labels) add(label);
    for (const nn::Node& node : document.graph().nodes()) add(node.name);
    for (const nn::GraphWeight& weight : document.graph().weights()) {
      add(weight.name);
      add(std::string_view(weight.name).substr(weight.name.rfind('.') + 1));  // as rows of the wall are called
    }
    for (const nn::Node& node : document.graph().nodes())
      if (node.op != nullptr) add(node.op->name);
    for (const lab::Sample& sample : lab::samples()) add(sample.name);
    for (const lab::ModelEntry& model : lab::shipped_models()) add(model.name);
    add(document.model->name);
    if (document.picture) add(document.picture->name);
  }
  [[nodiscard]] bool has(const std::string& word) const {
    static const std::regex kName("[a-z0-9_]*[0-9_][a-z0-9_]*(\\.(weight|bias))?|[0-9.,×x+−-]*|e[0-9.−+-]*");
    return words_.contains(word) || std::regex_match(word, kName);
  }

 private:
  void add(std::string_view name) {
    std::string word;
    for (const char c : std::string(name) + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.') {
        word += c;
      } else if (!word.empty()) {
        words_.insert(std::exchange(word, {}));
      }
    }
  }
  std::set<std::string> words_{"fp32", "fp16", "int8", "int4", "gzip", "ONNX", "Weightroom"};
};

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : std::string(text) + " ") {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalnum(u) != 0 || c == '_' || c == '.') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

void expect_spoken(const std::vector<std::string>& drawn, const lab::Lab& lab, const std::string& where) {
  static const std::regex kPoint("[0-9]\\.[0-9]");
  const Data data(lab);
  std::set<std::string> seen;
  for (const std::string& text : drawn) {
    if (!seen.insert(text).second) continue;
    // A version is no number.
    const std::size_t version = text.find(base::version());
    const bool point = version == std::string::npos && std::regex_search(text, kPoint);
    EXPECT_FALSE(point) << where << ": a number past the formatter in: " << text;
    for (const std::string& word : words_in(outside(text))) {
      const bool letters = std::ranges::count_if(word, [](unsigned char c) { return std::isalpha(c) != 0; }) > 1;
      EXPECT_TRUE(!letters || data.has(word)) << where << ": '" << word << "' is no key's in: " << text;
    }
  }
}

void draw_everything(Bench& bench, ImVec2 size) {
  Headless face(bench.lab, size);
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.state.tab = 1;
  for (const studies::StudyDef& page : studies::pages()) {
    if (page.name == "counting") continue;  // of a test, which has no sentences of its own
    run(bench, R"({"command":"open_page","page":")" + std::string(page.name) + "\"}");
    drawn.clear();
    face.screen(3);
    EXPECT_FALSE(drawn.empty());
    expect_spoken(drawn, bench.lab, "page " + std::string(page.name) + " " + std::to_string(size.x));
  }
  for (const Panel& panel : panels()) {
    drawn.clear();
    face.panel(panel.name, {std::min(size.x, 576.0F), 3000.0F}, 2);
    expect_spoken(drawn, bench.lab, "panel " + std::string(panel.name) + " " + std::to_string(size.x));
  }
}

TEST_F(PseudoLanguage, IsSpokenOnEveryPageAndPanel) {
  Bench bench;
  for (const ImVec2 size : {ImVec2{1280, 800}, ImVec2{390, 844}}) draw_everything(bench, size);
}

TEST_F(PseudoLanguage, IsSpokenAfterEdits) {
  Bench bench;
  run(bench, R"({"command":"change","operation":"prune","on":"conv2","params":{"share":0.4}})");
  run(bench, R"({"command":"set_method","method":"integrated_gradients"})");
  run(bench, R"({"command":"select_channel","layer":"conv2","channel":1})");
  EXPECT_TRUE(bench.lab.document().edit.steps.back()->words.said().find("[") != std::string::npos)
      << "a step is said, not kept";
  for (const ImVec2 size : {ImVec2{1280, 800}, ImVec2{390, 844}}) draw_everything(bench, size);
}

TEST_F(PseudoLanguage, ErrorsAndNoticesAreSpoken) {
  Bench bench;
  const auto refused = bench.lab.run_json(R"({"command":"set_weight","weight":"conv9.weight[0]","value":1})");
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().message().starts_with("["));
  std::vector<std::byte> zip{std::byte{'P'}, std::byte{'K'}, std::byte{3}, std::byte{4}};
  EXPECT_FALSE(bench.lab.open_file("x.safetensors", std::move(zip)).has_value());
  Headless face(bench.lab, {1280, 800});
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.screen(3);
  expect_spoken(drawn, bench.lab, "an error");
}

}  // namespace
}  // namespace weightroom::ui
