#include "train/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::train {

int mirrored_index(int i, int n) {
  if (n == 1) return 0;
  const int period = 2 * (n - 1);
  i %= period;
  if (i < 0) i += period;
  return i < n ? i : period - i;
}

namespace {

void shift_and_flip(std::span<const std::uint8_t> picture, const Extents& e, int dy, int dx, bool flip,
                    std::span<float> out) {
  float* to = out.data();
  for (int c = 0; c < e.channels; ++c) {
    for (int y = 0; y < e.height; ++y) {
      const std::uint8_t* row =
          picture.data() + static_cast<std::ptrdiff_t>(c * e.height + mirrored_index(y + dy, e.height)) * e.width;
      for (int x = 0; x < e.width; ++x) {
        *to++ = static_cast<float>(row[mirrored_index((flip ? e.width - 1 - x : x) + dx, e.width)]);
      }
    }
  }
}

// From a place in the result to a place in the picture, both from the centre in pixels: x' = xx x + xy y + x0.
struct Affine {
  float xx, xy, x0, yx, yy, y0;
};

void resample(std::span<const std::uint8_t> picture, const Extents& e, const Affine& map, std::span<float> out) {
  const float cx = static_cast<float>(e.width - 1) * 0.5F;
  const float cy = static_cast<float>(e.height - 1) * 0.5F;
  const std::size_t plane = static_cast<std::size_t>(e.height) * static_cast<std::size_t>(e.width);
  std::size_t at = 0;
  for (int y = 0; y < e.height; ++y) {
    for (int x = 0; x < e.width; ++x, ++at) {
      const float u = static_cast<float>(x) - cx;
      const float v = static_cast<float>(y) - cy;
      const float sx = map.xx * u + map.xy * v + map.x0 + cx;
      const float sy = map.yx * u + map.yy * v + map.y0 + cy;
      const float left = std::floor(sx);
      const float top = std::floor(sy);
      const float fx = sx - left;
      const float fy = sy - top;
      const int x0 = mirrored_index(static_cast<int>(left), e.width);
      const int x1 = mirrored_index(static_cast<int>(left) + 1, e.width);
      const int y0 = mirrored_index(static_cast<int>(top), e.height) * e.width;
      const int y1 = mirrored_index(static_cast<int>(top) + 1, e.height) * e.width;
      for (int c = 0; c < e.channels; ++c) {
        const std::uint8_t* p = picture.data() + static_cast<std::size_t>(c) * plane;
        const float upper = static_cast<float>(p[y0 + x0]) * (1.0F - fx) + static_cast<float>(p[y0 + x1]) * fx;
        const float lower = static_cast<float>(p[y1 + x0]) * (1.0F - fx) + static_cast<float>(p[y1 + x1]) * fx;
        out[static_cast<std::size_t>(c) * plane + at] = upper * (1.0F - fy) + lower * fy;
      }
    }
  }
}

// A shift that stays within the picture where the window is smaller than it, and may leave it by `crop` pixels.
double draw_shift(base::Rng& rng, double window, int side, int crop) {
  const double slack = std::max(std::abs(1.0 - window) * side * 0.5, static_cast<double>(crop));
  return rng.uniform(-slack, slack);
}

void place(std::span<const std::uint8_t> picture, const Extents& e, const AugmentOptions& o, base::Rng& rng,
           std::span<float> out) {
  const bool flip = o.flip && rng.below(2) == 1;
  const bool bends = o.zoom_min != 1.0 || o.zoom_max != 1.0 || o.aspect > 0.0 || o.rotation > 0.0;
  if (!bends || (o.bend_probability < 1.0 && rng.uniform(0.0, 1.0) >= o.bend_probability)) {
    const auto reach = static_cast<std::uint32_t>(2 * o.crop + 1);
    const int dy = o.crop > 0 ? static_cast<int>(rng.below(reach)) - o.crop : 0;
    const int dx = o.crop > 0 ? static_cast<int>(rng.below(reach)) - o.crop : 0;
    shift_and_flip(picture, e, dy, dx, flip, out);
    return;
  }
  const double zoom = base::exp(rng.uniform(base::log(o.zoom_min), base::log(o.zoom_max)));
  const double stretch = base::exp(rng.uniform(-o.aspect, o.aspect) * 0.5);
  const double wide = zoom * stretch;
  const double high = zoom / stretch;
  const double angle = rng.uniform(-o.rotation, o.rotation) * std::numbers::pi / 180.0;
  const double cosine = base::cos(angle);
  const double sine = base::sin(angle);
  const double mirrored = flip ? -1.0 : 1.0;
  const double x0 = draw_shift(rng, wide, e.width, o.crop);
  const double y0 = draw_shift(rng, high, e.height, o.crop);
  resample(picture, e,
           {static_cast<float>(wide * cosine * mirrored), static_cast<float>(-high * sine), static_cast<float>(x0),
            static_cast<float>(wide * sine * mirrored), static_cast<float>(high * cosine), static_cast<float>(y0)},
           out);
}

float draw_factor(base::Rng& rng, double reach) { return static_cast<float>(rng.uniform(1.0 - reach, 1.0 + reach)); }

void saturate(std::span<float> out, std::size_t plane, float factor) {
  for (std::size_t i = 0; i < plane; ++i) {
    const float grey = 0.299F * out[i] + 0.587F * out[plane + i] + 0.114F * out[2 * plane + i];
    for (std::size_t c = 0; c < 3; ++c) {
      float& value = out[c * plane + i];
      value = (value - grey) * factor + grey;
    }
  }
}

void recolor(const Extents& e, const AugmentOptions& o, base::Rng& rng, std::span<float> out) {
  const std::size_t plane = static_cast<std::size_t>(e.height) * static_cast<std::size_t>(e.width);
  if (o.contrast > 0.0) {
    double sum = 0.0;
    for (const float value : out) sum += static_cast<double>(value);
    const auto mean = static_cast<float>(sum / static_cast<double>(out.size()));
    const float factor = draw_factor(rng, o.contrast);
    for (float& value : out) value = (value - mean) * factor + mean;
  }
  if (o.saturation > 0.0 && e.channels == 3) saturate(out, plane, draw_factor(rng, o.saturation));
  if (o.brightness > 0.0) {
    const float factor = draw_factor(rng, o.brightness);
    for (float& value : out) value *= factor;
  }
  if (o.color > 0.0) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(e.channels); ++c) {
      const float factor = draw_factor(rng, o.color);
      for (float& value : out.subspan(c * plane, plane)) value *= factor;
    }
  }
  if (o.offset > 0.0) {
    const auto added = static_cast<float>(rng.uniform(-o.offset, o.offset) * 255.0);
    for (float& value : out) value += added;
  }
  // A photograph has no values outside these; the net should not learn to expect them.
  for (float& value : out) value = std::clamp(value, 0.0F, 255.0F);
}

void cut_out(const Extents& e, int side, base::Rng& rng, std::span<float> out) {
  const int cy = static_cast<int>(rng.below(static_cast<std::uint32_t>(e.height)));
  const int cx = static_cast<int>(rng.below(static_cast<std::uint32_t>(e.width)));
  const int top = std::max(0, cy - side / 2);
  const int left = std::max(0, cx - side / 2);
  const int bottom = std::min(e.height, cy - side / 2 + side);
  const int right = std::min(e.width, cx - side / 2 + side);
  for (int c = 0; c < e.channels; ++c) {
    for (int y = top; y < bottom; ++y) {
      float* row = out.data() + static_cast<std::ptrdiff_t>(c * e.height + y) * e.width;
      std::fill(row + left, row + right, 0.0F);  // the set's mean, once normalised
    }
  }
}

void normalise_plane(std::span<float> plane, float mean, float std) {
  for (float& value : plane) value = (value / 255.0F - mean) / std;
}

}  // namespace

void augment(std::span<const std::uint8_t> picture, const Extents& extents, const AugmentOptions& options,
             const nn::Preprocessing& preprocessing, base::Rng& rng, std::span<float> out) {
  CHECK(picture.size() == extents.size() && out.size() == extents.size());
  place(picture, extents, options, rng, out);
  recolor(extents, options, rng, out);
  const std::size_t plane = extents.size() / static_cast<std::size_t>(extents.channels);
  for (std::size_t c = 0; c < static_cast<std::size_t>(extents.channels); ++c) {
    normalise_plane(out.subspan(c * plane, plane), preprocessing.mean[c], preprocessing.std[c]);
  }
  if (options.cutout > 0) cut_out(extents, options.cutout, rng, out);
}

void normalise(std::span<const std::uint8_t> picture, const Extents& extents, const nn::Preprocessing& preprocessing,
               std::span<float> out) {
  CHECK(picture.size() == extents.size() && out.size() == extents.size());
  const std::size_t plane = extents.size() / static_cast<std::size_t>(extents.channels);
  for (std::size_t c = 0; c < static_cast<std::size_t>(extents.channels); ++c) {
    const std::size_t colour = extents.channels == 3 ? preprocessing.colour(c) : c;
    const auto from = picture.subspan(colour * plane, plane);
    for (std::size_t i = 0; i < plane; ++i) out[c * plane + i] = static_cast<float>(from[i]);
    normalise_plane(out.subspan(c * plane, plane), preprocessing.mean[c], preprocessing.std[c]);
  }
}

}  // namespace weightroom::train
