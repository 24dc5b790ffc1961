#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/model.h"

// A model as one safetensors file: each weight of the graph under its name ("conv1.weight"), and in the metadata
//   weightroom     "1", the version of this layout
//   graph          nn::Graph::canonical_json
//   labels         JSON list of words, one a class
//   preprocessing  {"invert":false,"mean":[r,g,b],"std":[r,g,b]}; with "order":"bgr" blue is the first of each
//   name, title    text
//   provenance     JSON: data, command, seed, accuracy
namespace weightroom::io {

inline constexpr std::string_view kModelVersion = "1";

// The activations of one sample that a model may take: 2^27 floats, 512 MB.
inline constexpr double kMaxActivationFloats = 134217728.0;
[[nodiscard]] Status check_activations(const nn::Graph& graph);

// The JSON text of "preprocessing".
[[nodiscard]] Result<nn::Preprocessing> parse_preprocessing(std::string_view text);

// The whole file in `bytes`. `fallback_name` (the file's) stands in where the file has no name of its own. What a
// person should know but need not act on (weights stored as F64 were rounded) is added to `notices`. Refuses by a
// sentence whatever parse_safetensors refuses, a file without a graph (bare PyTorch weights), a graph that is none or
// takes too much memory, and by its name a tensor that is missing, left over, of another shape than the graph wants, or
// not finite.
[[nodiscard]] Result<nn::Model> read_model(std::span<const std::byte> bytes, std::string_view fallback_name,
                                           std::vector<std::string>* notices = nullptr);

struct WriteModelOptions {
  bool round_to_half = false;  // smaller, and another fingerprint
};

// A tensor whose every value fp16 holds exactly is stored as F16, any other as F32: reading gives the same bits and so
// the same fingerprint. With round_to_half all are F16 but those that fp16 could only hold as infinity. The same model
// gives the same bytes.
[[nodiscard]] std::vector<std::byte> write_model(const nn::Model& model, const WriteModelOptions& options = {});
// With these weights in place of the model's: the values of each tensor of the graph.
[[nodiscard]] std::vector<std::byte> write_model(const nn::Model& model,
                                                 std::span<const std::span<const float>> weights,
                                                 const WriteModelOptions& options = {});

}  // namespace weightroom::io
