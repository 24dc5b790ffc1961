#pragma once

#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// A white sheet as wide as the room there is and as high as what is in it:
//   card("saliency", "Why", [&] { ... });
// `trailing` (may be null) is drawn at the right end of the title's line, in a room of `trailing_width`.
class Card {
 public:
  Card(std::string_view id, std::string_view title, float trailing_width = 0.0F);
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;
  ~Card();
  // Call right after construction to draw widgets at the right end of the title's line.
  void begin_trailing();
  void end_trailing();
  [[nodiscard]] float width() const { return inner_; }

 private:
  ImDrawListSplitter splitter_;
  std::string_view id_;
  ImVec2 from_;
  ImVec2 after_title_;
  float inner_ = 0.0F;
  float outer_ = 0.0F;
  float trailing_ = 0.0F;
  float title_y_ = 0.0F;
  float old_work_max_ = 0.0F;
  float old_content_max_ = 0.0F;
};

// The sheet alone, behind whatever is drawn later.
void draw_sheet(ImDrawList& list, ImVec2 from, ImVec2 to);

}  // namespace weightroom::ui
