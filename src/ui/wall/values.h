#pragma once

#include <string>
#include <vector>

#include "ui/panel.h"

// What the weight wall's colours stand for.
namespace weightroom::ui::wall {

// One tensor under an overlay.
struct Shades {
  std::vector<float> values;
  float scale = 0.0F;  // the colours span -scale .. +scale
};

[[nodiscard]] bool of_gradient(document::Overlay overlay);
[[nodiscard]] bool of_study(document::Overlay overlay);  // worked out only while it is looked at
// Of what an overlay shows besides the weights: another number for each content.
[[nodiscard]] std::uint64_t data_version(const View& view, document::Overlay overlay);

// Gradients are there once a picture has been answered, what a study finds once it has found some of it.
[[nodiscard]] bool available(const View& view, document::Overlay overlay);
// The scale is the largest value without sign; of the weights themselves the largest loaded one, so that an edit
// recolours its own square alone.
[[nodiscard]] Shades shades(const View& view, document::Overlay overlay, int tensor);
// The weights from flat index `first` on, out.size() of them, under the overlay.
void shade(const View& view, document::Overlay overlay, std::size_t first, std::span<float> out);
// Changes with the values.
[[nodiscard]] std::uint64_t revision(const View& view);

// Weights of a tensor that differ from the loaded ones, the first `most` of them.
[[nodiscard]] std::vector<nn::WeightRef> edited_weights(const document::Document& document, int tensor,
                                                        std::size_t most);

[[nodiscard]] std::string_view overlay_name(document::Overlay overlay);  // as set_view takes it
[[nodiscard]] std::string overlay_sentence(const View& view, document::Overlay overlay);

// The numbers of one weight, under the pointer.
void weight_tooltip(const View& view, nn::WeightRef ref);

}  // namespace weightroom::ui::wall
