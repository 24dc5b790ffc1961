#pragma once

#include <string>
#include <string_view>

#include "headless.h"

namespace weightroom::ui::testing {

// Phones, tablets, laptops and a projector, upright and across.
inline constexpr ImVec2 kWindows[] = {{390, 844},  {820, 1180},  {1024, 768}, {1280, 720},
                                      {1366, 768}, {1920, 1080}, {683, 384},  {844, 390}};

inline std::string words(ImVec2 size) { return std::to_string(size.x) + " x " + std::to_string(size.y); }

// Whether all of the widget is on the screen.
inline bool inside(Headless& face, std::string_view id, ImVec2 window) {
  const auto place = face.context.rects.find(id);
  return place && place->visible && place->from.x >= 0 && place->from.y >= 0 && place->to.x <= window.x + 0.5F &&
         place->to.y <= window.y + 0.5F;
}

}  // namespace weightroom::ui::testing
