#pragma once

#include <vector>

#include <imgui.h>

#include "nn/graph.h"

// Where each layer stands on the strip.
namespace weightroom::ui::network {

enum class Kind {
  picture,  // the input: as it looks, then a map for each colour
  maps,
  bars,    // one number a channel
  answer,  // one number a class, with its name
};

struct LayerBox {
  int node = 0;
  Kind kind = Kind::maps;
  int stage = 0;   // a convolution with the ReLU and the pool after it are one stage
  float x = 0.0F;  // from the strip's left end
  float width = 0.0F;
  ImVec2 cell;  // from one channel to its neighbour
  ImVec2 size;  // of a channel's drawing
  int rows = 1;
  int columns = 1;
  int channels = 0;
  int shown = 0;         // of them; the rest shows when the layer is chosen
  float picture = 0.0F;  // side of the picture over the input's maps

  // Corner of channel i, from that of channel 0.
  [[nodiscard]] ImVec2 place(int i) const;
};

struct StripLayout {
  static constexpr float kThumb = 36.0F;  // a map is never smaller
  static constexpr float kPad = 8.0F;     // inside a layer's sheet
  static constexpr float kHeader = 48.0F;
  static constexpr float kNarrowest = 3 * (kThumb + 4.0F) - 4.0F;  // room for a layer's name

  std::vector<LayerBox> boxes;
  float width = 0.0F;
  float height = 0.0F;
  float maps = 0.0F;  // height that the channels have
};

// The chosen layer shows all its channels, the others as many as a small sheet holds.
[[nodiscard]] StripLayout lay_out(const nn::Graph& graph, int chosen, float height);

}  // namespace weightroom::ui::network
