// docs/cli.md: every command and option is there, none is made up, and every example runs as it says.
#include <algorithm>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "edit/operation.h"
#include "program.h"

namespace weightroom::cli {
namespace {

using Names = std::set<std::string>;

struct Example {
  std::string command;
  int code = 0;
};

// What stands under a heading of the second level; what stands before the first has an empty heading.
struct Section {
  std::string heading{};
  std::string text{};
  std::string prose{};              // of it, what stands in no block
  std::vector<Example> examples{};  // of its blocks in sh
  std::string objects{};            // its other blocks: JSON without values
};

std::vector<Section> read_sections() {
  std::ifstream in(std::string(WEIGHTROOM_SOURCE_DIR) + "/docs/cli.md");
  std::vector<Section> sections(1);
  std::string block;  // the line that opened it
  const std::regex stated(R"((.*?)\s+# exit code (\d)$)");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      block = block.empty() ? line : "";
      continue;
    }
    if (block.empty() && line.starts_with("## ")) sections.push_back({.heading = line.substr(3)});
    Section& section = sections.back();
    section.text += line + "\n";
    if (block.empty()) section.prose += line + "\n";
    if (block == "```sh") {
      std::smatch parts;
      const bool fails = std::regex_match(line, parts, stated);
      section.examples.push_back(fails ? Example{parts[1], std::stoi(parts[2])} : Example{line, 0});
    } else if (!block.empty()) {
      section.objects += line + "\n";
    }
  }
  return sections;
}

Names found(const std::string& text, const char* pattern) {
  Names names;
  const std::regex regex(pattern);
  for (auto at = std::sregex_iterator(text.begin(), text.end(), regex); at != std::sregex_iterator(); ++at)
    names.insert((*at)[1]);
  return names;
}

struct Option {
  Names names{};
  std::string fallback{};
};

// "0.0" and "0", "\"sgd\"" and "sgd" say the same.
std::string plain(std::string value) {
  std::erase(value, '"');
  if (const auto dot = value.find('.'); dot != std::string::npos && value.find_first_not_of("0", dot + 1) == value.npos)
    value.resize(dot);
  return value;
}

// The options of a --help, but for --help itself. A default stands after '='; a recipe's in brackets at the end.
std::vector<Option> options_of(const std::string& help) {
  std::vector<Option> options;
  std::istringstream lines(help);
  std::string text;
  bool recipe = false;
  const std::regex equals(R"(^  \S+ (?:TEXT|INT|UINT|FLOAT)\S*(?: in \[[^\]]*\])?=(\S+))");
  const std::regex brackets(R"(\(([^()]*)\)\s*$)");
  const auto finish = [&] {
    std::smatch parts;
    if (!options.empty() && std::regex_search(text, parts, recipe ? brackets : equals))
      options.back().fallback = plain(parts[1]);
    text.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  -")) {
      finish();
      options.push_back({found(line.substr(0, line.find(' ', 2)), "(--[a-z][a-z0-9_-]*)"), ""});
    }
    if (line.starts_with(' ')) {
      text += line + "\n";
    } else {
      finish();
      recipe = line.starts_with("Recipe");
    }
  }
  finish();
  std::erase_if(options, [](const Option& option) { return option.names.contains("--help"); });
  return options;
}

// The fields of a JSON value, also of what lies in it, but for what is named by the data.
void collect_fields(const nlohmann::json& json, Names& names) {
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      names.insert(name);
      if (name != "params" && name != "provenance" && name != "accuracy") collect_fields(value, names);
    }
  } else if (json.is_array()) {
    for (const auto& part : json) collect_fields(part, names);
  }
}

class DocsCli : public ProgramTest {
 protected:
  Outcome type(const std::string& command) const {
    const std::string line = "cd '" + folder_.string() + "' && export PATH='" + WEIGHTROOM_BINARY_DIR +
                             "':\"$PATH\" WEIGHTROOM_ASSETS='" + WEIGHTROOM_SOURCE_DIR + "/assets' && " + command +
                             " >stdout.txt 2>stderr.txt </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text("stdout.txt"), text("stderr.txt")};
  }
  void SetUp() override {
    ProgramTest::SetUp();
    const std::string help = run("--help").out;
    commands_ = found(help.substr(help.find("Subcommands:")), R"(\n  ([a-z]+) )");
    ASSERT_GE(commands_.size(), 11U);
  }
  const std::vector<Section> sections_ = read_sections();
  Names commands_;
};

TEST_F(DocsCli, EveryCommandHasItsSection) {
  Names headings;
  for (const Section& section : sections_) headings.insert(section.heading);
  headings.erase("");
  headings.erase("What all commands share");
  EXPECT_EQ(headings, commands_);
  EXPECT_EQ(found(sections_.front().text, R"(\n\| \[`([a-z]+)`\])"), commands_) << "the table at the beginning";
}

TEST_F(DocsCli, EveryOptionIsThereAndNoOther) {
  for (const Section& section : sections_) {
    if (!commands_.contains(section.heading)) continue;
    SCOPED_TRACE(section.heading);
    constexpr const char* kOption = "[^a-z0-9_-](--[a-z][a-z0-9_-]*)";
    const Names written = found(section.text, kOption);
    const Names described = found(section.prose, kOption);
    Names known;
    for (const Option& option : options_of(run(section.heading + " --help").out)) {
      known.insert(option.names.begin(), option.names.end());
      const std::string& name = *option.names.begin();
      EXPECT_TRUE(std::ranges::any_of(option.names, [&](const auto& each) { return described.contains(each); }))
          << name;
      // Its row in a table gives the default.
      std::smatch row;
      const std::regex table("\\| `(" + name + ")` \\| ([^|]*)\\|");
      if (std::regex_search(section.text, row, table)) {
        std::string told = row[2];
        std::erase(told, ' ');
        EXPECT_EQ(told, option.fallback) << name;
      }
    }
    for (const std::string& name : written) EXPECT_TRUE(known.contains(name)) << name << " is no option";
  }
}

TEST_F(DocsCli, OperationsAreThoseOfTheRegistry) {
  const auto edit = std::ranges::find(sections_, "edit", &Section::heading);
  ASSERT_NE(edit, sections_.end());
  for (const edit::OperationDef& operation : edit::operations()) {
    std::string cell;
    for (const base::ParamSpec& spec : operation.params)
      cell += (cell.empty() ? "`" : ", `") + std::string(spec.name) + "`";
    const std::string row = "\n| `" + std::string(operation.name) + "` | " + (cell.empty() ? "" : cell + " ") + "| ";
    EXPECT_NE(edit->text.find(row), std::string::npos) << row;
  }
}

TEST_F(DocsCli, ExamplesRunAndTheirFieldsAreThere) {
  const std::string golden = std::string(WEIGHTROOM_SOURCE_DIR) + "/tests/golden/onnx/";
  std::filesystem::copy_file(golden + "inverted_14.onnx", path("net.onnx"));
  std::filesystem::copy_file(golden + "inverted_weights.safetensors", path("weights.safetensors"));
  write("names.txt", "ant\nbee\ncat\ndog\nelk\n");
  write_picture("photo.png", 1, 7, 40);
  write_picture("other.png", 2, 8, 40);
  write_set(12, 4);
  write("set/val/low/broken.png", "no picture");  // so that what cannot be read has its fields
  write("recipe.json",
        R"({"net": "conv 4; pool; gap; fc", "epochs": 2, "batch": 8, "chunk": 4, "holdout": 0.25, "crop": 1})");
  write_model("bands.safetensors");
  const std::vector<float> pixels(3 * 8 * 8, 0.5F);
  ASSERT_TRUE(io::write_file(path("x.safetensors"),
                             io::write_safetensors({{"input", io::Dtype::f32, {1, 3, 8, 8}, pixels}}, {})));

  // In the order of the file: what one example writes, a later one may read.
  for (const Section& section : sections_) {
    SCOPED_TRACE(section.heading);
    Names given;
    for (const Example& example : section.examples) {
      const Outcome outcome = type(example.command);
      EXPECT_EQ(outcome.code, example.code) << example.command << "\n" << outcome.out << outcome.err;
      if (example.command.find(" --json") == std::string::npos) continue;
      const auto json = outcome.json();
      EXPECT_FALSE(json.is_discarded()) << example.command;
      collect_fields(json, given);
    }
    EXPECT_EQ(given, found(section.objects, "\"(\\w+)\"")) << "the fields told, and those given";
  }
}

}  // namespace
}  // namespace weightroom::cli
