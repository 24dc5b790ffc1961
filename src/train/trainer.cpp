#include "train/trainer.h"

#include <algorithm>

#include <strings/training.h>

#include "train/chunk.h"
#include "train/fine_labels.h"
#include "train/norm_node.h"
#include "train/teachers.h"

namespace weightroom::train {

Result<std::unique_ptr<Trainer>> Trainer::create(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe,
                                                 const nn::Preprocessing& preprocessing,
                                                 const nn::LabelledImages& images, const nn::LabelledImages* held_out,
                                                 int threads, std::span<const nn::Model> teachers, const Start& start) {
  if (auto checked = check_values(recipe); !checked) return std::unexpected(checked.error());
  if (images.count() < static_cast<std::size_t>(recipe.batch))
    return fail(text::training_few_pictures, {{"n", images.count()}, {"batch", recipe.batch}});
  const nn::Shape extents{images.channels, images.height, images.width};
  if (graph->spec().input != extents)
    return fail(text::training_extents, {{"net", graph->spec().input.text()}, {"set", extents.text()}});
  CHECK(teachers.empty() == (recipe.teacher_weight == 0.0));
  if (auto fit = Teachers::check(teachers, images, preprocessing); !fit) return std::unexpected(fit.error());
  FineLabels fine;
  if (recipe.fine_weight > 0.0) fine = fine_labels(images);
  const std::size_t answers = images.class_names.size() + fine.names.size();
  if (graph->class_count() != static_cast<int>(answers))
    return fail(recipe.fine_weight > 0.0 ? text::training_fine_classes : text::training_classes,
                {{"net", graph->class_count()}, {"set", answers}});
  if (recipe.fine_weight > 0.0 && !graph->nodes().back().attributes.has("out_features"))
    return fail(text::training_fine_last);
  if (auto fits = check(*graph, start); !fits) return std::unexpected(fits.error());
  return std::unique_ptr<Trainer>(new Trainer(std::move(graph), recipe, preprocessing, images, held_out,
                                              std::move(fine.labels), threads, teachers, start));
}

Trainer::Trainer(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe, const nn::Preprocessing& preprocessing,
                 const nn::LabelledImages& images, const nn::LabelledImages* held_out, std::vector<int> fine,
                 int threads, std::span<const nn::Model> teachers, const Start& start)
    : graph_(std::move(graph)),
      recipe_(recipe),
      preprocessing_(preprocessing),
      images_(images),
      held_out_(held_out),
      threads_(std::max(1, threads)),
      steps_per_epoch_(static_cast<long long>(images.count()) / recipe.batch),
      fine_(std::move(fine)) {
  const std::size_t count = graph_->weight_count();
  gradient_.resize(count);
  state_.weights = start.weights.empty() ? nn::initial_weights(*graph_, recipe_.seed) : start.weights;
  state_.moments = Moments(recipe_.optimizer.kind, count);
  if (recipe_.ema > 0.0) state_.average = state_.weights;
  const ChunkSource source{recipe_, preprocessing_, images_, fine_};
  for (int i = 0; i < recipe_.batch / recipe_.chunk; ++i) chunks_.emplace_back(source, graph_, teachers);
  find_norms();
  hold(start.fixed);
}

void Trainer::find_norms() {
  const auto& nodes = graph_->nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (!nodes[i].op->traits.channel_norm) continue;
    const int mean = graph_->find_weight(nodes[i].name + ".running_mean");
    const int variance = graph_->find_weight(nodes[i].name + ".running_var");
    CHECK(mean >= 0 && variance >= 0);
    const auto& weights = graph_->weights();
    const nn::Shape& out = nodes[i].output;
    const double values = static_cast<double>(recipe_.chunk) * out.h() * out.w();
    norms_.push_back({static_cast<int>(i), static_cast<std::size_t>(out.c()), mean, variance,
                      weights[static_cast<std::size_t>(mean)].offset,
                      weights[static_cast<std::size_t>(variance)].offset,
                      values > 1.0 ? values / (values - 1.0) : 1.0});
  }
}

void Trainer::hold(const Fixed& fixed) {
  fixed_ = fixed;
  const auto& tensors = graph_->weights();
  frozen_.assign(tensors.size(), false);
  for (const int tensor : fixed.frozen) frozen_[static_cast<std::size_t>(tensor)] = true;
  std::vector<bool> trained(tensors.size());
  std::vector<bool> averaged(tensors.size());
  int first_node = static_cast<int>(graph_->nodes().size());
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    averaged[t] = !frozen_[t];
    trained[t] = !frozen_[t] && tensors[t].trainable;
    if (trained[t]) first_node = std::min(first_node, tensors[t].node);
  }
  pieces_ = pieces_of(*graph_, trained);
  average_ = pieces_of(*graph_, averaged);
  std::vector<int> settled;
  for (const NormNode& norm : norms_) {
    if (is_frozen(norm.mean) && is_frozen(norm.variance)) settled.push_back(norm.node);
  }
  for (Chunk& chunk : chunks_) chunk.hold(settled, first_node);
  std::ranges::fill(gradient_, 0.0F);
  for (auto* values : {&state_.weights, &state_.moments.first, &state_.moments.second, &state_.average, &state_.best})
    prune(fixed.mask, *values);
}

Status Trainer::fix(const Fixed& fixed) {
  if (auto fits = check(*graph_, fixed); !fits) return fits;
  while (is_moving()) (void)step(base::Budget::unlimited());
  stage_ = Stage::begin;
  measuring_.reset();
  hold(fixed);
  return {};
}

Trainer::~Trainer() = default;

bool Trainer::finished() const {
  if (state_.epoch >= recipe_.epochs) return true;
  return recipe_.patience > 0 && state_.best_epoch > 0 && state_.epoch - state_.best_epoch >= recipe_.patience;
}

std::span<const float> Trainer::current() const { return state_.average.empty() ? state_.weights : state_.average; }

std::span<const float> Trainer::result() const { return state_.best.empty() ? current() : state_.best; }

nn::Folded Trainer::without_fine_head(std::span<const float> weights) const {
  if (fine_.empty()) return {graph_, {weights.begin(), weights.end()}};
  return first_outputs(*graph_, weights, static_cast<int>(class_count()));
}

Result<nn::Folded> Trainer::shipped() const {
  const nn::Folded net = without_fine_head(result());
  return nn::fold_batch_norm(*net.graph, net.weights);
}

const TrainerState& Trainer::state() const {
  CHECK(!is_moving());
  return state_;
}

Status Trainer::restore(TrainerState state) {
  const std::size_t count = graph_->weight_count();
  const long long first_step = state.epoch * steps_per_epoch_;
  const long long last_step = first_step + (state.epoch < recipe_.epochs ? steps_per_epoch_ : 0);
  const bool fits = state.weights.size() == count && state.moments.first.size() == count &&
                    state.moments.second.size() == state_.moments.second.size() &&
                    state.average.size() == state_.average.size() &&
                    (state.best.empty() || (recipe_.patience > 0 && state.best.size() == count)) && state.epoch >= 0 &&
                    state.epoch <= recipe_.epochs && state.step >= first_step && state.step <= last_step;
  if (!fits) return fail(text::training_checkpoint);
  state_ = std::move(state);
  stage_ = Stage::begin;
  measuring_.reset();
  hold(fixed_);
  return {};
}

}  // namespace weightroom::train
