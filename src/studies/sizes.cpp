#include "studies/sizes.h"

#include <algorithm>
#include <numeric>

#include "onnx/export.h"
#include "studies/study.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kMostZipped = 20'000'000;  // weights: beyond, gzip would take seconds
constexpr auto kSmallest = io::Store::smallest;

}  // namespace

void Sizes::forget() {
  under_way_.reset();
  counting_.reset();
  document_.reset();
  tensors_.clear();
  layers_.clear();
  after_ = {};
  session_.give_back();
  ms_.clear();
  passes_ = 0;
  timed_node_ = 0;
  ++zipped_->turn;
  shown_.reset();
  ++version_;
}

void Sizes::show(const document::Document& document) {
  const bool another = !document_ || !same_model(*document_, document);
  if (another) {
    // Of another graph of the same weights (pictures of another size) the history is still true.
    auto known = document_ && document_->model->weights.data() == document.model->weights.data() ? std::move(after_)
                                                                                                 : decltype(after_)();
    forget();
    after_ = std::move(known);
    tensors_.resize(document.graph().weights().size());
    for (int node = 1; node < static_cast<int>(document.graph().nodes().size()); ++node) {
      if (!document.graph().nodes()[static_cast<std::size_t>(node)].weights.empty()) layers_.push_back(node);
    }
  }
  const bool changed = another || !seen_.same(document.edit.running);
  if (changed) {
    for (std::size_t i = 0; i < tensors_.size() && !another; ++i) {
      const nn::GraphWeight& weight = document.graph().weights()[i];
      const std::size_t last = (weight.offset + weight.shape.size() - 1) / document::PagedWeights::kPage;
      for (std::size_t page = weight.offset / document::PagedWeights::kPage; page <= last; ++page) {
        if (seen_.shares_page(document.edit.running, page)) continue;
        tensors_[i] = {};
        break;
      }
    }
    under_way_.reset();
    seen_ = document.edit.running;
    smallest_known_ = shown_known_ = false;
    *zipped_ = {.layers = {}, .under_way = zipped_->under_way, .turn = zipped_->turn + 1};
  }
  // Names, labels and what is switched off stand in files too.
  if (!another && (document_->model != document.model || document_->bypassed() != document.bypassed())) {
    smallest_known_ = shown_known_ = onnx_known_ = false;
    *zipped_ = {.layers = {}, .under_way = zipped_->under_way, .turn = zipped_->turn + 1};
  }
  if (another) onnx_known_ = false;
  if (another || document_->model != document.model) {
    counting_.reset();
    metadata_.reset();
  }
  document_ = document;
  if (!looked_at()) session_.give_back();
  if (smallest_known_) remember();
}

// A drag under way is no step.
void Sizes::remember() {
  if (!document_->previewing) after_.put(last_step(document_->edit), file_bytes(kSmallest));
}

// The history of a large net would cost every edit a second.
bool Sizes::wanted() const {
  constexpr std::size_t kMost = 4'000'000;
  // A drag under way makes no step that would tell it.
  return looked_at() || (!document_->previewing && document_->graph().weight_count() <= kMost);
}

bool Sizes::pending() const {
  if (!document_) return false;
  const bool zip = zips() && (zipped_->under_way || zipped_->asked <= layers_.size());
  return (!smallest_known_ && wanted()) || (looked_at() && (!shown_known_ || ms_.empty() || zip));
}

bool Sizes::zips() const { return gzip_ && document_->graph().weight_count() <= kMostZipped; }

// Whether there is more to be asked, and nobody to be waited for.
bool Sizes::zipping() const { return zips() && !zipped_->under_way && zipped_->asked <= layers_.size(); }

bool Sizes::looked_at() const {
  const auto wants = page_of(*document_).wants;
  return wants != nullptr && wants(*document_).sizes;
}

double Sizes::progress() const {
  if (!pending()) return 1.0;
  std::size_t done = 0;
  for (const Tensor& tensor : tensors_)
    done += static_cast<std::size_t>(std::ranges::count_if(tensor.stored, [](const auto& s) { return s.has_value(); }));
  const double all = static_cast<double>(tensors_.size()) * io::kStores;
  return 0.9 * static_cast<double>(done) / std::max(1.0, all);
}

bool Sizes::packed(io::Store store) const {
  return std::ranges::all_of(tensors_,
                             [&](const Tensor& t) { return t.stored[static_cast<std::size_t>(store)].has_value(); });
}

std::span<const float> Sizes::values(std::size_t tensor, std::vector<float>& scratch) const {
  const nn::GraphWeight& weight = document_->graph().weights()[tensor];
  return document_->edit.running.values(weight.offset, weight.shape.size(), scratch);
}

std::size_t Sizes::file_bytes(io::Store store) {
  std::vector<const io::StoredTensor*> all;
  for (const Tensor& tensor : tensors_) all.push_back(&*tensor.stored[static_cast<std::size_t>(store)]);
  return io::model_file_bytes(*metadata_, all);
}

// One tensor after another; true once all are packed.
bool Sizes::step_packing(io::Store store, const base::Budget& budget) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const auto& stored = tensors_[i].stored[static_cast<std::size_t>(store)];
    if (stored) continue;
    if (!under_way_ || under_way_->tensor != i || under_way_->store != store) {
      // A page of weights is its own until another is shown; document_ may be another of the same weights by then.
      UnderWay& next = under_way_.emplace(i, store);
      const nn::GraphWeight& weight = document_->graph().weights()[i];
      next.values = seen_.values(weight.offset, weight.shape.size(), next.scratch);
      next.planner.emplace(weight, next.values, store);
    }
    while (!step_tensor()) {
      if (budget.spent()) return false;
    }
    if (budget.spent()) return packed(store);
  }
  return true;
}

bool Sizes::step_metadata(const base::Budget& budget) {
  if (metadata_) return true;
  if (!counting_) counting_.emplace(*document_->model);
  while (!counting_->step()) {
    if (budget.spent()) return false;
  }
  metadata_ = counting_->bytes();
  counting_.reset();
  return true;
}

// A part of the tensor under way; true once it is packed.
bool Sizes::step_tensor() {
  UnderWay& now = *under_way_;
  if (!now.planner->step()) return false;
  Tensor& tensor = tensors_[now.tensor];
  if (now.store == kSmallest) {
    constexpr std::size_t kAtOnce = 1U << 20U;
    const auto part = now.values.subspan(now.counted, std::min(kAtOnce, now.values.size() - now.counted));
    now.zeros += static_cast<std::size_t>(std::ranges::count(part, 0.0F));
    now.counted += part.size();
    if (now.counted < now.values.size()) return false;
    tensor.zeros = now.zeros;
  }
  tensor.stored[static_cast<std::size_t>(now.store)] =
      io::stored_tensor(document_->graph().weights()[now.tensor], now.planner->take());
  under_way_.reset();
  return true;
}

// False where there is no session for it.
bool Sizes::begin_timing() {
  const nn::Model& model = *document_->model;
  session_ = sessions_->try_lend(this, model.graph, model.weights, {});
  if (!session_) return false;
  sync_weights(*session_, document_->loaded, document_->edit.running);
  timing_.assign(model.graph->nodes().size(), 0.0);
  passes_ = 0;
  timed_node_ = timing_.size();
  return true;
}

// The mean of as many passes as a fifth of a second has room for, a layer a slice: browsers tell the time in steps of a
// tenth of a millisecond, which even out. The first pass warms the caches.
bool Sizes::step_timing(const base::Budget& budget) {
  constexpr double kEnough = 200.0;  // milliseconds
  constexpr int kMostPasses = 400;
  const auto& nodes = document_->graph().nodes();
  std::vector<float> input(document_->graph().spec().input.size(), 0.5F);
  if (document_->picture) input = *document_->picture->input;
  while (true) {
    if (timed_node_ == nodes.size()) {
      const double sum = std::accumulate(timing_.begin(), timing_.end(), 0.0);
      if (passes_ == 1) std::ranges::fill(timing_, 0.0);
      if (passes_ > kMostPasses || (passes_ > 1 && sum >= kEnough)) break;
      ++passes_;
      input.front() += 0.001F * static_cast<float>(passes_);  // a session does not run the same picture twice
      session_->set_input(input);
      timed_node_ = 1;
    }
    const auto start = base::Budget::Clock::now();
    session_->forward_step();
    timing_[timed_node_] += std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
    if (session_->current_through(static_cast<int>(timed_node_))) ++timed_node_;
    if (budget.spent()) return false;
  }
  ms_ = std::move(timing_);
  for (double& ms : ms_) ms /= passes_ - 1;
  session_.give_back();
  return true;
}

void Sizes::finish() {
  ModelSizes sizes;
  for (const int node : layers_) {
    LayerSize layer{.node = node};
    for (const int weight : document_->graph().nodes()[static_cast<std::size_t>(node)].weights) {
      const Tensor& tensor = tensors_[static_cast<std::size_t>(weight)];
      layer.weights += document_->graph().weights()[static_cast<std::size_t>(weight)].shape.size();
      layer.zeros += tensor.zeros;
      for (std::size_t k = 0; k < layer.bytes.size(); ++k) layer.bytes[k] += tensor.stored[k]->bytes;
    }
    sizes.layers.push_back(layer);
  }
  for (std::size_t k = 0; k < sizes.file.size(); ++k) sizes.file[k] = file_bytes(static_cast<io::Store>(k));
  // It does not depend on the weights' values.
  if (!std::exchange(onnx_known_, true))
    onnx_ = onnx::write_onnx(*document_->model, io::tensors_of(*document_->model), document_->bypassed()).size();
  sizes.onnx = onnx_;
  shown_ = std::move(sizes);
  shown_known_ = true;
  ++version_;
}

std::vector<std::byte> Sizes::layer_bytes(int node) const {
  std::vector<std::byte> bytes;
  std::vector<float> scratch;
  for (const int weight : document_->graph().nodes()[static_cast<std::size_t>(node)].weights) {
    const auto part = std::as_bytes(values(static_cast<std::size_t>(weight), scratch));
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

// One after another, one a slice: a window's gzip answers at once, a page's later.
void Sizes::ask_gzip() {
  if (!zips()) return;
  if (zipped_->under_way || zipped_->asked > layers_.size()) return;
  const std::size_t next = zipped_->asked++;
  zipped_->under_way = true;
  std::vector<std::byte> bytes;
  if (next < layers_.size()) {
    bytes = layer_bytes(layers_[next]);
  } else {
    std::vector<std::vector<float>> scratch(tensors_.size());
    std::vector<std::span<const float>> weights;
    for (std::size_t i = 0; i < tensors_.size(); ++i) weights.push_back(values(i, scratch[i]));
    bytes = io::write_model(*document_->model, weights, io::Store::full);
  }
  gzip_(std::move(bytes), [zipped = zipped_, turn = zipped_->turn, whole = next == layers_.size()](std::size_t size) {
    zipped->under_way = false;
    if (turn != zipped->turn) return;
    if (whole) {
      zipped->file = size;
    } else {
      zipped->layers.push_back(size);
    }
  });
}

bool Sizes::step(const base::Budget& budget) {
  if (!document_) return true;
  if ((wanted() || looked_at()) && !step_metadata(budget)) return false;
  if (!smallest_known_ && wanted()) {
    if (!packed(kSmallest)) {
      if (!step_packing(kSmallest, budget) || budget.spent()) return false;
    }
    smallest_known_ = true;
    remember();
    ++version_;
  }
  if (!looked_at()) return true;
  if (!shown_known_) {
    for (int k = 0; k < io::kStores; ++k) {
      if (!step_packing(static_cast<io::Store>(k), budget)) return false;
    }
    finish();
  }
  if (ms_.empty() && (session_ || begin_timing())) {
    if (!step_timing(budget)) return false;
    ++version_;
  }
  if (shown_->ms.empty()) shown_->ms = ms_;
  ask_gzip();
  // Answers that have come since the last slice.
  for (std::size_t k = 0; k < zipped_->layers.size(); ++k) {
    if (std::exchange(shown_->layers[k].gzip, zipped_->layers[k]) != zipped_->layers[k]) ++version_;
  }
  if (std::exchange(shown_->gzip, zipped_->file) != zipped_->file) ++version_;
  return !zipping();
}

std::optional<std::size_t> Sizes::file_after(const std::shared_ptr<const document::Step>& step) const {
  return after_.find(step);
}

}  // namespace weightroom::studies
