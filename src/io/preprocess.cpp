#include "io/preprocess.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <strings/image.h>

namespace weightroom::io {

std::span<const Scale> scales() {
  static constexpr Scale kAll[] = {
      {"imagenet", {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}},
      {"0-1", {0.0F, 0.0F, 0.0F}, {1.0F, 1.0F, 1.0F}},
      {"-1-1", {0.5F, 0.5F, 0.5F}, {0.5F, 0.5F, 0.5F}},
      {"0-255", {0.0F, 0.0F, 0.0F}, {1.0F / 255.0F, 1.0F / 255.0F, 1.0F / 255.0F}},
  };
  return kAll;
}

const Scale* find_scale(std::string_view name) {
  const auto at = std::ranges::find(scales(), name, &Scale::name);
  return at == scales().end() ? nullptr : &*at;
}

void set_scale(nn::Preprocessing& preprocessing, const Scale& scale) {
  preprocessing.mean = scale.mean;
  preprocessing.std = scale.std;
  if (preprocessing.bgr) {
    std::swap(preprocessing.mean[0], preprocessing.mean[2]);
    std::swap(preprocessing.std[0], preprocessing.std[2]);
  }
}

const Scale* scale_of(const nn::Preprocessing& preprocessing, int channels) {
  const auto same = [channels](const std::array<float, 3>& a, const std::array<float, 3>& b) {
    return std::equal(a.begin(), a.begin() + channels, b.begin());
  };
  const auto at = std::ranges::find_if(scales(), [&](const Scale& scale) {
    nn::Preprocessing other = preprocessing;
    set_scale(other, scale);
    return same(other.mean, preprocessing.mean) && same(other.std, preprocessing.std);
  });
  return at == scales().end() ? nullptr : &*at;
}

void set_bgr(nn::Preprocessing& preprocessing, bool bgr) {
  if (preprocessing.bgr == bgr) return;
  preprocessing.bgr = bgr;
  std::swap(preprocessing.mean[0], preprocessing.mean[2]);
  std::swap(preprocessing.std[0], preprocessing.std[2]);
}

std::vector<std::uint8_t> input_bytes(const Image& image, const Square& crop, int channels, int height, int width) {
  const Image small = resize(image, crop, width, height);
  const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(channels) * plane);
  for (std::size_t i = 0; i < plane; ++i) {
    const std::uint8_t* p = small.rgb.data() + i * 3;
    if (channels == 1) {
      out[i] = grey(p[0], p[1], p[2]);
    } else {
      for (std::size_t c = 0; c < 3; ++c) out[c * plane + i] = p[c];
    }
  }
  return out;
}

Result<Preprocessed> preprocess(const Image& image, const nn::Preprocessing& preprocessing, int channels, int height,
                                int width, const PreprocessOptions& options) {
  if (channels != 1 && channels != 3) return fail(text::image_channels, {{"channels", channels}});
  if (image.width < 1 || image.height < 1) return fail(text::image_no_pixels);
  const Square crop = options.crop.value_or(centre_square(image, preprocessing.crop));
  if (crop.side < 1 || crop.x < 0 || crop.y < 0 || crop.side > image.width || crop.side > image.height ||
      crop.x > image.width - crop.side || crop.y > image.height - crop.side) {
    return fail(text::image_crop);
  }
  Preprocessed out;
  out.crop = crop;
  std::vector<std::uint8_t> bytes = input_bytes(image, crop, channels, height, width);
  if (preprocessing.invert && !options.sample) {
    for (std::uint8_t& value : bytes) value = static_cast<std::uint8_t>(255 - value);
  }
  const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  out.input.resize(bytes.size());
  out.seen = Image{width, height, std::vector<std::uint8_t>(plane * 3)};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t c = i / plane;
    const std::uint8_t value = channels == 1 ? bytes[i] : bytes[preprocessing.colour(c) * plane + i % plane];
    out.input[i] = (static_cast<float>(value) / 255.0F - preprocessing.mean[c]) / preprocessing.std[c];
  }
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.seen.rgb[i * 3 + c] = bytes[channels == 1 ? i : c * plane + i];
  }
  return out;
}

Image picture_of(std::span<const float> input, const nn::Preprocessing& preprocessing, int channels, int height,
                 int width) {
  const std::size_t plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  Image image{width, height, std::vector<std::uint8_t>(3 * plane)};
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t from = channels == 3 ? c : 0;
    const std::size_t colour = channels == 3 ? preprocessing.colour(c) : c;
    for (std::size_t i = 0; i < plane; ++i) {
      const float level = (input[from * plane + i] * preprocessing.std[from] + preprocessing.mean[from]) * 255.0F;
      image.rgb[3 * i + colour] = static_cast<std::uint8_t>(std::lround(std::clamp(level, 0.0F, 255.0F)));
    }
  }
  return image;
}

}  // namespace weightroom::io
