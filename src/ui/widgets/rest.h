#pragma once

namespace weightroom::ui {

// The wheel and held keys change a value in many small steps that a person means as one. Called in every frame, in the
// id scope of the widget, with whether a step came and whether the hand is still there: true once, when no other has
// come for a moment or something else has been begun. Keeps the frames coming until then.
[[nodiscard]] bool came_to_rest(bool stepped, bool here);

}  // namespace weightroom::ui
