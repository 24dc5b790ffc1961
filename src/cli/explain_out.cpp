#include "cli/explain_out.h"

#include <algorithm>
#include <filesystem>

#include "io/file.h"
#include "io/text.h"
#include "lab/map_file.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEndings[] = {".safetensors", ".npy", ".csv", ".png"};

bool is_file(const std::string& path) {
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); });
}

Status write_map(const std::string& path, const Explained& result, explain::MapSize size, const Subject& subject) {
  if (path.ends_with(".png")) return io::write_file(path, io::encode_png(lab::overlay(subject.picture, result.map)));
  if (path.ends_with(".npy")) return io::write_file(path, lab::map_npy(result.explanation, size));
  if (path.ends_with(".csv")) return io::write_file(path, io::as_bytes(lab::map_csv(result.map)));
  return io::write_file(path, lab::map_tensors(result.explanation, result.map, size));
}

}  // namespace

Status check_outs(const MapOutputs& outs, bool several) {
  if (!several && !outs.kinds.empty()) return fail("--as is for several pictures, whose maps go into a folder.");
  if (!outs.kinds.empty() && outs.paths.empty()) return fail("--as needs a folder: name it by --out.");
  for (const std::string& path : outs.paths) {
    std::error_code error;
    if (several && (is_file(path) || fs::is_regular_file(path, error)))
      return fail("The maps of several pictures go into a folder, and " + io::in_quotes(path) +
                  " is a file: name a folder by --out, and the kind of files by --as.");
    if (!several && !is_file(path))
      return fail("The output " + io::in_quotes(path) +
                  " must end in .safetensors or .npy (values), .csv (the map as text) or .png (overlay).");
  }
  return {};
}

Status write_outs(const MapOutputs& outs, const std::string& place, const Explained& result, explain::MapSize size,
                  const Subject& subject) {
  for (const std::string& path : outs.paths) {
    if (place.empty()) {
      if (auto written = write_map(path, result, size, subject); !written) return written;
      continue;
    }
    const std::vector<std::string> kinds = outs.kinds.empty() ? std::vector<std::string>{"npy"} : outs.kinds;
    for (const std::string& kind : kinds) {
      const fs::path file = fs::path(path) / (place + "." + kind);
      std::error_code error;
      fs::create_directories(file.parent_path(), error);  // writing says what is wrong with it
      if (auto written = write_map(file.string(), result, size, subject); !written) return written;
    }
  }
  return {};
}

}  // namespace weightroom::cli
