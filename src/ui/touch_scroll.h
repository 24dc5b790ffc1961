#pragma once

namespace weightroom::ui {

// Inside a scrolling window: a finger that drags what is no slider or number scrolls it, as everywhere else.
void scroll_by_finger();

// The last item follows the finger itself: a drag that begins on it does not scroll.
void keeps_finger();

}  // namespace weightroom::ui
