#pragma once

#include <limits>
#include <vector>

#include "explain/method.h"
#include "explain/pass.h"

// What every weight of a network does for one picture, and which single ones would change its answer.
namespace weightroom::explain {

enum class Criterion {
  contribution,  // |w df/dw|: the weight's share of the target's logit f, to first order; of a group the sum of them
  ablation,      // |sum of w df/dw|: what f loses without the whole group, to first order; of one weight the same
  loss,          // w^2 h / 2, h the second derivative of the cross-entropy by the weight alone: what the loss gains
                 // without it (LeCun et al. 1990, "Optimal brain damage"). Between kinks the logits are linear in one
                 // weight, so h = sum_c p_c J_c^2 - (sum_c p_c J_c)^2 exactly, J_c = d logit c / dw;
                 // of K classes each by itself (nn::Answer::sigmoid) h = sum_c p_c (1 - p_c) J_c^2 / K.
};

// Pictures as a model reads them, each (C,H,W).
using Pictures = std::vector<std::vector<float>>;

// Every weight's derivatives, the mean of those at each picture. Flat, as Graph::weights; zeros for what is not
// trained.
struct Influence {
  std::vector<float> gradient;   // d f / d w
  std::vector<float> size;       // |d f / d w|; empty for one picture alone: |gradient| then
  std::vector<float> curvature;  // h; empty unless it was asked for
  std::vector<int> classes;      // whose J went into h: all of up to 32, else the target and the ten most probable
  int overflows = 0;             // pictures left out, because the network's answer to them is no number
};
// For each picture one backward pass, and with `curvature` one for each class. The session's weights are used; its
// picture is another one afterwards.
base::Task study_weights(const MethodInput& input, const Pictures& pictures, bool curvature, Influence& out,
                         double& progress);

// The groups that are ranked: each weight, each kernel (one output channel's weights of one input channel), each output
// channel with its bias.
enum class Grain { weight, kernel, channel };
struct Ranked {
  int tensor = 0;         // of the graph: the kernel's
  std::size_t first = 0;  // flat index of its first weight; a channel's bias is not in the range
  std::size_t count = 1;
  double score = 0.0;      // of the criterion, never negative
  double predicted = 0.0;  // change of f with all of it at 0, to first order: - sum of w df/dw
  double exact = std::numeric_limits<double>::quiet_NaN();  // the same by running it; see check_ranked
};
// The `most` highest, the highest first; equal ones in their order. Of all layers, or of the weights of one node;
// single biases may be left out. `weights`: those of a tensor of the graph, valid until the next one's are asked for.
using WeightsOf = std::function<std::span<const float>(int tensor)>;
struct RankScope {
  int node = -1;
  bool biases = true;
};
[[nodiscard]] std::vector<Ranked> rank(const nn::Graph& graph, const WeightsOf& weights, const Influence& influence,
                                       Criterion criterion, Grain grain, std::size_t most, RankScope scope = {});
// Fills in `exact`, one by one: sets the weights to 0, runs the network from there on every picture, and puts them
// back. The mean over the pictures.
base::Task check_ranked(const MethodInput& input, const Pictures& pictures, std::vector<Ranked>& rows,
                        double& progress);

// One weight that changes the answer by itself.
struct Flip {
  std::size_t weight = 0;  // flat index
  float from = 0.0F;
  float to = 0.0F;    // the least change that does it, to one per cent of that change
  int answer = 0;     // class that wins then
  double size = 0.0;  // |to - from| in deviations of the tensor's weights
};
struct FlipSearch {
  std::size_t wanted = 12;
  std::size_t tries = 200;  // weights looked into, those that should need least first
  double reach = 3.0;       // no weight may leave +- this many times the largest of its tensor
  bool biases = true;       // they too
};
// Appends to `found` as they are found; sorts them by size at the end. Foretold from the gradients of the answer and
// its three nearest rivals, then each one run.
base::Task find_flips(const MethodInput& input, FlipSearch search, std::vector<Flip>& found, double& progress);

}  // namespace weightroom::explain
