#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/command.h"
#include "nn/model.h"

// How a model reads pictures and what it calls its classes: what a file may leave open and a visitor can say.
namespace weightroom::document {

// Sides of square pictures that are commonly asked for and that this net's layers take with the weights it has,
// smallest first, its own among them. Where it ends in a layer of fixed size, its own alone.
class PossibleSizes {
 public:
  PossibleSizes() = default;  // of nothing, and complete
  explicit PossibleSizes(const nn::Graph& graph);
  // Builds the graph once, for the next of them.
  void try_next(const nn::Graph& graph);
  [[nodiscard]] bool complete() const { return left_ == 0; }
  [[nodiscard]] const std::vector<int>& found() const { return found_; }  // so far

 private:
  std::size_t left_ = 0;
  std::vector<int> found_;
};
[[nodiscard]] std::vector<int> possible_sizes(const nn::Graph& graph);  // all of them

// The same layers for pictures of another size, weight for weight; a sentence where they do not fit.
[[nodiscard]] Result<std::shared_ptr<const nn::Graph>> with_size(const nn::Graph& graph, int size);

// The scales of SetReading, by name, and which of them a model's numbers are; nothing where they are its own.
[[nodiscard]] std::span<const std::string_view> scale_names();
[[nodiscard]] std::optional<std::size_t> scale_of(const nn::Model& model);

[[nodiscard]] Result<nn::Model> with_reading(const nn::Model& model, const command::SetReading& command);
[[nodiscard]] Result<nn::Model> with_labels(const nn::Model& model, std::vector<std::string> labels);

}  // namespace weightroom::document
