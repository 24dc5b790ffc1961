#include "train/hold_out.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace weightroom::train {
namespace {

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

}  // namespace weightroom::train
