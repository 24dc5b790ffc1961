#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/packing_plan.h"
#include "io/safetensors.h"
#include "nn/graph.h"

// Packed tensors in a model file. What is no plain float tensor is listed in the metadata under "packing":
//   {"conv1.weight":{"affine":false,"bits":4,"per":"channel","sparse":true}}
// and lies in the file as "conv1.weight" (its floats, or codes: of 8 bits I8 or, affine, U8 in the tensor's own shape
// where it is not sparse; else a row of bytes), "conv1.weight#mask", "conv1.weight#scale" and "conv1.weight#zero", as
// far as it has them (io/packed.h).
namespace weightroom::io {

// How a model is stored.
enum class Store {
  plain,     // fp16 where that changes no bit, else fp32
  full,      // fp32
  half,      // fp16
  int8,      // what joins layers as codes of 8 bits with a scale a channel, the rest as it is
  int4,      // the same of 4 bits
  smallest,  // whatever is smallest and changes no bit: what pruning and quantising have made of it
};
inline constexpr int kStores = 6;
inline constexpr const char* kStoreNames[kStores] = {"plain", "fp32", "fp16", "int8", "int4", "smallest"};

// How a weight is stored, found in slices of some milliseconds. Both must stay.
class WeightPlanner {
 public:
  WeightPlanner(const nn::GraphWeight& weight, std::span<const float> values, Store store);

  bool step();                                                   // true once the plan is there
  [[nodiscard]] PackingPlan take() { return std::move(plan_); }  // once, at the end

 private:
  const nn::GraphWeight* weight_;
  PackingPlanner planner_;
  std::optional<PackingPlanner> plain_;  // what packing must be better than, its lines in the header counted
  PackingPlan plan_;
  bool done_ = false;
};
// The same at once.
[[nodiscard]] PackingPlan plan_weight(const nn::GraphWeight& weight, std::span<const float> values, Store store);

// Adds the tensors of a weight to those of a file, and its line to `packing` where it needs one. `packed`, what the
// plan made, must live as long as they do; without it they have no bytes.
void add_weight(const nn::GraphWeight& weight, const PackingPlan& plan, const Packed* packed,
                std::vector<SafetensorsOutput>& tensors, std::map<std::string, std::string>& packing);
// The text of the metadata.
[[nodiscard]] std::string packing_text(const std::map<std::string, std::string>& packing);

// Which weights are packed and how; empty where the metadata is.
using Packings = std::map<std::string, Packing, std::less<>>;
[[nodiscard]] Result<Packings> read_packings(std::string_view metadata);
// The names of the tensors that such a weight has.
[[nodiscard]] std::vector<std::string> parts_of(const std::string& name, const Packing& packing);
// Whether its parts are there and as long as the tensor's shape asks for, before room is made for its values.
using Tensors = std::map<std::string_view, const SafetensorsEntry*>;
[[nodiscard]] Status check_packed(const nn::GraphWeight& weight, const Packing& packing, const Tensors& tensors);
// Its values. Refuses by a sentence a part that is missing, of another type or size.
[[nodiscard]] Result<std::vector<float>> read_packed(const nn::GraphWeight& weight, const Packing& packing,
                                                     const Tensors& tensors);

}  // namespace weightroom::io
