#include "platform/web.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <GLFW/glfw3.h>
#include <emscripten.h>
#include <emscripten/html5.h>
#include <imgui.h>

#include "platform/shell.h"

// The page; its half in JavaScript is web/window.js.

extern "C" {
void web_listen_keys();
void web_listen_tab();
void web_listen_mouse();
void web_listen_touch();
void web_listen_window();
int web_inner_width();
int web_inner_height();
int web_matches(const char* query);
int web_apple();
void web_cursor(const char* name);
void web_theme(const char* name);
char* web_recall(const char* name);
void web_remember(const char* name, const char* value);
void web_copy(const char* text);
void web_keep(const char* text);
char* web_kept();
}

namespace weightroom::platform {
namespace {

bool frame_requested = false;
bool asks_before_leaving = false;
TabStops stops;
int presses = 0;  // of the Tab key that went to the program, forward less backward

EM_BOOL on_animation_frame(double /*time*/, void* /*data*/) {
  frame_requested = false;
  shell::draw_frame();
  shell::schedule();
  return EM_FALSE;
}

}  // namespace

void stands_at(const TabStops& now) {
  stops = now;
  if (!shell::input_left()) presses = now.presses;  // all are followed; one may have been lost with the focus
}

extern "C" {

// Whether the key is the program's; it has not yet followed all of those before.
int web_tab(int backward) {
  const int ahead = presses - stops.presses;
  const bool ours = (backward != 0 ? stops.before + ahead : stops.after - ahead) > 0;
  if (ours) {
    presses += backward != 0 ? -1 : 1;
  } else {
    shell::pending().tab = Frame::TabPassed{presses, true, 0};
    shell::input_arrived();
  }
  return ours ? 1 : 0;
}

void web_tab_enters(int backward) {
  Frame& next = shell::pending();
  next.tab = Frame::TabPassed{presses, next.tab && next.tab->left, backward != 0 ? -1 : 1};
  const int others = std::max(stops.in_all - 1, 0);
  stops = {backward != 0 ? others : 0, backward != 0 ? 0 : others, stops.in_all, presses};
  shell::input_arrived();
}

int web_asks_before_leaving() { return asks_before_leaving ? 1 : 0; }

void web_wake() { shell::input_arrived(); }

void web_touch(float x, float y, int button) { shell::touch_pointer(x, y, button); }

void web_pinch(float x, float y, float scale, float dx, float dy) {
  Pinch sum = shell::pending().pinch.value_or(Pinch{});
  const float k = 1.0F / shell::zoom();
  shell::pending().pinch = Pinch{k * x, k * y, sum.scale * scale, sum.dx + k * dx, sum.dy + k * dy};
  shell::input_arrived();
}

// In notches of a mouse wheel, as ImGui counts.
void web_wheel(float x, float y) {
  ImGui::GetIO().AddMouseWheelEvent(x, y);
  shell::input_arrived();
}

void web_resized(int width, int height) {
  glfwSetWindowSize(glfwGetCurrentContext(), width, height);
  shell::input_arrived();
}

void web_context(int lost) {
  // Both may happen between two frames; the last one counts.
  shell::pending().context_lost = lost != 0;
  shell::pending().context_restored = lost == 0;
  shell::input_arrived();
}

}  // extern "C"

void run(std::function<void()> frame) {
  shell::set_frame(std::move(frame));
  shell::schedule();
}

Theme preferred_theme() { return web_matches("(prefers-color-scheme: dark)") != 0 ? Theme::dark : Theme::light; }
bool reduced_motion() { return web_matches("(prefers-reduced-motion: reduce)") != 0; }
void show_theme(Theme theme) { web_theme(theme == Theme::dark ? "dark" : "light"); }

std::string remembered(std::string_view name) { return web::take_string(web_recall(std::string(name).c_str())); }

void remember(std::string_view name, std::string_view value) {
  web_remember(std::string(name).c_str(), std::string(value).c_str());
}

void keep(const std::string& text) { web_keep(text.c_str()); }
std::string kept() { return web::take_string(web_kept()); }
void ask_before_leaving(bool ask) { asks_before_leaving = ask; }

namespace web {

std::string take_string(char* text) {
  std::string out = text == nullptr ? "" : text;
  std::free(text);
  return out;
}

}  // namespace web

namespace shell {

float device_ratio() { return static_cast<float>(emscripten_get_device_pixel_ratio()); }

// Before GLFW's own listeners.
void window_hints() {
  web_listen_tab();
  web_listen_keys();
}

Extent window_extent(const Options& /*options*/) { return {web_inner_width(), web_inner_height()}; }

void opened(const Options& /*options*/) {
  web_listen_mouse();
  web_listen_touch();
  web_listen_window();
  web::listen_files();
  ImGuiIO& io = ImGui::GetIO();
  // The browser hands over pasted text by an event of its own (web_files.cpp).
  io.GetClipboardTextFn = [](void*) -> const char* { return ""; };
  io.SetClipboardTextFn = [](void*, const char* text) { web_copy(text); };
  io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
  io.ConfigMacOSXBehaviors = web_apple() != 0;
}

void schedule() {
  if (frame_requested) return;
  const double seconds = seconds_until_frame(input_left());
  if (seconds <= 0.0) {
    frame_requested = true;
    emscripten_request_animation_frame(on_animation_frame, nullptr);
  } else if (std::isfinite(seconds)) {
    // Runs empty where something else drew meanwhile.
    emscripten_async_call([](void*) { schedule(); }, nullptr, static_cast<int>(std::ceil(seconds * 1000.0)));
  }
}

void frame_ended() {
  static constexpr std::array<const char*, ImGuiMouseCursor_COUNT> kNames{
      "default", "text", "move", "ns-resize", "ew-resize", "nesw-resize", "nwse-resize", "pointer", "not-allowed"};
  static int shown = -1;
  const int cursor = ImGui::GetMouseCursor();
  if (cursor == shown) return;
  shown = cursor;
  web_cursor(cursor < 0 ? "none" : kNames[static_cast<std::size_t>(cursor)]);
}

}  // namespace shell
}  // namespace weightroom::platform
