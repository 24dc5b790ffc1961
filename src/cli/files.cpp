#include "cli/files.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include <strings/onnx.h>

#include "base/limits.h"
#include "io/file.h"
#include "io/file_kind.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModelEnding = ".safetensors";

fs::path& program_folder() {
  static fs::path folder;
  return folder;
}

// Where a file beside another lies, once links are followed; a sentence where that is in no folder of its own.
Result<std::string> place_beside(const std::string& path, const std::string& location) {
  std::error_code error;
  const fs::path folder = fs::canonical(fs::absolute(path, error).parent_path(), error);
  const fs::path place = fs::weakly_canonical(folder / location, error);
  if (error || !fs::is_regular_file(place, error)) return std::unexpected(onnx::not_beside(location));
  const auto [end, in_place] = std::ranges::mismatch(folder, place);
  if (end != folder.end()) return fail(text::onnx_file_outside, {{"file", io::in_quotes(location)}});
  return place.string();
}

}  // namespace

void set_program_path(std::string_view path) {
  std::error_code error;
  // A name without a folder came through the PATH, and Linux knows where that led.
  const fs::path program = path.find('/') == std::string_view::npos ? fs::path("/proc/self/exe") : fs::path(path);
  program_folder() = fs::weakly_canonical(program, error).parent_path();
}

std::vector<fs::path> asset_folders() {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("WEIGHTROOM_ASSETS"); named != nullptr && *named != '\0')
    folders.emplace_back(named);
  for (fs::path at = program_folder(); !at.empty(); at = at.parent_path()) {
    folders.push_back(at / "assets");
    folders.push_back(at / "share" / "weightroom");  // as installed
    if (at == at.parent_path()) break;
  }
  return folders;
}

std::vector<ModelPlace> find_models() {
  std::vector<ModelPlace> models;
  for (const fs::path& folder : asset_folders()) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() != kModelEnding) continue;
      const std::string name = it->path().stem().string();
      const bool known = std::ranges::any_of(models, [&](const ModelPlace& model) { return model.name == name; });
      if (!known) models.push_back({name, it->path()});
    }
  }
  std::ranges::sort(models, {}, &ModelPlace::name);
  return models;
}

Result<fs::path> find_model_file(const std::string& name_or_file) {
  // A bare word is a shipped model even where a file of that name lies here: scripts must not change with their folder.
  const io::FileKind kind = io::kind_of(name_or_file, {});
  const bool bare =
      name_or_file.find('/') == std::string::npos && kind != io::FileKind::model && kind != io::FileKind::onnx;
  if (!bare) return name_or_file;
  const std::vector<ModelPlace> models = find_models();
  const auto found = std::ranges::find(models, name_or_file, &ModelPlace::name);
  if (found != models.end()) return found->path;
  std::error_code error;
  if (fs::exists(name_or_file, error)) return name_or_file;
  std::string names;
  for (const ModelPlace& model : models) names += (names.empty() ? ": there are " : ", ") + model.name;
  return fail("There is no model '" + name_or_file + "'" + names + ". A model's file can be named too.");
}

Result<nn::Model> open_model_at(const std::string& path, std::span<const std::byte> bytes, onnx::OpenReport& report,
                                onnx::OnnxOptions options) {
  onnx::Beside beside;
  if (onnx::is_onnx(path, bytes)) {
    const auto locations = onnx::files_beside(bytes);
    if (!locations) return std::unexpected(locations.error());
    for (const std::string& location : *locations) {
      const auto place = place_beside(path, location);
      if (!place) return std::unexpected(place.error());
      auto file = io::read_file(*place, base::kMostModelBytes);
      if (!file) return std::unexpected(file.error());
      beside.emplace(location, std::move(*file));
    }
  }
  options.beside = &beside;
  return onnx::open_model(path, bytes, &report, options);
}

Result<nn::Model> load_model(const std::string& name_or_file) {
  onnx::OpenReport report;
  return load_model(name_or_file, report);
}

Result<nn::Model> load_model(const std::string& name_or_file, onnx::OpenReport& report, onnx::OnnxOptions options) {
  const auto path = find_model_file(name_or_file);
  if (!path) return std::unexpected(path.error());
  const auto bytes = io::read_file(path->string());
  if (!bytes) return std::unexpected(bytes.error());
  auto model = open_model_at(path->string(), *bytes, report, std::move(options));
  for (const std::string& notice : report.notices) std::cerr << "weightroom: " << notice << '\n';
  if (!model) return fail("'" + path->string() + "': " + model.error().message());
  return model;
}

Result<std::string> way_of(std::string_view file, const std::string& store) {
  if (io::kind_of(file, {}) != io::FileKind::onnx) return store;
  if (store == "plain" || store == "fp32") return "onnx";
  return fail("An ONNX file keeps its weights as fp32 here; " + store + " takes a file that ends in .safetensors.");
}

}  // namespace weightroom::cli
