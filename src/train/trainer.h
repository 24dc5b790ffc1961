#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/job.h"
#include "nn/dataset.h"
#include "nn/graph.h"
#include "nn/model.h"
#include "train/evaluate.h"
#include "train/fixed.h"
#include "train/recipe.h"
#include "train/state.h"

namespace weightroom::train {

class Chunk;

// Trains one graph on one set. Batches are cut into chunks that depend on the recipe alone; their gradients and
// statistics are added in the order of the chunks, so that neither the number of threads nor the size of the slices
// changes anything but the time.
class Trainer {
 public:
  // The set (and `held_out`, where not null) must outlive the trainer; its classes and extents are the graph's, with a
  // `fine_weight` its classes and after them its fine labels. Refuses by a sentence a recipe that check_values()
  // refuses or a set smaller than a batch, a start that check() refuses, and what Teachers::check() refuses; `teachers`
  // are the models the recipe names.
  static Result<std::unique_ptr<Trainer>> create(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe,
                                                 const nn::Preprocessing& preprocessing,
                                                 const nn::LabelledImages& images, const nn::LabelledImages* held_out,
                                                 int threads, std::span<const nn::Model> teachers = {},
                                                 const Start& start = {});
  ~Trainer();

  [[nodiscard]] const Recipe& recipe() const { return recipe_; }
  [[nodiscard]] const nn::Graph& graph() const { return *graph_; }
  [[nodiscard]] int epoch() const { return state_.epoch; }  // epochs done
  [[nodiscard]] long long steps_per_epoch() const { return steps_per_epoch_; }
  // All epochs done, or patience at its end.
  [[nodiscard]] bool finished() const;

  // What a call of step() came to: no more than some slices, a step of the optimiser, or (the held-out pictures
  // measured) an epoch.
  enum class Done { slices, step, epoch };
  // Works until the budget is spent, at least one slice, and comes back earlier after a step and after an epoch. A
  // slice is at most one node, forward or backward, of one chunk; so a chunk's size bounds it. A finished run stays as
  // it is: Done::epoch.
  Done step(const base::Budget& budget);
  [[nodiscard]] const StepReport& last_step() const { return step_report_; }
  [[nodiscard]] const EpochReport& last_epoch() const { return epoch_report_; }

  // Called after each step: steps done in this epoch and in all, mean loss of the epoch so far.
  using Progress = std::function<void(long long step, long long steps, double loss)>;
  // step() to the end of the epoch.
  EpochReport run_epoch(const Progress& progress = {});

  // Gradient of the last step's loss by every weight, flat, without weight decay; 0 where the weight is not trained.
  // Like state(), it is not to be asked for while slices of a step are under way.
  [[nodiscard]] std::span<const float> gradient() const { return gradient_; }

  // From the next step on these weights stay as they are. A step that is moving the weights is ended first, one that is
  // still at its gradients begins anew. A sentence, and no change, where check() refuses.
  Status fix(const Fixed& fixed);
  [[nodiscard]] const Fixed& fixed() const { return fixed_; }

  // Weights to ship: of the best epoch where patience keeps it, else their moving average where there is one, else as
  // they are.
  [[nodiscard]] std::span<const float> result() const;
  // The net of result() as it ships: without the head of fine labels, every batch_norm folded in. Refuses by a sentence
  // what cannot be folded.
  [[nodiscard]] Result<nn::Folded> shipped() const;

  // Whole after a call of step() that came to a step or an epoch, and while is_moving() is false.
  [[nodiscard]] const TrainerState& state() const;
  // Whether the slices done last have moved a part of the weights.
  [[nodiscard]] bool is_moving() const { return stage_ == Stage::move || stage_ == Stage::average; }
  // Goes on from another run's state, between any two steps; a sentence where it does not fit. Pruned weights are zero
  // whatever it says.
  Status restore(TrainerState state);

 private:
  struct NormNode;
  // Of the step, or the epoch's end, under way.
  enum class Stage { begin, chunks, sum, move, average, measure };
  Trainer(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe, const nn::Preprocessing& preprocessing,
          const nn::LabelledImages& images, const nn::LabelledImages* held_out, std::vector<int> fine, int threads,
          std::span<const nn::Model> teachers, const Start& start);
  void find_norms();
  void hold(const Fixed& fixed);
  [[nodiscard]] bool is_frozen(int tensor) const { return frozen_[static_cast<std::size_t>(tensor)]; }

  Done work(const base::Budget& budget);
  void begin_step();
  bool run_chunks(const base::Budget& budget);
  bool update(const base::Budget& budget);
  bool sum_gradients(const base::Budget& budget);
  bool move_weights(const base::Budget& budget);
  bool average_weights(const base::Budget& budget);
  void update_statistics();
  void end_step();
  void begin_measuring();
  void end_epoch();
  template <class Task>
  bool run_tasks(std::size_t count, const base::Budget& budget, const Task& task);

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
  Fixed fixed_;
  std::vector<bool> frozen_;    // of each tensor
  std::vector<Piece> pieces_;   // what a step moves
  std::vector<Piece> average_;  // what the moving average follows: all but frozen tensors
  std::vector<NormNode> norms_;
  std::vector<Chunk> chunks_;
  std::vector<float> gradient_;
  TrainerState state_;

  Stage stage_ = Stage::begin;
  std::size_t next_task_ = 0;         // of the stage
  std::vector<std::uint32_t> order_;  // of the pictures in the epoch order_epoch_
  int order_epoch_ = -1;
  std::unique_ptr<EvaluationJob> measuring_;
  double update_seconds_ = 0.0;
  double seconds_ = 0.0;  // of the epoch so far
  StepReport step_report_;
  EpochReport epoch_report_;
};

}  // namespace weightroom::train
