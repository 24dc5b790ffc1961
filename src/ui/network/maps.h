#pragma once

#include "ui/network/layout.h"
#include "ui/network/words.h"

namespace weightroom::ui::network {

// All maps of a layer as one texture: each on its own scale (UiState::own_light), or all on one.
struct LayerMaps {
  gfx::Sheet sheet;
  nn::ConstTensor values;         // (1,C,H,W) or (1,C)
  float scale = 0.0F;             // largest value of the layer without sign
  std::span<const float> each{};  // of each map, where each has its own scale
  [[nodiscard]] float scale_of(int channel) const {
    return each.empty() ? scale : each[static_cast<std::size_t>(channel)];
  }
  bool negative = false;  // it has values below zero
};
// Both require view.answered().
[[nodiscard]] LayerMaps layer_maps(const View& view, UiState& ui, int node);
[[nodiscard]] const UiState::Range& output_range(const View& view, UiState& ui, int node);

// The channels of a layer, the first one at `origin`; fills ui.next_hover and asks for what was clicked.
void draw_channels(const View& view, UiState& ui, CommandQueue& commands, const LayerBox& box, ImVec2 origin);

// The place under the pointer in a map drawn at `from`..`to`.
[[nodiscard]] Place place_under(ImVec2 pointer, ImVec2 from, ImVec2 to, const nn::Shape& shape, int node, int channel);
// The pixel (or the pixels) of a map that the hovered place of this or the next layer reads, outlined.
void outline_hover(const View& view, const UiState& ui, int node, int channel, ImVec2 from, ImVec2 to);
void place_tooltip(const View& view, const Place& place);
// from..to shrunk about its centre to the proportions of a map.
void fit(const nn::Shape& shape, ImVec2& from, ImVec2& to);

}  // namespace weightroom::ui::network
