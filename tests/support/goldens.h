#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace weightroom::test {

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(WEIGHTROOM_SOURCE_DIR) / "tests" / "golden" / "onnx";
}

// The ONNX files of scripts/golden/record_onnx.py, without their ending: a net's name and the file's opset.
inline std::vector<std::string> golden_nets() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
    if (entry.path().extension() == ".onnx") all.push_back(entry.path().stem().string());
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace weightroom::test
