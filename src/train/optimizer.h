#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nn/graph.h"

namespace weightroom::train {

enum class OptimizerKind { sgd, adamw };

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::sgd;
  double learning_rate = 0.1;  // peak of the schedule
  double momentum = 0.9;       // sgd
  bool nesterov = true;        // sgd
  double beta1 = 0.9;          // adamw
  double beta2 = 0.999;        // adamw
  double weight_decay = 0.0;   // where GraphWeight::decays
};

// A run of weights of one tensor, short enough to be a task of its own.
struct Piece {
  std::size_t offset = 0;
  std::size_t size = 0;
  bool decays = false;
};
// Those of the tensors that are marked.
[[nodiscard]] std::vector<Piece> pieces_of(const nn::Graph& graph, const std::vector<bool>& tensors);

// What an optimiser remembers of the steps before, flat as the weights: velocity, or first and second moments.
struct Moments {
  std::vector<float> first;
  std::vector<float> second;  // adamw only
  Moments() = default;
  Moments(OptimizerKind kind, std::size_t weight_count)
      : first(weight_count, 0.0F), second(kind == OptimizerKind::adamw ? weight_count : 0, 0.0F) {}
};

// One step of a piece against its gradient. `step` counts from 1 (the bias correction of adamw); the spans are flat,
// whole. Every weight is moved by itself, so pieces may be done in any order and on any thread without a change of a
// bit. sgd, as PyTorch: g += decay w; v = momentum v + g; w -= rate (nesterov ? g + momentum v : v). adamw (Loshchilov
// and Hutter, "Decoupled weight decay", 2019): w -= rate decay w; w -= rate m^ / (sqrt(v^) + 1e-8).
void optimizer_step(const OptimizerOptions& options, const Piece& piece, double rate, long long step,
                    std::span<const float> gradient, std::span<float> weights, Moments& moments);

}  // namespace weightroom::train
