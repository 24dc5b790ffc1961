#include <algorithm>

#include <strings/lab.h>
#include <strings/sample.h>

#include "io/idx.h"
#include "lab/lab.h"

namespace weightroom::lab {
namespace {

// The order in which the build packs the garments: four of each class, classes in the order of Fashion-MNIST.
constexpr const char* kGarments[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                     "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
constexpr int kEach = 4;

std::vector<Sample> make_samples() {
  std::vector<Sample> all{
      {"cat", text::sample_cat, "samples/cat.jpg", -1, "everyday"},
      {"coffee", text::sample_coffee, "samples/coffee.jpg", -1, "tinyvgg"},
  };
  for (int k = 0; k < kEach; ++k) {
    for (int c = 0; c < 10; ++c) {
      const std::string name = std::string(kGarments[c]) + " " + std::to_string(k + 1);
      all.push_back({name, std::nullopt, "samples/garments-images.idx", c * kEach + k, "garments"});
    }
  }
  return all;
}

// Picture `index` of an IDX file of grey pictures (count, height, width).
Result<io::Image> idx_picture(std::span<const std::byte> bytes, int index) {
  const auto idx = io::parse_idx(bytes);
  if (!idx) return std::unexpected(idx.error());
  if (idx->extents.size() != 3 || static_cast<std::uint32_t>(index) >= idx->extents[0]) {
    return fail(text::lab_sample_missing);
  }
  io::Image image{static_cast<int>(idx->extents[2]), static_cast<int>(idx->extents[1]), {}};
  const std::size_t size = static_cast<std::size_t>(idx->extents[1]) * idx->extents[2];
  for (const std::byte value : idx->values.subspan(static_cast<std::size_t>(index) * size, size)) {
    image.rgb.insert(image.rgb.end(), 3, std::to_integer<std::uint8_t>(value));
  }
  return image;
}

}  // namespace

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = make_samples();
  return all;
}

const std::string& first_sample(std::string_view model) {
  const auto it = std::ranges::find(samples(), model, &Sample::model);
  return it == samples().end() ? samples().front().name : it->name;
}

Result<io::Image> sample_image(std::span<const std::byte> file, int index) {
  return index < 0 ? io::decode_image(file) : idx_picture(file, index);
}

const std::vector<ModelEntry>& shipped_models() {
  static const std::vector<ModelEntry> all{
      {"everyday", text::lab_everyday_title, "models/everyday.safetensors"},
      {"garments", text::lab_garments_title, "models/garments.safetensors"},
      {"tinyvgg", text::lab_tinyvgg_title, "models/tinyvgg.safetensors"},
  };
  return all;
}

}  // namespace weightroom::lab
