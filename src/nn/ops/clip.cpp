// clip: y = x held between `min` and `max`; a bound that is left out does not bind. ReLU6 is clip from 0 to 6.
#include <limits>
#include <string>

#include <strings/infer.h>
#include <strings/op.h>

#include "nn/ops/unary.h"

namespace weightroom::nn {
namespace {

struct Clip {
  static constexpr std::initializer_list<std::string_view> kAttributes = {"min", "max"};
  double low;
  double high;

  static Result<Clip> read(const Attributes& attributes) {
    constexpr double kNone = std::numeric_limits<double>::infinity();
    Clip clip{-kNone, kNone};
    if (attributes.has("min")) {
      const auto low = read_finite(attributes, "min", 0.0);
      if (!low) return std::unexpected(low.error());
      clip.low = *low;
    }
    if (attributes.has("max")) {
      const auto high = read_finite(attributes, "max", 0.0);
      if (!high) return std::unexpected(high.error());
      clip.high = *high;
    }
    if (clip.low > clip.high) return fail(text::infer_clip);
    return clip;
  }
  // A NaN stays one.
  template <class T>
  [[nodiscard]] T value(T x) const {
    return kernels::within(x, low, high);
  }
  template <class T>
  [[nodiscard]] T slope(T x, T /*y*/) const {
    return kernels::where(kernels::both(x > static_cast<T>(low), x < static_cast<T>(high)), T{1}, T{0});
  }
  static std::uint8_t piece(float x, float y) { return x < y ? 0 : x > y ? 2 : 1; }
};

}  // namespace

OpDef clip_op() {
  OpDef def = Unary<Clip>::op("clip", "Clip", text::op_clip_summary, text::op_clip_words, true);
  def.traits.rectifier = true;
  return def;
}

OpCases clip_cases() {
  const Attributes both{{"min", 0.0}, {"max", 0.75}};
  const Attributes below{{"min", -0.5}};
  return unary_cases({both, below, {}}, {{{"min", 2.0}, {"max", 1.0}}, {{"max", std::string("six")}}});
}

}  // namespace weightroom::nn
