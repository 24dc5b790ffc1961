#pragma once

#include <string>

#include "ui/panel.h"

namespace weightroom::ui {

// "cat  78.1 %" within this width in the font of titles: the class may have any name, its share is never cut. Of a view
// that is answered().
[[nodiscard]] std::string fitted_answer(const View& view, float width);

// "None of the 24 things it knows".
[[nodiscard]] std::string none_words(const View& view);

// What brought another answer, in a sentence of numbers: "Map 5 of conv1 is now 7.2 times as strong. conv2 reads it
// ..."; empty where the answer is the loaded model's.
[[nodiscard]] std::string change_story(const View& view);
// "cat → bottle" on a chip, pressed to have the maps speak of the new answer, and the sentence below it; nothing where
// the answer is the loaded model's.
void draw_change(const View& view, CommandQueue& commands);

// The most probable classes, each with its bar, to be looked at alone.
void draw_top_classes(const View& view, std::size_t count);

// What the model can answer at all; pressed, the list.
void draw_knows(const View& view);

}  // namespace weightroom::ui
