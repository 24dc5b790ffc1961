#pragma once

#include <imgui.h>

namespace weightroom::ui {

// Drawn as paths, so that they are sharp at every size and cost no file.
enum class Icon {
  none,
  undo,
  redo,
  upload,
  download,
  eye,
  eye_off,
  reset,
  lock,
  sun,
  moon,
  chevron_down,
  chevron_right,
  close,
  check,
  info,
  alert,
  picture,
  network,
  bars,
  plus,
  minus,
  compare,
  search,
  menu,
  crop,
  layers,
  drag,
  target,
  arrow_right,
  chevron_left,
  sliders,
  screen
};

// Centred in a square of `size` points.
void draw_icon(ImDrawList& list, Icon icon, ImVec2 centre, float size, ImU32 colour);

}  // namespace weightroom::ui
