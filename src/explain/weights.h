#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "explain/geometry.h"
#include "nn/session.h"
#include "nn/weight_ref.h"

// What each weight does for one picture and one class. The session is at batch 1 with the picture
// as its input; f is the target logit.
namespace weightroom::explain {

// d f / d weight, flat as Graph::weights; zeros for what is not trained. One backward pass.
[[nodiscard]] std::vector<float> weight_gradient(nn::Session& session, int target);

// weight * d f / d weight, flat: the weight's signed share of f, to first order.
[[nodiscard]] std::vector<float> weight_x_gradient(const nn::Session& session, std::span<const float> gradient);

// A network of convolutions, linear layers, ReLUs and pools is linear in the weights of one layer l
// as long as no ReLU or maximum switches, so by Euler's theorem  sum over weights of l of w df/dw +
// sum over biases of layers >= l of b df/db = f.
struct LayerIdentity {
  int node = 0;
  double weights = 0.0;    // sum of w df/dw over the layer's kernel (or scale)
  double magnitude = 0.0;  // sum of |w df/dw|
  double biases = 0.0;     // sum of b df/db over this layer and those after it
  double logit = 0.0;      // f

  // Relative to the terms it is a difference of.
  [[nodiscard]] double error() const;
};

// For every layer with weights that all ways from the input to the logits pass through (in a plain
// chain: each layer). Empty where the identity does not hold: a softmax before the logits.
[[nodiscard]] std::vector<LayerIdentity> layer_identities(const nn::Session& session, std::span<const float> gradient,
                                                          int target);

// Where one weight has its effect: for a conv2d's weight w[o,i,u,v], C(y,x) = w * df/dz_o(y,x) *
// a_i at the pixel under tap (u,v), with z the layer's output and a its input. The map sums to w
// df/dw. A bias has b * df/dz_o(y,x); a linear layer's maps have one pixel.
struct PositionMap {
  int height = 0;
  int width = 0;
  std::vector<float> values;
};
// The same without the factor w, which sums to df/dw: `d_output` is df/dz of the weight's layer, the session's
// activations must be current. Refuses by a sentence a weight of another op.
[[nodiscard]] Result<PositionMap> gradient_by_position(const nn::Session& session, nn::ConstTensor d_output,
                                                       nn::WeightRef ref);
// Refuses by a sentence a weight of another op. One backward pass, down to the weight's layer.
[[nodiscard]] Result<PositionMap> position_map(nn::Session& session, int target, nn::WeightRef ref);

// One output of a conv2d or linear layer as the sum it is: bias + the terms' products, added in
// their order.
struct FormulaTerm {
  int channel = 0;  // of the layer's input
  int u = 0;        // row of the kernel
  int v = 0;        // column of the kernel
  int y = 0;        // pixel of the layer's input
  int x = 0;
  bool padding = false;  // the pixel lies outside: its value is 0
  float weight = 0.0F;
  float input = 0.0F;
  float product = 0.0F;
};
struct Formula {
  std::vector<FormulaTerm> terms;
  float bias = 0.0F;
  float sum = 0.0F;  // the layer's output itself
};
// Of output channel `channel` at (y, x) (0, 0 for a linear layer); the session's forward must be
// current. Refuses by a sentence another op and a place outside the output.
[[nodiscard]] Result<Formula> formula_at(const nn::Session& session, int node, int channel, int y, int x);

}  // namespace weightroom::explain
