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

 private:
  std::vector<nn::Session> sessions_;
  std::vector<double> probabilities_;
  int count_;
  int batch_;
};

}  // namespace weightroom::train
