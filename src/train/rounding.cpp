#include "train/rounding.h"

#include <algorithm>

#include "base/quantiser.h"

namespace weightroom::train {

bool joins_layers(const nn::GraphWeight& tensor) { return tensor.trainable && tensor.shape.rank() >= 2; }

void round_channels(const nn::GraphWeight& tensor, std::span<const float> values, std::span<float> rounded) {
  const std::size_t each = values.size() / static_cast<std::size_t>(tensor.shape[0]);
  for (std::size_t at = 0; at < values.size(); at += each) {
    const auto channel = values.subspan(at, each);
    const base::Quantiser quantiser(channel, 8, false);
    std::ranges::transform(channel, rounded.begin() + static_cast<std::ptrdiff_t>(at),
                           [&](float value) { return quantiser.nearest(value); });
  }
}

}  // namespace weightroom::train
