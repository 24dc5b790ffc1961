#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "io/image.h"
#include "nn/model.h"

namespace weightroom::io {

// The ways in which classifiers commonly want their numbers, by name; red, green, blue.
//   imagenet  the mean and deviation of ImageNet's pictures (torchvision, timm)
//   0-1, -1-1, 0-255  what black and white become
struct Scale {
  std::string_view name;
  std::array<float, 3> mean;
  std::array<float, 3> std;
};
[[nodiscard]] std::span<const Scale> scales();
[[nodiscard]] const Scale* find_scale(std::string_view name);  // null where there is none
// Of the first `channels` numbers; null where they are others.
[[nodiscard]] const Scale* scale_of(const nn::Preprocessing& preprocessing, int channels);
void set_scale(nn::Preprocessing& preprocessing, const Scale& scale);  // in its order of channels
void set_bgr(nn::Preprocessing& preprocessing, bool bgr);              // each colour keeps its numbers

struct PreprocessOptions {
  std::optional<Square> crop;  // within the picture; where absent, the one that Preprocessing::crop says
  // The picture is a sample of the model's own set: Preprocessing::invert does not apply.
  bool sample = false;
};

struct Preprocessed {
  std::vector<float>
      input;    // (C,H,W): (value / 255 - mean) / std, a division and a subtraction in float, in this order
  Image seen;   // H x W, what the model sees (grey as three equal channels), before mean and std
  Square crop;  // the one that was used
};

// Bytes (C,H,W) of a picture for a graph whose input is `channels` x height x width: crop, resize, and with one channel
// grey(). The first step of preprocess() and all that a labelled set stores. channels: 1 or 3.
[[nodiscard]] std::vector<std::uint8_t> input_bytes(const Image& image, const Square& crop, int channels, int height,
                                                    int width);

// channels: 1 or 3; other counts are refused by a sentence, as is a crop that does not lie within the picture.
[[nodiscard]] Result<Preprocessed> preprocess(const Image& image, const nn::Preprocessing& preprocessing, int channels,
                                              int height, int width, const PreprocessOptions& options = {});

// The picture back out of a tensor (C,H,W), whatever made its numbers: (value * std + mean) * 255 cut to bytes, grey as
// three equal channels.
[[nodiscard]] Image picture_of(std::span<const float> input, const nn::Preprocessing& preprocessing, int channels,
                               int height, int width);

}  // namespace weightroom::io
