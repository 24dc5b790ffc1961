#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/session.h"

namespace weightroom::train {

// Finished models whose answers another net learns from (distillation). One thread's: each chunk has its own.
class Teachers {
 public:
  // `count` pictures are answered at a time; models.empty() is allowed and answers nothing.
  Teachers(std::span<const nn::Model> models, int count);

  // Whether the models may teach a net that reads `images` through `preprocessing`: the same input, the same classes in
  // the same order. A sentence where not.
  [[nodiscard]] static Status check(std::span<const nn::Model> models, const nn::LabelledImages& images,
                                    const nn::Preprocessing& preprocessing);

  // Mean over the models of softmax(logits / temperature) for the pictures in `input` (count x C x H x W, as the net
  // sees them): count x classes, valid until the next call.
  std::span<const double> answer(std::span<const float> input, double temperature);
  // The same in slices, each at most one node of one model for some of the pictures: begin(), then step() until it
  // returns true, then answers(). `input` must stay until then.
  void begin(std::span<const float> input, double temperature);
  bool step();
  [[nodiscard]] std::span<const double> answers() const { return probabilities_; }

 private:
  [[nodiscard]] std::span<const float> pictures() const;

  std::vector<nn::Session> sessions_;
  std::vector<double> probabilities_;
  int count_;
  int batch_;
  std::span<const float> input_;
  double temperature_ = 1.0;
  std::size_t model_ = 0;  // at work now; as many as there are: all have answered
  int first_ = 0;          // of the pictures it answers now
  bool running_ = false;
};

}  // namespace weightroom::train
