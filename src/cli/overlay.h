#pragma once

#include "explain/display.h"
#include "io/image.h"

namespace weightroom::cli {

// The map over the picture: orange where it speaks for the target, blue where against, the stronger the more opaque.
// picture: map.height * k x map.width * k for a whole k; a value of the map is k x k pixels.
[[nodiscard]] io::Image overlay(io::Image picture, const explain::DisplayMap& map);

// Each pixel as k x k of them.
[[nodiscard]] io::Image enlarged(const io::Image& picture, int k);

}  // namespace weightroom::cli
