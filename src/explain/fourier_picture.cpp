#include "explain/fourier_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/math.h"
#include "base/rng.h"

namespace weightroom::explain {
namespace {

constexpr double kSpread = 0.01;  // of the first coefficients

// Lucid's: how the colours of photographs vary together, each column over the largest column's length.
constexpr std::array<std::array<double, 3>, 3> kColours{{{0.26, 0.09, 0.02}, {0.27, 0.0, -0.05}, {0.27, -0.09, 0.03}}};
const double kColourLength = std::sqrt(0.26 * 0.26 + 0.27 * 0.27 + 0.27 * 0.27);

// Orthonormal rows 1, cos, sin, cos, sin ... over n places: basis[k * n + x].
std::vector<double> fourier_basis(int n) {
  std::vector<double> basis(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  for (int k = 0; k < n; ++k) {
    const int frequency = (k + 1) / 2;
    const bool alone = k == 0 || (n % 2 == 0 && k == n - 1);  // without a partner: the mean, and the finest of all
    for (int x = 0; x < n; ++x) {
      const double angle = 2.0 * std::numbers::pi * frequency * x / n;
      const double wave = k % 2 == 0 && k > 0 ? base::sin(angle) : base::cos(angle);
      basis[static_cast<std::size_t>(k * n + x)] = wave * std::sqrt((alone ? 1.0 : 2.0) / n);
    }
  }
  return basis;
}

double frequency_of(int k, int n) { return static_cast<double>((k + 1) / 2) / n; }

// out(k) = sum over x of basis(k,x) in(x), or back, along one axis of planes (outer, n, inner).
void along_axis(std::vector<double>& planes, const std::vector<double>& basis, int n, std::size_t inner, bool back) {
  const std::size_t outer = planes.size() / (static_cast<std::size_t>(n) * inner);
  std::vector<double> line(static_cast<std::size_t>(n) * inner);
  for (std::size_t o = 0; o < outer; ++o) {
    double* at = planes.data() + o * static_cast<std::size_t>(n) * inner;
    std::ranges::fill(line, 0.0);
    for (int k = 0; k < n; ++k) {
      for (int x = 0; x < n; ++x) {
        const double w = basis[static_cast<std::size_t>(back ? x * n + k : k * n + x)];
        const double* from = at + static_cast<std::size_t>(x) * inner;
        double* to = line.data() + static_cast<std::size_t>(k) * inner;
        for (std::size_t i = 0; i < inner; ++i) to[i] += w * from[i];
      }
    }
    std::copy(line.begin(), line.end(), at);
  }
}

}  // namespace

FourierPicture::FourierPicture(const nn::Shape& shape, const nn::Preprocessing& reading, std::uint64_t seed,
                               std::uint64_t index)
    : shape_(shape),
      reading_(reading),
      rows_(fourier_basis(shape[1])),
      columns_(fourier_basis(shape[2])),
      values_(shape.size()),
      level_(shape.size()),
      mean_(shape.size(), 0.0),
      square_(shape.size(), 0.0) {
  const double least = 1.0 / std::max(shape[1], shape[2]);
  // As coefficients of an orthonormal basis have them, and then so that a step of Adam is of the same size for every
  // extent of pictures.
  const double size = std::sqrt(static_cast<double>(shape[1]) * shape[2]);
  for (int k = 0; k < shape[1]; ++k) {
    for (int l = 0; l < shape[2]; ++l) {
      const double fy = frequency_of(k, shape[1]);
      const double fx = frequency_of(l, shape[2]);
      scale_.push_back(size / 16.0 * least / std::max(std::sqrt(fy * fy + fx * fx), least));
    }
  }
  base::Rng rng(seed, "visualise", index);
  for (double& value : values_) value = kSpread * rng.normal();
}

void FourierPicture::mix_colours(std::vector<double>& planes, bool back) const {
  if (shape_[0] != 3) return;
  const std::size_t plane = planes.size() / 3;
  for (std::size_t i = 0; i < plane; ++i) {
    const std::array<double, 3> from{planes[i], planes[plane + i], planes[2 * plane + i]};
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = 0.0;
      for (std::size_t k = 0; k < 3; ++k) {
        // The channel of the tensor is a colour; the coefficients are of brightness first.
        const double m = back ? kColours[reading_.colour(k)][c] : kColours[reading_.colour(c)][k];
        sum += m / kColourLength * from[k];
      }
      planes[c * plane + i] = sum;
    }
  }
}

void FourierPicture::to_picture(std::vector<double>& planes) const {
  const std::size_t plane = scale_.size();
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i] *= scale_[i % plane];
  along_axis(planes, rows_, shape_[1], static_cast<std::size_t>(shape_[2]), true);
  along_axis(planes, columns_, shape_[2], 1, true);
  mix_colours(planes, false);
}

void FourierPicture::to_coefficients(std::vector<double>& planes) const {
  mix_colours(planes, true);
  along_axis(planes, columns_, shape_[2], 1, false);
  along_axis(planes, rows_, shape_[1], static_cast<std::size_t>(shape_[2]), false);
  const std::size_t plane = scale_.size();
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i] *= scale_[i % plane];
}

void FourierPicture::show(std::span<float> picture) {
  std::vector<double> planes = values_;
  to_picture(planes);
  const std::size_t plane = scale_.size();
  for (std::size_t i = 0; i < planes.size(); ++i) {
    level_[i] = 1.0 / (1.0 + base::exp(-planes[i]));
    const std::size_t c = i / plane;
    picture[i] =
        static_cast<float>((level_[i] - static_cast<double>(reading_.mean[c])) / static_cast<double>(reading_.std[c]));
  }
}

void FourierPicture::climb(std::span<const float> d_picture, double rate) {
  constexpr double kKeep = 0.9;
  constexpr double kKeepSquare = 0.999;
  const std::size_t plane = scale_.size();
  std::vector<double> d(d_picture.size());
  for (std::size_t i = 0; i < d.size(); ++i)
    d[i] = static_cast<double>(d_picture[i]) / static_cast<double>(reading_.std[i / plane]) * level_[i] *
           (1.0 - level_[i]);
  to_coefficients(d);
  ++steps_;
  const double first = 1.0 - base::pow(kKeep, steps_);
  const double second = 1.0 - base::pow(kKeepSquare, steps_);
  for (std::size_t i = 0; i < d.size(); ++i) {
    mean_[i] = kKeep * mean_[i] + (1.0 - kKeep) * d[i];
    square_[i] = kKeepSquare * square_[i] + (1.0 - kKeepSquare) * d[i] * d[i];
    values_[i] += rate * (mean_[i] / first) / (std::sqrt(square_[i] / second) + 1e-12);
  }
}

}  // namespace weightroom::explain
