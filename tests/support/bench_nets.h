#pragma once

#include <string>
#include <vector>

#include "nn/model.h"

namespace weightroom::test {

// The nets of web/bench/nets.js, "A", "B" or "C", with the same random weights: an own generator, so that the page,
// these tests and scripts/golden/record_nets.py (PyTorch) all have the same net without a file.
[[nodiscard]] nn::Model bench_net(const std::string& name);

// The same file's noise(count, seed): uniform in [-1, 1).
[[nodiscard]] std::vector<float> bench_noise(std::size_t count, std::uint32_t seed);

}  // namespace weightroom::test
