#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "nn/graph.h"

namespace weightroom::nn {

// One number of a model: element (row-major) of a weight tensor of the graph.
struct WeightRef {
  int tensor = 0;           // index into Graph::weights()
  std::size_t element = 0;  // within that tensor
  [[nodiscard]] bool operator==(const WeightRef&) const = default;
};

// "conv2.weight[3,1,0,2]". Refuses by a sentence an unknown tensor (naming the nearest ones), a wrong number of
// indices, an index out of range.
[[nodiscard]] Result<WeightRef> parse_weight_ref(const Graph& graph, std::string_view text);
[[nodiscard]] std::string format_weight_ref(const Graph& graph, WeightRef ref);

// "conv2.weight[3,1,0,2]=-0.8". Besides, refuses what is no finite number; comma or point may mark decimals.
struct WeightAssignment {
  WeightRef ref;
  float value = 0.0F;
};
[[nodiscard]] Result<WeightAssignment> parse_weight_assignment(const Graph& graph, std::string_view text);

// A typed number: decimal comma or point, surrounding blanks allowed; refuses anything else, NaN, infinity and what
// overflows a float, by a sentence.
[[nodiscard]] Result<float> parse_number(std::string_view text);

// Index into the graph's flat weight vector.
[[nodiscard]] inline std::size_t flat_index(const Graph& graph, WeightRef ref) {
  return graph.weights()[static_cast<std::size_t>(ref.tensor)].offset + ref.element;
}
// And back.
[[nodiscard]] WeightRef ref_of(const Graph& graph, std::size_t flat);

}  // namespace weightroom::nn
