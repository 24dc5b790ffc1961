#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weightroom::nn {

// A split of a labelled set, decoded whole at the extents a graph reads: what the trainer and the evaluation loop over.
// Bytes, not floats: 23,000 pictures of 3x64x64 take 283 MB this way and four times as much the other.
struct LabelledImages {
  int channels = 0;  // 1 (grey) or 3 (RGB)
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;      // (N,C,H,W), before (value / 255 - mean) / std
  std::vector<int> labels;               // N of them, indices into class_names
  std::vector<std::string> names;        // N of them, unique in the split: "cat/n02123045_12.jpg"
  std::vector<std::string> class_names;  // sorted unless the set fixes an order of its own (IDX)

  [[nodiscard]] std::size_t count() const { return labels.size(); }
  [[nodiscard]] std::size_t sample_bytes() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  // (C,H,W) bytes of picture i.
  [[nodiscard]] std::span<const std::uint8_t> sample(std::size_t i) const {
    return std::span(pixels).subspan(i * sample_bytes(), sample_bytes());
  }
};

}  // namespace weightroom::nn
