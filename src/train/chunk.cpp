#include "train/chunk.h"

#include <algorithm>

#include "base/check.h"
#include "train/augment.h"
#include "train/mix.h"
#include "train/others.h"

namespace weightroom::train {

Chunk::Chunk(const ChunkSource& source, const std::shared_ptr<const nn::Graph>& graph,
             std::span<const nn::Model> teachers)
    : source_(source),
      session_(graph, {.batch = source.recipe.chunk, .training = true, .threads = 1}),
      teachers_(teachers, source.recipe.chunk) {
  const auto pictures = static_cast<std::size_t>(source.recipe.chunk);
  input_.resize(pictures * source.images.sample_bytes());
  d_logits_.resize(pictures * static_cast<std::size_t>(graph->class_count()));
  targets_.resize(pictures);
  if (source.recipe.mix.mixup > 0.0 || source.recipe.mix.cutmix > 0.0) scratch_.resize(input_.size());
  if (source.recipe.degrade.any()) degraded_.resize(input_.size());
}

void Chunk::hold(const std::vector<int>& settled, int first_node) {
  session_.settle(settled);
  first_node_ = first_node;
}

void Chunk::begin(int index, std::span<const std::uint32_t> pictures, const TrainerState& state) {
  CHECK(pictures.size() == targets_.size());
  index_ = index;
  pictures_ = pictures;
  state_ = &state;
  stage_ = Stage::pictures;
  next_ = 0;
}

bool Chunk::step() {
  Stopwatch watch;
  const Stage stage = stage_;
  advance();
  double& seconds = stage <= Stage::degrade   ? phases.augment
                    : stage <= Stage::forward ? phases.forward
                                              : phases.backward;
  seconds += watch.lap();
  return done();
}

void Chunk::advance() {
  const auto was_last_of = [&](std::size_t count) {
    if (++next_ < count) return false;
    next_ = 0;
    return true;
  };
  switch (stage_) {
    case Stage::pictures:
      draw_picture(next_);
      if (was_last_of(pictures_.size())) stage_ = Stage::mix;
      break;
    case Stage::mix:
      mix_pictures();
      stage_ = degraded_.empty() ? Stage::weights : Stage::degrade;
      break;
    case Stage::degrade:
      degrade_picture(next_);
      if (was_last_of(pictures_.size())) stage_ = Stage::weights;
      break;
    case Stage::weights:
      set_tensor(next_);
      if (!was_last_of(session_.graph().weights().size())) break;
      session_.set_input(degraded_.empty() ? input_ : degraded_);
      stage_ = Stage::forward;
      break;
    case Stage::forward:
      if (!session_.forward_step()) break;
      // Softened answers of the teachers to what the chunk's pictures have become, but for what is made worse of them.
      teachers_.begin(input_, source_.recipe.temperature);
      stage_ = Stage::teachers;
      break;
    case Stage::teachers:
      if (teachers_.step()) stage_ = Stage::measure;
      break;
    case Stage::measure:
      measure();
      begin_backward();
      stage_ = Stage::backward;
      break;
    case Stage::backward:
      if (session_.backward_step()) stage_ = Stage::done;
      break;
    case Stage::done:
      break;
  }
}

void Chunk::draw_picture(std::size_t i) {
  const nn::LabelledImages& images = source_.images;
  const Recipe& recipe = source_.recipe;
  const Extents extents{images.channels, images.height, images.width};
  AugmentOptions augmenting = recipe.augment;
  if (state_->epoch >= recipe.epochs - recipe.calm_epochs) {
    augmenting.bend_probability = 0.0;
    augmenting.cutout = 0;
  }
  if (recipe.others_zoom > 0.0 && is_other(images, pictures_[i])) augmenting.zoom_min = recipe.others_zoom;
  base::Rng rng(recipe.seed, "augment", static_cast<std::uint64_t>(state_->epoch) * images.count() + pictures_[i]);
  augment(images.sample(pictures_[i]), extents, augmenting, source_.preprocessing, rng,
          std::span(input_).subspan(i * extents.size(), extents.size()));
  // Places in the chunk, until it is known who is mixed with whom.
  targets_[i] = {static_cast<int>(i), static_cast<int>(i), 1.0F};
}

void Chunk::mix_pictures() {
  const Recipe& recipe = source_.recipe;
  const Extents extents{source_.images.channels, source_.images.height, source_.images.width};
  MixOptions mixing = recipe.mix;
  if (state_->epoch >= recipe.epochs - recipe.calm_epochs) mixing.probability = 0.0;
  const auto chunks = static_cast<std::uint64_t>(recipe.batch / recipe.chunk);
  base::Rng rng(recipe.seed, "mix",
                static_cast<std::uint64_t>(state_->step) * chunks + static_cast<std::uint64_t>(index_));
  mix(mixing, extents, rng, input_, targets_, scratch_);
}

void Chunk::degrade_picture(std::size_t i) {
  const nn::LabelledImages& images = source_.images;
  const Recipe& recipe = source_.recipe;
  const Extents extents{images.channels, images.height, images.width};
  const auto own = [&](std::vector<float>& pictures) {
    return std::span(pictures).subspan(i * extents.size(), extents.size());
  };
  std::ranges::copy(own(input_), own(degraded_).begin());
  base::Rng rng(recipe.seed, "degrade", static_cast<std::uint64_t>(state_->epoch) * images.count() + pictures_[i]);
  degrade(recipe.degrade, extents, source_.preprocessing, rng, own(degraded_));
}

void Chunk::set_tensor(std::size_t i) {
  const nn::GraphWeight& tensor = session_.graph().weights()[i];
  const auto values = std::span(state_->weights).subspan(tensor.offset, tensor.shape.size());
  const Recipe& recipe = source_.recipe;
  if (state_->epoch < recipe.epochs - recipe.rounding_epochs || !joins_layers(tensor))
    return session_.set_weights(values, tensor.offset);
  rounded_.resize(values.size());
  round_channels(tensor, values, rounded_);
  session_.set_weights(rounded_, tensor.offset);
}

// Loss, right answers and the gradient of the loss by the logits: classes first, fine labels after them.
void Chunk::measure() {
  const Recipe& recipe = source_.recipe;
  const auto answers = static_cast<std::size_t>(session_.graph().class_count());
  const std::size_t classes = source_.images.class_names.size();
  const auto taught = teachers_.answers();
  const double scale = 1.0 / recipe.batch;
  loss_ = 0.0;
  right_ = 0;
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    const Target& places = targets_[i];
    const auto target_of = [&](const std::vector<int>& labels) {
      return Target{labels[pictures_[static_cast<std::size_t>(places.first)]],
                    labels[pictures_[static_cast<std::size_t>(places.second)]], places.share};
    };
    const std::span<const float> logits(session_.logits().sample(static_cast<int>(i)), answers);
    const auto d_logits = std::span(d_logits_).subspan(i * answers, answers);
    const Target target = target_of(source_.images.labels);
    const bool strange = is_other(source_.images, pictures_[static_cast<std::size_t>(places.first)]) ||
                         is_other(source_.images, pictures_[static_cast<std::size_t>(places.second)]);
    const double told = taught.empty() || strange ? 0.0 : recipe.teacher_weight;
    loss_ += (1.0 - told) * cross_entropy(nn::Answer::softmax, logits.first(classes), target, recipe.label_smoothing,
                                          (1.0 - told) * scale, d_logits.first(classes));
    if (told > 0.0)
      loss_ += told * distillation(logits.first(classes), taught.subspan(i * classes, classes), recipe.temperature,
                                   told * scale, d_logits.first(classes));
    right_ += static_cast<int>(rank_of(logits.first(classes), target.first) == 0);
    if (source_.fine.empty()) continue;
    (void)cross_entropy(nn::Answer::softmax, logits.subspan(classes), target_of(source_.fine), recipe.label_smoothing,
                        scale * recipe.fine_weight, d_logits.subspan(classes));
  }
}

void Chunk::begin_backward() {
  session_.clear_d_weights();
  nn::BackwardRequest request;
  request.d_from = d_logits_;
  request.input = false;
  request.weights = true;
  request.weights_from = first_node_;
  session_.begin_backward(request);
}

}  // namespace weightroom::train
