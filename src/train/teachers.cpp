#include "train/teachers.h"

#include <algorithm>
#include <numeric>

#include <strings/training.h>

#include "base/check.h"
#include "train/loss.h"

namespace weightroom::train {
namespace {

constexpr int kAtOnce = 8;  // at most so many at once, so that activations stay in the cache

}  // namespace

Teachers::Teachers(std::span<const nn::Model> models, int count) : count_(count), batch_(std::gcd(count, kAtOnce)) {
  for (const nn::Model& model : models) {
    sessions_.emplace_back(model.graph, model.weights, nn::Session::Options{.batch = batch_, .threads = 1});
  }
  if (!models.empty()) probabilities_.resize(static_cast<std::size_t>(count) * models[0].labels.size());
}

Status Teachers::check(std::span<const nn::Model> models, const nn::LabelledImages& images,
                       const nn::Preprocessing& preprocessing) {
  const nn::Shape extents{images.channels, images.height, images.width};
  for (const nn::Model& model : models) {
    if (model.graph->spec().input != extents)
      return fail(text::training_teacher_extents,
                  {{"teacher", model.name}, {"net", model.graph->spec().input.text()}, {"set", extents.text()}});
    if (model.graph->answer() != nn::Answer::softmax)
      return fail(text::training_teacher_each, {{"teacher", model.name}});
    if (model.labels != images.class_names) return fail(text::training_teacher_classes, {{"teacher", model.name}});
    if (model.preprocessing.mean != preprocessing.mean || model.preprocessing.std != preprocessing.std ||
        model.preprocessing.bgr != preprocessing.bgr)
      return fail(text::training_teacher_set, {{"teacher", model.name}});
  }
  return {};
}

std::span<const double> Teachers::answer(std::span<const float> input, double temperature) {
  begin(input, temperature);
  while (!step()) {
  }
  return answers();
}

void Teachers::begin(std::span<const float> input, double temperature) {
  input_ = input;
  temperature_ = temperature;
  model_ = 0;
  first_ = 0;
  running_ = false;
  std::ranges::fill(probabilities_, 0.0);
}

std::span<const float> Teachers::pictures() const {
  const std::size_t size = input_.size() / static_cast<std::size_t>(count_);
  return input_.subspan(static_cast<std::size_t>(first_) * size, static_cast<std::size_t>(batch_) * size);
}

bool Teachers::step() {
  if (model_ == sessions_.size()) return true;
  nn::Session& session = sessions_[model_];
  if (!running_) session.set_input(pictures());
  running_ = true;
  if (!session.forward_step()) return false;
  const auto classes = static_cast<std::size_t>(session.graph().class_count());
  for (int i = 0; i < batch_; ++i) {
    add_softened({session.logits().sample(i), classes}, temperature_, 1.0 / static_cast<double>(sessions_.size()),
                 std::span(probabilities_).subspan(static_cast<std::size_t>(first_ + i) * classes, classes));
  }
  running_ = false;
  first_ += batch_;
  if (first_ == count_) {
    first_ = 0;
    ++model_;
  }
  return model_ == sessions_.size();
}

}  // namespace weightroom::train
