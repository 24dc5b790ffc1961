#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "explain/display.h"
#include "explain/method.h"
#include "io/image.h"

namespace weightroom::lab {

// The map over the picture: orange where it speaks for the target, blue where against, the stronger the more opaque.
// picture: map.height * k x map.width * k for a whole k; a value of the map is k x k pixels.
[[nodiscard]] io::Image overlay(io::Image picture, const explain::DisplayMap& map);

// Each pixel as k x k of them.
[[nodiscard]] io::Image enlarged(const io::Image& picture, int k);

// As a safetensors file: `attribution` as the method gave it ((C,H,W); without its first extent where the method tells
// no colours apart) and `map` (H,W), what is shown of it.
[[nodiscard]] std::vector<std::byte> map_tensors(const explain::Explanation& explanation,
                                                 const explain::DisplayMap& map, explain::MapSize size);

// `attribution` alone for NumPy (numpy.lib.format, version 1.0), of the same shape.
[[nodiscard]] std::vector<std::byte> map_npy(const explain::Explanation& explanation, explain::MapSize size);
// `map` as text: a line a row, commas between, the fewest digits that give the same floats again.
[[nodiscard]] std::string map_csv(const explain::DisplayMap& map);

// So many times an input of this extent is enlarged, that a picture of about 320 pixels comes of it.
[[nodiscard]] int overlay_enlargement(const nn::Shape& input);

}  // namespace weightroom::lab
