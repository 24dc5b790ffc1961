#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/text.h"
#include "nn/tensor.h"
#include "nn/window.h"

// What an op means to those who explain, draw and edit a network: they ask for this, never for an op's name.
namespace weightroom::nn {

// How the output hangs on the inputs, the weights held still.
enum class Form {
  unset,
  linear,  // sums of weighted inputs and constants
  kinked,  // linear between kinks
  curved,  // anything else
};

// How layer-wise relevance propagation hands back what an output got (explain/relevance.h has the papers).
enum class Relevance {
  unset,
  none,      // no rule is known that keeps the sum: the method refuses the network
  layer,     // by the products of inputs and weights, in the way chosen for the layer (weighted_sum)
  follow,    // to the inputs' values that the output's values are: the gradient does so
  share,     // to every input's value by its share in the sum
  factor,    // the same, divided among the factors that are no constants
  dividend,  // the same, the divisor held still
  keep,      // as it is, value by value
  keep_norm  // as it is, what the values are divided by held still: told beside the map
};

// DeepLIFT's multipliers: what a change of an input's value from the baseline to the picture adds to the output's
// change, by that change (explain/methods/deep_lift.cpp has the papers).
enum class Multiplier {
  unset,
  none,     // no rule is known that adds up: the method refuses the network
  slope,    // the gradient, which is the same everywhere (linear)
  rescale,  // change of the output by change of the input, value by value
  maximum,  // of a window, as max_pool saves it
  product,  // the mean of the other factor
  own       // OpDef::multipliers
};

// How a classifier's logits become the probabilities of its classes.
enum class Answer {
  softmax,  // one of the classes: p_c = exp(z_c) / sum_k exp(z_k)
  sigmoid,  // each class by itself: p_c = 1 / (1 + exp(-z_c))
};

// What a pool takes of each window, or of the whole map where it has none.
enum class Pool { none, largest, mean };

struct Traits {
  Form form = Form::unset;
  Relevance relevance = Relevance::unset;
  Multiplier multiplier = Multiplier::unset;
  Sees sees = nullptr;         // needed of every op with an input
  Text words{};                // what it does, as it stands over its maps in the network; {window}: "3×3"
  std::string_view formula{};  // how a value came about, for {x}, the input's value: "max(0, {x})"; or empty

  // Every output is a bias and a sum of inputs times weights: weights (O,...) and, where there is one, bias (O).
  bool weighted_sum = false;
  Window (*window)(const Attributes& attributes) = nullptr;  // of what slides one over maps
  Pool pool = Pool::none;
  // Shifts and scales each channel by what training measured: weights scale, shift, mean, variance (C each), attribute
  // epsilon (1e-5). It can be merged into the weighted sum before it.
  bool channel_norm = false;
  // Between 0 and 1, rising with its input: x times this of x is a smooth rectifier (SiLU, hard swish).
  bool gate = false;
  bool product = false;    // of two values, position by position
  bool rectifier = false;  // stops or damps what is below zero: guided backpropagation and deconvolution know it
  // As a network's last op it makes probabilities: its input are the logits.
  std::optional<Answer> answer{};
  bool opens_stage = false;  // the drawing of the network leaves a gap before it

  // Of what is kinked: which of its pieces each value of the output lies on. Null of kinks that lie elsewhere (a
  // maximum, which Pool tells).
  void (*pieces)(ConstTensor input, ConstTensor output, std::span<std::uint8_t> pieces) = nullptr;
  bool homogeneous = false;  // of what is kinked: f(c x) = c f(x) for c > 0
  // The number that a border repeats; 0 where it repeats values of the map.
  double (*border)(const Attributes& attributes) = nullptr;
};

}  // namespace weightroom::nn
