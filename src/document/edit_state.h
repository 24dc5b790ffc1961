#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/text.h"
#include "document/edit_command.h"
#include "document/paged_weights.h"
#include "nn/graph.h"
#include "nn/weight_ref.h"

// What a visitor has made of a model: its weights now, and the steps that led there.
namespace weightroom::document {

// A weight, what it was before a step, and what it is after it.
struct Edit {
  nn::WeightRef ref;
  float before = 0.0F;
  float after = 0.0F;
  [[nodiscard]] bool operator==(const Edit&) const = default;
};

// What one undo takes back.
struct Step {
  Sentence words;                        // "conv1.weight[3,0,1,2]: 0.12 → −0.80"
  EditCommand command;                   // what did it: on the same weights it gives the same bytes
  std::size_t changed = 0;               // weights that have another value
  std::optional<nn::WeightRef> first{};  // of them
  std::vector<Edit> edits{};             // all of them, where they are no more than kListed
  static constexpr std::size_t kListed = 64;
};

// Something that takes no part, though its weights are there: a channel, which is 0 everywhere, or (channel -1) a
// node's activation function, which then passes on what it gets.
struct Off {
  int node = 0;
  int channel = -1;
  [[nodiscard]] auto operator<=>(const Off&) const = default;
};

struct EditState {
  PagedWeights weights;
  std::vector<Off> off;  // ascending
  std::vector<std::shared_ptr<const Step>> steps;
  PagedWeights running;  // `weights` with zeros where a channel is off: what the network runs with
};

// The step that led to the present state; null before any.
[[nodiscard]] inline std::shared_ptr<const Step> last_step(const EditState& state) {
  return state.steps.empty() ? nullptr : state.steps.back();
}

// Weights of `after` with other bits than in `before`: how many, and the first of them up to `listed`.
struct Difference {
  std::size_t count = 0;
  std::vector<Edit> edits;
};
[[nodiscard]] Difference difference(const nn::Graph& graph, const PagedWeights& before, const PagedWeights& after,
                                    std::size_t listed);

// Whether a channel of this node can be switched off: one with weights, such as a convolution. And whether its
// activation function can be: of one input, working value by value.
[[nodiscard]] bool has_channels(const nn::Graph& graph, int node);
[[nodiscard]] bool is_activation(const nn::Graph& graph, int node);

// Nodes whose activation function is off.
[[nodiscard]] std::vector<int> off_activations(const EditState& state);

// Brings `running` up to date with `weights` and `off`.
void settle_running(const nn::Graph& graph, EditState& state);

}  // namespace weightroom::document
