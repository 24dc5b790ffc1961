#pragma once

#include <string>
#include <variant>

#include "base/params.h"
#include "document/paged_weights.h"
#include "edit/chosen.h"
#include "nn/graph.h"
#include "nn/weight_ref.h"

// The commands that make steps, and their JSON form in the comment. Weights and layers are indices here and names there
// (command.h says who translates): a weight W is written "conv1.weight[3,0,1,2]".
namespace weightroom::document {

// No weight of any model.
inline constexpr nn::WeightRef kNoWeight{-1, 0};

namespace command {

// {"command":"set_weight","weight":W,"value":-0.8,"preview":false}; the value may be a text a person typed. A preview
// (a drag under way) makes no step; the first command without it that touches the same weight makes one for all.
struct SetWeight {
  nn::WeightRef weight = kNoWeight;
  float value = 0.0F;
  bool preview = false;
};
// {"command":"transform_weight","weight":W,"operation":"zero"|"negate"|"double"}
struct TransformWeight {
  nn::WeightRef weight = kNoWeight;
  std::string operation{};
};
// {"command":"reset","scope":"weight"|"layer"|"all","weight":W or a layer's name}
struct Reset {
  enum class Scope { weight, layer, all };
  Scope scope = Scope::all;
  nn::WeightRef weight = kNoWeight;  // of Scope::weight
  int node = -1;                     // of Scope::layer
};
// {"command":"change","operation":"prune","on":"conv2;fc","from":"conv1.weight[3]","params":{"share":0.4},
// "chosen":"weights:yAlM...","preview":false}: an operation (edit/operation.h) on a part of the model (edit/region.h).
// `from` where it takes a second part; params may be absent. `chosen` where pictures said which weights it is about
// (edit/chosen.h). A preview (a slider under way) makes no step.
// `again`: in place of the last step, where that was the same operation on the same part (a slider taken up once more).
struct Change {
  std::string operation;
  std::string on;
  std::string from{};
  base::Params params{};
  edit::Chosen chosen{};
  bool preview = false;
  bool again = false;
};
// {"command":"switch","layer":"conv1","channel":3,"on":false}: a channel that is off is 0 everywhere, its weights stay.
// Without a channel: the layer's activation function, which then passes on what it gets; of a layer with channels all
// of them.
struct Switch {
  int node = -1;
  int channel = -1;
  bool on = false;
};

// {"command":"take_weights","file":"mine.safetensors","fingerprint":"<64 digits>"}: the weights that a saved model has,
// where it was opened as what was made of another one. Only opening the file gives them; out of a history they are
// found in the document that was opened from the same file.
struct TakeWeights {
  std::string file;
  std::string fingerprint;  // of the layers with these weights
  PagedWeights weights{};   // empty: not known
};

}  // namespace command

// What a step holds: enough to do it again, on the same weights to the same bytes.
using EditCommand = std::variant<command::SetWeight, command::TransformWeight, command::Reset, command::Change,
                                 command::Switch, command::TakeWeights>;

// Whether the model has it; a sentence where not. An index may come from anywhere.
[[nodiscard]] Status check_weight(const nn::Graph& graph, nn::WeightRef ref);
[[nodiscard]] Status check_layer(const nn::Graph& graph, int node);
// The node of this name, or a sentence.
[[nodiscard]] Result<int> find_layer(const nn::Graph& graph, const std::string& name);

// Whether both move the same thing, so that one may take the other's place: the same weight, or the same operation on
// the same part. Other commands never do.
[[nodiscard]] bool same_subject(const EditCommand& a, const EditCommand& b);

}  // namespace weightroom::document
