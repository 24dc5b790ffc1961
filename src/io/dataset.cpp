#include "io/dataset.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>

#include <strings/dataset.h>

#include "base/language.h"
#include "base/parallel.h"
#include "base/sort.h"
#include "io/gzip.h"
#include "io/idx.h"
#include "io/preprocess.h"
#include "io/tar.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kSplitsListed = 300;  // bytes

class TarSource final : public PictureSource {
 public:
  TarSource(std::vector<std::byte> archive, std::vector<std::span<const std::byte>> files)
      : archive_(std::move(archive)), files_(std::move(files)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override { return decode_image(files_[index]); }

 private:
  std::vector<std::byte> archive_;  // moving a vector moves no bytes: the files still point into it
  std::vector<std::span<const std::byte>> files_;
};

struct GreyPictures {
  std::vector<std::byte> bytes;  // (N,H,W) from `offset` on
  std::size_t offset = 0;
  std::size_t count = 0;
  int height = 0;
  int width = 0;
};

class IdxSource final : public PictureSource {
 public:
  explicit IdxSource(std::vector<GreyPictures> splits) : splits_(std::move(splits)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override {
    auto split = splits_.begin();
    for (; index >= split->count; ++split) index -= split->count;
    const std::size_t size = static_cast<std::size_t>(split->height) * static_cast<std::size_t>(split->width);
    const std::byte* from = split->bytes.data() + split->offset + index * size;
    Image image{split->width, split->height, {}};
    image.rgb.reserve(size * 3);
    for (std::size_t i = 0; i < size; ++i) image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(from[i]));
    return image;
  }

 private:
  std::vector<GreyPictures> splits_;
};

Result<GreyPictures> read_pictures(IdxSplit& split) {
  auto bytes = unpacked(std::move(split.images));
  if (!bytes) return std::unexpected(bytes.error());
  const auto array = parse_idx(*bytes);
  if (!array) return std::unexpected(array.error());
  if (array->extents.size() != 3) return fail(text::dataset_picture_rank, {{"split", in_quotes(split.name)}});
  const std::uint64_t height = array->extents[1];
  const std::uint64_t width = array->extents[2];
  constexpr std::uint64_t kMostSide = 4096;
  if (height < 1 || width < 1 || height > kMostSide || width > kMostSide)
    return fail(text::dataset_picture_size,
                {{"split", in_quotes(split.name)}, {"width", width}, {"height", height}, {"most", kMostSide}});
  GreyPictures pictures;
  pictures.count = array->extents[0];
  pictures.offset = bytes->size() - array->values.size();
  pictures.height = static_cast<int>(height);
  pictures.width = static_cast<int>(width);
  pictures.bytes = std::move(*bytes);
  return pictures;
}

// Labels 0 to 255 of a split, `count` of them.
Result<std::vector<int>> read_labels(IdxSplit& split, std::size_t count) {
  const auto bytes = unpacked(std::move(split.labels));
  if (!bytes) return std::unexpected(bytes.error());
  const auto array = parse_idx(*bytes);
  if (!array) return std::unexpected(array.error());
  if (array->extents.size() != 1) return fail(text::dataset_label_list, {{"split", in_quotes(split.name)}});
  if (array->values.size() != count)
    return fail(text::dataset_counts,
                {{"split", in_quotes(split.name)}, {"pictures", count}, {"labels", array->values.size()}});
  std::vector<int> labels;
  labels.reserve(count);
  for (const std::byte label : array->values) labels.push_back(static_cast<int>(label));
  return labels;
}

std::string padded(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::string folded(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c == '_') c = ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

Result<LabelledSet> set_from_tar(std::vector<std::byte>&& archive) {
  std::vector<std::string> paths;
  std::vector<std::span<const std::byte>> files;
  {
    auto entries = parse_tar(archive);
    if (!entries) return std::unexpected(entries.error());
    paths.reserve(entries->size());
    files.reserve(entries->size());
    for (TarEntry& entry : *entries) {
      paths.push_back(std::move(entry.path));
      files.push_back(entry.bytes);
    }
  }
  auto set = arrange_set(paths);
  if (set) set->source = std::make_shared<TarSource>(std::move(archive), std::move(files));
  return set;
}

Result<std::vector<std::byte>> unpacked(std::vector<std::byte> bytes) {
  if (is_gzip(bytes)) return gunzip(bytes);
  return bytes;
}

Result<LabelledSet> set_from_idx(std::vector<IdxSplit>&& splits, std::vector<std::string> class_names) {
  LabelledSet set;
  std::vector<GreyPictures> sources;
  std::size_t first = 0;
  int most = -1;
  for (IdxSplit& split : splits) {
    auto pictures = read_pictures(split);
    if (!pictures) return std::unexpected(pictures.error());
    const auto labels = read_labels(split, pictures->count);
    if (!labels) return std::unexpected(labels.error());
    SetSplit out{split.name, {}};
    out.items.reserve(labels->size());
    for (std::size_t i = 0; i < labels->size(); ++i) {
      most = std::max(most, (*labels)[i]);
      out.items.push_back({(*labels)[i], padded(i), first + i});
    }
    first += pictures->count;
    if (out.items.empty()) return fail(text::dataset_split_empty, {{"split", in_quotes(split.name)}});
    set.splits.push_back(std::move(out));
    sources.push_back(std::move(*pictures));
  }
  if (set.splits.empty()) return fail(text::dataset_empty);
  if (class_names.empty()) {
    for (int label = 0; label <= most; ++label) class_names.push_back(std::to_string(label));
  }
  if (static_cast<std::size_t>(most) >= class_names.size())
    return fail(text::dataset_unnamed_label, {{"label", most}, {"n", class_names.size()}});
  set.class_names = std::move(class_names);
  base::sort(set.splits, {}, &SetSplit::name);
  set.source = std::make_shared<IdxSource>(std::move(sources));
  set.native = true;
  return set;
}

std::vector<std::string> fashion_mnist_classes() {
  return {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
}

Result<const SetSplit*> choose_split(const LabelledSet& set, std::string_view name) {
  std::vector<std::string> names;
  for (const SetSplit& split : set.splits) {
    if (split.name == name) return &split;
    names.push_back(in_quotes(split.name));
  }
  if (name.empty() && set.splits.size() == 1) return &set.splits.front();
  const std::string known = base::list_of_some(names, kSplitsListed);
  if (name.empty()) return fail(text::dataset_several_splits, {{"splits", known}});
  if (set.splits.size() == 1 && set.splits.front().name.empty())
    return fail(text::dataset_no_splits, {{"split", in_quotes(name)}});
  return fail(text::dataset_no_split, {{"split", in_quotes(name)}, {"splits", known}});
}

Result<nn::LabelledImages> load_split(const LabelledSet& set, const SetSplit& split, const LoadOptions& options) {
  if ((options.channels != 1 && options.channels != 3) || options.height < 1 || options.width < 1)
    return fail(text::dataset_channels);
  nn::LabelledImages images{options.channels, options.height, options.width, {}, {}, {}, set.class_names};
  const std::uint64_t each = images.sample_bytes();
  if (each * split.items.size() > std::numeric_limits<std::size_t>::max() / 4 ||
      each * split.items.size() > std::uint64_t{1} << 34) {
    return fail(text::dataset_memory, {{"n", each * split.items.size()}});
  }
  images.pixels.resize(static_cast<std::size_t>(each) * split.items.size());
  for (const SetItem& item : split.items) {
    images.labels.push_back(item.label);
    images.names.push_back(item.name);
  }
  std::mutex mutex;
  std::map<std::size_t, Error> bad;  // ordered, so that the sentence does not depend on the threads
  constexpr std::size_t kChunk = 64;
  const std::size_t chunks = (split.items.size() + kChunk - 1) / kChunk;
  base::parallel_for(static_cast<int>(chunks), options.threads, [&](int chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * kChunk;
    for (std::size_t i = begin; i < std::min(begin + kChunk, split.items.size()); ++i) {
      const auto picture = set.picture(split.items[i]);
      if (!picture) {
        const std::lock_guard lock(mutex);
        bad.emplace(i, picture.error());
        return;
      }
      auto bytes = input_bytes(*picture, centre_square(*picture), options.channels, options.height, options.width);
      if (options.invert)
        std::ranges::transform(bytes, bytes.begin(), [](std::uint8_t v) { return static_cast<std::uint8_t>(255 - v); });
      std::ranges::copy(bytes, images.pixels.begin() + static_cast<std::ptrdiff_t>(i * images.sample_bytes()));
    }
  });
  if (!bad.empty())
    return fail(text::dataset_picture,
                {{"picture", in_quotes(split.items[bad.begin()->first].name)}, {"why", bad.begin()->second}});
  return images;
}

std::vector<int> find_labels(const std::vector<std::string>& class_names,
                             const std::vector<std::string>& model_labels) {
  const bool numbers = std::ranges::all_of(class_names, [](const std::string& name) {
    return !name.empty() && name.size() <= 3 && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
  });
  std::vector<int> out;
  for (const std::string& name : class_names) {
    const auto it = std::ranges::find(model_labels, folded(name), folded);
    auto index = static_cast<std::size_t>(it - model_labels.begin());
    if (it == model_labels.end() && numbers) index = static_cast<std::size_t>(std::stoi(name));
    out.push_back(index < model_labels.size() ? static_cast<int>(index) : -1);
  }
  return out;
}

Result<std::vector<int>> match_labels(const std::vector<std::string>& class_names,
                                      const std::vector<std::string>& model_labels) {
  auto found = find_labels(class_names, model_labels);
  const auto missing = std::ranges::find(found, -1);
  if (missing == found.end()) return found;
  const auto place = static_cast<std::size_t>(missing - found.begin());
  return fail(text::dataset_no_class, {{"name", in_quotes(class_names[place])}});
}

}  // namespace weightroom::io
