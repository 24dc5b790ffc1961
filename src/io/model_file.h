#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "io/model_packing.h"
#include "nn/model.h"

// A model as one safetensors file: each weight of the graph under its name ("conv1.weight"), and in the metadata
//   weightroom     "1", the version of this layout
//   graph          nn::Graph::canonical_json
//   labels         JSON list of words, one a class
//   preprocessing  {"invert":false,"mean":[r,g,b],"std":[r,g,b]}; with "order":"bgr" blue is the first of each, with
//                  "crop":0.875 the square in a picture's middle has that share of its shorter side
//   name, title    text
//   provenance     JSON: data, command, seed, accuracy; origin, where it was made of a shipped model (lab/origin.h)
//   epsilons       {"conv1":0.001}: of batch norms folded into layers, where it was not 1e-5 (nn::NormEpsilons)
//   none_of_these  {"bias":0.5,"threshold":1.25,"weights":[...]}: a gauge (nn::NoneOfThese), where the model has one
//   feature_scale  nn::Model::feature_scale as a number, where it is known
//   packing        where tensors are not plain floats (io/model_packing.h)
namespace weightroom::io {

inline constexpr std::string_view kModelVersion = "1";

// Refuses by a sentence a model whose activations take more than base::kMostActivationBytes for one picture.
[[nodiscard]] Status check_activations(const nn::Graph& graph);

// The JSON text of "preprocessing".
[[nodiscard]] std::string preprocessing_text(const nn::Preprocessing& preprocessing);
[[nodiscard]] Result<nn::Preprocessing> parse_preprocessing(std::string_view text);

// The whole file in `bytes`. `fallback_name` (the file's) stands in where the file has no name of its own. What a
// person should know but need not act on (weights stored as F64 were rounded) is added to `notices`. Refuses by a
// sentence whatever parse_safetensors refuses, a file without a graph (bare PyTorch weights), a graph that is none or
// takes too much memory, and by its name a tensor that is missing, left over, of another shape than the graph wants, or
// not finite.
[[nodiscard]] Result<nn::Model> read_model(std::span<const std::byte> bytes, std::string_view fallback_name,
                                           std::vector<std::string>* notices = nullptr);

// The same in slices of some milliseconds, but for a tensor of many millions of values. `bytes` must outlive it.
class ModelReading {
 public:
  ModelReading(std::span<const std::byte> bytes, std::string_view fallback_name);
  ModelReading(const ModelReading&) = delete;  // the reading under way knows where this is
  ModelReading& operator=(const ModelReading&) = delete;
  ~ModelReading() = default;
  bool step() { return task_.step(); }  // one slice; true once there is none left
  // Once, at the end.
  [[nodiscard]] Result<nn::Model> take(std::vector<std::string>* notices = nullptr);

 private:
  base::Task read();

  std::span<const std::byte> bytes_;
  std::string fallback_name_;
  nn::Model model_;
  std::optional<Error> refusal_;
  bool rounded_ = false;
  base::Task task_;
};

// The same model gives the same bytes. Reading gives the same weights to the bit, and so the same fingerprint, but
// where the way of storing rounds (Store::half, int8, int4).
[[nodiscard]] std::vector<std::byte> write_model(const nn::Model& model, Store store = Store::plain);
// With these weights in place of the model's: the values of each tensor of the graph.
[[nodiscard]] std::vector<std::byte> write_model(const nn::Model& model,
                                                 std::span<const std::span<const float>> weights,
                                                 Store store = Store::plain);

// What a tensor of the graph takes in such a file, without its values: for the sizes of files that nobody writes yet.
struct StoredTensor {
  std::size_t bytes = 0;  // of its values, scales and masks
  std::vector<SafetensorsOutput> parts;
  std::map<std::string, std::string> packing;
};
// Of the plan that a WeightPlanner has made for it.
[[nodiscard]] StoredTensor stored_tensor(const nn::GraphWeight& weight, const PackingPlan& plan);
// How many bytes of the header are about the model beside its tensors, counted in slices: a hundred thousand names take
// longer than a frame. The model must stay.
class MetadataCount {
 public:
  explicit MetadataCount(const nn::Model& model);

  bool step();                                                // some thousand names; true once there is none left
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // at the end

 private:
  const nn::Model* model_;
  std::size_t next_ = 0;  // of its labels
  std::size_t bytes_ = 0;
};
// The same at once.
[[nodiscard]] std::size_t metadata_bytes(const nn::Model& model);
// Of write_model's whole file: every tensor of the graph, and the header with so much metadata.
[[nodiscard]] std::size_t model_file_bytes(std::size_t metadata, std::span<const StoredTensor* const> tensors);

// The values of each tensor of the graph.
[[nodiscard]] std::vector<std::span<const float>> tensors_of(const nn::Model& model);

}  // namespace weightroom::io
