#include "cli/labelled_set.h"

#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<LabelledSet> load_set(const SetRequest& request) {
  auto set = io::open_dataset(request.path);
  if (!set) {
    const std::string sentence = set.error().message();
    return fail(sentence.find(request.path) == std::string::npos ? io::in_quotes(request.path) + ": " + sentence
                                                                 : sentence);
  }
  const auto split = io::choose_split(*set, request.split);
  if (!split) return std::unexpected(split.error());
  io::LoadOptions options{.channels = request.channels,
                          .height = request.height,
                          .width = request.width,
                          .invert = request.invert,
                          .threads = request.threads};
  if (request.height == 0) {
    const auto first = set->picture((*split)->items.front());
    if (!first) return std::unexpected(first.error());
    options.height = first->height;
    options.width = first->width;
  }
  auto images = io::load_split(*set, **split, options);
  if (!images) return std::unexpected(images.error());
  const fs::path path = fs::path(request.path + "/").lexically_normal().parent_path();
  return LabelledSet{std::move(*images), path.filename().string(), (*split)->name};
}

Result<std::string> digest_of(const std::string& path) {
  base::Sha256 hash;
  std::error_code error;
  std::vector<fs::path> files;
  const bool folder = fs::is_directory(path, error);
  if (folder) {
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
      if (it->is_regular_file(error)) files.push_back(it->path());
    }
    std::ranges::sort(files);
  } else {
    files.emplace_back(path);
  }
  for (const fs::path& file : files) {
    if (folder) hash.update(file.lexically_relative(path).generic_string());
    const auto bytes = io::read_file(file.string());
    if (!bytes) return std::unexpected(bytes.error());
    hash.update(*bytes);
  }
  return hash.finish_hex();
}

}  // namespace weightroom::cli
