#pragma once

#include "base/job.h"
#include "nn/dataset.h"
#include "nn/model.h"
#include "nn/session.h"

// What goes into the layer of a model's logits (nn::features), of many pictures.
namespace weightroom::train {

// In slices of a layer for a few pictures: (N, D). The pictures, of the model's input extents, must outlive it; the
// model's feature_count() is above 0.
class FeaturesJob : public base::Job {
 public:
  FeaturesJob(const std::shared_ptr<const nn::Graph>& graph, const nn::FlatWeights& weights,
              const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads);

  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override;
  [[nodiscard]] std::vector<float> take() { return std::move(features_); }  // once all is done

 private:
  static constexpr std::size_t kAtOnce = 8;
  void begin_batch();
  void end_batch();

  const nn::Preprocessing preprocessing_;
  const nn::LabelledImages& images_;
  int batch_;  // fewer where there are fewer: one picture more is one pass
  nn::Session session_;
  std::vector<float> input_;
  std::size_t done_ = 0;
  bool running_ = false;
  std::vector<float> features_;
};
[[nodiscard]] std::vector<float> features_of(const nn::Model& model, const nn::LabelledImages& images, int threads);

// The root of the mean square length of the rows of `features` (N, D): divided by it they have a length of about 1. 1
// where there are none, or all of them are zero.
[[nodiscard]] double feature_scale(std::span<const float> features, std::size_t width);

}  // namespace weightroom::train
