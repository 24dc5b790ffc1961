#include "explain/visualise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/rng.h"
#include "explain/jiggle.h"
#include "explain/whole_pass.h"

namespace weightroom::explain {
namespace {

// The node's output of one sample as (channels, places).
struct Sample {
  std::span<const float> values;
  std::size_t channels;
  std::size_t places;
};
Sample sample_of(nn::ConstTensor output, int sample) {
  const std::size_t size = output.shape.sample_size();
  const auto channels = static_cast<std::size_t>(output.shape.c());
  return {std::span(output.data + static_cast<std::ptrdiff_t>(size) * sample, size), channels, size / channels};
}

std::vector<double> gram(const Sample& a) {
  std::vector<double> g(a.channels * a.channels);
  for (std::size_t i = 0; i < a.channels; ++i) {
    for (std::size_t j = i; j < a.channels; ++j) {
      double sum = 0.0;
      for (std::size_t p = 0; p < a.places; ++p)
        sum += static_cast<double>(a.values[i * a.places + p]) * static_cast<double>(a.values[j * a.places + p]);
      g[i * a.channels + j] = g[j * a.channels + i] = sum;
    }
  }
  double length = 0.0;
  for (const double v : g) length += v * v;
  length = std::sqrt(std::max(length, 1e-30));
  for (double& v : g) v /= length;
  g.push_back(length);
  return g;
}

// Adds - weight * d (mean over pairs of the cosine of their Gram matrices) / d output to d_output, (N, sample).
void drive_apart(nn::ConstTensor output, double weight, std::span<float> d_output) {
  const int count = output.shape[0];
  std::vector<std::vector<double>> grams;
  for (int n = 0; n < count; ++n) grams.push_back(gram(sample_of(output, n)));
  for (int n = 0; n < count; ++n) {
    const Sample a = sample_of(output, n);
    const auto& own = grams[static_cast<std::size_t>(n)];
    const std::size_t size = a.channels * a.channels;
    std::vector<double> d_gram(size, 0.0);
    for (int m = 0; m < count; ++m) {
      if (m == n) continue;
      const auto& other = grams[static_cast<std::size_t>(m)];
      double cosine = 0.0;
      for (std::size_t i = 0; i < size; ++i) cosine += own[i] * other[i];
      for (std::size_t i = 0; i < size; ++i) d_gram[i] += (other[i] - cosine * own[i]) / own[size];
    }
    const double share = weight * 2.0 / (count * std::max(1, count - 1));
    float* d = d_output.data() + static_cast<std::ptrdiff_t>(a.values.size()) * n;
    for (std::size_t i = 0; i < a.channels; ++i) {
      for (std::size_t p = 0; p < a.places; ++p) {
        double sum = 0.0;
        for (std::size_t j = 0; j < a.channels; ++j)
          sum += d_gram[i * a.channels + j] * static_cast<double>(a.values[j * a.places + p]);
        d[i * a.places + p] -= static_cast<float>(2.0 * share * sum);
      }
    }
  }
}

// d (mean value of the unit over the pictures, less how alike their maps are) / d output of its node, (N, sample).
std::vector<float> uphill(const nn::Session& session, Unit unit, double diversity) {
  const nn::ConstTensor output = session.activation(unit.node);
  const int count = output.shape[0];
  const std::size_t each = output.shape.sample_size();
  const std::size_t places = each / static_cast<std::size_t>(output.shape.c());
  std::vector<float> seed(each * static_cast<std::size_t>(count), 0.0F);
  double reached = 0.0;
  for (int n = 0; n < count; ++n) {
    const std::size_t first = each * static_cast<std::size_t>(n) + places * static_cast<std::size_t>(unit.channel);
    reached += std::fabs(unit_value(session, unit, n)) / count;
    if (unit.y >= 0) {
      seed[first + static_cast<std::size_t>(unit.y * output.shape.w() + unit.x)] = 1.0F;
    } else {
      std::fill_n(seed.begin() + static_cast<std::ptrdiff_t>(first), places, 1.0F / static_cast<float>(places));
    }
  }
  if (count > 1 && diversity > 0.0) drive_apart(output, diversity * std::max(reached, 1e-3) * count, seed);
  return seed;
}

}  // namespace

int before_kinks(const nn::Graph& graph, int node) {
  const nn::Node* at = &graph.nodes()[static_cast<std::size_t>(node)];
  while (at->op != nullptr && at->op->traits.pieces != nullptr) {
    node = at->inputs[0];
    at = &graph.nodes()[static_cast<std::size_t>(node)];
  }
  return node;
}

double unit_value(const nn::Session& session, Unit unit, int sample) {
  const Sample a = sample_of(session.activation(unit.node), sample);
  const auto map = a.values.subspan(static_cast<std::size_t>(unit.channel) * a.places, a.places);
  const nn::Shape shape = session.activation(unit.node).shape;
  if (unit.y >= 0) return static_cast<double>(map[static_cast<std::size_t>(unit.y * shape.w() + unit.x)]);
  double sum = 0.0;
  for (const float v : map) sum += static_cast<double>(v);
  return sum / static_cast<double>(a.places);
}

base::Task visualise(nn::Session& session, const nn::Preprocessing& reading, Unit unit, VisualiseOptions options,
                     Visualised& out, double& progress) {
  const nn::Graph& graph = session.graph();
  const nn::Shape shape = graph.spec().input;
  const int count = session.batch();
  const std::size_t size = shape.size();
  std::vector<FourierPicture> pictures;
  for (int n = 0; n < count; ++n) pictures.emplace_back(shape, reading, options.seed, static_cast<std::uint64_t>(n));
  std::vector<float> grey;
  for (int c = 0; c < shape[0]; ++c) {
    const auto i = static_cast<std::size_t>(c);
    grey.push_back((0.5F - reading.mean[i]) / reading.std[i]);
  }
  out.pictures.assign(static_cast<std::size_t>(count), std::vector<float>(size));
  out.values.assign(static_cast<std::size_t>(count), 0.0);
  std::vector<float> moved(size * static_cast<std::size_t>(count));
  std::vector<float> d_picture(size);
  Forward forward(session);
  for (int step = 0; step <= options.steps; ++step) {
    // As they are shown.
    for (int n = 0; n < count; ++n) {
      auto& picture = out.pictures[static_cast<std::size_t>(n)];
      pictures[static_cast<std::size_t>(n)].show(picture);
      std::ranges::copy(picture, moved.begin() + static_cast<std::ptrdiff_t>(size) * n);
    }
    const bool last = step == options.steps;
    if (last || options.jitter == 0.0 || step % 16 == 0) {
      session.set_input(moved);
      co_await Whole{forward};
      double sum = 0.0;
      for (int n = 0; n < count; ++n) sum += out.values[static_cast<std::size_t>(n)] = unit_value(session, unit, n);
      out.history.push_back(sum / count);
      out.steps = step;
    }
    progress = static_cast<double>(step) / std::max(1, options.steps);
    if (last) break;
    // As they are looked at: a little moved, another way each time, so that no single pixel is worth much.
    base::Rng rng(options.seed, "jiggle", static_cast<std::uint64_t>(step));
    std::vector<Jiggle> jiggles;
    for (int n = 0; n < count; ++n) {
      jiggles.emplace_back(shape, options.jitter, rng);
      if (options.jitter > 0.0)
        jiggles.back().apply(out.pictures[static_cast<std::size_t>(n)], grey,
                             std::span(moved).subspan(size * static_cast<std::size_t>(n), size));
    }
    session.set_input(moved);
    co_await Whole{forward};
    const std::vector<float> seed = uphill(session, unit, options.diversity);
    nn::BackwardRequest request;
    request.from = unit.node;
    request.d_from = seed;
    Backward backward(session, request);
    co_await Whole{backward};
    const auto d_input = session.d_activation(0).values();
    for (int n = 0; n < count; ++n) {
      const auto own = d_input.subspan(size * static_cast<std::size_t>(n), size);
      if (options.jitter > 0.0) {
        jiggles[static_cast<std::size_t>(n)].apply_back(own, d_picture);
        pictures[static_cast<std::size_t>(n)].climb(d_picture, options.rate);
      } else {
        pictures[static_cast<std::size_t>(n)].climb(own, options.rate);
      }
      co_await base::Pause{};
    }
  }
}

}  // namespace weightroom::explain
