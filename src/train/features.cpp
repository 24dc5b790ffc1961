#include "train/features.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "train/augment.h"

namespace weightroom::train {

FeaturesJob::FeaturesJob(const std::shared_ptr<const nn::Graph>& graph, const nn::FlatWeights& weights,
                         const nn::Preprocessing& preprocessing, const nn::LabelledImages& images, int threads)
    : preprocessing_(preprocessing),
      images_(images),
      batch_(static_cast<int>(std::clamp<std::size_t>(images.count(), 1, kAtOnce))),
      session_(graph, weights, {.batch = batch_, .threads = threads}),
      input_(session_.input().begin(), session_.input().end()) {
  CHECK(nn::feature_count(*graph) > 0);
  CHECK(graph->spec().input == (nn::Shape{images.channels, images.height, images.width}));
  features_.reserve(images.count() * nn::feature_count(*graph));
}

void FeaturesJob::begin_batch() {
  const Extents extents{images_.channels, images_.height, images_.width};
  const std::size_t some = std::min<std::size_t>(static_cast<std::size_t>(batch_), images_.count() - done_);
  for (std::size_t i = 0; i < some; ++i) {
    normalise(images_.sample(done_ + i), extents, preprocessing_,
              std::span(input_).subspan(i * extents.size(), extents.size()));
  }
  session_.set_input(input_);
  running_ = true;
}

void FeaturesJob::end_batch() {
  const std::size_t some = std::min<std::size_t>(static_cast<std::size_t>(batch_), images_.count() - done_);
  for (std::size_t i = 0; i < some; ++i) {
    const auto row = nn::features(session_, static_cast<int>(i));
    features_.insert(features_.end(), row.begin(), row.end());
  }
  done_ += some;
  running_ = false;
}

bool FeaturesJob::step(const base::Budget& budget) {
  while (done_ < images_.count()) {
    if (!running_) begin_batch();
    if (session_.forward_step()) end_batch();
    if (done_ < images_.count() && budget.spent()) return false;
  }
  return true;
}

double FeaturesJob::progress() const {
  return images_.count() == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(images_.count());
}

std::vector<float> features_of(const nn::Model& model, const nn::LabelledImages& images, int threads) {
  FeaturesJob job(model.graph, model.weights, model.preprocessing, images, threads);
  while (!job.step(base::Budget::unlimited())) continue;
  return job.take();
}

double feature_scale(std::span<const float> features, std::size_t width) {
  double squares = 0.0;
  for (const float value : features) squares += static_cast<double>(value) * static_cast<double>(value);
  if (squares == 0.0) return 1.0;
  return std::sqrt(squares / (static_cast<double>(features.size()) / static_cast<double>(width)));
}

}  // namespace weightroom::train
