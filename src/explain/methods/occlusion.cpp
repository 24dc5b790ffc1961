// occlusion: a window of baseline slides over the picture; each pixel gets the mean over the windows that cover it of
// the score that is lost (Zeiler and Fergus 2013; averaged by coverage, as Captum does it).
#include <algorithm>

#include <strings/method.h>
#include <strings/param.h>

#include "explain/baseline.h"
#include "explain/pass.h"

namespace weightroom::explain {
namespace {

// Where windows begin along an axis: every `stride` pixels until one reaches the end.
struct Axis {
  int extent;
  int window;
  int stride;

  Axis(const Setting& setting, int length) : extent(length) {
    const int given = setting.count("window");
    window = std::clamp(given > 0 ? given : (length + 7) / 8, 1, length);
    const int step = setting.count("stride");
    // Gaps between windows would stay unseen.
    stride = std::clamp(step > 0 ? step : (window + 1) / 2, 1, window);
  }
  [[nodiscard]] int count() const { return (extent - window + stride - 1) / stride + 1; }
  [[nodiscard]] int begin(int i) const { return i * stride; }
  [[nodiscard]] int end(int i) const { return std::min(i * stride + window, extent); }
};

base::Task run(const MethodInput& input, MethodOutput& output) {
  TargetPass pass(input.session, input.target);
  const nn::Shape& shape = input.graph().spec().input;
  const Axis down(input.setting(), shape[1]);
  const Axis across(input.setting(), shape[2]);
  const std::vector<float> baseline = baseline_of(input);
  const auto score = static_cast<double>(co_await pass.logit(input.input));
  const auto width = static_cast<std::size_t>(shape[2]);
  const std::size_t plane = width * static_cast<std::size_t>(shape[1]);
  std::vector<double> lost(plane, 0.0);
  std::vector<double> windows(plane, 0.0);
  std::vector<float> hidden = input.input;
  const double count = static_cast<double>(down.count()) * across.count();
  double done = 0.0;
  for (int i = 0; i < down.count(); ++i) {
    for (int j = 0; j < across.count(); ++j) {
      const auto each = [&](const auto& visit) {
        for (int y = down.begin(i); y < down.end(i); ++y) {
          for (int x = across.begin(j); x < across.end(j); ++x)
            visit(static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x));
        }
      };
      const auto lay = [&](const std::vector<float>& values) {
        each([&](std::size_t at) {
          for (; at < values.size(); at += plane) hidden[at] = values[at];
        });
      };
      lay(baseline);
      const double difference = score - static_cast<double>(co_await pass.logit(hidden));
      lay(input.input);
      each([&](std::size_t at) {
        lost[at] += difference;
        windows[at] += 1.0;
        output.explanation.attribution.values[at] = static_cast<float>(lost[at] / windows[at]);
      });
      output.progress = ++done / count;
    }
  }
}

double passes(const Setting& setting) {
  const nn::Shape& shape = setting.graph.spec().input;
  return 1.0 + static_cast<double>(Axis(setting, shape[1]).count()) * Axis(setting, shape[2]).count();
}

}  // namespace

MethodDef occlusion_method() {
  return {.name = "occlusion",
          .title = text::method_occlusion_title,
          .plain = text::method_occlusion_plain,
          .summary = text::method_occlusion_summary,
          .paper = "Zeiler, Fergus: Visualizing and understanding convolutional networks, 2013",
          .family = Family::perturbation,
          .first = true,
          .params = {{"window", text::param_window, text::param_window_help, 0.0, 512.0, 0.0, true,
                      text::param_eighth_of_the_picture},
                     {"stride", text::param_stride, text::param_stride_help, 0.0, 512.0, 0.0, true,
                      text::param_half_of_the_cover},
                     baseline_param()},
          .axioms = {.implementation = true, .linear = true},
          .colours = text::method_colours_cover,
          .size = MapSize::pixels,
          .passes = passes,
          .run = run};
}

}  // namespace weightroom::explain
