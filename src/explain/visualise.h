#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/task.h"
#include "explain/fourier_picture.h"
#include "nn/model.h"
#include "nn/session.h"

// What a unit of a network wants to see: pictures made from noise by gradient ascent (Erhan et al. 2009; Olah,
// Mordvintsev and Schubert 2017, "Feature visualization").
namespace weightroom::explain {

// One value of a node's output, or the mean of a channel's map. Of a ReLU its input is looked at: below zero there
// would be no gradient to climb.
struct Unit {
  int node = 0;
  int channel = 0;
  int y = -1;  // -1: the mean of the whole map
  int x = -1;
  [[nodiscard]] bool operator==(const Unit&) const = default;
};
// The node that is looked at for a node: through ReLUs and their like back to what they were given.
[[nodiscard]] int before_kinks(const nn::Graph& graph, int node);

struct VisualiseOptions {
  int steps = 256;
  double rate = 0.05;   // Adam's
  double jitter = 1.0;  // how strongly the picture is shifted, scaled and turned between steps: 0 not at all
  // How much several pictures are driven apart: the mean cosine between their Gram matrices at the unit's layer counts
  // against them, times this share of what they reach.
  double diversity = 0.5;
  std::uint64_t seed = 1;
};

struct Visualised {
  std::vector<std::vector<float>> pictures;  // (C,H,W) each, as the model reads them
  std::vector<double> values;                // of the unit at each picture, as it is shown
  std::vector<double> history;               // the mean of values after each step
  int steps = 0;                             // made so far
};

// Writes into `out` after each step. `session`: the network with its weights, at as many samples as pictures are
// wanted.
base::Task visualise(nn::Session& session, const nn::Preprocessing& reading, Unit unit, VisualiseOptions options,
                     Visualised& out, double& progress);

// A unit's value for each sample of a session whose forward pass is done.
[[nodiscard]] double unit_value(const nn::Session& session, Unit unit, int sample);

}  // namespace weightroom::explain
