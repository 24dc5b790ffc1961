#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/model.h"
#include "onnx/open_model.h"

namespace weightroom::cli {

// argv[0]: shipped models are looked for near the program.
void set_program_path(std::string_view path);

// Folders that may hold shipped models, in the order they are asked: $WEIGHTROOM_ASSETS, then assets/ and
// share/weightroom/ beside the program and beside each folder above it.
[[nodiscard]] std::vector<std::filesystem::path> asset_folders();

struct ModelPlace {
  std::string name;
  std::filesystem::path path;
};
// Shipped models, by name; the first folder that has a name wins.
[[nodiscard]] std::vector<ModelPlace> find_models();

// The file of a shipped model by its name, or of a path.
[[nodiscard]] Result<std::filesystem::path> find_model_file(const std::string& name_or_file);

// A model out of the bytes of a file at `path`, and of what an ONNX file keeps in others beside it: relative to its
// folder, and nowhere else, wherever a symbolic link leads.
[[nodiscard]] Result<nn::Model> open_model_at(const std::string& path, std::span<const std::byte> bytes,
                                              onnx::OpenReport& report, onnx::OnnxOptions options = {});

// The model in it. Notices (weights that were rounded) go to stderr.
[[nodiscard]] Result<nn::Model> load_model(const std::string& name_or_file, onnx::OpenReport& report,
                                           onnx::OnnxOptions options = {});
[[nodiscard]] Result<nn::Model> load_model(const std::string& name_or_file);

// How a model is saved (lab/save_model.h): as ONNX where the file's name ends so, else as `store` says. An ONNX file
// that was to store weights in less than fp32 is refused.
[[nodiscard]] Result<std::string> way_of(std::string_view file, const std::string& store);
// The option that says it.
inline constexpr const char* kStoreHelp =
    "how weights are stored: plain (fp16 where that changes none), fp32,\nfp16, int8, int4, or smallest (as pruning "
    "and "
    "quantising have left\nthem); a file named .onnx is ONNX";

}  // namespace weightroom::cli
