// A run in slices: the chunks of a step, what moves the weights, the end of an epoch.
#include <algorithm>
#include <atomic>
#include <numeric>

#include "base/parallel.h"
#include "base/rng.h"
#include "train/chunk.h"
#include "train/norm_node.h"
#include "train/stopwatch.h"

namespace weightroom::train {
namespace {

// The order of an epoch: Fisher-Yates, keyed by seed and epoch, so that any epoch can be begun without those before it.
std::vector<std::uint32_t> shuffled_order(std::size_t count, std::uint64_t seed, int epoch) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  base::Rng rng(seed, "shuffle", static_cast<std::uint64_t>(epoch));
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
  return order;
}

}  // namespace

Trainer::Done Trainer::step(const base::Budget& budget) {
  if (finished()) return Done::epoch;
  Stopwatch watch;
  const Done done = work(budget);
  seconds_ += watch.lap();
  if (done == Done::epoch) {
    epoch_report_.seconds = seconds_;
    seconds_ = 0.0;
  }
  return done;
}

Trainer::Done Trainer::work(const base::Budget& budget) {
  do {
    switch (stage_) {
      case Stage::begin:
        if (state_.step == (state_.epoch + 1) * steps_per_epoch_) {
          begin_measuring();
          stage_ = Stage::measure;
        } else {
          begin_step();
          stage_ = Stage::chunks;
        }
        break;
      case Stage::chunks:
        if (run_chunks(budget)) stage_ = Stage::sum;
        break;
      case Stage::sum:
      case Stage::move:
      case Stage::average:
        if (update(budget)) {
          end_step();
          return Done::step;
        }
        break;
      case Stage::measure:
        if (!measuring_ || measuring_->step(budget)) {
          end_epoch();
          return Done::epoch;
        }
        break;
    }
  } while (!budget.spent());
  return Done::slices;
}

void Trainer::begin_step() {
  if (order_epoch_ != state_.epoch) {
    order_ = shuffled_order(images_.count(), recipe_.seed, state_.epoch);
    order_epoch_ = state_.epoch;
  }
  const auto size = static_cast<std::size_t>(recipe_.chunk);
  const long long step = state_.step - state_.epoch * steps_per_epoch_;
  std::size_t first = static_cast<std::size_t>(step) * static_cast<std::size_t>(recipe_.batch);
  for (std::size_t i = 0; i < chunks_.size(); ++i, first += size)
    chunks_[i].begin(static_cast<int>(i), std::span<const std::uint32_t>(order_).subspan(first, size), state_);
}

// Each chunk slice by slice; with one thread one after another. Which of them come how far within the budget is open,
// but none knows of the others.
bool Trainer::run_chunks(const base::Budget& budget) {
  std::atomic<bool> worked = false;
  base::parallel_for(static_cast<int>(chunks_.size()), threads_, [&](int i) {
    Chunk& chunk = chunks_[static_cast<std::size_t>(i)];
    while (!chunk.done()) {
      if (worked.exchange(true) && budget.spent()) return;
      (void)chunk.step();
    }
  });
  return std::ranges::all_of(chunks_, &Chunk::done);
}

// Tasks of the stage from next_task_ on, a few between two looks at the clock; true once all are done.
template <class Task>
bool Trainer::run_tasks(std::size_t count, const base::Budget& budget, const Task& task) {
  const std::size_t round = 16 * static_cast<std::size_t>(threads_);
  do {
    const std::size_t some = std::min(round, count - next_task_);
    base::parallel_for(static_cast<int>(some), threads_,
                       [&](int i) { task(next_task_ + static_cast<std::size_t>(i)); });
    next_task_ += some;
  } while (next_task_ < count && !budget.spent());
  if (next_task_ < count) return false;
  next_task_ = 0;
  return true;
}

bool Trainer::update(const base::Budget& budget) {
  Stopwatch watch;
  bool done = false;
  if (stage_ == Stage::sum) {
    if (sum_gradients(budget)) stage_ = Stage::move;
  } else if (stage_ == Stage::move) {
    if (move_weights(budget)) {
      update_statistics();
      ++state_.step;
      stage_ = Stage::average;
    }
  } else {
    done = state_.average.empty() || average_weights(budget);
  }
  update_seconds_ += watch.lap();
  return done;
}

bool Trainer::sum_gradients(const base::Budget& budget) {
  return run_tasks(pieces_.size(), budget, [&](std::size_t i) {
    const Piece& piece = pieces_[i];
    const auto sum = std::span(gradient_).subspan(piece.offset, piece.size);
    std::ranges::copy(chunks_[0].d_weights().subspan(piece.offset, piece.size), sum.begin());
    for (std::size_t k = 1; k < chunks_.size(); ++k) {
      const float* part = chunks_[k].d_weights().data() + piece.offset;
      for (std::size_t w = 0; w < sum.size(); ++w) sum[w] += part[w];
    }
    if (!fixed_.mask.empty()) prune(std::span(fixed_.mask).subspan(piece.offset, piece.size), sum);
  });
}

bool Trainer::move_weights(const base::Budget& budget) {
  const double rate =
      learning_rate(recipe_.schedule, recipe_.optimizer.learning_rate, state_.step, steps_per_epoch_ * recipe_.epochs);
  step_report_.learning_rate = rate;
  return run_tasks(pieces_.size(), budget, [&](std::size_t i) {
    const Piece& piece = pieces_[i];
    optimizer_step(recipe_.optimizer, piece, rate, state_.step + 1, gradient_, state_.weights, state_.moments);
    // Zero, and not minus zero: a decay above 1 turns the sign.
    if (!fixed_.mask.empty())
      prune(std::span(fixed_.mask).subspan(piece.offset, piece.size),
            std::span(state_.weights).subspan(piece.offset, piece.size));
  });
}

// Running statistics move towards the mean of the chunks' (PyTorch's rule: the variance unbiased).
void Trainer::update_statistics() {
  const double share = recipe_.norm_momentum;
  const double chunks = static_cast<double>(chunks_.size());
  for (const NormNode& norm : norms_) {
    for (std::size_t c = 0; c < norm.channels; ++c) {
      double mean = 0.0;
      double variance = 0.0;
      for (const Chunk& chunk : chunks_) {
        const float* measured = chunk.batch_statistics(norm.node);
        mean += static_cast<double>(measured[c]);
        variance += static_cast<double>(measured[norm.channels + c]);
      }
      float& running_mean = state_.weights[norm.mean_offset + c];
      float& running_variance = state_.weights[norm.variance_offset + c];
      if (!is_frozen(norm.mean))
        running_mean = static_cast<float>((1.0 - share) * static_cast<double>(running_mean) + share * mean / chunks);
      if (!is_frozen(norm.variance))
        running_variance = static_cast<float>((1.0 - share) * static_cast<double>(running_variance) +
                                              share * variance / chunks * norm.unbias);
    }
  }
}

bool Trainer::average_weights(const base::Budget& budget) {
  // A short memory at first, or the average would drag the random start along.
  const double steps = static_cast<double>(state_.step);
  const double decay = std::min(recipe_.ema, (1.0 + steps) / (10.0 + steps));
  const auto keep = static_cast<float>(decay);
  const auto take = static_cast<float>(1.0 - decay);
  return run_tasks(average_.size(), budget, [&](std::size_t k) {
    const std::size_t last = average_[k].offset + average_[k].size;
    for (std::size_t i = average_[k].offset; i < last; ++i)
      state_.average[i] = keep * state_.average[i] + take * state_.weights[i];
  });
}

void Trainer::end_step() {
  double loss = 0.0;
  long long right = 0;
  for (const Chunk& chunk : chunks_) {
    state_.loss += chunk.loss();
    loss += chunk.loss();
    right += chunk.right();
  }
  state_.right += right;
  step_report_.step = state_.step;
  step_report_.loss = loss / recipe_.batch;
  step_report_.accuracy = static_cast<double>(right) / recipe_.batch;
  stage_ = Stage::begin;
}

void Trainer::begin_measuring() {
  if (held_out_ == nullptr) return;
  // What ships has batch_norm folded in, and is faster so; a net whose norms do not fold is measured as it is.
  nn::Folded net = without_fine_head(current());
  if (auto folded = nn::fold_batch_norm(*net.graph, net.weights); folded) net = std::move(*folded);
  measuring_ = std::make_unique<EvaluationJob>(net.graph, std::move(net.weights), preprocessing_, *held_out_, threads_);
}

void Trainer::end_epoch() {
  ++state_.epoch;
  EpochReport report;
  report.epoch = state_.epoch;
  const double pictures = static_cast<double>(steps_per_epoch_ * recipe_.batch);
  report.loss = state_.loss / pictures;
  report.accuracy = static_cast<double>(state_.right) / pictures;
  report.learning_rate = learning_rate(recipe_.schedule, recipe_.optimizer.learning_rate, state_.step - 1,
                                       steps_per_epoch_ * recipe_.epochs);
  report.phases.update = std::exchange(update_seconds_, 0.0);
  for (Chunk& chunk : chunks_) {
    const PhaseSeconds part = std::exchange(chunk.phases, {});
    report.phases.augment += part.augment;
    report.phases.forward += part.forward;
    report.phases.backward += part.backward;
  }
  if (measuring_) {
    report.measured = true;
    report.held_out = measuring_->result();
    measuring_.reset();
    report.best = report.held_out.top1 > state_.best_accuracy;
  }
  if (report.best) {
    state_.best_accuracy = report.held_out.top1;
    state_.best_epoch = state_.epoch;
    if (recipe_.patience > 0) state_.best.assign(current().begin(), current().end());
  }
  state_.loss = 0.0;
  state_.right = 0;
  stage_ = Stage::begin;
  epoch_report_ = std::move(report);
}

EpochReport Trainer::run_epoch(const Progress& progress) {
  CHECK(!finished());
  while (step(base::Budget::unlimited()) != Done::epoch) {
    const long long done = state_.step - state_.epoch * steps_per_epoch_;
    if (progress) progress(done, steps_per_epoch_, state_.loss / static_cast<double>(done * recipe_.batch));
  }
  return epoch_report_;
}

}  // namespace weightroom::train
