#include "io/dataset.h"

#include <algorithm>
#include <limits>

#include <strings/dataset.h>

#include "base/language.h"
#include "base/parallel.h"
#include "base/sort.h"
#include "io/gzip.h"
#include "io/idx.h"
#include "io/preprocess.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr std::size_t kNamesListed = 300;  // bytes

struct GreyPictures {
  std::vector<std::byte> bytes;  // (N,H,W) from `offset` on
  std::size_t offset = 0;
  std::size_t count = 0;
  int height = 0;  // as stored
  int width = 0;
  bool transposed = false;
};

class IdxSource final : public PictureSource {
 public:
  explicit IdxSource(std::vector<GreyPictures> splits) : splits_(std::move(splits)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override {
    auto split = splits_.begin();
    for (; index >= split->count; ++split) index -= split->count;
    const auto height = static_cast<std::size_t>(split->height);
    const auto width = static_cast<std::size_t>(split->width);
    const std::byte* from = split->bytes.data() + split->offset + index * height * width;
    Image image{split->width, split->height, {}};
    if (split->transposed) std::swap(image.width, image.height);
    image.rgb.reserve(height * width * 3);
    for (std::size_t i = 0; i < height * width; ++i) {
      const std::size_t at = split->transposed ? i % height * width + i / height : i;
      image.rgb.insert(image.rgb.end(), 3, static_cast<std::uint8_t>(from[at]));
    }
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
  pictures.transposed = split.transposed;
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

}  // namespace

Result<std::vector<std::byte>> unpacked(std::vector<std::byte> bytes) {
  // What a page can hold, and what stb_image counts to.
  constexpr std::uint64_t kMost = sizeof(std::size_t) == 4 ? 500'000'000 : 0x7FFFFFFF;
  if (is_gzip(bytes)) return gunzip(bytes, kMost);
  return bytes;
}

Result<LabelledSet> set_from_idx(std::vector<IdxSplit>&& splits, std::vector<std::string> class_names) {
  LabelledSet set;
  std::vector<GreyPictures> sources;
  std::size_t first = 0;
  int least = 255;
  int most = -1;
  bool transposed = false;
  for (IdxSplit& split : splits) {
    auto pictures = read_pictures(split);
    if (!pictures) return std::unexpected(pictures.error());
    const auto labels = read_labels(split, pictures->count);
    if (!labels) return std::unexpected(labels.error());
    SetSplit out{split.name, {}};
    out.items.reserve(labels->size());
    for (std::size_t i = 0; i < labels->size(); ++i) {
      least = std::min(least, (*labels)[i]);
      most = std::max(most, (*labels)[i]);
      out.items.push_back({(*labels)[i], padded(i), first + i});
    }
    first += pictures->count;
    transposed = transposed || split.transposed;
    if (out.items.empty()) return fail(text::dataset_split_empty, {{"split", in_quotes(split.name)}});
    set.splits.push_back(std::move(out));
    sources.push_back(std::move(*pictures));
  }
  if (set.splits.empty()) return fail(text::dataset_empty);
  if (class_names.empty()) {
    const int one = least == 1 ? 1 : 0;
    for (int label = one; label <= most; ++label) class_names.push_back(std::to_string(label));
    for (SetSplit& split : set.splits) {
      for (SetItem& item : split.items) item.label -= one;
    }
    most -= one;
  }
  if (transposed) set.notices.push_back(tr(text::dataset_transposed));
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
  const std::string known = base::list_of_some(names, kNamesListed);
  if (name.empty()) return fail(text::dataset_several_splits, {{"splits", known}});
  if (set.splits.size() == 1 && set.splits.front().name.empty())
    return fail(text::dataset_no_splits, {{"split", in_quotes(name)}});
  return fail(text::dataset_no_split, {{"split", in_quotes(name)}, {"splits", known}});
}

Result<LoadedSplit> load_split(const LabelledSet& set, const SetSplit& split, const LoadOptions& options) {
  if ((options.channels != 1 && options.channels != 3) || options.height < 1 || options.width < 1)
    return fail(text::dataset_channels);
  LoadedSplit out;
  nn::LabelledImages& images = out.images;
  images = {options.channels, options.height, options.width, {}, {}, {}, set.class_names};
  const std::uint64_t each = images.sample_bytes();
  if (each * split.items.size() > std::numeric_limits<std::size_t>::max() / 4 ||
      each * split.items.size() > std::uint64_t{1} << 34) {
    return fail(text::dataset_memory, {{"n", each * split.items.size()}});
  }
  // In rounds: what cannot be read takes no room, and the order is that of the set on any number of threads.
  constexpr std::size_t kChunk = 16;
  const std::size_t round = kChunk * static_cast<std::size_t>(std::max(1, options.threads)) * 4;
  std::vector<std::vector<std::uint8_t>> read(round);
  for (std::size_t begin = 0; begin < split.items.size(); begin += round) {
    const std::size_t count = std::min(round, split.items.size() - begin);
    base::parallel_for(static_cast<int>((count + kChunk - 1) / kChunk), options.threads, [&](int chunk) {
      const std::size_t from = static_cast<std::size_t>(chunk) * kChunk;
      for (std::size_t i = from; i < std::min(from + kChunk, count); ++i) {
        const auto picture = set.picture(split.items[begin + i]);
        read[i].clear();
        if (!picture) continue;
        const Square square = centre_square(*picture, options.crop);
        read[i] = input_bytes(*picture, square, options.channels, options.height, options.width);
        if (options.invert) {
          for (std::uint8_t& value : read[i]) value = static_cast<std::uint8_t>(255 - value);
        }
      }
    });
    for (std::size_t i = 0; i < count; ++i) {
      const SetItem& item = split.items[begin + i];
      if (read[i].empty()) {
        out.unread.add(set, item);
        continue;
      }
      // Room for all that may come is claimed with the first and used by what does come.
      if (images.labels.empty()) images.pixels.reserve(static_cast<std::size_t>(each) * split.items.size());
      images.pixels.insert(images.pixels.end(), read[i].begin(), read[i].end());
      images.labels.push_back(item.label);
      images.names.push_back(item.name);
    }
  }
  if (images.count() == 0) return std::unexpected(out.unread.none_read());
  return out;
}

}  // namespace weightroom::io
