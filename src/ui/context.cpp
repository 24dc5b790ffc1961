#include "ui/context.h"

#include <cmath>

#include "base/check.h"

namespace weightroom::ui {

Context& context() {
  auto* found = static_cast<Context*>(ImGui::GetIO().UserData);
  CHECK(found != nullptr);
  return *found;
}

void begin_frame(Context& c) {
  c.rects.begin_frame();
  c.requests = {};
  c.animating = false;
  c.controls = 0;
  c.decoded = 0;
  c.marked_terms = {};
  begin_tab_order(c.tabs);
}

float follow(ImGuiID id, float target, float seconds) {
  Context& c = context();
  const auto [slot, fresh] = c.animations.try_emplace(id, target);
  float& value = slot->second;
  if (fresh || c.reduced_motion || seconds <= 0.0F) {
    value = target;
    return value;
  }
  // Exponential approach: 95 % of the way after `seconds`, whatever the frame rate.
  value = std::lerp(value, target, 1.0F - std::exp(-3.0F * ImGui::GetIO().DeltaTime / seconds));
  if (std::fabs(value - target) < 1e-3F * std::max(1.0F, std::fabs(target))) {
    value = target;
  } else {
    c.animating = true;
  }
  return value;
}

}  // namespace weightroom::ui
