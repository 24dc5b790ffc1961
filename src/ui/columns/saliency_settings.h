#pragma once

#include "ui/panel.h"

namespace weightroom::ui {

void draw_saliency_settings(const View& view, CommandQueue& commands);

}  // namespace weightroom::ui
