#include "document/picture_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <strings/set.h>

#include "io/preprocess.h"
#include "io/text.h"
#include "train/augment.h"

namespace weightroom::document {
namespace {

const io::SetSplit& split_for_measuring(const io::LabelledSet& set) {
  for (const std::string_view name : {"test", "val"}) {
    const auto at = std::ranges::find(set.splits, name, &io::SetSplit::name);
    if (at != set.splits.end()) return *at;
  }
  return set.splits.front();
}

nn::LabelledImages empty_images(const nn::Model& model) {
  const nn::Shape& shape = model.graph->spec().input;
  return {shape[0], shape[1], shape[2], {}, {}, {}, {}};
}

void add(nn::LabelledImages& images, const io::Image& picture, const io::Square& square, bool invert, int label,
         std::string name) {
  auto bytes = io::input_bytes(picture, square, images.channels, images.height, images.width);
  if (invert) {
    for (std::uint8_t& value : bytes) value = static_cast<std::uint8_t>(255 - value);
  }
  images.pixels.insert(images.pixels.end(), bytes.begin(), bytes.end());
  images.labels.push_back(label);
  images.names.push_back(std::move(name));
}

// "shirt 2" is a shirt.
std::string without_number(const std::string& name) {
  const std::size_t end = name.find_last_not_of("0123456789");
  return end == std::string::npos || end + 1 == name.size() || name[end] != ' ' ? name : name.substr(0, end);
}

}  // namespace

const io::SetItem& PictureSet::item(const io::LabelledSet& set, std::size_t i) const {
  return split_for_measuring(set).items[places[i]];
}

std::vector<float> PictureSet::input(const nn::Model& model, std::size_t i) const {
  std::vector<float> out(images.sample_bytes());
  train::normalise(images.sample(i), {images.channels, images.height, images.width}, model.preprocessing, out);
  return out;
}

std::vector<int> PictureSet::class_counts() const {
  std::vector<int> counts(images.class_names.size(), 0);
  for (const int label : images.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

SetLoader::SetLoader(std::string name, std::shared_ptr<const io::LabelledSet> set, const nn::Model& model,
                     Decoder decoder)
    : set_(std::move(set)),
      split_(&split_for_measuring(*set_)),
      crop_(model.preprocessing.crop),
      invert_(model.preprocessing.invert && !set_->native),
      decoder_(std::move(decoder)) {
  found_.name = std::move(name);
  found_.opened = true;
  found_.images = empty_images(model);
  found_.images.class_names = set_->class_names;
  found_.whole = split_->items.size();
  const std::size_t room = kMostMeasuredBytes / std::max<std::size_t>(1, found_.images.sample_bytes());
  wanted_ = std::min({kMostMeasured, std::max<std::size_t>(1, room), split_->items.size()});
}

double SetLoader::progress() const { return static_cast<double>(tried_) / static_cast<double>(wanted_); }

// Whether there is an answer for the picture, or will be.
bool SetLoader::ask(const io::SetItem& item) {
  if (!decoder_) return false;
  auto file = set_->source->file(item.index);
  if (file.empty()) return false;
  auto asked = std::make_shared<Asked>();
  if (!decoder_(item.name, file, [asked](Result<io::Image> picture) { asked->answer = std::move(picture); }))
    asked->answer = io::decode_image(file);  // which a zip need not unpack again
  asked_ = std::move(asked);
  return true;
}

void SetLoader::take(std::size_t place, const Result<io::Image>& picture) {
  const io::SetItem& item = split_->items[place];
  ++tried_;
  if (!picture) return found_.unread.add(*set_, item);
  // Room for all is claimed with the first: a set of which none can be read takes none.
  if (found_.places.empty()) found_.images.pixels.reserve(wanted_ * found_.images.sample_bytes());
  add(found_.images, *picture, io::centre_square(*picture, crop_), invert_, item.label, item.name);
  found_.places.push_back(static_cast<std::uint32_t>(place));
}

bool SetLoader::step(const base::Budget& budget) {
  while (tried_ < wanted_) {
    const std::size_t place = tried_ * split_->items.size() / wanted_;
    const io::SetItem& item = split_->items[place];
    if (asked_ || ask(item)) {
      if (!asked_->answer) return false;
      take(place, *std::exchange(asked_, nullptr)->answer);
    } else {
      take(place, set_->picture(item));
    }
    if (budget.spent()) break;
  }
  if (tried_ < wanted_) return false;
  if (found_.places.empty()) error_ = found_.unread.none_read();
  return true;
}

std::shared_ptr<const PictureSet> some_of(const std::shared_ptr<const PictureSet>& set, std::size_t most) {
  const nn::LabelledImages& all = set->images;
  if (all.count() <= most) return set;
  auto some = std::make_shared<PictureSet>();
  some->name = set->name;
  some->opened = set->opened;
  some->whole = set->whole;
  some->images = {all.channels, all.height, all.width, {}, {}, {}, all.class_names};
  for (std::size_t k = 0; k < most; ++k) {
    const std::size_t i = k * all.count() / most;
    const auto pixels = all.sample(i);
    some->images.pixels.insert(some->images.pixels.end(), pixels.begin(), pixels.end());
    some->images.labels.push_back(all.labels[i]);
    some->images.names.push_back(all.names[i]);
  }
  return some;
}

std::shared_ptr<const PictureSet> crops_of(const std::vector<SamplePicture>& samples, const nn::Model& model) {
  auto set = std::make_shared<PictureSet>();
  set->name = tr(text::set_samples);
  set->images = empty_images(model);
  auto& names = set->images.class_names;
  for (const SamplePicture& sample : samples) {
    const std::string kind = without_number(sample.name);
    if (std::ranges::find(names, kind) == names.end()) names.push_back(kind);
    const int label = static_cast<int>(std::ranges::find(names, kind) - names.begin());
    const io::Square whole = io::centre_square(*sample.image, model.preprocessing.crop);
    const bool invert = model.preprocessing.invert && !sample.native;
    add(set->images, *sample.image, whole, invert, label, sample.name);
    if (sample.native) continue;
    for (const auto& [share, places] : {std::pair{0.6, 3}, std::pair{0.35, 5}}) {
      const int side = std::max(1, static_cast<int>(std::lround(share * whole.side)));
      for (int k = 0; k < places * places; ++k) {
        const int room = whole.side - side;
        const io::Square square{whole.x + room * (k % places) / (places - 1),
                                whole.y + room * (k / places) / (places - 1), side};
        add(set->images, *sample.image, square, invert, label, tr(text::set_part_of, {{"name", sample.name}}));
      }
    }
  }
  return set;
}

}  // namespace weightroom::document
