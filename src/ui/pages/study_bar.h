#pragma once

#include <span>
#include <string>
#include <vector>

#include "ui/panel.h"
#include "ui/widgets/bench_picture.h"

namespace weightroom::ui {

// How far the open page's question is: a button to start it where it takes long, its progress with a button to stop
// it. Nothing once all is there.
void draw_study_bar(const View& view, CommandQueue& commands);

// The square of the picture that the model gets, small and pale, with a map over it. `key` names the map's texture.
struct MapTile {
  std::string key;
  std::uint64_t version = 0;
  const explain::DisplayMap* map = nullptr;  // nullptr or without values: not there yet
  float scale = 0.0F;                        // the colours span; 0: the map's own
};
void draw_map_tile(const View& view, const MapTile& tile, const Frame& frame);
// The value under the pointer, where the last item is such a tile.
void read_map_tile(const MapTile& tile, const Frame& frame, std::string_view title);

// A list of methods by name, each with a cross, and a menu to add one. Returns the list as it is wanted now.
[[nodiscard]] std::optional<std::vector<std::string>> choose_methods(std::string_view id, const View& view,
                                                                     const std::vector<std::string>& methods,
                                                                     std::size_t most, float width);

}  // namespace weightroom::ui
