#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

struct Frame {
  ImVec2 from;
  ImVec2 to;
  [[nodiscard]] float side() const { return to.x - from.x; }
};

// The picture on the bench, or what the model sees of it, with the map over it as the view asks.
void draw_bench_picture(const View& view, const Frame& frame);

}  // namespace weightroom::ui
