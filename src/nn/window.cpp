#include "nn/window.h"

#include <string>

namespace weightroom::nn {
namespace {

Window read_window(const Attributes& attributes, std::pair<int, int> kernel, std::pair<int, int> stride) {
  // The graph was built, so every attribute reads well.
  const auto padding = attributes.pair("padding", 0).value();
  const auto dilation = attributes.pair("dilation", 1).value();
  return {{kernel.first, stride.first, padding.first, dilation.first},
          {kernel.second, stride.second, padding.second, dilation.second}};
}

}  // namespace

Window convolution_window(const Attributes& attributes) {
  return read_window(attributes, attributes.pair("kernel", 1).value(), attributes.pair("stride", 1).value());
}

Window pooling_window(const Attributes& attributes) {
  const auto kernel = attributes.pair("kernel", 1).value();
  return read_window(attributes, kernel, attributes.has("stride") ? attributes.pair("stride", 1).value() : kernel);
}

Rectangle sees_same_places(const Attributes& /*attributes*/, const Shape& input, const Shape& output,
                           const Rectangle& of) {
  Rectangle seen = of;
  if (input.h() == 1 && output.h() > 1) seen.top = 0, seen.bottom = 1;
  if (input.w() == 1 && output.w() > 1) seen.left = 0, seen.right = 1;
  return seen;
}

Rectangle sees_along_axis(const Attributes& attributes, const Shape& input, const Shape& output, const Rectangle& of) {
  const bool channels = attributes.integer("axis", 1).value_or(0) == 1;
  return (channels ? sees_same_places : sees_all)(attributes, input, output, of);
}

Rectangle sees_all(const Attributes& /*attributes*/, const Shape& input, const Shape& /*output*/,
                   const Rectangle& /*of*/) {
  return {0, 0, input.h(), input.w()};
}

Rectangle sees_through(const Window& window, const Rectangle& of) {
  return {window.y.at(of.top, 0), window.x.at(of.left, 0), window.y.at(of.bottom - 1, window.y.kernel - 1) + 1,
          window.x.at(of.right - 1, window.x.kernel - 1) + 1};
}

}  // namespace weightroom::nn
