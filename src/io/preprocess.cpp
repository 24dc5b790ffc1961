#include "io/preprocess.h"

namespace weightroom::io {

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
  if (channels != 1 && channels != 3) {
    return fail("The model reads " + std::to_string(channels) +
                " channels; a picture has 1 (grey) or 3 (red, green, blue).");
  }
  if (image.width < 1 || image.height < 1) return fail("The picture has no pixels.");
  const Square crop = options.crop.value_or(centre_square(image));
  if (crop.side < 1 || crop.x < 0 || crop.y < 0 || crop.side > image.width || crop.side > image.height ||
      crop.x > image.width - crop.side || crop.y > image.height - crop.side) {
    return fail("The crop does not lie within the picture.");
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
    out.input[i] = (static_cast<float>(bytes[i]) / 255.0F - preprocessing.mean[c]) / preprocessing.std[c];
  }
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out.seen.rgb[i * 3 + c] = bytes[channels == 1 ? i : c * plane + i];
  }
  return out;
}

}  // namespace weightroom::io
