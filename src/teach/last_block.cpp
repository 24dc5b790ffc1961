#include "teach/last_block.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/hash.h"
#include "base/math.h"
#include "base/rng.h"
#include "train/augment.h"
#include "train/loss.h"

namespace weightroom::teach {
namespace {

constexpr int kShift = 6;

// Whether no node behind it reads one before it.
bool nothing_passes(const nn::Graph& graph, int node) {
  for (std::size_t i = static_cast<std::size_t>(node) + 1; i < graph.nodes().size(); ++i) {
    if (std::ranges::any_of(graph.nodes()[i].inputs, [node](int input) { return input < node; })) return false;
  }
  return true;
}

// Keyed by the picture's bytes: the same copies wherever it stands in the set.
std::uint64_t key_of(std::span<const std::uint8_t> picture) {
  base::Sha256 hash;
  hash.update(std::as_bytes(picture));
  const auto digest = hash.finish();
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | digest[i];
  return key;
}

}  // namespace

int block_cut(const nn::Graph& graph) {
  constexpr double kMost = 0.4;
  double behind = 0.0;
  double most = 0.0;
  int cut = -1;
  for (int node = static_cast<int>(graph.nodes().size()) - 1; node > 0; --node) {
    if (node < graph.logits() && behind > most && behind <= kMost * graph.multiply_adds() &&
        nothing_passes(graph, node)) {
      most = behind;
      cut = node;
    }
    behind += graph.nodes()[static_cast<std::size_t>(node)].multiply_adds;
  }
  // A head alone is no block.
  const nn::Node& last = graph.nodes()[static_cast<std::size_t>(graph.logits())];
  return most > last.multiply_adds ? cut : -1;
}

BlockTraining::BlockTraining(const nn::Model& taught, const nn::LabelledImages& images, const BlockOptions& options,
                             int threads)
    : taught_(taught),
      images_(images),
      options_(options),
      cut_(block_cut(*taught.graph)),
      session_(taught.graph, taught.weights, {.batch = options.batch, .threads = threads}),
      weights_(taught.weights.copy()),
      moments_(train::OptimizerKind::sgd, taught.weights.size()) {
  CHECK(cut_ >= 0 && images.count() > 0);
  CHECK(images.class_names.size() == static_cast<std::size_t>(taught.graph->class_count()));
  row_size_ = taught.graph->output_shape(cut_, 1).size();
  rows_.reserve(row_count() * row_size_);
  std::vector<bool> moving;
  for (const nn::GraphWeight& tensor : taught.graph->weights())
    moving.push_back(tensor.node > cut_ && tensor.trainable);
  pieces_ = train::pieces_of(*taught.graph, moving);
  std::vector<double> counts(images.class_names.size());
  for (const int label : images.labels) counts[static_cast<std::size_t>(label)] += 1.0;
  const auto classes = static_cast<double>(std::ranges::count_if(counts, [](double count) { return count > 0.0; }));
  // Their mean over the pictures is 1.
  for (const double count : counts)
    class_weights_.push_back(count > 0.0 ? static_cast<double>(images.count()) / (classes * count) : 0.0);
}
BlockTraining::~BlockTraining() = default;

std::size_t BlockTraining::row_count() const { return images_.count() * static_cast<std::size_t>(options_.copies); }

int BlockTraining::step_count() const {
  const auto batch = static_cast<std::size_t>(options_.batch);
  return options_.epochs * static_cast<int>((row_count() + batch - 1) / batch);
}

// The next rows: row i is copy i / N of picture i % N, the first of which is the picture itself.
void BlockTraining::begin_cache() {
  const train::Extents extents{images_.channels, images_.height, images_.width};
  values_.resize(static_cast<std::size_t>(options_.batch) * extents.size());
  for (std::size_t k = 0; k < static_cast<std::size_t>(options_.batch) && next_ + k < row_count(); ++k) {
    const auto picture = images_.sample((next_ + k) % images_.count());
    const std::size_t copy = (next_ + k) / images_.count();
    const auto out = std::span(values_).subspan(k * extents.size(), extents.size());
    if (copy == 0) {
      train::normalise(picture, extents, taught_.preprocessing, out);
    } else {
      base::Rng rng(options_.seed, "teach copy " + std::to_string(copy), key_of(picture));
      train::augment(picture, extents, {.flip = true, .crop = kShift}, taught_.preprocessing, rng, out);
    }
  }
  session_.set_input(values_);
}

void BlockTraining::begin_step() {
  const auto batch = static_cast<std::size_t>(options_.batch);
  const std::size_t steps_an_epoch = (row_count() + batch - 1) / batch;
  const std::size_t in_epoch = static_cast<std::size_t>(steps_done_) % steps_an_epoch;
  if (in_epoch == 0) {
    order_.resize(row_count());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    base::Rng rng(options_.seed, "teach order", static_cast<std::uint64_t>(steps_done_) / steps_an_epoch);
    for (std::size_t i = order_.size(); i > 1; --i)
      std::swap(order_[i - 1], order_[rng.below(static_cast<std::uint32_t>(i))]);
  }
  batch_.assign(order_.begin() + static_cast<std::ptrdiff_t>(in_epoch * batch),
                order_.begin() + static_cast<std::ptrdiff_t>(std::min(row_count(), (in_epoch + 1) * batch)));
  values_.assign(batch * row_size_, 0.0F);
  for (std::size_t k = 0; k < batch_.size(); ++k)
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(batch_[k] * row_size_), row_size_,
                values_.begin() + static_cast<std::ptrdiff_t>(k * row_size_));
  session_.resume_behind(cut_, values_);
  running_ = true;
}

void BlockTraining::end_step() {
  const auto gradient = session_.d_weights();
  double square = 0.0;
  for (const train::Piece& piece : pieces_) {
    for (const float g : gradient.subspan(piece.offset, piece.size))
      square += static_cast<double>(g) * static_cast<double>(g);
  }
  const double length = std::sqrt(square);
  std::vector<float> clipped(gradient.begin(), gradient.end());
  if (length > options_.clip) {
    const auto share = static_cast<float>(options_.clip / length);
    for (float& g : clipped) g *= share;
  }
  constexpr double kPi = 3.14159265358979323846;
  const double rate = options_.rate * 0.5 * (1.0 + base::cos(kPi * steps_done_ / step_count()));
  const train::OptimizerOptions optimizer{
      .learning_rate = options_.rate, .momentum = options_.momentum, .weight_decay = options_.weight_decay};
  ++steps_done_;
  for (const train::Piece& piece : pieces_)
    train::optimizer_step(optimizer, piece, rate, steps_done_, clipped, weights_, moments_);
  for (const train::Piece& piece : pieces_)
    session_.set_weights(std::span<const float>(weights_).subspan(piece.offset, piece.size), piece.offset);
  running_ = backwards_ = false;
  if (steps_done_ == step_count()) stage_ = Stage::gather;
}

void BlockTraining::slice_cache() {
  if (!running_) begin_cache();
  running_ = true;
  if (!session_.current_through(cut_)) return void(session_.forward_step());
  const std::size_t some = std::min(static_cast<std::size_t>(options_.batch), row_count() - next_);
  const nn::ConstTensor made = session_.activation(cut_);
  rows_.insert(rows_.end(), made.data, made.data + some * row_size_);
  next_ += some;
  running_ = false;
  if (next_ < row_count()) return;
  next_ = 0;
  stage_ = step_count() > 0 ? Stage::train : Stage::gather;
}

void BlockTraining::slice_train() {
  if (!running_) return begin_step();
  if (backwards_) {
    if (session_.backward_step()) end_step();
  } else if (session_.forward_step()) {
    begin_backward();
  }
}

// From the answers of the batch to the gradient of its loss.
void BlockTraining::begin_backward() {
  const auto classes = static_cast<std::size_t>(taught_.graph->class_count());
  d_logits_.assign(static_cast<std::size_t>(options_.batch) * classes, 0.0F);
  loss_ = 0.0;
  for (std::size_t k = 0; k < batch_.size(); ++k) {
    const int label = images_.labels[batch_[k] % images_.count()];
    const double share = class_weights_[static_cast<std::size_t>(label)] / static_cast<double>(batch_.size());
    loss_ += share * train::cross_entropy(nn::Answer::softmax, {session_.logits().sample(static_cast<int>(k)), classes},
                                          {.first = label, .second = label}, 0.0, share,
                                          std::span(d_logits_).subspan(k * classes, classes));
  }
  session_.clear_d_weights();
  session_.begin_backward({.from = -1,
                           .d_from = d_logits_,
                           .input = false,
                           .weights = true,
                           .weights_from = cut_ + 1,
                           .keep = {},
                           .rule = nullptr});
  backwards_ = true;
}

void BlockTraining::slice_gather() {
  const std::size_t some = std::min(static_cast<std::size_t>(options_.batch), images_.count() - next_);
  if (!running_) {
    values_.assign(static_cast<std::size_t>(options_.batch) * row_size_, 0.0F);
    std::copy_n(rows_.begin() + static_cast<std::ptrdiff_t>(next_ * row_size_), some * row_size_, values_.begin());
    session_.resume_behind(cut_, values_);
    running_ = true;
    return;
  }
  if (!session_.forward_step()) return;
  for (std::size_t k = 0; k < some; ++k) {
    const auto row = nn::features(session_, static_cast<int>(k));
    features_.insert(features_.end(), row.begin(), row.end());
  }
  next_ += some;
  running_ = false;
  if (next_ == images_.count()) stage_ = Stage::done;
}

bool BlockTraining::step(const base::Budget& budget) {
  while (stage_ != Stage::done) {
    if (stage_ == Stage::cache) {
      slice_cache();
    } else if (stage_ == Stage::train) {
      slice_train();
    } else {
      slice_gather();
    }
    if (stage_ != Stage::done && budget.spent()) return false;
  }
  return true;
}

double BlockTraining::progress() const {
  // A row of the cache costs about two thirds of a pass, one of a step a third of three.
  const double cache = 2.0 * static_cast<double>(row_count());
  const double train = 3.0 * static_cast<double>(row_count()) * options_.epochs;
  const double done = stage_ == Stage::cache   ? 2.0 * static_cast<double>(next_)
                      : stage_ == Stage::train ? cache + train * steps_done_ / step_count()
                                               : cache + train;
  return stage_ == Stage::done ? 1.0 : 0.99 * done / (cache + train);
}

nn::Model BlockTraining::result() const {
  nn::Model made = taught_;
  made.weights = nn::FlatWeights(weights_);
  return made;
}

}  // namespace weightroom::teach
