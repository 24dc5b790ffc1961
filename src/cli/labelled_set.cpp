#include "cli/labelled_set.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/hash.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

namespace fs = std::filesystem;

bool is_held_out(const std::string& name, std::uint32_t parts) {
  base::Sha256 hash;
  hash.update(std::string_view(name).substr(name.find_last_of('/') + 1));  // npos + 1 is 0
  return hash.finish()[0] % parts == 0;
}

void append(nn::LabelledImages& to, const nn::LabelledImages& from, std::size_t i) {
  const auto picture = from.sample(i);
  to.pixels.insert(to.pixels.end(), picture.begin(), picture.end());
  to.labels.push_back(from.labels[i]);
  to.names.push_back(from.names[i]);
}

}  // namespace

Result<LabelledSet> load_set(const SetRequest& request) {
  auto set = io::open_dataset(request.path);
  if (!set) {
    const std::string& sentence = set.error().message;
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

nn::LabelledImages take_held_out(nn::LabelledImages& images, double share) {
  nn::LabelledImages kept;
  nn::LabelledImages taken;
  for (auto* side : {&kept, &taken}) {
    side->channels = images.channels;
    side->height = images.height;
    side->width = images.width;
    side->class_names = images.class_names;
  }
  if (share <= 0.0) return taken;
  const auto parts = static_cast<std::uint32_t>(std::clamp(std::floor(1.0 / share + 0.5), 1.0, 256.0));
  kept.pixels.reserve(images.pixels.size());
  for (std::size_t i = 0; i < images.count(); ++i)
    append(is_held_out(images.names[i], parts) ? taken : kept, images, i);
  images = std::move(kept);
  return taken;
}

}  // namespace weightroom::cli
