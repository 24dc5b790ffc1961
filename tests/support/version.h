#pragma once

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace weightroom::test {

// The version as CMakeLists.txt has it in project(), which is the only place; empty where it is not found.
inline std::string project_version() {
  std::ifstream file(std::string(WEIGHTROOM_SOURCE_DIR) + "/CMakeLists.txt");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::smatch found;
  const bool there = std::regex_search(text, found, std::regex(R"(\nproject\(weightroom VERSION (\d+\.\d+\.\d+) )"));
  return there ? found[1].str() : std::string();
}

}  // namespace weightroom::test
