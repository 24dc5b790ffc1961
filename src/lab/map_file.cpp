#include "lab/map_file.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/decimal.h"
#include "io/safetensors.h"

namespace weightroom::lab {
namespace {

// As the page colours a map over a photograph.
constexpr int kFor[3] = {246, 110, 4};
constexpr int kAgainst[3] = {32, 98, 222};
constexpr int kOverlaySide = 320;  // about; a whole multiple of the model's input
constexpr float kOpacity = 0.85F;  // of the strongest evidence: the picture stays visible under it

// One number a place is a plane, whatever its size; (1,H,W) of a grey input keeps its channel.
std::vector<std::uint64_t> shape_of(const explain::Explanation& explanation, explain::MapSize size) {
  const auto extents = explanation.attribution.shape.extents();
  std::vector<std::uint64_t> shape(extents.begin(), extents.end());
  if (size != explain::MapSize::input) shape.erase(shape.begin());
  return shape;
}

}  // namespace

io::Image overlay(io::Image picture, const explain::DisplayMap& map) {
  const int k = picture.width / map.width;
  CHECK(k >= 1 && picture.width == k * map.width && picture.height == k * map.height);
  if (map.empty()) return picture;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const float value = map.values[static_cast<std::size_t>(y / k * map.width + x / k)] / map.scale;
      const float strength = std::min(1.0F, std::abs(value)) * kOpacity;
      const int* color = value > 0.0F ? kFor : kAgainst;
      std::uint8_t* pixel =
          picture.rgb.data() +
          (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x)) * 3;
      for (int c = 0; c < 3; ++c) {
        const float mixed = static_cast<float>(pixel[c]) * (1.0F - strength) + static_cast<float>(color[c]) * strength;
        pixel[c] = static_cast<std::uint8_t>(mixed + 0.5F);
      }
    }
  }
  return picture;
}

io::Image enlarged(const io::Image& picture, int k) {
  io::Image large{picture.width * k, picture.height * k, {}};
  for (int y = 0; y < large.height; ++y) {
    for (int x = 0; x < large.width; ++x) {
      const std::size_t from = 3 * static_cast<std::size_t>(y / k * picture.width + x / k);
      for (std::size_t c = 0; c < 3; ++c) large.rgb.push_back(picture.rgb[from + c]);
    }
  }
  return large;
}

std::vector<std::byte> map_tensors(const explain::Explanation& explanation, const explain::DisplayMap& map,
                                   explain::MapSize size) {
  const std::vector<std::uint64_t> map_shape{static_cast<std::uint64_t>(map.height),
                                             static_cast<std::uint64_t>(map.width)};
  return io::write_safetensors(
      {{"attribution", io::Dtype::f32, shape_of(explanation, size), explanation.attribution.values},
       {"map", io::Dtype::f32, map_shape, map.values}},
      {});
}

std::vector<std::byte> map_npy(const explain::Explanation& explanation, explain::MapSize size) {
  std::string shape;  // two extents or three
  for (const std::uint64_t extent : shape_of(explanation, size))
    shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kBefore = 10;  // magic, version, the header's length
  constexpr std::size_t kAlign = 64;
  header.append(kAlign - 1 - (kBefore + header.size()) % kAlign, ' ');
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size() % 256);
  text += static_cast<char>(header.size() / 256);
  text += header;
  const auto head = std::as_bytes(std::span(text));
  const auto values = std::as_bytes(std::span(explanation.attribution.values));
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

std::string map_csv(const explain::DisplayMap& map) {
  std::string text;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    text += base::number_text(map.values[i]);
    text += (i + 1) % static_cast<std::size_t>(map.width) == 0 ? '\n' : ',';
  }
  return text;
}

int overlay_enlargement(const nn::Shape& input) { return std::max(1, kOverlaySide / std::max(input[1], input[2])); }

}  // namespace weightroom::lab
