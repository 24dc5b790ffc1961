#pragma once

namespace weightroom::nn::kernels {

// Multiplications and additions a second, in thousand millions, that one core does with the vectors our kernels have
// when nothing waits for memory: what their speed is a share of. Takes about a fifth of a second.
[[nodiscard]] double measure_peak();

}  // namespace weightroom::nn::kernels
