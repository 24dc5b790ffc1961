#pragma once

#include "explain/method.h"

// Any method of one number a pixel and colour, at many slightly noisy copies of the picture in place of the picture
// itself: the mean of its maps (Smilkov et al. 2017), of their squares (Hooker et al. 2019), or their variance (Adebayo
// et al. 2018), as Captum's NoiseTunnel has them. SmoothGrad and its kin are these of the gradient.
namespace weightroom::explain {

enum class NoiseKind { none, smoothgrad, smoothgrad_sq, vargrad };

// Whether a method may go through it: it tells pixels and colours apart, and adds no such noise by itself.
[[nodiscard]] bool may_tunnel(const MethodDef& method);
// noise (a NoiseKind), noise_samples, noise_sigma and noise_seed: as the parameters of SmoothGrad are.
void add_tunnel_params(MethodDef& method);
// None of a method without these parameters.
[[nodiscard]] NoiseKind tunnel_of(const Params& params);
[[nodiscard]] bool is_tunnel_param(std::string_view name);

// `run` is the method's own. Of n copies the noise is drawn from base::Rng(noise_seed, "smoothgrad", n), its deviation
// noise_sigma times the range of the picture's values. A baseline made of the picture is made of each copy.
base::Task run_tunnel(base::Task (*run)(const MethodInput& input, MethodOutput& output), const MethodInput& input,
                      MethodOutput& output);

// A method's functions with the tunnel around them, where its parameters ask for it.
template <MethodDef (*Make)()>
struct Tunnel {
  static const MethodDef& own() {
    static const MethodDef def = Make();
    return def;
  }
  static base::Task run(const MethodInput& input, MethodOutput& output) {
    return tunnel_of(input.params) == NoiseKind::none ? own().run(input, output) : run_tunnel(own().run, input, output);
  }
  static double passes(const Setting& setting) {
    const double once = own().passes(setting);
    return tunnel_of(setting.params) == NoiseKind::none ? once : once * setting.param("noise_samples");
  }
  static bool idle(const Setting& setting, std::string_view param) {
    if (is_tunnel_param(param)) return param != "noise" && tunnel_of(setting.params) == NoiseKind::none;
    return own().idle != nullptr && own().idle(setting, param);
  }
  static MethodDef made() {
    MethodDef def = own();
    if (!may_tunnel(def)) return def;
    add_tunnel_params(def);
    def.run = run;
    def.passes = passes;
    def.idle = idle;
    return def;
  }
};

}  // namespace weightroom::explain
