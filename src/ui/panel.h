#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gfx/textures.h"
#include "lab/lab.h"
#include "ui/context.h"
#include "ui/ui_state.h"

namespace weightroom::ui {

// What a panel reads. Nothing of it is changed by drawing; textures only hold what was last shown.
struct View {
  const lab::Lab& lab;
  gfx::Textures& textures;
  double time = 0.0;  // seconds since the start

  [[nodiscard]] bool has_document() const { return lab.has_document(); }
  [[nodiscard]] const document::Document& document() const { return lab.document(); }
  [[nodiscard]] const lab::Results& results() const { return lab.engine().results(); }
  // A picture is on the bench and the network has run on it once.
  [[nodiscard]] bool ready() const {
    return lab.has_document() && lab.document().picture.has_value() && lab.engine().ready();
  }
  [[nodiscard]] bool answered() const { return ready() && !results().order.empty(); }
};

// What a panel asks to happen, in order; applied after all panels have drawn.
class CommandQueue {
 public:
  void push(document::Command command) { commands_.push_back(std::move(command)); }
  // A typed value that is none: shown as an error, nothing else changes.
  void report(std::string sentence) { report_ = std::move(sentence); }
  [[nodiscard]] std::string take_report() { return std::exchange(report_, {}); }
  [[nodiscard]] std::vector<document::Command> take() { return std::exchange(commands_, {}); }
  [[nodiscard]] bool empty() const { return commands_.empty(); }

 private:
  std::vector<document::Command> commands_;
  std::string report_;
};

// A panel changes no document, calls no GL and keeps no statics. screen.cpp says where each one stands.
struct Panel {
  std::string_view name;
  void (*draw)(const View& view, UiState& state, CommandQueue& commands) = nullptr;
};

// All panels, in the order of panels.inc: PANEL(answer) is void answer_panel(const View&, UiState&, CommandQueue&).
[[nodiscard]] std::span<const Panel> panels();
[[nodiscard]] const Panel& panel(std::string_view name);  // must be there

// The whole window: every panel at its place, and the keys that work everywhere.
void draw_screen(const View& view, UiState& state, CommandQueue& commands);

}  // namespace weightroom::ui
