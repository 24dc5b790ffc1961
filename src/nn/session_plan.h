#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "nn/session.h"

// How a session lays out its memory; nobody but session*.cpp includes this.
namespace weightroom::nn {

inline constexpr std::size_t kAlignment = 64;  // a cache line; also what the widest vectors like

struct AlignedDelete {
  void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{kAlignment}); }
};

// Grows, never shrinks; contents are lost on growth.
class AlignedBuffer {
 public:
  void reserve(std::size_t bytes) {
    if (reserve_unset(bytes)) std::memset(data_.get(), 0, bytes);
  }
  // For what is written before it is read: of many megabytes zeros alone would hold a frame. Whether it is new.
  bool reserve_unset(std::size_t bytes) {
    if (bytes <= size_) return false;
    data_.reset(static_cast<std::byte*>(::operator new[](bytes, std::align_val_t{kAlignment})));
    size_ = bytes;
    return true;
  }
  [[nodiscard]] std::byte* data() const { return data_.get(); }
  [[nodiscard]] float* floats() const { return reinterpret_cast<float*>(data_.get()); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte[], AlignedDelete> data_;
  std::size_t size_ = 0;
};

inline std::size_t align_up(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Places blocks of known lifetimes in one arena: each at the lowest offset that no living block covers.
class ArenaPlanner {
 public:
  std::size_t take(std::size_t bytes) {
    bytes = align_up(bytes);
    std::size_t offset = 0;
    auto it = live_.begin();
    for (; it != live_.end() && it->first < offset + bytes; ++it) offset = it->first + it->second;
    live_.insert(it, {offset, bytes});
    peak_ = std::max(peak_, offset + bytes);
    return offset;
  }
  void free(std::size_t offset) {
    std::erase_if(live_, [offset](const auto& block) { return block.first == offset; });
  }
  [[nodiscard]] std::size_t peak() const { return peak_; }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> live_;  // (offset, bytes), by offset
  std::size_t peak_ = 0;
};

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

struct Session::Plan {
  struct NodePlan {
    std::vector<Shape> inputs;
    Shape output;
    std::size_t activation = 0;  // byte offset into `activations`
    std::size_t saved = 0;       // byte offset into `saved_state`
    std::size_t saved_bytes = 0;
    std::size_t workspace_floats = 0;  // of all threads
    int threads = 1;
    int cuts = 1;            // of its forward, and of each gradient that its backward works out
    bool by_planes = false;  // whether threads and cuts get planes each, rather than the op all of them
  };
  // What a request decides; kept until a request of another kind comes.
  struct BackwardPlan {
    bool valid = false;
    int from = 0;
    bool input = false;
    bool weights = false;
    int weights_from = 0;
    std::vector<int> keep;
    std::vector<std::size_t> offset;     // of the gradient of each node's output, or kNowhere
    std::vector<std::vector<int>> born;  // nodes whose gradient comes to life before node i runs backward
  };

  // Views of one node's operands, kept so that a pass allocates nothing.
  struct Operands {
    std::vector<ConstTensor> inputs;
    std::vector<ConstTensor> weights;
    std::vector<Tensor> d_inputs;
    std::vector<Tensor> d_weights;

    void reserve(std::size_t most_inputs, std::size_t most_weights) {
      inputs.reserve(most_inputs);
      d_inputs.reserve(most_inputs);
      weights.reserve(most_weights);
      d_weights.reserve(most_weights);
    }
    void clear() {
      inputs.clear();
      weights.clear();
      d_inputs.clear();
      d_weights.clear();
    }
  };

  std::vector<NodePlan> nodes;
  Operands operands;
  AlignedBuffer activations;
  AlignedBuffer saved_state;
  AlignedBuffer workspace;
  AlignedBuffer gradients;
  BackwardPlan backward;
  const BackwardRule* backward_rule = nullptr;  // of the pass under way
  int backward_next = 0;                        // its next node; 0: none is under way
  int backward_cut = 0;                         // and that node's next cut

  // Places activations one after another, but an input of a node that strings its inputs (concat) in that node's
  // own. Returns their bytes.
  std::size_t place_activations(const Graph& graph);

  [[nodiscard]] Tensor activation(int node) const {
    const NodePlan& plan = nodes[static_cast<std::size_t>(node)];
    return {plan.output, reinterpret_cast<float*>(activations.data() + plan.activation)};
  }
  [[nodiscard]] Tensor gradient(int node) const {
    const std::size_t offset = backward.offset[static_cast<std::size_t>(node)];
    if (offset == kNowhere) return {nodes[static_cast<std::size_t>(node)].output, nullptr};
    return {nodes[static_cast<std::size_t>(node)].output, reinterpret_cast<float*>(gradients.data() + offset)};
  }
};

}  // namespace weightroom::nn
