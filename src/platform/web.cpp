#include "platform/web.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <GLFW/glfw3.h>
#include <emscripten.h>
#include <emscripten/html5.h>
#include <imgui.h>

#include "platform/shell.h"

// The page. Listeners go in front of those of Emscripten's GLFW wherever it would misread an event: it takes touches
// for a mouse, swallows Tab and Backspace of HTML fields, and loses a drag that leaves the window.

// clang-format off
EM_JS_DEPS(weightroom_web, "$UTF8ToString,$stringToNewUTF8,$GLFW");

EM_JS(void, web_listen_keys, (), {
  const inField = () => document.activeElement instanceof HTMLInputElement && document.activeElement.type !== 'file';
  for (const kind of ['keydown', 'keypress', 'keyup']) {
    window.addEventListener(kind, (event) => {
      if (inField()) {
        event.stopImmediatePropagation();
        if (kind === 'keydown' && Module.fieldKey) Module.fieldKey(event);
        return;
      }
      const chord = event.ctrlKey || event.metaKey;
      // Ours, not the browser's: undo, redo, save, open; and Firefox's quick find.
      if (kind === 'keydown' && ((chord && 'zyso'.includes(event.key.toLowerCase())) || event.key === '/' || event.key === "'")) {
        event.preventDefault();
      }
      // macOS never says that a letter was let go while Command is held.
      if (kind === 'keydown' && event.metaKey && event.key.length === 1) {
        setTimeout(() => window.dispatchEvent(new KeyboardEvent('keyup', {key: event.key, code: event.code, keyCode: event.keyCode})), 0);
      }
    }, true);
  }
});

EM_JS(void, web_listen_pointers, (), {
  const canvas = Module.canvas;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'mouse') canvas.setPointerCapture(event.pointerId);
    canvas.focus({preventScroll: true});
  });
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  let pinch = null;  // centre and distance of two fingers
  let finger = null;
  const measure = (touches) => {
    const a = touches[0], b = touches[1];
    return {x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2,
            d: Math.max(8, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY))};
  };
  const touch = (event) => {
    if (event.target !== canvas) return;
    if (event.cancelable) event.preventDefault();
    event.stopImmediatePropagation();
    const field = document.activeElement;
    if (event.type === 'touchstart' && field instanceof HTMLInputElement) field.blur();
    const touches = event.targetTouches;
    if (touches.length >= 2) {
      if (finger !== null) { finger = null; _web_touch(-1e9, -1e9, 0); }  // no click comes of it
      const now = measure(touches);
      if (pinch) _web_pinch(now.x, now.y, now.d / pinch.d, now.x - pinch.x, now.y - pinch.y);
      pinch = now;
      return;
    }
    if (pinch) {
      if (touches.length === 0) pinch = null;
      return;
    }
    const point = event.changedTouches[0];
    if (event.type === 'touchstart') { finger = point.identifier; _web_touch(point.clientX, point.clientY, 1); }
    if (event.type === 'touchmove' && finger !== null) _web_touch(point.clientX, point.clientY, -1);
    if (event.type === 'touchend' && finger !== null) { finger = null; _web_touch(point.clientX, point.clientY, 0); }
    if (event.type === 'touchcancel' && finger !== null) { finger = null; _web_touch(-1e9, -1e9, 0); }
  };
  for (const kind of ['touchstart', 'touchmove', 'touchend', 'touchcancel']) {
    window.addEventListener(kind, touch, {capture: true, passive: false});
  }
  // ImGui's own listener sits on the document, where a browser lets nobody prevent its scrolling and says so on the
  // console. A trackpad's pinch arrives as a wheel with Control held.
  window.addEventListener('wheel', (event) => {
    if (event.target !== canvas) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const points = event.deltaMode === 1 ? 33 : event.deltaMode === 2 ? 800 : 1;  // of a line, of a page
    const [x, y] = [event.deltaX * points, event.deltaY * points];
    if (event.ctrlKey) _web_pinch(event.clientX, event.clientY, Math.exp(-y * 0.01), 0, 0);
    else _web_wheel(-x / 100, -y / 100);
  }, {capture: true, passive: false});
});

EM_JS(void, web_listen_window, (), {
  window.addEventListener('resize', () => {
    if (GLFW.scale !== window.devicePixelRatio) GLFW.onDevicePixelRatioChange();
    _web_resized(window.innerWidth, window.innerHeight);
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) _web_wake(); });
  Module.canvas.addEventListener('webglcontextlost', (event) => { event.preventDefault(); _web_context(1); });
  Module.canvas.addEventListener('webglcontextrestored', () => _web_context(0));
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => _web_wake());
});

EM_JS(int, web_inner_width, (), { return window.innerWidth; });
EM_JS(int, web_inner_height, (), { return window.innerHeight; });
EM_JS(int, web_matches, (const char* query), { return window.matchMedia(UTF8ToString(query)).matches ? 1 : 0; });
EM_JS(int, web_apple, (), { return /Mac|iP/.test(navigator.platform) ? 1 : 0; });
EM_JS(void, web_cursor, (const char* name), { Module.canvas.style.cursor = UTF8ToString(name); });
EM_JS(void, web_theme, (const char* name), { document.documentElement.dataset.theme = UTF8ToString(name); });
// From file:// storage may be refused.
EM_JS(char*, web_recall, (const char* name), {
  try { return stringToNewUTF8(localStorage.getItem('weightroom.' + UTF8ToString(name)) || ""); } catch (e) { return stringToNewUTF8(""); }
});
EM_JS(void, web_remember, (const char* name, const char* value), {
  try { localStorage.setItem('weightroom.' + UTF8ToString(name), UTF8ToString(value)); } catch (e) {}
});
EM_JS(void, web_copy, (const char* text), {
  if (navigator.clipboard) navigator.clipboard.writeText(UTF8ToString(text)).catch(() => {});
});
// clang-format on

namespace weightroom::platform {
namespace {

bool frame_requested = false;

EM_BOOL on_animation_frame(double /*time*/, void* /*data*/) {
  frame_requested = false;
  shell::draw_frame();
  shell::schedule();
  return EM_FALSE;
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE void web_wake() { shell::input_arrived(); }

EMSCRIPTEN_KEEPALIVE void web_touch(float x, float y, int button) { shell::touch_pointer(x, y, button); }

EMSCRIPTEN_KEEPALIVE void web_pinch(float x, float y, float scale, float dx, float dy) {
  Pinch sum = shell::pending().pinch.value_or(Pinch{});
  shell::pending().pinch = Pinch{x, y, sum.scale * scale, sum.dx + dx, sum.dy + dy};
  shell::input_arrived();
}

// In notches of a mouse wheel, as ImGui counts.
EMSCRIPTEN_KEEPALIVE void web_wheel(float x, float y) {
  ImGui::GetIO().AddMouseWheelEvent(x, y);
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void web_resized(int width, int height) {
  glfwSetWindowSize(glfwGetCurrentContext(), width, height);
  shell::input_arrived();
}

EMSCRIPTEN_KEEPALIVE void web_context(int lost) {
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

namespace web {

std::string take_string(char* text) {
  std::string out = text == nullptr ? "" : text;
  std::free(text);
  return out;
}

}  // namespace web

float pixel_ratio() { return static_cast<float>(emscripten_get_device_pixel_ratio()); }

namespace shell {

void window_hints() { web_listen_keys(); }  // before GLFW's own listeners

Extent window_extent(const Options& /*options*/) { return {web_inner_width(), web_inner_height()}; }

void opened(const Options& /*options*/) {
  web_listen_pointers();
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
