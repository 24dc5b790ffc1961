#pragma once

#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/job.h"
#include "base/result.h"
#include "nn/session.h"

namespace weightroom::explain {

// A parameter of a method: a slider on the page, a `--param name=value` on the command line.
struct ParamSpec {
  std::string_view name;
  std::string_view summary;
  double minimum = 0.0;
  double maximum = 1.0;
  double fallback = 0.0;
  bool integer = false;
  std::string_view zero{};  // what 0 means where it is no amount: "as many as it takes"
};

using Params = std::map<std::string, double, std::less<>>;

// What a method found, before any scaling for the eye: for most methods (C,H,W) of the model's
// input, for the CAM family (1,h,w) of the chosen layer. Signed: positive speaks for the target.
struct Attribution {
  nn::Shape shape;
  std::vector<float> values;
};

struct Explanation {
  Attribution attribution;
  // |sum of attributions - (f(x) - f(baseline))| / max(|f(x) - f(baseline)|, 0.01), for methods
  // that claim completeness; NaN for the others.
  double completeness_error = std::numeric_limits<double>::quiet_NaN();
  std::string note;  // a sentence to show beside the map, or empty
};

// What a method works on. The session is at batch 1 with the model's weights and the picture as its
// input; a method may run other inputs through it, its forward state is the method's own while the
// job lives.
struct MethodInput {
  nn::Session& session;
  std::vector<float> input;  // (C,H,W), normalised
  std::vector<float> black;  // (C): zero light after normalisation, the baseline of methods that need one
  int target = 0;            // index of a logit
  int layer = -1;            // node of the CAM family; -1: default_layer()
  Params params;             // complete and within range: see checked_params()
};

// A method at work. result() may be read at any time after the first step: a partial map while it
// runs.
class MapJob : public base::Job {
 public:
  [[nodiscard]] virtual const Explanation& result() const = 0;
};

struct MethodDef {
  std::string_view name;     // "smoothgrad"
  std::string_view title;    // "SmoothGrad"
  std::string_view summary;  // one sentence for a student
  std::string_view paper;    // author, title, year
  std::vector<ParamSpec> params;
  bool uses_layer = false;   // the CAM family
  bool single_pass = false;  // one backward pass at the picture itself: may run on a live session
                             // without disturbing it
  bool complete = false;     // claims that attributions sum to f(x) - f(baseline)
  std::unique_ptr<MapJob> (*start)(MethodInput input) = nullptr;
};

// All methods, in the order of methods.inc.
[[nodiscard]] std::span<const MethodDef> methods();
[[nodiscard]] const MethodDef* find_method(std::string_view name);  // nullptr where there is none

// Fills in what is missing from the fallbacks; refuses by a sentence an unknown name, a value out
// of range, a fraction where an integer is due, and NaN.
[[nodiscard]] Result<Params> checked_params(const MethodDef& method, const Params& given);

// The last conv2d of the graph (its raw output, before ReLU), or -1 where there is none.
[[nodiscard]] int default_layer(const nn::Graph& graph);
// Nodes the CAM family may read: four-dimensional outputs on the way from the input to the logits.
[[nodiscard]] std::vector<int> cam_layers(const nn::Graph& graph);

}  // namespace weightroom::explain
