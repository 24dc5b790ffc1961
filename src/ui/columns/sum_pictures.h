#pragma once

#include <optional>
#include <vector>

#include "ui/network/words.h"
#include "ui/panel.h"
#include "ui/widgets/bench_picture.h"

// A value of the selected weight's layer as the sum that it is, in pictures, and the lens on the photo that says which.
namespace weightroom::ui {

// Of one input channel: patch times weights are products, (rows, columns) each; the other channels' products and the
// bias make up the value.
struct ChannelSum {
  int rows = 0;
  int columns = 0;
  int input = 0;  // channel
  std::vector<float> patch;
  std::vector<float> weights;
  std::vector<float> products;
  double own = 0.0;         // sum of the products
  double others = 0.0;      // of all other input channels
  int other_count = 0;      // of them
  bool of_colours = false;  // the channels are those of the picture
  float bias = 0.0F;
  float value = 0.0F;  // the layer's output itself
};
// Nothing where the weight is none of a kernel. Its layer's activations must be there.
[[nodiscard]] std::optional<ChannelSum> channel_sum(const View& view, nn::WeightRef ref, const network::Place& place);

// The output channel that the weight belongs to.
[[nodiscard]] int output_channel(const document::Document& document, nn::WeightRef ref);
// Where in the map of the selected weight's channel one looks: under the pointer, else under the lens, else where the
// map is strongest. Nothing where no weight is selected or nothing is worked out.
[[nodiscard]] std::optional<network::Place> looked_at(const View& view, const UiState& ui);

void draw_channel_sum(const ChannelSum& sum, float width);

// The square of the photo that place looks at, to be dragged over it; `frame`: the photo.
void use_lens(const View& view, UiState& ui, const Frame& frame, bool held);

}  // namespace weightroom::ui
