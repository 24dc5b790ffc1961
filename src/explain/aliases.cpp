#include "explain/aliases.h"

#include <algorithm>

namespace weightroom::explain {
namespace {

constexpr std::string_view kCaptum = "Captum";
constexpr std::string_view kCam = "pytorch-grad-cam";

// Without capitals and without what only parts words; "++" is a word.
std::string plain(std::string_view name) {
  std::string out;
  for (const char ch : name) {
    if (ch == '_' || ch == '-' || ch == ' ') continue;
    if (ch == '+')
      out += "plus";
    else
      out += ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
  }
  return out;
}

}  // namespace

std::span<const Alias> aliases() {
  static constexpr Alias kAll[] = {
      {"Saliency", kCaptum, "gradient"},
      {"InputXGradient", kCaptum, "gradient_x_input"},
      {"NoiseTunnel", kCaptum, "smoothgrad"},
      {"SmoothGradSq", kCaptum, "smoothgrad_squared"},
      {"IntegratedGradients", kCaptum, "integrated_gradients"},
      {"GradientShap", kCaptum, "gradient_shap"},
      {"GuidedBackprop", kCaptum, "guided_backprop"},
      {"Deconvolution", kCaptum, "deconvnet"},
      {"GuidedGradCam", kCaptum, "guided_grad_cam"},
      {"Occlusion", kCaptum, "occlusion"},
      {"Lime", kCaptum, "lime"},
      {"KernelShap", kCaptum, "kernel_shap"},
      {"LRP", kCaptum, "lrp"},
      {"DeepLift", kCaptum, "deep_lift"},
      {"LayerGradCam", kCaptum, "grad_cam"},
      {"LayerGradientXActivation", kCaptum, "gradient_x_input", true, true},
      {"LayerIntegratedGradients", kCaptum, "integrated_gradients", true, true},
      {"LayerDeepLift", kCaptum, "deep_lift", true, true},
      {"LayerGradientShap", kCaptum, "gradient_shap", true, true},
      {"LayerLRP", kCaptum, "lrp", true, true},
      {"DeepLiftShap", kCaptum, "deep_lift", false},
      {"FeatureAblation", kCaptum, "occlusion", false},
      {"FeaturePermutation", kCaptum, "occlusion", false},
      {"ShapleyValueSampling", kCaptum, "kernel_shap", false},
      {"ShapleyValues", kCaptum, "kernel_shap", false},
      {"LayerActivation", kCaptum, "gradient_x_input", false},
      {"LayerConductance", kCaptum, "integrated_gradients", false},
      {"InternalInfluence", kCaptum, "integrated_gradients", false},
      {"LayerDeepLiftShap", kCaptum, "deep_lift", false},
      {"LayerFeatureAblation", kCaptum, "ablation_cam", false},
      {"NeuronGradient", kCaptum, "gradient", false},
      {"NeuronConductance", kCaptum, "integrated_gradients", false},
      {"NeuronIntegratedGradients", kCaptum, "integrated_gradients", false},
      {"NeuronGuidedBackprop", kCaptum, "guided_backprop", false},
      {"NeuronDeconvolution", kCaptum, "deconvnet", false},
      {"NeuronDeepLift", kCaptum, "deep_lift", false},
      {"NeuronGradientShap", kCaptum, "gradient_shap", false},
      {"NeuronFeatureAblation", kCaptum, "occlusion", false},
      {"GradCAM", kCam, "grad_cam"},
      {"GradCAMPlusPlus", kCam, "grad_cam_plus_plus"},
      {"HiResCAM", kCam, "hires_cam"},
      {"XGradCAM", kCam, "xgrad_cam"},
      {"LayerCAM", kCam, "layer_cam"},
      {"ScoreCAM", kCam, "score_cam"},
      {"AblationCAM", kCam, "ablation_cam"},
      {"GuidedBackpropReLUModel", kCam, "guided_backprop"},
      {"GradCAMElementWise", kCam, "layer_cam", false},
      {"EigenCAM", kCam, "grad_cam", false},
      {"EigenGradCAM", kCam, "grad_cam", false},
      {"KPCA_CAM", kCam, "grad_cam", false},
      {"FEM", kCam, "grad_cam", false},
      {"FinerCAM", kCam, "grad_cam", false},
      {"ShapleyCAM", kCam, "grad_cam", false},
      {"RandomCAM", kCam, "score_cam", false},
      {"FullGrad", kCam, "gradient_x_input", false},
      {"DeepFeatureFactorization", kCam, "grad_cam", false},
  };
  return kAll;
}

const Alias* alias_called(std::string_view name) {
  const std::string wanted = plain(name);
  const auto own = [&](const MethodDef& method) { return plain(method.name) == wanted; };
  if (std::ranges::any_of(methods(), own)) return nullptr;
  const auto at = std::ranges::find_if(aliases(), [&](const Alias& alias) { return plain(alias.name) == wanted; });
  return at == aliases().end() ? nullptr : &*at;
}

const MethodDef* method_called(std::string_view name) {
  const std::string wanted = plain(name);
  const auto own =
      std::ranges::find_if(methods(), [&](const MethodDef& method) { return plain(method.name) == wanted; });
  if (own != methods().end()) return &*own;
  const Alias* alias = alias_called(name);
  return alias == nullptr || !alias->ours ? nullptr : find_method(alias->method);
}

}  // namespace weightroom::explain
