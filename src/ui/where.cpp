#include "ui/where.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace weightroom::ui {

void WidgetRects::note(std::string_view id, ImVec2 from, ImVec2 to) {
  if (id.empty()) return;
  const ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 low{std::max(from.x, list.GetClipRectMin().x), std::max(from.y, list.GetClipRectMin().y)};
  const ImVec2 high{std::min(to.x, list.GetClipRectMax().x), std::min(to.y, list.GetClipRectMax().y)};
  const bool visible = high.x > low.x && high.y > low.y;
  drawing_[std::string(id)] = visible ? Place{low, high, true} : Place{from, to, false};
}

std::optional<WidgetRects::Place> WidgetRects::find(std::string_view id) const {
  const auto found = shown_.find(std::string(id));
  if (found == shown_.end()) return std::nullopt;
  return found->second;
}

std::string WidgetRects::json(std::string_view id, float scale) const {
  const auto place = find(id);
  if (!place) return "null";
  const auto points = [scale](float ours) { return static_cast<double>(scale * ours); };
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), R"({"x":%.2f,"y":%.2f,"width":%.2f,"height":%.2f,"visible":%s})",
                points(place->from.x), points(place->from.y), points(place->to.x - place->from.x),
                points(place->to.y - place->from.y), place->visible ? "true" : "false");
  return text.data();
}

void WidgetRects::begin_frame() {
  end_frame();
  drawing_.clear();
  ended_ = false;
}

void WidgetRects::end_frame() {
  if (!ended_) shown_.swap(drawing_);
  ended_ = true;
}

}  // namespace weightroom::ui
