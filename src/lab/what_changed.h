#pragma once

#include <optional>
#include <vector>

#include "document/document.h"
#include "nn/session.h"

// Where an edit is seen first, in numbers for a sentence: the map that it changes most, and who reads it.
namespace weightroom::lab {

// Mean magnitude of each channel of each node's output, by node.
using ChannelMeans = std::vector<std::vector<float>>;
// At the session's present activations; empty where they are too many to be looked through between two frames.
[[nodiscard]] ChannelMeans channel_means(const nn::Session& session);

struct WhatChanged {
  int from = 0;  // the class that the loaded weights answer
  int to = 0;    // and the one that is answered now
  // Of the first layer with edited weights the channel whose mean magnitude differs most.
  int node = 0;
  int channel = 0;
  float before = 0.0F;
  float now = 0.0F;
  // The same of the next layer with weights that what changed reaches; reader -1: there is none.
  int reader = -1;
  int reader_channel = 0;
};
// Nothing while the answer is that of the loaded weights, or nothing is known of their activations. `unedited`: of the
// loaded weights on the same picture; the session's activations are the edited ones.
[[nodiscard]] std::optional<WhatChanged> what_changed(const document::Document& document, const nn::Session& session,
                                                      const ChannelMeans& unedited, int from, int to);

}  // namespace weightroom::lab
