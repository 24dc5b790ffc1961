#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <imgui.h>

namespace weightroom::ui {

// Where each widget of the last finished frame is, by its id ("undo", "weight/conv1/3/0/1/2"), in points, which are CSS
// pixels in the page. Tests click there, lessons point there, a screen reader's table is drawn from there.
class WidgetRects {
 public:
  struct Place {
    ImVec2 from;
    ImVec2 to;
    bool visible = true;  // some of it lies in its window's clip rectangle
  };

  // The rectangle as drawn; clipped to what can be seen of it.
  void note(std::string_view id, ImVec2 from, ImVec2 to);
  [[nodiscard]] std::optional<Place> find(std::string_view id) const;
  // {"x":..,"y":..,"width":..,"height":..,"visible":true}, or null; `scale` page points to one of ours.
  [[nodiscard]] std::string json(std::string_view id, float scale = 1.0F) const;
  void begin_frame();  // what is noted from now on replaces what was there
  void end_frame();    // and may be asked for

 private:
  using Map = std::unordered_map<std::string, Place>;
  Map drawing_;
  Map shown_;
  bool ended_ = true;
};

}  // namespace weightroom::ui
