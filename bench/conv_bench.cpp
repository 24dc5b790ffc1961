// conv2d in GFLOP/s (a multiply and an add are two), beside the most this core can do. Run:
//   build/native/weightroom-bench --benchmark_filter=conv --benchmark_repetitions=5
#include <vector>

#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "nn/kernels/conv.h"
#include "nn/kernels/simd.h"

namespace weightroom::nn::kernels {
namespace {

// Multiplies and adds on twelve independent chains, as the kernels have them, with nothing to load.
void peak(benchmark::State& state) {
  constexpr int kChains = 12;
  constexpr int kSteps = 1000;
  const FloatTag d;
  FloatVec chains[kChains];
  for (auto& chain : chains) chain = hn::Set(d, 1.0f);
  auto a = hn::Set(d, 0.999f);
  auto b = hn::Set(d, 0.001f);
  benchmark::DoNotOptimize(a);
  benchmark::DoNotOptimize(b);
  for (auto _ : state) {
    for (int step = 0; step < kSteps; ++step) {
      for (auto& chain : chains) chain = hn::Add(hn::Mul(chain, a), b);
    }
    benchmark::DoNotOptimize(chains);
  }
  const double each = 2.0 * kChains * kSteps * static_cast<double>(kLanes);
  state.counters["flops"] = benchmark::Counter(each, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(peak);

struct Data {
  Conv conv;
  std::vector<float> x, weight, bias, y, workspace;

  static std::vector<float> random(std::size_t size) {
    base::Rng rng(1, "bench");
    std::vector<float> values(size);
    for (float& value : values) value = static_cast<float>(rng.uniform(-1.0, 1.0));
    return values;
  }
  static std::size_t size(int a, int b, int c, int d) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c) *
           static_cast<std::size_t>(d);
  }
  // batch, input channels, output channels, side, kernel, stride, groups
  explicit Data(const benchmark::State& state) {
    const auto at = [&](std::size_t i) { return static_cast<int>(state.range(i)); };
    conv = {.batch = at(0), .in_channels = at(1), .in_height = at(3), .in_width = at(3), .out_channels = at(2)};
    conv.kernel_y = conv.kernel_x = at(4);
    conv.stride_y = conv.stride_x = at(5);
    conv.padding_y = conv.padding_x = at(4) / 2;
    conv.groups = at(6);
    conv.out_height = conv.out_width = (at(3) + 2 * (at(4) / 2) - at(4)) / at(5) + 1;
    x = random(size(at(0), at(1), at(3), at(3)));
    weight = random(size(at(2), at(1) / at(6), at(4), at(4)));
    bias = random(size(at(2), 1, 1, 1));
    y = random(size(at(0), at(2), conv.out_height, conv.out_width));
    workspace.resize(conv_workspace(conv));
  }
  [[nodiscard]] Scratch scratch() { return {workspace.data(), workspace.size(), 1}; }
  [[nodiscard]] benchmark::Counter flops() const {
    const double taps = static_cast<double>(weight.size()) / static_cast<double>(bias.size());
    return {2.0 * static_cast<double>(y.size()) * taps, benchmark::Counter::kIsIterationInvariantRate};
  }
};

void conv_forward(benchmark::State& state) {
  Data data(state);
  for (auto _ : state) {
    conv_forward(data.conv, data.x.data(), data.weight.data(), data.bias.data(), data.y.data(), data.scratch());
    benchmark::ClobberMemory();
  }
  state.counters["flops"] = data.flops();
}

void conv_d_input(benchmark::State& state) {
  Data data(state);
  for (auto _ : state) {
    conv_backward_input(data.conv, data.weight.data(), data.y.data(), false, data.x.data(), data.scratch());
    benchmark::ClobberMemory();
  }
  state.counters["flops"] = data.flops();
}

void conv_d_weight(benchmark::State& state) {
  Data data(state);
  for (auto _ : state) {
    conv_backward_weight(data.conv, data.x.data(), data.y.data(), data.weight.data(), data.scratch());
    benchmark::ClobberMemory();
  }
  state.counters["flops"] = data.flops();
}

void layers(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"n", "in", "out", "side", "k", "s", "g"});
  for (const std::vector<std::int64_t>& row : std::vector<std::vector<std::int64_t>>{{8, 3, 16, 64, 3, 1, 1},
                                                                                     {8, 16, 16, 64, 3, 1, 1},
                                                                                     {8, 16, 32, 32, 3, 1, 1},
                                                                                     {8, 32, 32, 32, 3, 1, 1},
                                                                                     {8, 64, 64, 16, 3, 1, 1},
                                                                                     {8, 128, 128, 8, 3, 1, 1},
                                                                                     {1, 128, 128, 8, 3, 1, 1},
                                                                                     {8, 128, 128, 4, 3, 1, 1},
                                                                                     {8, 32, 32, 28, 3, 1, 1},
                                                                                     {8, 64, 64, 7, 3, 1, 1},
                                                                                     {8, 32, 64, 32, 3, 2, 1},
                                                                                     {8, 64, 128, 16, 3, 2, 1},
                                                                                     {8, 64, 64, 16, 1, 1, 1},
                                                                                     {8, 16, 16, 32, 5, 1, 1},
                                                                                     {8, 64, 64, 32, 3, 1, 64},
                                                                                     {1, 64, 64, 56, 3, 1, 1},
                                                                                     {1, 512, 512, 7, 3, 1, 1}}) {
    bench->Args(row);
  }
}
BENCHMARK(conv_forward)->Apply(layers);
BENCHMARK(conv_d_input)->Apply(layers);
BENCHMARK(conv_d_weight)->Apply(layers);

}  // namespace
}  // namespace weightroom::nn::kernels
