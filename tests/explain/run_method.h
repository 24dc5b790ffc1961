#pragma once

#include <string>

#include "explain/method.h"
#include "support/nets.h"

namespace weightroom::explain {

// What a method is asked for; black is zeros and white ones unless given.
inline MethodInput input_of(const std::string& name, nn::Session& session, const test::Net& net, int target = 0,
                            const Params& params = {}, int layer = -1, std::vector<float> black = {}) {
  const MethodDef* method = find_method(name);
  CHECK(method != nullptr);
  const auto channels = static_cast<std::size_t>(net.graph->spec().input[0]);
  if (black.empty()) black.assign(channels, 0.0F);
  return {session,
          net.input,
          std::move(black),
          std::vector<float>(channels, 1.0F),
          {},
          target,
          layer,
          checked_params(*method, params).value()};
}

// The raw output of the last convolution, which the CAM family reads where it is told to.
inline int last_convolution(const test::Net& net) {
  int last = -1;
  for (const int layer : cam_layers(*net.graph)) {
    if (nn::is_convolution(net.graph->nodes()[static_cast<std::size_t>(layer)].op)) last = layer;
  }
  return last;
}

inline std::unique_ptr<MapJob> start_method(const std::string& name, nn::Session& session, const test::Net& net,
                                            int target = 0, const Params& params = {}, int layer = -1,
                                            std::vector<float> black = {}) {
  return std::make_unique<MapJob>(*find_method(name),
                                  input_of(name, session, net, target, params, layer, std::move(black)));
}

inline Explanation run_method(const std::string& name, nn::Session& session, const test::Net& net, int target = 0,
                              const Params& params = {}, int layer = -1, std::vector<float> black = {}) {
  const auto job = start_method(name, session, net, target, params, layer, std::move(black));
  while (!job->step(base::Budget::unlimited())) {
  }
  return job->result();
}

inline Explanation run_method(const std::string& name, const test::Net& net, int target = 0, const Params& params = {},
                              int layer = -1, std::vector<float> black = {}) {
  nn::Session session = net.session();
  return run_method(name, session, net, target, params, layer, std::move(black));
}

}  // namespace weightroom::explain
