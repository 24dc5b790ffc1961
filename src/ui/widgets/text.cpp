#include "ui/widgets/text.h"

#include <algorithm>
#include <cfloat>
#include <string>

#include "ui/context.h"

namespace weightroom::ui {
namespace {

struct Look {
  ImFont* font;
  ImU32 colour;
};

Look look_of(Role role) {
  const Palette& p = colours();
  const Fonts& f = fonts();
  switch (role) {
    case Role::body:
      return {f.body, p.ink};
    case Role::strong:
      return {f.strong, p.ink};
    case Role::title:
      return {f.title, p.ink};
    case Role::display:
      return {f.display, p.ink};
    case Role::quiet:
      return {f.body, p.quiet};
    case Role::faint:
      return {f.body, p.faint};
    case Role::accent:
      return {f.strong, p.accent};
    case Role::danger:
      return {f.body, p.danger};
  }
  return {f.body, p.ink};
}

}  // namespace

float font_height(const ImFont* font) { return font->FontSize * ImGui::GetIO().FontGlobalScale; }

ImVec2 text_size(std::string_view words, ImFont* font, float wrap) {
  return font->CalcTextSizeA(font_height(font), FLT_MAX, wrap, words.data(), words.data() + words.size());
}

void text(std::string_view words, Role role, bool wrap) {
  const Look look = look_of(role);
  ImGui::PushFont(look.font);
  ImGui::PushStyleColor(ImGuiCol_Text, look.colour);
  if (wrap) ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x);
  ImGui::TextUnformatted(words.data(), words.data() + words.size());
  if (wrap) ImGui::PopTextWrapPos();
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

std::string shortened(std::string_view words, float width, ImFont* font) {
  if (text_size(words, font).x <= width) return std::string(words);
  const float room = width - text_size("…", font).x;
  const std::string all(words);
  const char* end = nullptr;
  font->CalcTextSizeA(font_height(font), std::max(room, 1.0F), 0.0F, all.c_str(), all.c_str() + all.size(), &end);
  return std::string(all.c_str(), end) + "…";
}

void text_fitted(std::string_view words, float width, Role role) {
  const std::string shown = shortened(words, width, look_of(role).font);
  text(shown, role);
  if (shown != words && ImGui::IsItemHovered(ImGuiHoveredFlags_DelayNormal))
    ImGui::SetTooltip("%.*s", static_cast<int>(words.size()), words.data());
}

float draw_text(ImDrawList& list, ImFont* font, ImVec2 at, ImU32 colour, std::string_view words) {
  list.AddText(font, font_height(font), at, colour, words.data(), words.data() + words.size());
  return text_size(words, font).x;
}

void draw_text_in(ImDrawList& list, ImFont* font, ImVec2 from, ImVec2 to, float align, ImU32 colour,
                  std::string_view words) {
  const ImVec2 size = text_size(words, font);
  const ImVec2 at{from.x + (to.x - from.x - size.x) * align, from.y + (to.y - from.y - size.y) * 0.5F};
  draw_text(list, font, at, colour, words);
}

}  // namespace weightroom::ui
