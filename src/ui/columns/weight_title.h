#pragma once

#include <string>

#include "ui/panel.h"

namespace weightroom::ui {

// The selected weight in words, "Detector 5 of conv1, on blue, middle": as they are read aloud and in lists.
[[nodiscard]] std::string weight_title(const document::Document& document, nn::WeightRef ref);
// The same to be pointed at: each part lights what it means. The code ("conv1.weight[5,2,1,1]") stands below, small.
void draw_weight_title(const View& view, UiState& ui, nn::WeightRef ref, float width);

}  // namespace weightroom::ui
