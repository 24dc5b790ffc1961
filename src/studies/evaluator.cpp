#include "studies/evaluator.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/math.h"
#include "base/sort.h"
#include "nn/weight_ref.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kMostBatch = 8;                            // small, so that activations stay in the cache
constexpr std::size_t kMostActivations = std::size_t{8} << 20U;  // floats of a session

std::size_t activation_floats(const nn::Graph& graph) {
  std::size_t floats = 0;
  for (const nn::Node& node : graph.nodes()) floats += node.output.size();
  return floats;
}

std::size_t batch_for(const nn::Graph& graph) {
  return std::clamp<std::size_t>(kMostActivations / std::max<std::size_t>(1, activation_floats(graph)), 1, kMostBatch);
}

// Nodes after which nothing reads what lies before them.
std::vector<int> narrow_places(const nn::Graph& graph) {
  const auto& nodes = graph.nodes();
  const int count = static_cast<int>(nodes.size());
  std::vector<int> last_reader(nodes.size(), -1);
  for (int i = 1; i < count; ++i) {
    for (const int source : nodes[static_cast<std::size_t>(i)].inputs)
      last_reader[static_cast<std::size_t>(source)] = i;
  }
  std::vector<int> found;
  int reach = last_reader[0];
  for (int k = 1; k < count; ++k) {
    if (reach <= k && last_reader[static_cast<std::size_t>(k)] > k) found.push_back(k);
    reach = std::max(reach, last_reader[static_cast<std::size_t>(k)]);
  }
  return found;
}

}  // namespace

Evaluator::Evaluator(Borrow borrow, std::shared_ptr<const nn::Model> model,
                     std::shared_ptr<const document::PictureSet> set, const std::vector<int>& class_of,
                     std::size_t most_cached)
    : model_(std::move(model)), set_(std::move(set)), batch_(batch_for(*model_->graph)), borrow_(std::move(borrow)) {
  for (std::size_t i = 0; i < set_->images.count(); ++i) {
    const int truth = class_of[static_cast<std::size_t>(set_->images.labels[i])];
    if (truth < 0) continue;
    pictures_.push_back(i);
    truths_.push_back(truth);
  }
  judgements_.resize(pictures_.size());
  judged_truths_.assign(pictures_.size(), -1);
  blocks_.resize((pictures_.size() + batch_ - 1) / batch_);
  for (const nn::Node& node : model_->graph->nodes())
    work_before_.push_back(node.multiply_adds + (work_before_.empty() ? 0.0 : work_before_.back()));
  choose_cuts(most_cached);
}

// Before each layer with weights, the narrow place next to it: the smallest ones first, while there is room.
void Evaluator::choose_cuts(std::size_t most_cached) {
  const nn::Graph& graph = *model_->graph;
  const std::vector<int> narrow = narrow_places(graph);
  std::vector<int> wanted;
  for (const nn::GraphWeight& weight : graph.weights()) {
    const auto after = std::ranges::lower_bound(narrow, weight.node);
    if (after == narrow.begin()) continue;
    if (wanted.empty() || wanted.back() != *std::prev(after)) wanted.push_back(*std::prev(after));
  }
  const auto size = [&](int node) { return graph.nodes()[static_cast<std::size_t>(node)].output.size(); };
  base::sort(wanted, {}, [&](int node) { return std::pair(size(node), node); });
  std::size_t bytes = 0;
  for (const int node : wanted) {
    bytes += size(node) * sizeof(float) * batch_ * blocks_.size();
    if (bytes > most_cached) break;
    cuts_.push_back(node);
  }
  base::sort(cuts_);
}

void Evaluator::begin(const document::PagedWeights& weights, std::vector<int> bypassed) {
  base::sort(bypassed);
  state_ = std::make_shared<const State>(weights, std::move(bypassed));
  std::ranges::fill(judged_truths_, -1);
  compared_.reset();
  next_ = 0;
  spared_ = whole_ = 0.0;
  if (!begun_) running_.reset();
  if (!running_) next_block();
}

std::size_t Evaluator::places(std::size_t block) const {
  return (pictures_.size() - block + blocks_.size() - 1) / blocks_.size();
}

// The first node that does something else than with the block's weights; behind the last one: none does.
int Evaluator::first_changed(const State& from) const {
  const nn::Graph& graph = *model_->graph;
  int first = static_cast<int>(graph.nodes().size());
  std::vector<int> switched;
  std::ranges::set_symmetric_difference(from.bypassed, state_->bypassed, std::back_inserter(switched));
  if (!switched.empty()) first = switched.front();
  for (std::size_t p = 0; p < state_->weights.page_count(); ++p) {
    if (from.weights.shares_page(state_->weights, p)) continue;
    const auto a = from.weights.page(p);
    const auto b = state_->weights.page(p);
    const auto at = std::ranges::mismatch(a, b, base::same_bits).in1 - a.begin();
    if (static_cast<std::size_t>(at) == a.size()) continue;
    const auto ref = nn::ref_of(graph, p * document::PagedWeights::kPage + static_cast<std::size_t>(at));
    return std::min(first, graph.weights()[static_cast<std::size_t>(ref.tensor)].node);
  }
  return first;
}

// Takes a session, false where there is none, and gives it the weights: only once a block is run with them, since many
// are begun and never run in a drag.
bool Evaluator::prepare() {
  if (!session_) {
    session_ = borrow_(static_cast<int>(batch_));
    synced_.reset();
  }
  if (!session_) return false;
  if (synced_ == state_) return true;
  sync_weights(*session_, synced_ ? synced_->weights : document::PagedWeights(model_->weights), state_->weights);
  session_->bypass(state_->bypassed);
  synced_ = state_;
  return true;
}

// Passes over blocks that nothing has changed for, and begins the next one.
void Evaluator::next_block() {
  for (; next_ < blocks_.size(); ++next_) {
    Block& block = blocks_[next_];
    if (block.state && block.state != compared_) {
      compared_ = block.state;
      compared_first_ = first_changed(*block.state);
    }
    const double work = work_before_.back() * static_cast<double>(places(next_));
    whole_ += work;
    if (!block.state || compared_first_ < static_cast<int>(work_before_.size())) {
      running_ = state_;
      at_ = next_;
      begun_ = false;
      return;
    }
    spared_ += work;
    block.state = state_;
    for (std::size_t k = 0; k < places(next_); ++k) {
      const std::size_t i = next_ + k * blocks_.size();
      judged_truths_[i] = truths_[i];
    }
  }
}

void Evaluator::start_block() {
  begun_ = true;
  const Block& block = blocks_[at_];
  from_ = -1;
  std::size_t cut = 0;
  if (block.state) {
    for (std::size_t c = 0; c < cuts_.size(); ++c) {
      if (cuts_[c] < compared_first_ && !block.cached[c].empty()) from_ = cuts_[cut = c];
    }
  }
  if (from_ >= 0) {
    session_->resume_behind(from_, block.cached[cut]);
    spared_ += work_before_[static_cast<std::size_t>(from_)] * static_cast<double>(places(at_));
    return;
  }
  const std::size_t each = set_->images.sample_bytes();
  std::vector<float> input(batch_ * each, 0.0F);
  for (std::size_t k = 0; k < places(at_); ++k) {
    const auto picture = set_->input(*model_, pictures_[at_ + k * blocks_.size()]);
    std::ranges::copy(picture, input.begin() + static_cast<std::ptrdiff_t>(k * each));
  }
  session_->set_input(input);
}

void Evaluator::end_block() {
  Block& block = blocks_[at_];
  block.cached.resize(cuts_.size());
  for (std::size_t c = 0; c < cuts_.size(); ++c) {
    if (cuts_[c] <= from_) continue;  // what the session has there is another block's
    const auto values = session_->activation(cuts_[c]).values();
    block.cached[c].assign(values.begin(), values.end());
  }
  block.state = running_;
  const nn::ConstTensor logits = session_->logits();
  const auto classes = static_cast<std::size_t>(model_->graph->class_count());
  for (std::size_t k = 0; k < places(at_); ++k) {
    const std::size_t i = at_ + k * blocks_.size();
    judgements_[i] = train::judge(model_->graph->answer(), {logits.sample(static_cast<int>(k)), classes}, truths_[i]);
    if (running_ == state_) judged_truths_[i] = truths_[i];
  }
  // Other weights may have been asked for while it ran: then all begins anew.
  next_ = running_ == state_ ? at_ + 1 : 0;
  running_.reset();
  begun_ = false;
  next_block();
}

bool Evaluator::step(const base::Budget& budget) {
  while (running_) {
    if (!begun_) {
      if (!prepare()) return false;
      start_block();
    }
    if (session_->current() || session_->forward_step()) end_block();
    if (budget.spent()) break;
  }
  if (!running_) session_.give_back();
  return done();
}

double Evaluator::progress() const {
  return blocks_.empty() ? 1.0 : static_cast<double>(next_) / static_cast<double>(blocks_.size());
}

train::Evaluation Evaluator::evaluation() const {
  return train::sum_up(judgements_, judged_truths_, static_cast<std::size_t>(model_->graph->class_count()));
}

double Evaluator::spared() const { return whole_ > 0.0 ? spared_ / whole_ : 0.0; }

std::size_t Evaluator::cached_bytes() const {
  std::size_t floats = 0;
  for (const Block& block : blocks_) {
    for (const auto& values : block.cached) floats += values.size();
  }
  return floats * sizeof(float);
}

}  // namespace weightroom::studies
