#include "ui/theme.h"

#include <array>
#include <cmath>

#include <embedded/fonts.h>

#include "base/check.h"

namespace weightroom::ui {
namespace {

constexpr ImU32 rgb(unsigned hex, unsigned alpha = 255) {
  return IM_COL32((hex >> 16U) & 255U, (hex >> 8U) & 255U, hex & 255U, alpha);
}

constexpr Palette kLight{.paper = rgb(0xf6f5f1),
                         .card = rgb(0xffffff),
                         .card_edge = rgb(0xe3e1da),
                         .shadow = rgb(0x2b2a26, 10),
                         .raised = rgb(0xffffff),
                         .ink = rgb(0x1c1e22),
                         .quiet = rgb(0x5b616b),
                         .faint = rgb(0x9a9fa8),
                         .line = rgb(0xdddad2),
                         .control = rgb(0xf4f3ef),
                         .control_hover = rgb(0xebe9e3),
                         .control_press = rgb(0xe0ddd5),
                         .track = rgb(0xeceae4),
                         .accent = rgb(0x0c7a6a),
                         .accent_hover = rgb(0x0a6b5d),
                         .accent_press = rgb(0x085a4e),
                         .accent_soft = rgb(0xdff1ed),
                         .on_accent = rgb(0xffffff),
                         .rise = rgb(0xb04d00),
                         .fall = rgb(0x1d62b0),
                         .danger = rgb(0xb3261e),
                         .danger_soft = rgb(0xfdecea),
                         .notice_soft = rgb(0xe9f1fb)};

constexpr Palette kDark{.paper = rgb(0x131519),
                        .card = rgb(0x1c1f24),
                        .card_edge = rgb(0x2d3138),
                        .shadow = rgb(0x000000, 26),
                        .raised = rgb(0x262a31),
                        .ink = rgb(0xeceef0),
                        .quiet = rgb(0xa6acb6),
                        .faint = rgb(0x6b727d),
                        .line = rgb(0x363b43),
                        .control = rgb(0x272b32),
                        .control_hover = rgb(0x31363e),
                        .control_press = rgb(0x3b414a),
                        .track = rgb(0x2b2f36),
                        .accent = rgb(0x3fc6b0),
                        .accent_hover = rgb(0x5bd3bf),
                        .accent_press = rgb(0x77dfcd),
                        .accent_soft = rgb(0x1b3a37),
                        .on_accent = rgb(0x08201c),
                        .rise = rgb(0xf5a35c),
                        .fall = rgb(0x7db8f5),
                        .danger = rgb(0xff8a80),
                        .danger_soft = rgb(0x3a2322),
                        .notice_soft = rgb(0x1d2a3b)};

ImVec4 vec(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

void set_colours(ImGuiStyle& style, const Palette& p) {
  for (ImVec4& colour : style.Colors) colour = vec(p.ink);
  const std::array<std::pair<int, ImU32>, 38> table{{
      {ImGuiCol_Text, p.ink},
      {ImGuiCol_TextDisabled, p.quiet},
      {ImGuiCol_WindowBg, p.paper},
      {ImGuiCol_ChildBg, 0},
      {ImGuiCol_PopupBg, p.raised},
      {ImGuiCol_Border, p.card_edge},
      {ImGuiCol_BorderShadow, 0},
      {ImGuiCol_FrameBg, p.control},
      {ImGuiCol_FrameBgHovered, p.control_hover},
      {ImGuiCol_FrameBgActive, p.control_press},
      {ImGuiCol_TitleBg, p.paper},
      {ImGuiCol_TitleBgActive, p.paper},
      {ImGuiCol_TitleBgCollapsed, p.paper},
      {ImGuiCol_MenuBarBg, p.paper},
      {ImGuiCol_ScrollbarBg, 0},
      {ImGuiCol_ScrollbarGrab, p.line},
      {ImGuiCol_ScrollbarGrabHovered, p.faint},
      {ImGuiCol_ScrollbarGrabActive, p.quiet},
      {ImGuiCol_CheckMark, p.accent},
      {ImGuiCol_SliderGrab, p.accent},
      {ImGuiCol_SliderGrabActive, p.accent_press},
      {ImGuiCol_Button, p.control},
      {ImGuiCol_ButtonHovered, p.control_hover},
      {ImGuiCol_ButtonActive, p.control_press},
      {ImGuiCol_Header, p.accent_soft},
      {ImGuiCol_HeaderHovered, p.control_hover},
      {ImGuiCol_HeaderActive, p.control_press},
      {ImGuiCol_Separator, p.line},
      {ImGuiCol_SeparatorHovered, p.faint},
      {ImGuiCol_SeparatorActive, p.quiet},
      {ImGuiCol_TextSelectedBg, p.accent_soft},
      {ImGuiCol_DragDropTarget, p.accent},
      {ImGuiCol_NavHighlight, p.accent},
      {ImGuiCol_ResizeGrip, 0},
      {ImGuiCol_TableBorderLight, p.line},
      {ImGuiCol_TableBorderStrong, p.line},
      {ImGuiCol_TableRowBg, 0},
      {ImGuiCol_TableRowBgAlt, 0},
  }};
  for (const auto& [index, colour] : table) style.Colors[index] = vec(colour);
  style.Colors[ImGuiCol_ModalWindowDimBg] = {0, 0, 0, 0.35F};
}

// What cut_fonts keeps.
constexpr std::array<ImWchar, 17> kAllLetters{0x0020, 0x017F, 0x0391, 0x03C9, 0x2010, 0x2044, 0x2070, 0x209C, 0x20AC,
                                              0x20AC, 0x2122, 0x2122, 0x2190, 0x22FF, 0x2318, 0x27FF, 0};
constexpr std::array<ImWchar, 9> kLatin{0x0020, 0x017F, 0x2010, 0x2026, 0x2190, 0x2193, 0x2212, 0x2212, 0};

// `merged`: into the font before, whose own letters stay.
ImFont* add_font(std::string_view file, float size, float pixel_ratio, const ImWchar* letters, bool merged = false) {
  const auto bytes = embedded::fonts::find(file);
  CHECK(!bytes.empty());
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.MergeMode = merged;
  config.OversampleH = pixel_ratio < 1.5F ? 3 : 2;  // letters stand between pixels
  config.OversampleV = 1;
  config.GlyphRanges = letters;
  // Grey antialiasing on a light ground looks thinner than print; a trace more ink.
  config.RasterizerMultiply = pixel_ratio < 1.5F ? 1.12F : 1.0F;
  return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(bytes.data()),
                                                    static_cast<int>(bytes.size()), std::round(size * pixel_ratio),
                                                    &config);
}

}  // namespace

Palette palette(Mode mode) { return mode == Mode::dark ? kDark : kLight; }

void apply_theme(Theme& theme, Mode mode, bool touch) {
  theme.mode = mode;
  theme.colours = palette(mode);
  theme.metrics.control = touch ? 44.0F : 36.0F;
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  set_colours(style, theme.colours);
  style.WindowPadding = {0, 0};
  style.WindowBorderSize = 0;
  style.WindowRounding = 0;
  style.ChildRounding = 0;
  style.ChildBorderSize = 0;
  style.PopupRounding = Metrics::kRound;
  style.PopupBorderSize = 1;
  style.FrameRounding = Metrics::kRound;
  style.FramePadding = {12, (theme.metrics.control - 20.0F) / 2.0F};
  style.ItemSpacing = {Metrics::kGap, Metrics::kGap};
  style.ItemInnerSpacing = {6, 6};
  style.ScrollbarSize = touch ? 6.0F : 10.0F;
  style.ScrollbarRounding = 5;
  style.GrabMinSize = touch ? 28.0F : 18.0F;
  style.GrabRounding = 999;
  style.HoverDelayNormal = 0.35F;
  style.HoverDelayShort = 0.12F;
  style.HoverStationaryDelay = 0.08F;
  style.CircleTessellationMaxError = 0.15F;
  style.CurveTessellationTol = 0.8F;
  if (touch) style.TouchExtraPadding = {4, 4};
}

void build_fonts(Theme& theme, float pixel_ratio) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  atlas.Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
  atlas.TexGlyphPadding = 2;
  theme.fonts.body = add_font("Inter-Regular.otf", 16, pixel_ratio, kAllLetters.data());
  theme.fonts.strong = add_font("Inter-SemiBold.otf", 16, pixel_ratio, kAllLetters.data());
  add_font("Inter-Regular.otf", 16, pixel_ratio, kAllLetters.data(), true);
  theme.fonts.title = add_font("Inter-SemiBold.otf", 20, pixel_ratio, kLatin.data());
  theme.fonts.display = add_font("Inter-SemiBold.otf", 28, pixel_ratio, kLatin.data());
  theme.fonts.small = add_font("Inter-Regular.otf", 13, pixel_ratio, kLatin.data());
  ImGui::GetIO().FontGlobalScale = 1.0F / pixel_ratio;
  ImGui::GetIO().FontDefault = theme.fonts.body;
  CHECK(atlas.Build());
}

ImU32 with_alpha(ImU32 colour, float share) {
  const auto alpha = static_cast<float>((colour >> IM_COL32_A_SHIFT) & 255U) * share;
  return (colour & ~IM_COL32_A_MASK) | (static_cast<ImU32>(std::lround(alpha)) << IM_COL32_A_SHIFT);
}

ImU32 blend(ImU32 a, ImU32 b, float share) {
  const ImVec4 x = vec(a);
  const ImVec4 y = vec(b);
  return ImGui::ColorConvertFloat4ToU32(
      {std::lerp(x.x, y.x, share), std::lerp(x.y, y.y, share), std::lerp(x.z, y.z, share), std::lerp(x.w, y.w, share)});
}

ImU32 to_u32(gfx::Rgba c) { return IM_COL32(c.r, c.g, c.b, c.a); }

ImU32 ink_on(ImU32 ground) {
  // WCAG relative luminance; 0.179 is where black and white contrast alike.
  const auto linear = [](float c) { return c <= 0.04045F ? c / 12.92F : std::pow((c + 0.055F) / 1.055F, 2.4F); };
  const ImVec4 c = vec(ground);
  const float luminance = 0.2126F * linear(c.x) + 0.7152F * linear(c.y) + 0.0722F * linear(c.z);
  if (luminance <= 0.179F) return rgb(0xffffff);
  return luminance < 0.24F ? rgb(0x000000) : rgb(0x16181b);  // the middle needs all the contrast there is
}

}  // namespace weightroom::ui
