#include "nn/shape.h"

namespace weightroom::nn {

std::string Shape::text() const {
  std::string text = "(";
  for (int axis = 0; axis < rank_; ++axis) {
    if (axis > 0) text += ',';
    text += std::to_string((*this)[axis]);
  }
  return text + ")";
}

}  // namespace weightroom::nn
