#include <algorithm>
#include <limits>
#include <utility>

#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_internal.h>
#include <strings/window.h>

#include "platform/shell.h"

namespace weightroom::platform {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
// Frames after the last input: ImGui reacts to a hover in the next one and sizes new windows in the one after.
constexpr int kSettlingFrames = 3;

struct State {
  GLFWwindow* window = nullptr;
  std::function<void()> frame;
  Frame pending;
  double frame_due = 0.0;  // on glfwGetTime's clock
  int settling = kSettlingFrames;
  float zoom = 1.0F;
  bool touch = false;
  bool lost = false;
};
State state;

// Points to a unit of GLFW's coordinates: 1 (over the zoom), but where the window system counts in pixels of a dense
// screen (X11).
float points_per_unit() {
  int width = 0;
  int pixels = 0;
  glfwGetWindowSize(state.window, &width, nullptr);
  glfwGetFramebufferSize(state.window, &pixels, nullptr);
  return width == pixels ? 1.0F / pixel_ratio() : 1.0F / state.zoom;
}

void install_callbacks(GLFWwindow* window) {
  glfwSetCursorPosCallback(window, [](GLFWwindow* w, double x, double y) {
    state.touch = false;
    const auto scale = static_cast<double>(points_per_unit());
    ImGui::GetIO().AddMouseSourceEvent(ImGuiMouseSource_Mouse);
    ImGui_ImplGlfw_CursorPosCallback(w, x * scale, y * scale);
    shell::input_arrived();
  });
  glfwSetCursorEnterCallback(window, [](GLFWwindow* w, int entered) {
    ImGui_ImplGlfw_CursorEnterCallback(w, entered);
    shell::input_arrived();
  });
  glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int mods) {
    ImGui_ImplGlfw_MouseButtonCallback(w, button, action, mods);
    shell::input_arrived();
  });
  glfwSetScrollCallback(window, [](GLFWwindow* w, double x, double y) {
    ImGui_ImplGlfw_ScrollCallback(w, x, y);
    shell::input_arrived();
  });
  glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int scancode, int action, int mods) {
    ImGui_ImplGlfw_KeyCallback(w, key, scancode, action, mods);
    shell::input_arrived();
  });
  glfwSetCharCallback(window, [](GLFWwindow* w, unsigned letter) {
    ImGui_ImplGlfw_CharCallback(w, letter);
    shell::input_arrived();
  });
  glfwSetWindowFocusCallback(window, [](GLFWwindow* w, int focused) {
    ImGui_ImplGlfw_WindowFocusCallback(w, focused);
    shell::input_arrived();
  });
  glfwSetWindowSizeCallback(window, [](GLFWwindow*, int, int) { shell::input_arrived(); });
  glfwSetFramebufferSizeCallback(window, [](GLFWwindow*, int, int) { shell::input_arrived(); });
}

void begin_imgui(const Frame& frame) {
  ImGui_ImplGlfw_NewFrame();
  ImGuiIO& io = ImGui::GetIO();
  // The shell knows better than GLFW's emulation, which rounds: fonts and lines stay sharp at 1.25 or 1.5.
  io.DisplaySize = {frame.width, frame.height};
  io.DisplayFramebufferScale = {frame.pixel_ratio, frame.pixel_ratio};
  // An idle page draws nothing for minutes; no animation should jump by that.
  io.DeltaTime = std::clamp(io.DeltaTime, 1e-4F, 0.1F);
  ImGui::NewFrame();
}

}  // namespace

float pixel_ratio() { return shell::device_ratio() * state.zoom; }

void set_zoom(float zoom) {
  if (std::exchange(state.zoom, zoom) != zoom) shell::input_arrived();
}

namespace shell {

float zoom() { return state.zoom; }

Frame& pending() { return state.pending; }

void input_arrived() {
  state.settling = kSettlingFrames;
  schedule();
}

bool input_left() {
  return ImGui::GetCurrentContext() != nullptr && !ImGui::GetCurrentContext()->InputEventsQueue.empty();
}

double seconds_until_frame(bool more_input) {
  if (state.settling > 0 || more_input) return 0.0;
  return state.frame_due == kNever ? kNever : std::max(0.0, state.frame_due - glfwGetTime());
}

void set_frame(std::function<void()> frame) { state.frame = std::move(frame); }

void draw_frame() {
  state.settling = std::max(0, state.settling - 1);
  state.frame_due = kNever;
  if (state.frame) state.frame();
}

void touch_pointer(float x, float y, int button) {
  ImGuiIO& io = ImGui::GetIO();
  // Without this the backend would put the pointer back to where the mouse was last seen.
  if (!state.touch) ImGui_ImplGlfw_CursorEnterCallback(state.window, GLFW_TRUE);
  state.touch = true;
  io.AddMouseSourceEvent(ImGuiMouseSource_TouchScreen);
  io.AddMousePosEvent(x / state.zoom, y / state.zoom);
  if (button >= 0) io.AddMouseButtonEvent(0, button == 1);
  // A lifted finger hovers nowhere.
  if (button == 0) io.AddMousePosEvent(-std::numeric_limits<float>::max(), -std::numeric_limits<float>::max());
  input_arrived();
}

bool window_closing() { return glfwWindowShouldClose(state.window) == GLFW_TRUE; }

void close_window() {
  ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(state.window);
  glfwTerminate();
}

void wait_events(double seconds) {
  if (seconds <= 0.0) {
    glfwPollEvents();
  } else if (seconds == kNever) {
    glfwWaitEvents();
  } else {
    glfwWaitEventsTimeout(seconds);
  }
}

}  // namespace shell

Status open(const Options& options) {
  shell::window_hints();
  if (glfwInit() == GLFW_FALSE) return fail(text::window_no_system);
  glfwDefaultWindowHints();
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  const shell::Extent extent = shell::window_extent(options);
  state.window = glfwCreateWindow(extent.width, extent.height, options.title.c_str(), nullptr, nullptr);
  if (state.window == nullptr) return fail(text::window_no_opengl);
  glfwMakeContextCurrent(state.window);
  glfwSwapInterval(1);
  ImGui::CreateContext();
  ImGui::GetIO().IniFilename = nullptr;  // nothing is written on the visitor's machine
  ImGui_ImplGlfw_InitForOpenGL(state.window, false);
  install_callbacks(state.window);
  shell::opened(options);
  return {};
}

void ask_for_frame() { ask_for_frame_in(0.0); }

void ask_for_frame_in(double seconds) {
  state.frame_due = std::min(state.frame_due, glfwGetTime() + seconds);
  shell::schedule();
}

bool quiet() {
  const Frame& come = state.pending;
  return state.settling == 0 && !shell::input_left() && come.files.empty() && come.errors.empty() &&
         come.numbers.empty() && !come.pinch && !come.context_lost && !come.context_restored;
}

Frame begin() {
  Frame frame = std::move(state.pending);
  state.pending = Frame{};
  state.pending.dropping = frame.dropping;
  state.pending.reading = frame.reading;
  state.lost = frame.context_lost || (state.lost && !frame.context_restored);
  int width = 0;
  int height = 0;
  glfwGetWindowSize(state.window, &width, &height);
  frame.time = glfwGetTime();
  frame.pixel_ratio = pixel_ratio();
  frame.width = static_cast<float>(width) * points_per_unit();
  frame.height = static_cast<float>(height) * points_per_unit();
  frame.touch = state.touch;
  frame.context_lost = state.lost;
  if (!state.lost) begin_imgui(frame);
  return frame;
}

void end() {
  if (!state.lost) glfwSwapBuffers(state.window);
  shell::frame_ended();
}

}  // namespace weightroom::platform
