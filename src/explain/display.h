#pragma once

#include <span>
#include <vector>

#include "explain/method.h"

namespace weightroom::explain {

// A map as it is shown, before colour: signed, (height, width), with the scale that the colours
// span (-scale .. +scale).
struct DisplayMap {
  int height = 0;
  int width = 0;
  std::vector<float> values;
  float scale = 0.0F;  // 99th percentile of |values|; below 1e-12 the map holds no evidence and is
                       // drawn neutral
  [[nodiscard]] bool empty() const { return scale < 1e-12F; }
};

// map: (h,w) to (height,width), bilinearly: half-pixel centres, edges clamped.
[[nodiscard]] std::vector<float> enlarged(const std::vector<float>& map, int h, int w, int height, int width);

// Signed sum over channels; a map smaller than height x width (the CAM family) is enlarged
// bilinearly (half-pixel centres, edges clamped). The percentile is the value of rank ceil(0.99 n)
// of the sorted absolute values.
[[nodiscard]] DisplayMap display_map(const Attribution& attribution, int height, int width);

}  // namespace weightroom::explain
