#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "explain/display.h"
#include "explain/method.h"
#include "lab/what_changed.h"
#include "nn/session.h"

namespace weightroom::lab {

// What follows from a document, each part marked with the document's revision it belongs to. Spans and tensors stay
// valid until the next Engine::step or Engine::show.
struct Results {
  std::uint64_t forward_revision = 0;  // logits, probabilities, activations
  std::uint64_t forward_version = 0;   // another number for each content of the activations
  std::vector<float> logits;
  std::vector<float> probabilities;    // softmax of logits
  std::vector<float> unedited_logits;  // of the loaded weights on the same picture
  std::vector<float> unedited_probabilities;
  ChannelMeans unedited_means;         // of the loaded weights too
  std::optional<WhatChanged> changed;  // between the two, where the answer is another one
  std::vector<int> order;              // class indices, most probable first (ties: lower index first); empty: no answer
  bool overflow = false;               // with these weights the logits have run over: no answer, no map, no gradients
  int target = -1;                     // the class that maps and gradients are of, resolved
  double forward_ms = 0.0;

  std::uint64_t map_revision = 0;
  std::uint64_t map_version = 0;  // another number for each content of map, also of the slices of one revision
  explain::DisplayMap map;        // at the model's input size
  explain::Explanation explanation;
  double map_progress = 1.0;
  bool map_stopped = false;  // by the visitor, at map_progress
  double map_ms = 0.0;       // of work, without what the page did in between

  std::uint64_t gradient_revision = 0;     // of weight_gradient; only kept up when an overlay or the inspector asks
  std::uint64_t gradient_version = 0;      // another number for each content of weight_gradient
  std::span<const float> weight_gradient;  // d target logit / d weight, flat as Graph::weights; the engine's own

  std::string fingerprint;         // of the document's weights, 64 digits; empty until computed
  std::string loaded_fingerprint;  // of the weights as loaded

  bool current = false;  // everything above belongs to the document as it is
};

}  // namespace weightroom::lab
