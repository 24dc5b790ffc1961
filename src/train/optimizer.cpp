#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace weightroom::train {
namespace {

constexpr std::size_t kPieceFloats = 16384;

struct Pointers {
  const float* gradient;
  float* weight;
  float* first;
  float* second;
};

void step_sgd(const Pointers& at, std::size_t n, float rate, float decay, float momentum, bool nesterov) {
  for (std::size_t i = 0; i < n; ++i) {
    const float g = at.gradient[i] + decay * at.weight[i];
    const float v = momentum * at.first[i] + g;
    at.first[i] = v;
    at.weight[i] -= rate * (nesterov ? g + momentum * v : v);
  }
}

struct AdamFactors {
  float beta1, beta2, keep, rate, second_scale;
};

void step_adamw(const Pointers& at, std::size_t n, const AdamFactors& f) {
  for (std::size_t i = 0; i < n; ++i) {
    const float g = at.gradient[i];
    const float m = f.beta1 * at.first[i] + (1.0F - f.beta1) * g;
    const float v = f.beta2 * at.second[i] + (1.0F - f.beta2) * g * g;
    at.first[i] = m;
    at.second[i] = v;
    at.weight[i] = f.keep * at.weight[i] - f.rate * m / (std::sqrt(v) * f.second_scale + 1e-8F);
  }
}

}  // namespace

std::vector<Piece> pieces_of(const nn::Graph& graph, const std::vector<bool>& tensors) {
  std::vector<Piece> pieces;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const nn::GraphWeight& weight = graph.weights()[t];
    if (!tensors[t]) continue;
    const std::size_t size = weight.shape.size();
    for (std::size_t done = 0; done < size; done += kPieceFloats) {
      pieces.push_back({weight.offset + done, std::min(kPieceFloats, size - done), weight.decays});
    }
  }
  return pieces;
}

void optimizer_step(const OptimizerOptions& options, const Piece& piece, double rate, long long step,
                    std::span<const float> gradient, std::span<float> weights, Moments& moments) {
  CHECK(step >= 1);
  CHECK(piece.offset + piece.size <= weights.size() && gradient.size() == weights.size());
  const double decay = piece.decays ? options.weight_decay : 0.0;
  Pointers at{gradient.data() + piece.offset, weights.data() + piece.offset, moments.first.data() + piece.offset,
              nullptr};
  if (options.kind == OptimizerKind::sgd) {
    step_sgd(at, piece.size, static_cast<float>(rate), static_cast<float>(decay), static_cast<float>(options.momentum),
             options.nesterov);
    return;
  }
  at.second = moments.second.data() + piece.offset;
  const double count = static_cast<double>(step);
  const double correct1 = 1.0 - base::pow(options.beta1, count);
  const double correct2 = 1.0 - base::pow(options.beta2, count);
  step_adamw(
      at, piece.size,
      {static_cast<float>(options.beta1), static_cast<float>(options.beta2), static_cast<float>(1.0 - rate * decay),
       static_cast<float>(rate / correct1), static_cast<float>(1.0 / std::sqrt(correct2))});
}

}  // namespace weightroom::train
