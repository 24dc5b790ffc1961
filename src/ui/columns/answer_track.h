#pragma once

#include <string>
#include <vector>

#include "ui/panel.h"
#include "ui/widgets/slider.h"

namespace weightroom::ui {

// What the model answers at each value of the selected weight, for its slider's track: one part from change to change.
struct AnswerTrack {
  std::vector<std::string> names;  // of the parts' classes
  std::vector<TrackPart> parts;    // empty while the answers are not known
};
[[nodiscard]] AnswerTrack answer_track(const View& view);

}  // namespace weightroom::ui
