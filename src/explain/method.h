#pragma once

#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/job.h"
#include "base/params.h"
#include "base/result.h"
#include "base/task.h"
#include "nn/model.h"
#include "nn/session.h"

namespace weightroom::explain {

using base::choice_param;
using base::param_text;
using base::Params;
using base::ParamSpec;
using base::seed_param;

// What a method found, before any scaling for the eye, of the extents in MethodDef::size. Signed: positive speaks for
// the target.
struct Attribution {
  nn::Shape shape;
  std::vector<float> values;
};

struct Explanation {
  Attribution attribution;
  // |sum of attributions - (f(x) - f(baseline))| / max(|f(x) - f(baseline)|, 0.01), for methods that compare with a
  // baseline; NaN for the others.
  double completeness_error = std::numeric_limits<double>::quiet_NaN();
  // Whatever the picture: the map's values are together the target's logit less its bias, which is the logit that maps
  // of zeros would have.
  bool adds_up = false;
  std::optional<Sentence> note{};  // to show beside the map
};

// How a method is set for a network: all that its cost depends on.
struct Setting {
  const nn::Graph& graph;
  const Params& params;  // complete
  int layer = -1;        // as MethodInput::layer

  [[nodiscard]] double param(std::string_view name) const { return params.find(name)->second; }
  [[nodiscard]] int count(std::string_view name) const { return static_cast<int>(param(name)); }
};

// What a method works on. The session is at batch 1 with the model's weights and the picture as its input; a method may
// run other inputs through it, its forward state is the method's own while the job lives.
struct MethodInput {
  nn::Session& session;
  std::vector<float> input{};  // (C,H,W), normalised
  std::vector<float> black{};  // (C): no light at all, after normalisation
  std::vector<float> white{};  // (C): full light
  std::vector<float> other{};  // (C,H,W): a second picture as the baseline, or empty
  int target = 0;              // index of a logit
  int layer = -1;              // node of the CAM family; -1: default_layer()
  Params params{};             // complete and within range: see checked_params()
  int of_layer = -1;           // node whose output is explained in place of the picture, by a method that takes_layer

  [[nodiscard]] const nn::Graph& graph() const { return session.graph(); }
  [[nodiscard]] Setting setting() const { return {graph(), params, layer}; }
  [[nodiscard]] double param(std::string_view name) const { return setting().param(name); }
  [[nodiscard]] int count(std::string_view name) const { return setting().count(name); }
};

// Without parameters, layer and second picture: those are the caller's to add.
[[nodiscard]] MethodInput method_input(nn::Session& session, const nn::Preprocessing& reading,
                                       std::span<const float> input, int target);

// Where a method writes while it runs: a map at any moment, and how far it has come (0 to 1).
struct MethodOutput {
  Explanation explanation;
  double progress = 0.0;
};

// The extents of a method's attribution.
enum class MapSize {
  input,   // (C,H,W)
  pixels,  // (1,H,W): one number a pixel, whatever its colours
  layer,   // (1,h,w) of the chosen layer
};

enum class Family { gradient, cam, perturbation, propagation };
[[nodiscard]] Text family_title(Family family);    // "Gradients"
[[nodiscard]] Text family_plain(Family family);    // "Nudge the pixels": the same for who does not know the word
[[nodiscard]] Text family_summary(Family family);  // one sentence

// What a method claims of its maps, each held by a test on a trained and on a random model.
struct Axioms {
  bool complete = false;        // attributions sum to f(x) - f(baseline), but for what completeness_error tells
  bool dummy = false;           // what the logit does not depend on gets exactly nothing
  bool implementation = false;  // two networks that compute the same function get the same map
  bool linear = false;          // the map of a f + b g is a times that of f plus b times that of g
};

struct MethodDef {
  std::string_view name;   // "smoothgrad"
  Text title;              // "SmoothGrad"
  Text plain;              // "Nudge grainy copies": what it does, for who does not know the name
  Text summary;            // one sentence for a pupil
  std::string_view paper;  // author, title, year
  Family family = Family::gradient;
  bool first = false;  // one of those that the menu begins with, before the families
  std::vector<ParamSpec> params{};
  Axioms axioms{};
  std::optional<Text> warning{};  // one sentence where a known weakness must be told beside the map
  // What warm and cold say of the {class}; nullopt: that a place speaks for it or against it.
  std::optional<Text> colours{};
  MapSize size = MapSize::input;
  bool uses_layer = false;  // the CAM family
  // May explain a layer's output in place of the picture (MethodInput::of_layer): what each of its values says for the
  // target. The attribution then has the layer's extents.
  bool takes_layer = false;
  bool single_pass = false;  // at the picture itself alone: may run on a live session without disturbing it
  // What it costs in forward passes; a gradient by the input counts as two.
  double (*passes)(const Setting& setting) = nullptr;
  // Whether a parameter says nothing as the others stand (which noise, where there is none); nullptr: each counts.
  bool (*idle)(const Setting& setting, std::string_view param) = nullptr;
  // Refuses by a sentence a network with an op that the method has no rule for; nullptr: every network suits.
  Status (*suits)(const nn::Graph& graph) = nullptr;
  base::Task (*run)(const MethodInput& input, MethodOutput& output) = nullptr;
};

// All methods, in the order of methods.inc.
[[nodiscard]] std::span<const MethodDef> methods();
[[nodiscard]] const MethodDef* find_method(std::string_view name);  // nullptr where there is none
// What a network is explained by where nobody has chosen: Grad-CAM where it has a layer for it, else the gradient.
[[nodiscard]] const MethodDef& default_method(const nn::Graph& graph);
// In one sentence what warm and cold say of the {class} in a map of this method.
[[nodiscard]] Text colours_of(const MethodDef& method, const Params& params);

// Whether a job runs at the picture itself alone: a method of a single pass, and no noise around it.
[[nodiscard]] bool is_single_pass(const MethodDef& method, const Params& params);

[[nodiscard]] Status check_suits(const MethodDef& method, const nn::Graph& graph);

// A method at work. result() may be read at any time: a partial map while it runs. Of a network that the method refuses
// the map is empty, and the note says why.
class MapJob final : public base::Job {
 public:
  MapJob(const MethodDef& method, MethodInput input);
  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override { return done_ ? 1.0 : output_.progress; }
  [[nodiscard]] const Explanation& result() const { return output_.explanation; }

 private:
  MethodInput input_;
  MethodOutput output_;
  base::Task task_;
  bool done_ = false;
};

// Fills in what is missing from the fallbacks; refuses by a sentence an unknown name, a value out of range, a fraction
// where an integer is due, and NaN.
[[nodiscard]] Result<Params> checked_params(const MethodDef& method, const Params& given);
// The value of a parameter with choices from one of its words.
[[nodiscard]] Result<double> read_choice(const MethodDef& method, std::string_view name, std::string_view word);
// Whether these parameters need MethodInput::other.
[[nodiscard]] bool needs_other(const MethodDef& method, const Params& params);

// The activation function behind the last convolution whose output still has places (or the convolution, where there is
// none), if every way from the picture to the logits passes it; in nets with ways around it (residual, dense, ConvNeXt)
// the last map with places that every way passes. -1 where there is none.
[[nodiscard]] int default_layer(const nn::Graph& graph);
// Whether the logits are constants and weighted sums of a layer's output, and of nothing else that the picture changes.
[[nodiscard]] bool linear_behind(const nn::Graph& graph, int layer);
// The node of cam_layers() with this name, or the last one of the module that is called so ("layer3.2" for
// "layer3.2.relu_1"). A sentence that lists the layers where there is none.
[[nodiscard]] Result<int> find_cam_layer(const nn::Graph& graph, std::string_view name);
// Nodes the CAM family may read: four-dimensional outputs on the way from the input to the logits.
[[nodiscard]] std::vector<int> cam_layers(const nn::Graph& graph);
// The node that a method of the CAM family reads: the one given, else default_layer(), else the last one there is, else
// the picture itself, 0.
[[nodiscard]] int layer_of(const Setting& setting);

// In one sentence how many places a map of a layer has, and whether they add up; nothing of a map of pixels.
[[nodiscard]] std::optional<Sentence> places_of(const MethodDef& method, const Explanation& found);

// The shape of a method's attribution.
[[nodiscard]] nn::Shape map_shape(const MethodDef& method, const MethodInput& input);

}  // namespace weightroom::explain
