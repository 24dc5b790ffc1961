#pragma once

#include <imgui.h>

#include "gfx/colour.h"

namespace weightroom::ui {

enum class Mode { light, dark };

// Every colour of the program; text colours reach 4.5:1 on the grounds they are used on.
struct Palette {
  ImU32 paper;  // behind the cards
  ImU32 card;
  ImU32 card_edge;
  ImU32 shadow;
  ImU32 raised;   // popups and tooltips
  ImU32 ink;      // text
  ImU32 quiet;    // secondary text
  ImU32 faint;    // lines that only hint, disabled text
  ImU32 line;     // rules, borders of controls
  ImU32 control;  // a resting button
  ImU32 control_hover;
  ImU32 control_press;
  ImU32 track;  // the empty part of a slider or a bar
  ImU32 accent;
  ImU32 accent_hover;
  ImU32 accent_press;
  ImU32 accent_soft;  // ground of what is chosen
  ImU32 on_accent;
  ImU32 rise;  // a number that grew: the warm end of the diverging scale
  ImU32 fall;  // a number that shrank: its cool end
  ImU32 danger;
  ImU32 danger_soft;
  ImU32 notice_soft;
};

// Points. One grid of 4.
struct Metrics {
  static constexpr float kGap = 8.0F;       // between controls
  static constexpr float kPad = 16.0F;      // inside a card
  static constexpr float kBetween = 12.0F;  // between cards
  static constexpr float kRadius = 12.0F;   // of a card
  static constexpr float kRound = 8.0F;     // of a control
  static constexpr float kNarrow = 900.0F;  // below this the header has no words
  float control = 36.0F;                    // height of a control: 44 for fingers
};

struct Fonts {
  ImFont* body = nullptr;     // 16 regular
  ImFont* strong = nullptr;   // 16 semi-bold
  ImFont* title = nullptr;    // 20 semi-bold
  ImFont* display = nullptr;  // 28 semi-bold
  ImFont* small = nullptr;    // 13, for numbers inside drawings and nothing else
};

struct Theme {
  Mode mode = Mode::light;
  Palette colours{};
  Metrics metrics;
  Fonts fonts;
  [[nodiscard]] gfx::Ground ground() const { return mode == Mode::dark ? gfx::Ground::dark : gfx::Ground::light; }
};

[[nodiscard]] Palette palette(Mode mode);

// Colours, spacing and rounding into ImGui's style; `touch` makes targets 44 points high.
void apply_theme(Theme& theme, Mode mode, bool touch);

// Builds ImGui's font atlas at this pixel ratio; the backend must be told (platform::fonts_changed).
void build_fonts(Theme& theme, float pixel_ratio);

[[nodiscard]] ImU32 with_alpha(ImU32 colour, float share);  // share of its opacity
[[nodiscard]] ImU32 blend(ImU32 a, ImU32 b, float share_of_b);
[[nodiscard]] ImU32 to_u32(gfx::Rgba colour);
// Black or white, whichever reads better on this ground.
[[nodiscard]] ImU32 ink_on(ImU32 ground);

}  // namespace weightroom::ui
