#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/parallel.h"
#include "nn/session.h"
#include "train/fine_labels.h"
#include "train/teachers.h"

namespace weightroom::train {
namespace {

constexpr std::size_t kSlice = 16384;  // floats of a task that sums gradients or averages weights

class Stopwatch {
 public:
  // Seconds since the last call.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// The order of an epoch: Fisher-Yates, keyed by seed and epoch, so that any epoch can be begun without those before it.
std::vector<std::uint32_t> shuffled_order(std::size_t count, std::uint64_t seed, int epoch) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  base::Rng rng(seed, "shuffle", static_cast<std::uint64_t>(epoch));
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[rng.below(static_cast<std::uint32_t>(i))]);
  return order;
}

void for_slices(std::size_t count, int threads, const std::function<void(std::size_t first, std::size_t last)>& task) {
  const int slices = static_cast<int>((count + kSlice - 1) / kSlice);
  base::parallel_for(slices, threads, [&](int slice) {
    const std::size_t first = static_cast<std::size_t>(slice) * kSlice;
    task(first, std::min(count, first + kSlice));
  });
}

}  // namespace

struct Trainer::Chunk {
  Chunk(nn::Session of, Teachers from) : session(std::move(of)), teachers(std::move(from)) {}
  nn::Session session;
  Teachers teachers;
  std::vector<float> input;
  std::vector<float> scratch;
  std::vector<float> d_logits;
  std::vector<Target> targets;
  double loss = 0.0;
  int right = 0;
  PhaseSeconds phases;
};

// A batch_norm node with the places of its running statistics in the flat weights.
struct Trainer::NormNode {
  int node;
  std::size_t channels;
  std::size_t mean_offset;
  std::size_t variance_offset;
  double unbias;  // m / (m - 1) for the m values of a channel in a chunk
};

Result<std::unique_ptr<Trainer>> Trainer::create(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe,
                                                 const nn::Preprocessing& preprocessing,
                                                 const nn::LabelledImages& images, const nn::LabelledImages* held_out,
                                                 int threads, std::span<const nn::Model> teachers) {
  if (auto checked = check(recipe); !checked) return std::unexpected(checked.error());
  if (images.count() < static_cast<std::size_t>(recipe.batch)) {
    return fail("The set has " + std::to_string(images.count()) + " pictures to train on, fewer than a batch of " +
                std::to_string(recipe.batch) + ".");
  }
  const nn::Shape extents{images.channels, images.height, images.width};
  if (graph->spec().input != extents) {
    return fail("The net reads pictures of " + graph->spec().input.text() + ", the set has " + extents.text() + ".");
  }
  CHECK(teachers.empty() == (recipe.teacher_weight == 0.0));
  if (auto fit = Teachers::check(teachers, images, preprocessing); !fit) return std::unexpected(fit.error());
  FineLabels fine;
  if (recipe.fine_weight > 0.0) fine = fine_labels(images);
  const std::size_t answers = images.class_names.size() + fine.names.size();
  if (graph->class_count() != static_cast<int>(answers)) {
    return fail("The net tells " + std::to_string(graph->class_count()) + " classes apart, the set has " +
                std::to_string(answers) + (recipe.fine_weight > 0.0 ? " with its fine labels." : "."));
  }
  return std::unique_ptr<Trainer>(new Trainer(std::move(graph), recipe, preprocessing, images, held_out,
                                              std::move(fine.labels), threads, teachers));
}

Trainer::Trainer(std::shared_ptr<const nn::Graph> graph, const Recipe& recipe, const nn::Preprocessing& preprocessing,
                 const nn::LabelledImages& images, const nn::LabelledImages* held_out, std::vector<int> fine,
                 int threads, std::span<const nn::Model> teachers)
    : graph_(std::move(graph)),
      recipe_(recipe),
      preprocessing_(preprocessing),
      images_(images),
      held_out_(held_out),
      threads_(std::max(1, threads)),
      steps_per_epoch_(static_cast<long long>(images.count()) / recipe.batch),
      fine_(std::move(fine)),
      pieces_(trainable_pieces(*graph_)) {
  const std::size_t count = graph_->weight_count();
  gradient_.resize(count);
  state_.weights = nn::initial_weights(*graph_, recipe_.seed);
  state_.moments = Moments(recipe_.optimizer.kind, count);
  if (recipe_.ema > 0.0) state_.average = state_.weights;
  const auto chunk = static_cast<std::size_t>(recipe_.chunk);
  for (int i = 0; i < recipe_.batch / recipe_.chunk; ++i) {
    Chunk& made = chunks_.emplace_back(nn::Session(graph_, {.batch = recipe_.chunk, .training = true, .threads = 1}),
                                       Teachers(teachers, recipe_.chunk));
    made.input.resize(chunk * images_.sample_bytes());
    made.d_logits.resize(chunk * static_cast<std::size_t>(graph_->class_count()));
    made.targets.resize(chunk);
    if (recipe_.mix.mixup > 0.0 || recipe_.mix.cutmix > 0.0) made.scratch.resize(made.input.size());
  }
  const auto& nodes = graph_->nodes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (!nodes[i].op->traits.channel_norm) continue;
    const int mean = graph_->find_weight(nodes[i].name + ".running_mean");
    const int variance = graph_->find_weight(nodes[i].name + ".running_var");
    CHECK(mean >= 0 && variance >= 0);
    const auto& weights = graph_->weights();
    const nn::Shape& out = nodes[i].output;
    const double values = static_cast<double>(recipe_.chunk) * out.h() * out.w();
    norms_.push_back(
        {static_cast<int>(i), static_cast<std::size_t>(out.c()), weights[static_cast<std::size_t>(mean)].offset,
         weights[static_cast<std::size_t>(variance)].offset, values > 1.0 ? values / (values - 1.0) : 1.0});
  }
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

// pictures: the chunk's indices into the set, in the epoch's order.
void Trainer::run_chunk(Chunk& chunk, int index, std::span<const std::uint32_t> pictures) {
  Stopwatch watch;
  const Extents extents{images_.channels, images_.height, images_.width};
  const std::size_t size = extents.size();
  AugmentOptions augmenting = recipe_.augment;
  MixOptions mixing = recipe_.mix;
  if (state_.epoch >= recipe_.epochs - recipe_.calm_epochs) {
    augmenting.bend_probability = mixing.probability = 0.0;
    augmenting.cutout = 0;
  }
  const std::uint64_t drawn = static_cast<std::uint64_t>(state_.epoch) * images_.count();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    base::Rng rng(recipe_.seed, "augment", drawn + pictures[i]);
    augment(images_.sample(pictures[i]), extents, augmenting, preprocessing_, rng,
            std::span(chunk.input).subspan(i * size, size));
    // Places in the chunk, until it is known who is mixed with whom.
    chunk.targets[i] = {static_cast<int>(i), static_cast<int>(i), 1.0F};
  }
  base::Rng rng(recipe_.seed, "mix",
                static_cast<std::uint64_t>(state_.step) * chunks_.size() + static_cast<std::uint64_t>(index));
  mix(mixing, extents, rng, chunk.input, chunk.targets, chunk.scratch);
  chunk.phases.augment += watch.lap();

  nn::Session& session = chunk.session;
  session.set_weights(state_.weights);
  session.set_input(chunk.input);
  session.forward();
  chunk.phases.forward += watch.lap();

  measure_chunk(chunk, pictures);
  session.clear_d_weights();
  nn::BackwardRequest request;
  request.d_from = chunk.d_logits;
  request.input = false;
  request.weights = true;
  session.backward(request);
  chunk.phases.backward += watch.lap();
}

// Loss, right answers and the gradient of the loss by the logits: classes first, fine labels after them.
void Trainer::measure_chunk(Chunk& chunk, std::span<const std::uint32_t> pictures) {
  const auto answers = static_cast<std::size_t>(graph_->class_count());
  const std::size_t classes = class_count();
  // Softened answers of the teachers to what the chunk's pictures have become.
  const auto taught = chunk.teachers.answer(chunk.input, recipe_.temperature);
  const double told = recipe_.teacher_weight;
  const double scale = 1.0 / recipe_.batch;
  chunk.loss = 0.0;
  chunk.right = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Target& places = chunk.targets[i];
    const auto target_of = [&](const std::vector<int>& labels) {
      return Target{labels[pictures[static_cast<std::size_t>(places.first)]],
                    labels[pictures[static_cast<std::size_t>(places.second)]], places.share};
    };
    const std::span<const float> logits(chunk.session.logits().sample(static_cast<int>(i)), answers);
    const auto d_logits = std::span(chunk.d_logits).subspan(i * answers, answers);
    const Target target = target_of(images_.labels);
    chunk.loss += (1.0 - told) * cross_entropy(logits.first(classes), target, recipe_.label_smoothing,
                                               (1.0 - told) * scale, d_logits.first(classes));
    if (!taught.empty())
      chunk.loss += told * distillation(logits.first(classes), taught.subspan(i * classes, classes),
                                        recipe_.temperature, told * scale, d_logits.first(classes));
    chunk.right += static_cast<int>(rank_of(logits.first(classes), target.first) == 0);
    if (fine_.empty()) continue;
    (void)cross_entropy(logits.subspan(classes), target_of(fine_), recipe_.label_smoothing, scale * recipe_.fine_weight,
                        d_logits.subspan(classes));
  }
}

// Running statistics move towards the mean of the chunks' (PyTorch's rule: the variance unbiased).
void Trainer::update_statistics() {
  const double share = recipe_.norm_momentum;
  const double chunks = static_cast<double>(chunks_.size());
  for (const NormNode& norm : norms_) {
    for (std::size_t c = 0; c < norm.channels; ++c) {
      double mean = 0.0;
      double variance = 0.0;
      for (const Chunk& chunk : chunks_) {
        const float* measured = chunk.session.batch_statistics(norm.node).data;
        mean += static_cast<double>(measured[c]);
        variance += static_cast<double>(measured[norm.channels + c]);
      }
      float& running_mean = state_.weights[norm.mean_offset + c];
      float& running_variance = state_.weights[norm.variance_offset + c];
      running_mean = static_cast<float>((1.0 - share) * static_cast<double>(running_mean) + share * mean / chunks);
      running_variance = static_cast<float>((1.0 - share) * static_cast<double>(running_variance) +
                                            share * variance / chunks * norm.unbias);
    }
  }
}

void Trainer::update(double rate) {
  for_slices(gradient_.size(), threads_, [&](std::size_t first, std::size_t last) {
    const auto sum = std::span(gradient_).subspan(first, last - first);
    std::ranges::copy(chunks_[0].session.d_weights().subspan(first, last - first), sum.begin());
    for (std::size_t k = 1; k < chunks_.size(); ++k) {
      const float* part = chunks_[k].session.d_weights().data() + first;
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    }
  });
  base::parallel_for(static_cast<int>(pieces_.size()), threads_, [&](int i) {
    optimizer_step(recipe_.optimizer, pieces_[static_cast<std::size_t>(i)], rate, state_.step + 1, gradient_,
                   state_.weights, state_.moments);
  });
  update_statistics();
  ++state_.step;
  if (state_.average.empty()) return;
  // A short memory at first, or the average would drag the random start along.
  const double steps = static_cast<double>(state_.step);
  const double decay = std::min(recipe_.ema, (1.0 + steps) / (10.0 + steps));
  const auto keep = static_cast<float>(decay);
  const auto take = static_cast<float>(1.0 - decay);
  for_slices(state_.weights.size(), threads_, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) state_.average[i] = keep * state_.average[i] + take * state_.weights[i];
  });
}

void Trainer::measure_epoch(EpochReport& report) {
  if (held_out_ == nullptr) return;
  // What ships has batch_norm folded in, and is faster so; a net whose norms do not fold is measured as it is.
  nn::Folded net = without_fine_head(current());
  if (auto folded = nn::fold_batch_norm(*net.graph, net.weights); folded) net = std::move(*folded);
  report.measured = true;
  report.held_out = evaluate(net.graph, net.weights, preprocessing_, *held_out_, threads_);
  if (report.held_out.top1 <= state_.best_accuracy) return;
  report.best = true;
  state_.best_accuracy = report.held_out.top1;
  state_.best_epoch = state_.epoch;
  if (recipe_.patience > 0) state_.best.assign(current().begin(), current().end());
}

EpochReport Trainer::run_epoch(const Progress& progress) {
  CHECK(!finished());
  Stopwatch whole;
  EpochReport report;
  const std::vector<std::uint32_t> order = shuffled_order(images_.count(), recipe_.seed, state_.epoch);
  const long long all_steps = steps_per_epoch_ * recipe_.epochs;
  const auto size = static_cast<std::size_t>(recipe_.chunk);
  double loss = 0.0;
  long long right = 0;
  for (Chunk& chunk : chunks_) chunk.phases = {};
  for (long long step = 0; step < steps_per_epoch_; ++step) {
    report.learning_rate = learning_rate(recipe_.schedule, recipe_.optimizer.learning_rate, state_.step, all_steps);
    const std::size_t start = static_cast<std::size_t>(step) * static_cast<std::size_t>(recipe_.batch);
    base::parallel_for(static_cast<int>(chunks_.size()), threads_, [&](int i) {
      const std::size_t first = start + static_cast<std::size_t>(i) * size;
      run_chunk(chunks_[static_cast<std::size_t>(i)], i, std::span<const std::uint32_t>(order).subspan(first, size));
    });
    for (const Chunk& chunk : chunks_) {
      loss += chunk.loss;
      right += chunk.right;
    }
    Stopwatch watch;
    update(report.learning_rate);
    report.phases.update += watch.lap();
    if (progress) progress(step + 1, steps_per_epoch_, loss / static_cast<double>((step + 1) * recipe_.batch));
  }
  ++state_.epoch;
  report.epoch = state_.epoch;
  const double pictures = static_cast<double>(steps_per_epoch_ * recipe_.batch);
  report.loss = loss / pictures;
  report.accuracy = static_cast<double>(right) / pictures;
  for (const Chunk& chunk : chunks_) {
    report.phases.augment += chunk.phases.augment;
    report.phases.forward += chunk.phases.forward;
    report.phases.backward += chunk.phases.backward;
  }
  measure_epoch(report);
  report.seconds = whole.lap();
  return report;
}

Status Trainer::restore(TrainerState state) {
  const std::size_t count = graph_->weight_count();
  const bool fits = state.weights.size() == count && state.moments.first.size() == count &&
                    state.moments.second.size() == state_.moments.second.size() &&
                    state.average.size() == state_.average.size() &&
                    (state.best.empty() || (recipe_.patience > 0 && state.best.size() == count)) && state.epoch >= 0 &&
                    state.epoch <= recipe_.epochs && state.step == state.epoch * steps_per_epoch_;
  if (!fits) return fail("The checkpoint belongs to another net or recipe.");
  state_ = std::move(state);
  return {};
}

}  // namespace weightroom::train
