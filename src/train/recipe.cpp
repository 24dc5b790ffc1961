#include "train/recipe.h"

#include <cmath>
#include <type_traits>

#include <strings/recipe.h>

#include "base/decimal.h"

namespace weightroom::train {
namespace {

struct Range {
  const char* name;
  double value;
  double low;
  double high;
};

Status check_ranges(const Recipe& r) {
  const OptimizerOptions& o = r.optimizer;
  const AugmentOptions& a = r.augment;
  const Range ranges[] = {
      {"epochs", static_cast<double>(r.epochs), 1, 100000},
      {"chunk", static_cast<double>(r.chunk), 1, 4096},
      {"batch", static_cast<double>(r.batch), 1, 65536},
      {"learning_rate", o.learning_rate, 0, 1000},
      {"momentum", o.momentum, 0, 0.99999},
      {"beta1", o.beta1, 0, 0.99999},
      {"beta2", o.beta2, 0, 0.9999999},
      {"weight_decay", o.weight_decay, 0, 10},
      {"rise", r.schedule.rise, 0, 1},
      {"start_divisor", r.schedule.start_divisor, 1, 1e9},
      {"final_divisor", r.schedule.final_divisor, 1, 1e12},
      {"label_smoothing", r.label_smoothing, 0, 1},
      {"norm_momentum", r.norm_momentum, 1e-6, 1},
      {"ema", r.ema, 0, 0.9999999},
      {"patience", static_cast<double>(r.patience), 0, 100000},
      {"fine_weight", r.fine_weight, 0, 100},
      {"calm_epochs", static_cast<double>(r.calm_epochs), 0, 100000},
      {"rounding_epochs", static_cast<double>(r.rounding_epochs), 0, 100000},
      {"none_share", r.none_share, 0, 0.5},
      {"teacher_weight", r.teacher_weight, 0, 1},
      {"temperature", r.temperature, 0.05, 100},
      {"crop", static_cast<double>(a.crop), 0, 1024},
      {"zoom_min", a.zoom_min, 0.1, 4},
      {"zoom_max", a.zoom_max, a.zoom_min, 4},
      {"aspect", a.aspect, 0, 2},
      {"rotation", a.rotation, 0, 180},
      {"bend_probability", a.bend_probability, 0, 1},
      {"brightness", a.brightness, 0, 1},
      {"contrast", a.contrast, 0, 1},
      {"saturation", a.saturation, 0, 1},
      {"color", a.color, 0, 1},
      {"offset", a.offset, 0, 1},
      {"cutout", static_cast<double>(a.cutout), 0, 4096},
      // 0 stands for none; a window of nothing would be no picture.
      {"others_zoom", r.others_zoom, 0, a.zoom_max},
      {"grey", r.degrade.grey, 0, 1},
      {"blur_probability", r.degrade.blur_probability, 0, 1},
      {"blur", r.degrade.blur, 0, 32},
      {"mixup", r.mix.mixup, 0, 8},
      {"cutmix", r.mix.cutmix, 0, 8},
      {"mix_probability", r.mix.probability, 0, 1},
  };
  for (const Range& range : ranges) {
    // Written so that NaN is refused too.
    if (!(range.value >= range.low && range.value <= range.high)) {
      // As a recipe writes numbers.
      return fail(text::recipe_range, {{"field", range.name},
                                       {"value", base::number_text(range.value)},
                                       {"low", base::number_text(range.low)},
                                       {"high", base::number_text(range.high)}});
    }
  }
  return {};
}

}  // namespace

Status check(const Recipe& recipe) {
  if (recipe.net.empty()) return fail(text::recipe_no_net);
  return check_values(recipe);
}

Status check_values(const Recipe& recipe) {
  if (auto ranges = check_ranges(recipe); !ranges) return ranges;
  if (recipe.patience > 0 && recipe.calm_epochs > 0) return fail(text::recipe_patience);
  if (recipe.teachers.empty() != (recipe.teacher_weight == 0.0)) return fail(text::recipe_teachers);
  if (recipe.batch % recipe.chunk != 0)
    return fail(text::recipe_batch, {{"batch", recipe.batch}, {"chunk", recipe.chunk}});
  return {};
}

}  // namespace weightroom::train
