#pragma once

#include "nn/attributes.h"
#include "nn/shape.h"

// Where an op looks: the places of a map under one place of its output.
namespace weightroom::nn {

// How a convolution's or a pool's window moves along one axis, in places of its input.
struct WindowAxis {
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  int dilation = 1;

  // Place of the input under tap `tap` of output `output`; below 0 or past the extent it lies in the padding.
  [[nodiscard]] int at(int output, int tap) const { return output * stride - padding + tap * dilation; }
};

struct Window {
  WindowAxis y;
  WindowAxis x;
};

// Places [top, bottom) x [left, right) of a map.
struct Rectangle {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
  [[nodiscard]] bool operator==(const Rectangle&) const = default;
};

// From the attributes kernel, stride, padding (0) and dilation (1) of a node of a built graph. A stride that is left
// out is 1 of a convolution, and the kernel's of a pool.
[[nodiscard]] Window convolution_window(const Attributes& attributes);
[[nodiscard]] Window pooling_window(const Attributes& attributes);

// What an op reads of an input for the rectangle `of` of its output, as if maps had no edges: it may lie outside.
using Sees = Rectangle (*)(const Attributes& attributes, const Shape& input, const Shape& output, const Rectangle& of);

// The same places; along an axis on which the input is repeated, its one value.
[[nodiscard]] Rectangle sees_same_places(const Attributes& attributes, const Shape& input, const Shape& output,
                                         const Rectangle& of);
// The same places where the op's attribute `axis` is that of the channels (1, as where it is absent), else all.
[[nodiscard]] Rectangle sees_along_axis(const Attributes& attributes, const Shape& input, const Shape& output,
                                        const Rectangle& of);
[[nodiscard]] Rectangle sees_all(const Attributes& attributes, const Shape& input, const Shape& output,
                                 const Rectangle& of);
// What lies under the window.
[[nodiscard]] Rectangle sees_through(const Window& window, const Rectangle& of);
template <Window (*kWindow)(const Attributes&)>
[[nodiscard]] Rectangle sees_under_window(const Attributes& attributes, const Shape& /*input*/, const Shape& /*output*/,
                                          const Rectangle& of) {
  return sees_through(kWindow(attributes), of);
}

}  // namespace weightroom::nn
