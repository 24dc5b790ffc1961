#pragma once

#include <cstdint>
#include <span>

#include "nn/op.h"

namespace weightroom::nn {

// How a pool's window moves along one axis. Tap t of output o reads input start(o) + t * dilation.
struct PoolAxis {
  int in = 1;
  int out = 1;
  int kernel = 1;
  int stride = 1;
  int padding = 0;      // before the first place
  int padding_end = 0;  // behind the last
  int dilation = 1;

  [[nodiscard]] int start(int o) const { return o * stride - padding; }
  // Taps [first, last) of output o lie inside the input.
  [[nodiscard]] int first_tap(int o) const { return start(o) >= 0 ? 0 : taps_over(-start(o)); }
  [[nodiscard]] int last_tap(int o) const {
    const int fitting = taps_over(in - start(o));
    return fitting < kernel ? fitting : kernel;
  }

 private:
  // How many taps lie on so many places from the first tap's on.
  [[nodiscard]] int taps_over(int places) const { return dilation == 1 ? places : (places + dilation - 1) / dilation; }
};

struct PoolWindow {
  PoolAxis y;
  PoolAxis x;

  // The same on both axes: kernel and stride as given, no padding, no dilation.
  [[nodiscard]] bool is_plain(int kernel, int stride) const;
  [[nodiscard]] Shape output(const Shape& input) const { return {input.n(), input.c(), y.out, x.out}; }
};

// What a max_pool saves: for every output, in the order of the outputs, which place of its plane of the input won.
[[nodiscard]] inline std::span<const std::int32_t> max_pool_winners(std::span<const std::byte> saved) {
  return {reinterpret_cast<const std::int32_t*>(saved.data()), saved.size() / sizeof(std::int32_t)};
}

// Attributes kernel, stride (the kernel's where absent), padding (0; above and on the left), padding_end (as padding;
// below and on the right), dilation (1), ceil_mode (0), over input (N,C,H,W). Output extent:
// floor((in + padding + padding_end - dilation (kernel - 1) - 1) / stride) + 1; with ceil_mode the ceiling instead,
// less a window that would start in the padding behind the input (the rule of PyTorch and ONNX).
[[nodiscard]] Result<PoolWindow> read_pool_window(const Attributes& attributes, const Shape& input);

}  // namespace weightroom::nn
