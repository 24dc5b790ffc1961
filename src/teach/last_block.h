#pragma once

#include <memory>

#include "base/job.h"
#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/session.h"
#include "train/optimizer.h"

// The last block of layers learns too: from a head that is fitted already and by small clipped steps, so that what the
// layers had learnt is bent and not lost (Kumar et al., "Fine-tuning can distort pretrained features and underperform
// out-of-distribution", 2022). All layers before it stay as they are, byte for byte, and are run once a picture.
namespace weightroom::teach {

// The node behind which the block begins: of those that nothing passes by, the one with the most multiply-adds behind
// it, up to two fifths of all; of several such the last. -1 where there is none.
[[nodiscard]] int block_cut(const nn::Graph& graph);

struct BlockOptions {
  int epochs = 5;
  int copies = 8;  // of each picture: itself, and others mirrored and shifted by up to 6 pixels
  int batch = 16;
  double rate = 0.003;         // falls to 0 along half a cosine
  double momentum = 0.9;       // Nesterov's
  double weight_decay = 5e-4;  // of kernels
  double clip = 1.0;           // the longest that the gradient of a step may be
  std::uint64_t seed = 1;
};

// In slices of a layer for a batch. `taught` has a head for the classes of `images`; both must outlive it.
class BlockTraining : public base::Job {
 public:
  BlockTraining(const nn::Model& taught, const nn::LabelledImages& images, const BlockOptions& options, int threads);
  ~BlockTraining() override;

  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override;

  [[nodiscard]] int steps() const { return steps_done_; }
  [[nodiscard]] double loss() const { return loss_; }  // of the last step's pictures, each class counted alike
  // Once all is done: the model, and what goes into its last layer of each picture (N, D), for a head fitted anew.
  [[nodiscard]] nn::Model result() const;
  [[nodiscard]] const std::vector<float>& features() const { return features_; }

 private:
  enum class Stage { cache, train, gather, done };
  [[nodiscard]] std::size_t row_count() const;
  [[nodiscard]] int step_count() const;
  void begin_cache();
  void begin_step();
  void begin_backward();
  void end_step();
  void slice_cache();
  void slice_train();
  void slice_gather();

  const nn::Model& taught_;
  const nn::LabelledImages& images_;
  BlockOptions options_;
  int cut_;
  nn::Session session_;
  std::size_t row_size_;
  std::vector<float> rows_;  // (N copies, what the node of the cut gives)
  std::vector<std::size_t> order_;
  std::vector<double> class_weights_;
  std::vector<float> weights_;
  std::vector<train::Piece> pieces_;
  train::Moments moments_;
  std::vector<float> features_;
  Stage stage_ = Stage::cache;
  bool running_ = false;    // a pass is under way
  bool backwards_ = false;  // ... and has come to its gradients
  std::size_t next_ = 0;    // row to be cached, or gathered
  std::vector<std::size_t> batch_;
  std::vector<float> values_;
  std::vector<float> d_logits_;
  int steps_done_ = 0;
  double loss_ = 0.0;
};

}  // namespace weightroom::teach
