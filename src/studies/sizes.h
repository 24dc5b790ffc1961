#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/job.h"
#include "document/document.h"
#include "io/model_file.h"
#include "nn/session.h"
#include "nn/session_pool.h"
#include "studies/after_steps.h"

namespace weightroom::studies {

// How many bytes gzip makes of others; the answer may come later. The shells bring the program that web servers use.
using Gzip = std::function<void(std::vector<std::byte> bytes, std::function<void(std::size_t)> done)>;

using Store = io::Store;
using StoreBytes = std::array<std::size_t, io::kStores>;  // in the order of io::Store

// A layer with weights: those of all its tensors.
struct LayerSize {
  int node = 0;
  std::size_t weights = 0;
  std::size_t zeros = 0;  // of these
  StoreBytes bytes{};     // of the values, without the file's header
  std::size_t gzip = 0;   // of the values as fp32; 0: not known
};

// What a model takes to store and to run, layer by layer and as whole files.
struct ModelSizes {
  std::vector<LayerSize> layers;  // in data order
  StoreBytes file{};              // whole files, to the byte
  std::size_t gzip = 0;           // of the fp32 file; 0: not known yet
  std::size_t onnx = 0;
  std::vector<double> ms;  // of each node of the graph in a forward pass; empty: not timed yet
};

// Keeps them up to date in slices: what the present weights take in the smallest file after every edit, for the
// history; the rest while it is looked at. Only tensors that an edit has changed are packed again.
class Sizes {
 public:
  explicit Sizes(nn::SessionPool& sessions) : sessions_(&sessions) {}
  void use_gzip(Gzip gzip) { gzip_ = std::move(gzip); }
  void show(const document::Document& document);
  void forget();
  // True once there is nothing to do, or nothing that the pool has a session for.
  bool step(const base::Budget& budget);
  [[nodiscard]] bool pending() const;
  // Whether the open page is about them; a document was shown.
  [[nodiscard]] bool looked_at() const;
  [[nodiscard]] double progress() const;
  // Of the last weights that were measured throughout; nullptr before.
  [[nodiscard]] const ModelSizes* sizes() const { return shown_ ? &*shown_ : nullptr; }
  [[nodiscard]] std::uint64_t version() const { return version_; }  // another number for each content
  // Bytes of the smallest file after a step of the history, or before any (null); nothing where it was not measured.
  [[nodiscard]] std::optional<std::size_t> file_after(const std::shared_ptr<const document::Step>& step) const;

 private:
  struct Tensor {
    std::array<std::optional<io::StoredTensor>, io::kStores> stored;
    std::size_t zeros = 0;
  };
  struct Zipped {
    std::vector<std::size_t> layers;
    std::size_t file = 0;
    std::size_t asked = 0;  // layers, and then the file
    bool under_way = false;
    std::uint64_t turn = 0;  // answers for other weights are dropped
  };

  // The tensor that is being packed, and its values.
  struct UnderWay {
    UnderWay(std::size_t tensor, Store store) : tensor(tensor), store(store) {}
    std::size_t tensor;
    Store store;
    std::vector<float> scratch;
    std::span<const float> values;
    std::optional<io::WeightPlanner> planner;
    std::size_t counted = 0;  // values of which it is known whether they are zero
    std::size_t zeros = 0;
  };

  [[nodiscard]] bool wanted() const;
  [[nodiscard]] bool packed(io::Store store) const;
  [[nodiscard]] std::span<const float> values(std::size_t tensor, std::vector<float>& scratch) const;
  [[nodiscard]] std::size_t file_bytes(io::Store store);
  bool step_packing(io::Store store, const base::Budget& budget);
  bool step_tensor();
  bool step_metadata(const base::Budget& budget);
  bool begin_timing();
  bool step_timing(const base::Budget& budget);
  void finish();
  void remember();
  [[nodiscard]] bool zips() const;
  [[nodiscard]] bool zipping() const;
  void ask_gzip();
  [[nodiscard]] std::vector<std::byte> layer_bytes(int node) const;

  std::optional<document::Document> document_;
  document::PagedWeights seen_;  // what tensors_ were packed from, where they are
  std::vector<Tensor> tensors_;
  std::optional<UnderWay> under_way_;
  std::vector<int> layers_;  // nodes with weights
  bool smallest_known_ = false;
  bool shown_known_ = false;
  std::optional<std::size_t> metadata_;  // bytes of it, of document_
  std::optional<io::MetadataCount> counting_;
  bool onnx_known_ = false;
  std::size_t onnx_ = 0;
  AfterSteps<std::size_t> after_;  // bytes of the smallest file
  nn::SessionPool* sessions_;
  nn::SessionPool::Lease session_;  // while layers are timed
  std::vector<double> timing_;      // of the passes so far
  std::vector<double> ms_;          // the mean of them all; empty: not known
  int passes_ = 0;
  std::size_t timed_node_ = 0;
  std::shared_ptr<Zipped> zipped_ = std::make_shared<Zipped>();  // the shells' answers may come when this is gone
  Gzip gzip_;
  std::optional<ModelSizes> shown_;
  std::uint64_t version_ = 0;
};

}  // namespace weightroom::studies
