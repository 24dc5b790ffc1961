#include "ui/widgets/text.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <string>

#include "ui/context.h"
#include "ui/widgets/glossary.h"

namespace weightroom::ui {
namespace {

struct TextLook {
  ImFont* font;
  ImU32 colour;
};

TextLook look_of(Role role) {
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

// Whether a number ends before `at`, and its unit begins after the space there.
bool unit_follows(std::string_view words, std::size_t at) {
  constexpr std::array<std::string_view, 8> kUnits{"%", "B", "KB", "MB", "GB", "s", "ms", "Mbit/s"};
  const char before = words[at - 1];
  if (words[at] != ' ' || before < '0' || before > '9') return false;
  const std::string_view rest = words.substr(at + 1);
  const std::string_view word = rest.substr(0, rest.find_first_of(" ,.;:)\n"));
  return std::ranges::find(kUnits, word) != kUnits.end();
}

void note_cut(std::string_view words) {
  if (context().cut != nullptr) context().cut->emplace_back(words);
}

// What is out of sight altogether is not cut, nor is what lies in a window that scrolls sideways.
void note_text(const ImDrawList& list, ImVec2 from, ImVec2 size, std::string_view words) {
  Context& seen = context();
  if (seen.drawn != nullptr) seen.drawn->emplace_back(words);
  if (seen.cut == nullptr || ImGui::GetScrollMaxX() > 0.0F) return;
  const ImVec2 low = list.GetClipRectMin();
  const ImVec2 high = list.GetClipRectMax();
  if (from.y >= high.y || from.y + size.y <= low.y || from.x >= high.x || from.x + size.x <= low.x) return;
  if (from.x < low.x - 1.0F || from.x + size.x > high.x + 1.0F) note_cut(words);
}

}  // namespace

float font_height(const ImFont* font) { return font->FontSize * ImGui::GetIO().FontGlobalScale; }

std::string wrapped(std::string_view words, float width, ImFont* font) {
  std::string lines;
  std::size_t line = 0;  // where the last line begins
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = words.find_first_of(" \n", at + 1);
    if (end != std::string_view::npos && unit_follows(words, end)) end = words.find_first_of(" \n", end + 1);
    const std::string_view word = words.substr(at, end - at);
    const bool breaks = word.front() == '\n';
    const std::size_t before = lines.size();
    lines += word;
    if (!breaks && before > line && text_size(std::string_view(lines).substr(line), font).x > width) {
      lines[before] = '\n';  // it was a space
      line = before + 1;
    } else if (breaks) {
      line = before + 1;
    }
    at += word.size();
  }
  return lines;
}

ImVec2 text_size(std::string_view words, ImFont* font, float wrap) {
  if (wrap > 0.0F) {
    const std::string lines = wrapped(words, wrap, font);
    return font->CalcTextSizeA(font_height(font), FLT_MAX, wrap + 1.0F, lines.data(), lines.data() + lines.size());
  }
  return font->CalcTextSizeA(font_height(font), FLT_MAX, 0.0F, words.data(), words.data() + words.size());
}

void text(std::string_view words, Role role, bool wrap) {
  const TextLook look = look_of(role);
  note_text(*ImGui::GetWindowDrawList(), ImGui::GetCursorScreenPos(),
            wrap ? ImVec2{1.0F, text_size(words, look.font).y} : text_size(words, look.font), words);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::PushFont(look.font);
  ImGui::PushStyleColor(ImGuiCol_Text, look.colour);
  if (wrap) {
    const float width = ImGui::GetContentRegionAvail().x;
    const std::string lines = wrapped(words, width, look.font);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width + 1.0F);  // for a word wider than that
    ImGui::TextUnformatted(lines.data(), lines.data() + lines.size());
    ImGui::PopTextWrapPos();
    mark_terms(*ImGui::GetWindowDrawList(), look.font, at, lines);
  } else {
    ImGui::TextUnformatted(words.data(), words.data() + words.size());
    mark_terms(*ImGui::GetWindowDrawList(), look.font, at, words);
  }
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

std::string shortened(std::string_view words, float width, ImFont* font) {
  if (text_size(words, font).x <= width) return std::string(words);
  note_cut(words);
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
  const ImVec2 size = text_size(words, font);
  note_text(list, at, size, words);
  list.AddText(font, font_height(font), at, colour, words.data(), words.data() + words.size());
  return size.x;
}

void draw_text_in(ImDrawList& list, ImFont* font, ImVec2 from, ImVec2 to, float align, ImU32 colour,
                  std::string_view words) {
  if (words.empty()) return;  // such a view may point nowhere, which Dear ImGui takes for a string without a length
  const ImVec2 size = text_size(words, font);
  const ImVec2 at{from.x + (to.x - from.x - size.x) * align, from.y + (to.y - from.y - size.y) * 0.5F};
  draw_text(list, font, at, colour, words);
}

void draw_text_up(ImDrawList& list, ImFont* font, ImVec2 foot, ImU32 colour, std::string_view words) {
  const ImVec2 size = text_size(words, font);
  note_text(list, {foot.x, foot.y - size.x}, {size.y, size.x}, words);
  const int first = list.VtxBuffer.Size;
  // It is clipped where it stands in the end, not where it is made.
  constexpr ImVec4 kEverywhere{-FLT_MAX, -FLT_MAX, FLT_MAX, FLT_MAX};
  font->RenderText(&list, font_height(font), {0.0F, 0.0F}, colour, kEverywhere, words.data(),
                   words.data() + words.size());
  const ImVec2 at{std::round(foot.x), std::round(foot.y)};
  for (int i = first; i < list.VtxBuffer.Size; ++i) {
    ImVec2& corner = list.VtxBuffer[i].pos;
    corner = {at.x + corner.y, at.y - corner.x};
  }
}

}  // namespace weightroom::ui
