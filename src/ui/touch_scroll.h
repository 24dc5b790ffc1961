#pragma once

namespace weightroom::ui {

// What a dragging finger does is decided once, after its first few points of way.
enum class Finger { undecided, widget, scrolls };

// The last item follows a dragging finger itself; `sideways`: only where it goes more sideways than up or down, so that
// a page full of sliders can still be scrolled.
void keeps_finger(bool sideways = false);

// Before the first widget of a frame: a finger that drags anything else moves the window under it, which glides on when
// let go.
void scroll_by_finger();

}  // namespace weightroom::ui
