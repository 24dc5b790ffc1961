#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/params.h"
#include "base/result.h"
#include "edit/region.h"
#include "nn/graph.h"
#include "nn/weight_ref.h"

// Changes of many weights at once. Adding one: src/edit/operations/NAME.cpp and a line in operations.inc.
namespace weightroom::edit {

// How much each weight matters for what is looked at, where an operation asks for it: flat as Graph::weights().
struct Importance {
  std::span<const float> gradient;   // |d logit / d weight|, or its mean over pictures
  std::span<const float> curvature;  // diagonal of the loss's second derivative (optimal brain damage); may be empty
};

// Weights that can be read and replaced tensor by tensor, so that no operation holds a whole model twice.
class Weights {
 public:
  virtual ~Weights() = default;
  // All values of a tensor; valid until the next call.
  [[nodiscard]] virtual std::span<const float> read(int tensor) = 0;
  virtual void write(int tensor, std::span<const float> values) = 0;
};

// What an operation is told.
struct Request {
  const nn::Graph& graph;
  const Region& region;
  const base::Params& params;      // complete: checked_params()
  const Region* source = nullptr;  // of operations with `takes_source`
  Weights* loaded = nullptr;       // as the model was opened
  Importance importance{};
  std::span<const std::uint8_t> chosen{};  // of operations with `choose`: what it gave, in place of `importance`

  [[nodiscard]] double param(std::string_view name) const { return params.find(name)->second; }
  [[nodiscard]] int count(std::string_view name) const { return static_cast<int>(param(name)); }
};

// What an operation with these parameters has to know about pictures.
enum class Asks { nothing, gradient, curvature };

struct OperationDef {
  std::string_view name;
  Text title;    // "Scale", of a button
  Text summary;  // one sentence for people
  std::vector<base::ParamSpec> params{};
  bool takes_source = false;  // other weights, of the same extents as the region's
  // Refuses by a sentence what this operation cannot do here; nullptr: it can do it anywhere.
  Status (*check)(const Request&) = nullptr;
  // nullptr: nothing, whatever the parameters.
  Asks (*asks_pictures)(const base::Params& params) = nullptr;
  // Which weights it is about, so that it can be done again without the pictures: a bit for each weight of the region
  // in its order, the first the lowest of its byte; nullptr: all.
  std::vector<std::uint8_t> (*choose)(const Request&, Weights& weights) = nullptr;
  // Changes weights of the region alone. The same request on the same weights gives the same bytes.
  void (*run)(const Request&, Weights& weights) = nullptr;
  // What was done, after the region's name: "scaled by 0.5".
  Sentence (*words)(const Request&) = nullptr;
};

[[nodiscard]] std::span<const OperationDef> operations();
[[nodiscard]] const OperationDef* find_operation(std::string_view name);  // nullptr where there is none
[[nodiscard]] Result<base::Params> checked_params(const OperationDef& operation, const base::Params& given);

// Checks and runs; the words for the history: "conv2.weight[3]: scaled by 0.5". Values that overflow are refused by a
// sentence, with the weights as they were.
[[nodiscard]] Result<Sentence> run_operation(const OperationDef& operation, const Request& request, Weights& weights);

// Applies `change(nn::WeightRef, value)` to every weight of the region.
template <class Change>
void for_each_weight(const Request& request, Weights& weights, const Change& change) {
  const std::vector<Run> runs = runs_of(request.graph, request.region);
  for (std::size_t i = 0; i < runs.size();) {
    const int tensor = runs[i].tensor;
    const std::size_t offset = request.graph.weights()[static_cast<std::size_t>(tensor)].offset;
    const auto values = weights.read(tensor);
    std::vector<float> changed(values.begin(), values.end());
    for (; i < runs.size() && runs[i].tensor == tensor; ++i) {
      for (std::size_t k = runs[i].first; k < runs[i].first + runs[i].count; ++k)
        changed[k - offset] = change(nn::WeightRef{tensor, k - offset}, changed[k - offset]);
    }
    weights.write(tensor, changed);
  }
}

}  // namespace weightroom::edit
