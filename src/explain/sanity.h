#pragma once

#include <vector>

#include "explain/method.h"

// Does a map depend on what the network has learned? Layers are given random weights again, as before any training, and
// the map is made anew: one that hardly changes shows the picture, not the model (Adebayo et al. 2018).
namespace weightroom::explain {

enum class Shuffle {
  cascading,    // from the last layer down, all those above staying random
  independent,  // one layer at a time
};

// How alike the maps are with the layers from `node` on, or `node` alone, at random.
struct SanityRow {
  int node = 0;
  double rank = 0.0;           // Spearman's correlation of the maps
  double rank_of_sizes = 0.0;  // of the maps without sign
  double structure = 0.0;      // structural similarity
  std::vector<float> map;      // the new map, (H,W) as it is shown
};

// The layers that are given new weights, the last one first: those with weights that the logits depend on.
[[nodiscard]] std::vector<int> layers_with_weights(const nn::Graph& graph);

// How many of so many layers, the last first, are random once the upper half of the network is: of an odd count the
// middle one too.
[[nodiscard]] constexpr std::size_t upper_half(std::size_t layers) { return (layers + 1) / 2; }

// Gives a layer the weights of before any training: kernels by Graph's initial weights with `seed`, biases 0. What is
// not trained stays.
void forget_layer(nn::Session& session, int node, std::uint64_t seed);

// Appends a row for every layer. Where it is run to its end the input's session has its weights back.
base::Task shuffle_layers(const MethodDef& method, const MethodInput& input, Shuffle shuffle, std::uint64_t seed,
                          std::vector<SanityRow>& rows, double& progress);

}  // namespace weightroom::explain
