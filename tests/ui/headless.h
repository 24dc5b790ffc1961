#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <imgui.h>
#include <imgui_internal.h>

#include "../lab/bench_model.h"
#include "gfx/textures.h"
#include "ui/context.h"
#include "ui/panel.h"

namespace weightroom::ui::testing {

// Dear ImGui with our fonts and theme, no window and no GPU: what panels draw can be pointed at and clicked by id.
class Headless {
 public:
  explicit Headless(lab::Lab& lab, ImVec2 size = {1280, 800}, Mode mode = Mode::light) : lab_(lab) {
    imgui_ = ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = size;
    io.DeltaTime = 1.0F / 60.0F;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.UserData = &context;
    context.reduced_motion = true;
    build_fonts(context.theme, 1.0F);
    apply_theme(context.theme, mode, false);
  }
  Headless(const Headless&) = delete;
  Headless& operator=(const Headless&) = delete;
  ~Headless() { ImGui::DestroyContext(imgui_); }

  // One frame of `draw`, then its commands and the work they bring.
  template <class Draw>
  void frame(Draw&& draw) {
    state.hover = state.next_hover;
    state.next_hover = {};
    ImGui::NewFrame();
    begin_frame(context);
    textures.begin_frame();
    draw(View{lab_, textures, time}, state, commands);
    ImGui::Render();
    const ImGuiWindow* stray =
        ImGui::FindWindowByName("Debug##Default");  // ImGui's own, shown when none of ours is open
    EXPECT_FALSE(stray != nullptr && stray->Active) << "something is drawn outside of a window";
    textures.upload();
    time += 1.0 / 60.0;
    for (const document::Command& command : commands.take()) (void)lab_.run(command);
    while (!lab_.step(base::Budget::unlimited())) {
    }
  }
  void screen(int frames = 1) {
    for (int i = 0; i < frames; ++i) frame(draw_screen);
  }
  // The panel alone, in a column of this size.
  void panel(std::string_view name, ImVec2 size, int frames = 1) { panel(ui::panel(name), size, frames); }
  void panel(const Panel& which, ImVec2 size, int frames = 1) {
    for (int i = 0; i < frames; ++i) {
      frame([&](const View& view, UiState& ui, CommandQueue& queue) {
        ImGui::SetNextWindowPos({0, 0});
        ImGui::SetNextWindowSize(size);
        ImGui::Begin("column", nullptr, ImGuiWindowFlags_NoDecoration);
        which.draw(view, ui, queue);
        ImGui::End();
      });
    }
  }

  [[nodiscard]] bool shows(std::string_view id) {
    const auto place = context.rects.find(id);
    return place && place->visible;
  }
  // Rectangles of a frame may be asked for once the next one has begun.
  [[nodiscard]] ImVec2 centre(std::string_view id) {
    const auto place = context.rects.find(id);
    EXPECT_TRUE(place.has_value()) << id;
    return place ? ImVec2{(place->from.x + place->to.x) / 2, (place->from.y + place->to.y) / 2} : ImVec2{};
  }
  void move_to(ImVec2 at) { ImGui::GetIO().AddMousePosEvent(at.x, at.y); }
  void click(std::string_view id) {
    move_to(centre(id));
    screen();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    screen();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    screen(3);
  }
  // By the tabs: its group's, and its own.
  void open_page(std::string_view name) {
    const studies::StudyDef* page = studies::find_page(name);
    ASSERT_NE(page, nullptr) << name;
    click("group/" + std::string(studies::name_of(page->group)));
    if (lab_.document().page != name) click("page/" + std::string(name));
  }
  void wheel(float steps) {
    ImGui::GetIO().AddMouseWheelEvent(0.0F, steps);
    screen(3);
  }
  void drag(ImVec2 by) {
    ImGuiIO& io = ImGui::GetIO();
    const ImVec2 start = io.MousePos;
    io.AddMouseButtonEvent(0, true);
    screen();
    for (int i = 1; i <= 4; ++i) {
      const float share = static_cast<float>(i) / 4.0F;
      move_to({start.x + by.x * share, start.y + by.y * share});
      screen();
    }
    io.AddMouseButtonEvent(0, false);
    screen(3);
  }

  Context context;
  UiState state;
  CommandQueue commands;
  gfx::Textures textures;
  double time = 0.0;

 private:
  lab::Lab& lab_;
  ImGuiContext* imgui_ = nullptr;
};

}  // namespace weightroom::ui::testing
