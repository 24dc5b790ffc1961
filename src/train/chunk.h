#pragma once

#include <memory>
#include <span>
#include <vector>

#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/session.h"
#include "train/loss.h"
#include "train/recipe.h"
#include "train/rounding.h"
#include "train/state.h"
#include "train/stopwatch.h"
#include "train/teachers.h"

namespace weightroom::train {

// What the chunks of a run have in common.
struct ChunkSource {
  const Recipe& recipe;
  const nn::Preprocessing& preprocessing;
  const nn::LabelledImages& images;
  const std::vector<int>& fine;  // fine label of each picture; empty without fine_weight
};

// One chunk of a batch: its pictures drawn, the net's answers, and the gradient of their loss. Works by itself, so that
// chunks may stand at different places and on different threads without a change of a bit.
class Chunk {
 public:
  Chunk(const ChunkSource& source, const std::shared_ptr<const nn::Graph>& graph, std::span<const nn::Model> teachers);

  // Begins chunk `index` of the step that comes after `state`, whatever was under way. pictures: the chunk's indices
  // into the set. Both must stay until step() has returned true.
  void begin(int index, std::span<const std::uint32_t> pictures, const TrainerState& state);
  // One slice: a picture, a tensor's weights, or one node forward or backward. True once the gradient is there; further
  // calls do nothing.
  bool step();
  [[nodiscard]] bool done() const { return stage_ == Stage::done; }

  // Nodes that are settled (nn::Session::settle), and the first one whose weights need a gradient.
  void hold(const std::vector<int>& settled, int first_node);

  // Of the chunk that is done: loss summed over its pictures, right answers, gradient by the weights.
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] int right() const { return right_; }
  [[nodiscard]] std::span<const float> d_weights() const { return session_.d_weights(); }
  [[nodiscard]] const float* batch_statistics(int node) const { return session_.batch_statistics(node).data; }

  PhaseSeconds phases;  // added to by step()

 private:
  enum class Stage { pictures, mix, degrade, weights, forward, teachers, measure, backward, done };
  void draw_picture(std::size_t i);
  void mix_pictures();
  void degrade_picture(std::size_t i);
  void set_tensor(std::size_t i);
  void measure();
  void begin_backward();
  void advance();

  ChunkSource source_;
  nn::Session session_;
  Teachers teachers_;
  std::vector<float> input_;
  std::vector<float> degraded_;  // what the net sees in place of input_, where the recipe degrades
  std::vector<float> scratch_;
  std::vector<float> rounded_;  // weights of a tensor
  std::vector<float> d_logits_;
  std::vector<Target> targets_;
  int first_node_ = 0;
  int index_ = 0;
  std::span<const std::uint32_t> pictures_;
  const TrainerState* state_ = nullptr;
  Stage stage_ = Stage::done;
  std::size_t next_ = 0;  // picture or tensor of the stage
  double loss_ = 0.0;
  int right_ = 0;
};

}  // namespace weightroom::train
