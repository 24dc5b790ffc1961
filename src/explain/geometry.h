#pragma once

#include <optional>

#include "nn/graph.h"

// Where a node looks: the pixels of its input under one of its outputs, and of the picture behind
// them.
namespace weightroom::explain {

using nn::Rectangle;
using nn::Window;

// Nothing for ops that slide no window.
[[nodiscard]] std::optional<Window> window_of(const nn::Node& node);

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
