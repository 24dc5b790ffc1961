#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "nn/flat_weights.h"
#include "nn/graph.h"

namespace weightroom::nn {

// Replaces an op's backward for one call (guided backprop, LRP, ...): returns true where it has done the node's work,
// false to leave it to the op. It gets what the op would get.
using BackwardRule = std::function<bool(const Node& node, const BackwardArgs& args)>;

struct BackwardRequest {
  int from = -1;                  // node whose output the derivative is of; -1: the logits
  std::span<const float> d_from;  // its gradient: (N, sample) values; see one_hot()
  bool input = true;              // d_activation(0) wanted
  bool weights = false;           // d_weights() wanted: accumulated, see clear_d_weights()
  int weights_from = 0;           // ... of the nodes from this one on alone; what only others need is not computed
  std::vector<int> keep;          // further nodes whose d_activation() is wanted
  const BackwardRule* rule = nullptr;
};

// One graph at one batch size, with room for its activations and gradients in one arena: nothing is allocated after the
// first forward and backward. Not thread-safe; sessions are independent of each other.
class Session {
 public:
  // About 20 milliseconds of WebAssembly: a page that is to draw a frame looks at the clock after each step. What a cut
  // costs, a few microseconds, does not show beside it.
  static constexpr double kStep = 32e6;

  struct Options {
    int batch = 1;
    bool training = false;          // batch_norm uses and records batch statistics
    bool plain = false;             // the scalar reference in place of the fast kernels
    int threads = base::threads();  // that a pass may use; they change no bit
    double step = kStep;            // multiply-adds of a thread in one step: a node of more takes several
    [[nodiscard]] bool operator==(const Options&) const = default;
  };
  explicit Session(std::shared_ptr<const Graph> graph);
  Session(std::shared_ptr<const Graph> graph, Options options);
  // With these weights, which it shares until others are set; without them all are zero.
  Session(std::shared_ptr<const Graph> graph, FlatWeights weights, Options options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  [[nodiscard]] const Graph& graph() const { return *graph_; }
  [[nodiscard]] const std::shared_ptr<const Graph>& shared_graph() const { return graph_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] int batch() const { return options_.batch; }

  // Lets go of weights of its own and their gradients; until begin_anew() it runs with the weights given to it first.
  void clear();
  // As if it were new, with these weights. It keeps its memory for activations.
  void begin_anew(FlatWeights weights);

  // Weights in use: of one tensor of the graph (until it is set anew), by flat index, or all of them one after another.
  // Setting them, or a part from `offset` on, marks the nodes from the first changed one on stale; values equal to the
  // bit mark nothing, and tensors without a change stay shared.
  [[nodiscard]] std::span<const float> weight(int tensor) const;
  [[nodiscard]] float weight_at(std::size_t index) const;
  [[nodiscard]] std::vector<float> copy_weights() const;
  void set_weights(std::span<const float> values, std::size_t offset = 0);

  // input: (N,C,H,W), batch() samples. Equal bits mark nothing stale.
  void set_input(std::span<const float> values);
  [[nodiscard]] std::span<const float> input() const;

  // Puts values, (N, sample), in place of what a node gave, which must be current: the nodes after it become stale, and
  // so does everything once the next input is set.
  void set_activation(int node, std::span<const float> values);
  // The same, whatever is current: for a node behind which nobody reads what lies before it. What lies before it means
  // nothing until the next input is set.
  void resume_behind(int node, std::span<const float> values);

  // Nodes that pass on their input as it is, and its gradient, in place of what their op does: activation functions
  // that are switched off. All others work; a change marks the nodes from the first one on stale.
  void bypass(std::vector<int> nodes);
  [[nodiscard]] const std::vector<int>& bypassed() const { return bypassed_; }

  // Nodes that work as outside of training although the session trains: a batch_norm then uses its running statistics
  // and records them as those of the batch. All others train; a change marks the nodes from the first one on stale.
  void settle(std::vector<int> nodes);

  // Brings every activation up to date; runs only nodes from the first stale one on. `forward_step` runs one stale
  // node, or of a large one a cut, and returns true when none is left. Whatever is set in between that makes such a
  // node stale begins it anew.
  void forward();
  bool forward_step();
  // Whether the outputs up to this node's are up to date, so that set_activation() may be called for it.
  [[nodiscard]] bool current_through(int node) const { return stale_from_ > node; }
  [[nodiscard]] bool current() const { return stale_from_ >= static_cast<int>(graph_->nodes().size()); }

  // Output of a node: (N,...). Current after forward().
  [[nodiscard]] ConstTensor activation(int node) const;
  [[nodiscard]] ConstTensor logits() const { return activation(graph_->logits()); }

  // Brings activations up to date, then gradients. In training mode call it once a forward.
  void backward(const BackwardRequest& request);
  // The same in steps: `begin_backward` once activations are current, then one node, or a cut of a large one, a step
  // until true comes back. A rule must live until then; other weights or another input in between need begin_backward
  // anew.
  void begin_backward(const BackwardRequest& request);
  bool backward_step();

  // Gradient with respect to a node's output; valid for node 0 if `input` was asked for, for `keep` and for `from`.
  [[nodiscard]] ConstTensor d_activation(int node) const;

  // Exchanges the gradients of the weights for a buffer of the caller's, whose contents do not matter.
  void swap_d_weights(std::vector<float>& with) { d_weights_.swap(with); }
  // Gradient of every weight, flat, added up since the last clear.
  [[nodiscard]] std::span<const float> d_weights() const { return d_weights_; }
  void clear_d_weights();
  // Gives their memory back, until they are wanted again.
  void drop_d_weights() { d_weights_ = std::vector<float>(); }

  // Batch mean and (biased) variance that a batch_norm node measured in the last training forward: (2,C).
  [[nodiscard]] ConstTensor batch_statistics(int node) const;

  // Bytes of activations, gradients, weights (shared ones not) and scratch held now.
  [[nodiscard]] std::size_t held_bytes() const;

 private:
  struct Plan;
  void mark_stale(int node);
  [[nodiscard]] Cut forward_cut(int node) const;
  void run_node(int node, const Cut& cut);
  void plan_backward(const BackwardRequest& request);
  [[nodiscard]] bool run_node_backward(int node, int cut, const BackwardRule* rule);
  [[nodiscard]] bool trains(int node) const;

  std::shared_ptr<const Graph> graph_;
  Options options_;
  std::unique_ptr<Plan> plan_;
  FlatWeights shared_weights_;                   // as given to the constructor
  std::vector<std::vector<float>> own_weights_;  // of each tensor that was set since; else empty
  std::vector<float> d_weights_;
  int stale_from_ = 0;
  int next_cut_ = 0;         // of the first stale node: those before it are done
  bool overridden_ = false;  // by set_activation
  std::vector<int> bypassed_;
  std::vector<int> settled_;
};

// (batch, classes) zeros with a one at `target` of each sample: the gradient seed of that logit.
[[nodiscard]] std::vector<float> one_hot(int batch, int classes, int target);

}  // namespace weightroom::nn
