#pragma once

#include <string>

#include "platform/platform.h"

// What glfw.cpp and the two shells tell each other; nobody outside platform includes this.
namespace weightroom::platform::shell {

// Frame under construction: whatever arrives between frames is put here.
Frame& pending();

// ---- glfw.cpp, called by the shells

void input_arrived();  // draw, and a few frames more: a hover or a click takes ImGui two or three to settle
[[nodiscard]] double seconds_until_frame(bool input_left);  // 0: now; infinity: never
[[nodiscard]] bool input_left();                            // ImGui takes fast clicks apart over several frames
void draw_frame();                                          // clears what was asked for and calls run()'s frame
void set_frame(std::function<void()> frame);
void touch_pointer(float x, float y, int button);  // a finger: 1 down, 0 up, -1 moved
[[nodiscard]] float zoom();
[[nodiscard]] bool window_closing();
void close_window();
void wait_events(double seconds);  // polls with 0

// ---- the shells, called by glfw.cpp

struct Extent {
  int width;
  int height;
};
[[nodiscard]] float device_ratio();  // pixels to one of the machine's points
void window_hints();
[[nodiscard]] Extent window_extent(const Options& options);
void opened(const Options& options);  // the context is there
void schedule();                      // seconds_until_frame() may have become smaller
void frame_ended();                   // cursor shapes and the like

}  // namespace weightroom::platform::shell
