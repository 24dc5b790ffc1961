#include "nn/ops/pool_window.h"

#include <string>

#include <strings/infer.h>
#include <strings/nn.h>

#include "nn/ops/rules.h"

namespace weightroom::nn {
namespace {

using IntPair = std::pair<int, int>;

Result<IntPair> read_pair(const Attributes& attributes, std::string_view name, int fallback, int least) {
  auto value = attributes.pair(name, fallback);
  if (!value) return value;
  if (value->first < least || value->second < least)
    return fail(text::nn_attribute_pair_least,
                {{"name", name}, {"least", least}, {"y", value->first}, {"x", value->second}});
  constexpr int kMost = 1 << 14;  // keeps every index of a window within an int
  if (value->first > kMost || value->second > kMost)
    return fail(text::nn_attribute_pair_most, {{"name", name}, {"most", kMost}});
  return value;
}

int extent(const PoolAxis& axis, bool ceil_mode) {
  const int room = axis.in + axis.padding + axis.padding_end - axis.dilation * (axis.kernel - 1) - 1;
  int out = (room + (ceil_mode ? axis.stride - 1 : 0)) / axis.stride + 1;
  if (ceil_mode && (out - 1) * axis.stride >= axis.in + axis.padding) --out;
  return out;
}

// A dilated window can step over a small input: its taps next to it lie in the padding on both sides. And one side may
// have more padding than a window is long.
bool sees_padding_alone(const PoolAxis& axis) {
  for (int o = 0; o < axis.out; ++o) {
    if (axis.first_tap(o) >= axis.last_tap(o)) return true;
  }
  return false;
}

// `even`: one padding for both sides, which is held to PyTorch's rule.
Status check_fit(const PoolWindow& window, bool even) {
  if (even && (2 * window.y.padding > window.y.kernel || 2 * window.x.padding > window.x.kernel))
    return fail(text::infer_pool_padding, {{"padding_y", window.y.padding},
                                           {"padding_x", window.x.padding},
                                           {"kernel_y", window.y.kernel},
                                           {"kernel_x", window.x.kernel}});
  const auto reach = [](const PoolAxis& axis) { return axis.dilation * (axis.kernel - 1LL) + 1; };
  const auto room = [](const PoolAxis& axis) { return axis.in + 0LL + axis.padding + axis.padding_end; };
  if (reach(window.y) > room(window.y) || reach(window.x) > room(window.x))
    return fail(text::infer_pool_window, {{"reach_y", reach(window.y)},
                                          {"reach_x", reach(window.x)},
                                          {"room_y", room(window.y)},
                                          {"room_x", room(window.x)}});
  return {};
}

}  // namespace

bool PoolWindow::is_plain(int kernel, int stride) const {
  const auto fits = [=](const PoolAxis& axis) {
    return axis.kernel == kernel && axis.stride == stride && axis.padding == 0 && axis.padding_end == 0 &&
           axis.dilation == 1;
  };
  return fits(y) && fits(x);
}

Result<PoolWindow> read_pool_window(const Attributes& attributes, const Shape& input) {
  if (!attributes.has("kernel")) return fail(text::infer_pool_kernel);
  const auto kernel = read_pair(attributes, "kernel", 1, 1);
  if (!kernel) return std::unexpected(kernel.error());
  const auto stride = attributes.has("stride") ? read_pair(attributes, "stride", 1, 1) : kernel;
  if (!stride) return std::unexpected(stride.error());
  const auto padding = read_pair(attributes, "padding", 0, 0);
  if (!padding) return std::unexpected(padding.error());
  const bool even = !attributes.has("padding_end");
  const auto padding_end = even ? padding : read_pair(attributes, "padding_end", 0, 0);
  if (!padding_end) return std::unexpected(padding_end.error());
  const auto dilation = read_pair(attributes, "dilation", 1, 1);
  if (!dilation) return std::unexpected(dilation.error());
  const auto ceil_mode = read_flag(attributes, "ceil_mode", false);
  if (!ceil_mode) return std::unexpected(ceil_mode.error());

  PoolWindow window{
      {input.h(), 1, kernel->first, stride->first, padding->first, padding_end->first, dilation->first},
      {input.w(), 1, kernel->second, stride->second, padding->second, padding_end->second, dilation->second}};
  if (auto ok = check_fit(window, even); !ok) return std::unexpected(ok.error());
  window.y.out = extent(window.y, *ceil_mode);
  window.x.out = extent(window.x, *ceil_mode);
  if (sees_padding_alone(window.y) || sees_padding_alone(window.x)) return fail(text::infer_pool_dilation);
  if (auto ok = check_size(window.output(input)); !ok) return std::unexpected(ok.error());
  return window;
}

}  // namespace weightroom::nn
