#include "explain/tunnel.h"

#include <algorithm>
#include <array>

#include <strings/choice.h>
#include <strings/param.h>

#include "base/rng.h"
#include "explain/noise.h"

namespace weightroom::explain {
namespace {

constexpr std::array<std::string_view, 4> kParams{"noise", "noise_samples", "noise_sigma", "noise_seed"};

void show(const Moments& moments, NoiseKind kind, std::span<float> out) {
  switch (kind) {
    case NoiseKind::smoothgrad_sq:
      return moments.mean_square(out);
    case NoiseKind::vargrad:
      return moments.variance(out);
    case NoiseKind::smoothgrad:
    case NoiseKind::none:
      return moments.mean(out);
  }
}

}  // namespace

bool may_tunnel(const MethodDef& method) {
  const bool noisy = method.run == nullptr || std::ranges::any_of(method.params, [](const ParamSpec& spec) {
                       return spec.name == "sigma" && spec.fallback > 0.0;
                     });
  return method.size == MapSize::input && !noisy;
}

void add_tunnel_params(MethodDef& method) {
  method.params.push_back(choice_param("noise", text::param_tunnel, text::param_tunnel_help,
                                       {{"none", text::choice_none},
                                        {"smoothgrad", text::choice_mean},
                                        {"smoothgrad_sq", text::choice_mean_square},
                                        {"vargrad", text::choice_variance}}));
  std::vector<ParamSpec> specs = noise_params();
  const Text titles[] = {text::param_noise_copies, text::param_noise_level, text::param_noise_seed};
  for (std::size_t i = 0; i < specs.size(); ++i) {
    specs[i].name = kParams[i + 1];
    specs[i].title = titles[i];  // beside samples and a seed that are the method's own
    method.params.push_back(std::move(specs[i]));
  }
}

NoiseKind tunnel_of(const Params& params) {
  const auto kind = params.find("noise");
  return kind == params.end() ? NoiseKind::none : static_cast<NoiseKind>(kind->second);
}

bool is_tunnel_param(std::string_view name) { return std::ranges::find(kParams, name) != kParams.end(); }

base::Task run_tunnel(base::Task (*run)(const MethodInput& input, MethodOutput& output), const MethodInput& input,
                      MethodOutput& output) {
  const int samples = input.count("noise_samples");
  Attribution& map = output.explanation.attribution;
  MethodInput copy = input;
  MethodOutput found;
  Moments moments(map.values.size());
  for (int n = 0; n < samples; ++n) {
    copy.input = noisy_copy(input.input, input.param("noise_sigma"),
                            static_cast<std::uint64_t>(input.param("noise_seed")), static_cast<std::uint64_t>(n));
    found = {};
    found.explanation.attribution = {map.shape, std::vector<float>(map.values.size(), 0.0F)};
    base::Task task = run(copy, found);
    while (!task.step()) {
      output.progress = (n + found.progress) / samples;
      co_await base::Pause{};
    }
    moments.add(found.explanation.attribution.values);
    show(moments, tunnel_of(input.params), map.values);
    output.explanation.note = found.explanation.note;
  }
}

}  // namespace weightroom::explain
