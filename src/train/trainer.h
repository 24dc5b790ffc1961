#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "nn/dataset.h"
#include "nn/graph.h"
#include "nn/model.h"
#include "train/evaluate.h"
#include "train/recipe.h"

namespace weightroom::train {

// Where the time of an epoch went, in seconds of work of all threads together.
struct PhaseSeconds {
  double augment = 0.0;
  double forward = 0.0;
  double backward = 0.0;
  double update = 0.0;  // of the calling thread: gradients summed, weights moved, statistics, average
};

struct EpochReport {
  int epoch = 0;               // counts from 1
  double loss = 0.0;           // mean over the epoch's pictures, as trained (smoothed, mixed)
  double accuracy = 0.0;       // of the same pictures, 0 to 1
  double learning_rate = 0.0;  // of the last step
  bool measured = false;       // whether there were held-out pictures
  Evaluation held_out;         // of the weights that would be shipped now
  bool best = false;           // the best held-out accuracy so far
  double seconds = 0.0;
  PhaseSeconds phases;
};

// Everything of a run that its next step depends on.
struct TrainerState {
  int epoch = 0;               // epochs done
  long long step = 0;          // optimiser steps done
  std::vector<float> weights;  // running statistics included
  Moments moments;
  std::vector<float> average;  // moving average of the weights; empty where the recipe has none
  double best_accuracy = -1.0;
  int best_epoch = 0;
  std::vector<float> best;  // weights of the best epoch; empty without patience
};

// Trains one graph on one set. Batches are cut into chunks that depend on the recipe alone; their gradients and
// statistics are added in the order of the chunks, so that the number of threads changes nothing but the time.
class Trainer {
 public:
  // The set (and `held_out`, where not null) must outlive the trainer; its classes and extents are the graph's, with a
  // `fine_weight` its classes and after them its fine labels. Refuses by a sentence a recipe that check() refuses or a
  // set smaller than a batch, and what Teachers::check() refuses; `teachers` are the models the recipe names.
  static Result<std::unique_ptr<Trainer>> create(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe,
                                                 const nn::Preprocessing& preprocessing,
                                                 const nn::LabelledImages& images, const nn::LabelledImages* held_out,
                                                 int threads, std::span<const nn::Model> teachers = {});
  ~Trainer();

  [[nodiscard]] const Recipe& recipe() const { return recipe_; }
  [[nodiscard]] int epoch() const { return state_.epoch; }  // epochs done
  [[nodiscard]] long long steps_per_epoch() const { return steps_per_epoch_; }
  // All epochs done, or patience at its end.
  [[nodiscard]] bool finished() const;

  // Called after each step: steps done in this epoch and in all, mean loss of the epoch so far.
  using Progress = std::function<void(long long step, long long steps, double loss)>;
  EpochReport run_epoch(const Progress& progress = {});

  // Weights to ship: of the best epoch where patience keeps it, else their moving average where there is one, else as
  // they are.
  [[nodiscard]] std::span<const float> result() const;
  // The net of result() as it ships: without the head of fine labels, every batch_norm folded in. Refuses by a sentence
  // what cannot be folded.
  [[nodiscard]] Result<nn::Folded> shipped() const;

  [[nodiscard]] const TrainerState& state() const { return state_; }
  // Goes on from another run's state; a sentence where it does not fit.
  Status restore(TrainerState state);

 private:
  struct Chunk;
  struct NormNode;
  Trainer(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe, const nn::Preprocessing& preprocessing,
          const nn::LabelledImages& images, const nn::LabelledImages* held_out, std::vector<int> fine, int threads,
          std::span<const nn::Model> teachers);
  void run_chunk(Chunk& chunk, int index, std::span<const std::uint32_t> pictures);
  void measure_chunk(Chunk& chunk, std::span<const std::uint32_t> pictures);
  void update(double rate);
  void update_statistics();
  void measure_epoch(EpochReport& report);
  [[nodiscard]] std::span<const float> current() const;
  [[nodiscard]] nn::Folded without_fine_head(std::span<const float> weights) const;
  [[nodiscard]] std::size_t class_count() const { return images_.class_names.size(); }

  std::shared_ptr<const nn::Graph> graph_;
  Recipe recipe_;
  nn::Preprocessing preprocessing_;
  const nn::LabelledImages& images_;
  const nn::LabelledImages* held_out_;
  int threads_;
  long long steps_per_epoch_ = 0;
  std::vector<int> fine_;  // label of each picture; empty without fine_weight
  std::vector<Piece> pieces_;
  std::vector<NormNode> norms_;
  std::vector<Chunk> chunks_;
  std::vector<float> gradient_;
  TrainerState state_;
};

}  // namespace weightroom::train
