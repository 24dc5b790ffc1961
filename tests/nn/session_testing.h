#pragma once

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nn/session.h"
#include "nn/weight_ref.h"

namespace weightroom::nn::testing {

inline std::vector<float> copy(ConstTensor tensor) { return {tensor.values().begin(), tensor.values().end()}; }

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

struct PassGradients {
  std::vector<float> input;
  std::vector<float> weights;
};

inline PassGradients gradients(Session& session, int target = 0) {
  const auto seed = one_hot(session.batch(), session.graph().class_count(), target);
  BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  session.clear_d_weights();
  session.backward(request);
  return {copy(session.d_activation(0)), {session.d_weights().begin(), session.d_weights().end()}};
}

inline int steps_to_current(Session& session) {
  int steps = 0;
  while (!session.current()) {
    session.forward_step();
    ++steps;
  }
  return steps;
}

inline void change(Session& session, const std::string& name, float by) {
  const auto ref = parse_weight_ref(session.graph(), name);
  ASSERT_TRUE(ref.has_value()) << name;
  const std::size_t at = flat_index(session.graph(), *ref);
  const float value = session.weight_at(at) + by;
  session.set_weights({&value, 1}, at);
}

}  // namespace weightroom::nn::testing
