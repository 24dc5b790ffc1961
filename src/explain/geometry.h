#pragma once

#include <optional>

#include "nn/graph.h"

// Where a node looks: the pixels of its input under one of its outputs, and of the picture behind
// them.
namespace weightroom::explain {

// How a conv2d's or a pool's window moves along one axis, in pixels of its input.
struct WindowAxis {
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  int dilation = 1;

  // Input pixel under tap `tap` of output `output`; below 0 or past the extent it lies in the
  // padding.
  [[nodiscard]] int at(int output, int tap) const { return output * stride - padding + tap * dilation; }
};

struct Window {
  WindowAxis y;
  WindowAxis x;
};

// Nothing for ops that slide no window.
[[nodiscard]] std::optional<Window> window_of(const nn::Node& node);

// Pixels [top, bottom) x [left, right).
struct Rectangle {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
  [[nodiscard]] bool operator==(const Rectangle&) const = default;
};

// The pixels of the picture that one output of a node depends on.
struct ReceptiveField {
  Rectangle whole;   // as if every layer went on without an edge: may lie outside the picture
  Rectangle inside;  // what is left of it where every layer ends at its edges; empty where it sees
                     // padding alone
};

// Of the output at (y, x) of any channel. For (N,C) outputs y and x are 0; what is read through a
// flatten or a global_avg_pool depends on the whole map before it.
[[nodiscard]] ReceptiveField receptive_field(const nn::Graph& graph, int node, int y, int x);

}  // namespace weightroom::explain
