#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <imgui.h>

#include "ui/tab_order.h"
#include "ui/theme.h"
#include "ui/touch_scroll.h"
#include "ui/where.h"

namespace weightroom::ui {

inline constexpr std::size_t kTerms = 12;  // of the glossary

// What the face of the program asks of the machine it runs on; app hands it on after the frame.
struct Requests {
  bool choose_file = false;    // a picture or a model
  bool choose_labels = false;  // a list of names
  bool choose_folder = false;  // of labelled pictures
  std::optional<Mode> theme;
  bool whole_bench = false;  // to be kept for the next visit
  struct NumberField {
    std::string id;
    std::string text;
    ImVec2 from;
    ImVec2 to;
    bool words = false;  // no number but a name
  };
  std::optional<NumberField> number;  // touch: an HTML field over the cell
  std::string announce;               // for screen readers
  // A part of the window as a PNG of this name, in points.
  struct Capture {
    std::string name;
    ImVec2 from;
    ImVec2 to;
  };
  std::optional<Capture> capture;
};

// A number being typed on the spot.
struct Typing {
  std::string id;  // of its cell; empty: nobody types
  std::string text;
  bool just_begun = false;
  std::string begun_with{};  // left as it was, it changes nothing: it may show fewer digits than the number has
};

// A finger on the screen; see touch_scroll.h.
struct TouchDrag {
  Finger finger = Finger::undecided;
  ImGuiID kept = 0;  // the item that wants the drag for itself
  bool kept_sideways = false;
  ImGuiID touched = 0;  // window
  ImGuiID window = 0;   // the one that scrolls
  bool sideways = false;
  float speed = 0.0F;  // points a second
};

// What every widget reaches without being handed it. One for each ImGui context, through ImGuiIO::UserData; app and the
// headless tests make it.
struct Context {
  Theme theme;
  WidgetRects rects;
  Requests requests;
  Typing typing;
  std::unordered_map<std::string, std::string> typed;  // committed by an HTML field since the last frame, by cell id
  bool touch = false;
  bool reduced_motion = false;
  bool folders = true;  // can be chosen and dropped here
  TouchDrag drag;
  TabOrder tabs;
  bool animating = false;    // something moves: draw on
  float pinch_scale = 1.0F;  // two fingers since the last frame
  ImVec2 pinch_centre;
  ImVec2 pinch_move;
  std::unordered_map<ImGuiID, float> animations;
  // Where a test wants to know each text, as it is drawn, and each that is shortened or cut at its right or left.
  std::vector<std::string>* drawn = nullptr;
  std::vector<std::string>* cut = nullptr;
  std::array<bool, kTerms> marked_terms{};  // of the glossary, in this frame
  int open_term = -1;                       // that a finger has tapped
  int decoded = 0;                          // pictures, in this frame
  int controls = 0;                         // of this frame: what can be pressed or dragged
};

[[nodiscard]] Context& context();
[[nodiscard]] inline const Theme& theme() { return context().theme; }
[[nodiscard]] inline const Palette& colours() { return context().theme.colours; }
[[nodiscard]] inline const Fonts& fonts() { return context().theme.fonts; }
inline void note_rect(std::string_view id, ImVec2 from, ImVec2 to) { context().rects.note(id, from, to); }
// The last item, by its id.
inline void note_item(std::string_view id) { note_rect(id, ImGui::GetItemRectMin(), ImGui::GetItemRectMax()); }

void begin_frame(Context& context);  // before the first widget

// A value that follows `target` in about `seconds`; at once where motion is reduced or on the first call.
[[nodiscard]] float follow(ImGuiID id, float target, float seconds = 0.12F);

}  // namespace weightroom::ui
