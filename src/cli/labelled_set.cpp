#include "cli/labelled_set.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/hash.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<LabelledSet> load_set(const SetRequest& request) {
  auto set = io::open_dataset(request.path, request.split);
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
                          .crop = request.crop,
                          .invert = request.invert,
                          .threads = request.threads};
  if (request.height == 0) {
    for (const io::SetItem& item : (*split)->items) {
      const auto first = set->picture(item);
      if (!first) continue;
      options.height = first->height;
      options.width = first->width;
      break;
    }
    options.height = std::max(1, options.height);  // none can be read, which is said below
    options.width = std::max(1, options.width);
  }
  auto loaded = io::load_split(*set, **split, options);
  if (!loaded) return std::unexpected(loaded.error());
  for (const std::string& notice : set->notices) std::cerr << notice << '\n';
  if (const std::string words = loaded->unread.words(loaded->images); !words.empty()) std::cerr << words << '\n';
  const fs::path path = fs::path(request.path + "/").lexically_normal().parent_path();
  return LabelledSet{std::move(loaded->images), std::move(loaded->unread), path.filename().string(), (*split)->name,
                     set->native};
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
