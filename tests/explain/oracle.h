#pragma once

// What the tests against the double oracle (support/matrix_net.h) share: small random networks with convolutions in
// groups, strides and dilation, batch norm, pools and a shortcut, and what the methods do to pictures, worked out
// plainly.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "run_method.h"
#include "support/matrix_net.h"

namespace weightroom::explain {

using test::Affine;
using test::MatrixNet;
using Values = MatrixNet::Values;
using Rows = std::vector<Values>;

struct Subject {
  test::Net net;
  int target = 0;
  std::vector<double> black;  // (C)
  std::vector<double> white;
};

inline std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const test::Net& net :
       {test::smooth_net(1), test::mixed_net(2), test::chain_net(3), test::chain_net(4, false)}) {
    const auto channels = static_cast<std::size_t>(net.graph->spec().input[0]);
    for (int target : {0, net.graph->class_count() - 1})
      all.push_back({net, target, std::vector<double>(channels, -1.25), std::vector<double>(channels, 1.5)});
  }
  return all;
}

inline bool has_op(const test::Net& net, std::string_view op) {
  return std::ranges::any_of(net.graph->nodes(),
                             [&](const nn::Node& n) { return n.op != nullptr && n.op->name == op; });
}

inline Values widen(const std::vector<float>& values) { return {values.begin(), values.end()}; }

// What a test needs of a subject, in double.
struct Plain {
  explicit Plain(const Subject& s)
      : subject(s), net(*s.net.graph, s.net.weights), x(widen(s.net.input)), plane(x.size() / s.black.size()) {}

  [[nodiscard]] double f(const Values& at) const { return net.logit(at, subject.target); }
  [[nodiscard]] Values gradient(const Values& at) const { return net.gradient(at, subject.target); }
  [[nodiscard]] Values black() const {
    Values out(x.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = subject.black[i / plane];
    return out;
  }

  const Subject& subject;
  MatrixNet net;
  Values x;
  std::size_t plane;  // H W
};

inline Explanation engine(const std::string& name, const Subject& s, const Params& params = {}, int layer = -1) {
  nn::Session session = s.net.session();
  MethodInput input = input_of(name, session, s.net, s.target, params, layer, {s.black.begin(), s.black.end()});
  input.white.assign(s.white.begin(), s.white.end());
  MapJob job(*find_method(name), std::move(input));
  while (!job.step(base::Budget::unlimited())) {
  }
  return job.result();
}

inline void expect_near(const std::vector<float>& found, const Values& expected, double tolerance,
                        const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double largest = 0.0;
  for (double value : expected) largest = std::max(largest, std::fabs(value));
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(static_cast<double>(found[i]), expected[i], tolerance * largest + 1e-12) << what << ", " << i;
}

// Gaussian weights cut off at four sigmas; a picture blurred as one double sum, the outermost pixel mirrored or nothing
// beyond the edge.
inline Values blurred(const Values& x, const nn::Shape& shape, double sigma, bool mirror) {
  if (sigma == 0.0) return x;
  const int radius = static_cast<int>(4.0 * sigma + 0.5);
  const auto weight = [&](int k) { return std::exp(-0.5 * k * k / (sigma * sigma)); };
  double total = 0.0;
  for (int k = -radius; k <= radius; ++k) total += weight(k);
  const auto index = [&](int i, int n) {
    if (i >= 0 && i < n) return i;
    if (!mirror) return -1;
    while (i < 0 || i >= n) i = i < 0 ? -1 - i : 2 * n - 1 - i;
    return i;
  };
  Values out(x.size(), 0.0);
  for (int c = 0; c < shape[0]; ++c) {
    for (int y = 0; y < shape[1]; ++y) {
      for (int col = 0; col < shape[2]; ++col) {
        double sum = 0.0;
        for (int dy = -radius; dy <= radius; ++dy) {
          for (int dx = -radius; dx <= radius; ++dx) {
            const int sy = index(y + dy, shape[1]);
            const int sx = index(col + dx, shape[2]);
            if (sy < 0 || sx < 0) continue;
            sum += weight(dy) * weight(dx) * x[static_cast<std::size_t>((c * shape[1] + sy) * shape[2] + sx)];
          }
        }
        out[static_cast<std::size_t>((c * shape[1] + y) * shape[2] + col)] = sum / (total * total);
      }
    }
  }
  return out;
}

// By name: black, mean, blurred, noise.
inline Values baseline(const Plain& plain, int kind, std::uint64_t seed, std::uint64_t index = 0) {
  const nn::Shape& shape = plain.subject.net.graph->spec().input;
  Values out = plain.black();
  if (kind == 1) {
    for (std::size_t c = 0; c < out.size(); c += plain.plane) {
      double sum = 0.0;
      for (std::size_t i = 0; i < plain.plane; ++i) sum += plain.x[c + i];
      for (std::size_t i = 0; i < plain.plane; ++i) out[c + i] = sum / static_cast<double>(plain.plane);
    }
  } else if (kind == 2) {
    out = blurred(plain.x, shape, 0.125 * std::max(shape[1], shape[2]), true);
  } else if (kind == 3) {
    base::Rng rng(seed, "baseline", index);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = rng.uniform(plain.subject.black[i / plain.plane], plain.subject.white[i / plain.plane]);
  }
  return out;
}

// (h,w) to (height,width): half-pixel centres, bilinear, edges clamped.
inline Values enlarge(std::span<const double> map, int h, int w, int height, int width) {
  Values out;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double fy = std::clamp((y + 0.5) * h / height - 0.5, 0.0, h - 1.0);
      const double fx = std::clamp((x + 0.5) * w / width - 0.5, 0.0, w - 1.0);
      const int y0 = static_cast<int>(fy), x0 = static_cast<int>(fx);
      const int y1 = std::min(y0 + 1, h - 1), x1 = std::min(x0 + 1, w - 1);
      const auto at = [&](int row, int column) { return map[static_cast<std::size_t>(row * w + column)]; };
      out.push_back((1 - (fy - y0)) * ((1 - (fx - x0)) * at(y0, x0) + (fx - x0) * at(y0, x1)) +
                    (fy - y0) * ((1 - (fx - x0)) * at(y1, x0) + (fx - x0) * at(y1, x1)));
    }
  }
  return out;
}

}  // namespace weightroom::explain
