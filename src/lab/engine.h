#pragma once

#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/job.h"
#include "lab/document.h"
#include "lab/results.h"

namespace weightroom::lab {

// Keeps the results of the present document up to date, in slices: forward first, then the map, then weight gradients,
// then the fingerprint. Work for a revision that is gone is dropped.
class Engine {
 public:
  // Tells the engine what to work on; cheap.
  void show(const Document& document);
  // Works for at most about `budget`; true once everything is current.
  bool step(const base::Budget& budget);
  [[nodiscard]] const Results& results() const { return results_; }
  // Output of a node for the picture, (1,C,H,W), with the weights shown; valid once results().forward_revision > 0.
  [[nodiscard]] nn::ConstTensor activation(int node) const;
  // The same under the loaded weights.
  [[nodiscard]] nn::ConstTensor unedited_activation(int node) const;
  // The session itself, for what reads several activations at once (explain::formula_at); valid while ready().
  [[nodiscard]] const nn::Session& session() const { return *session_; }
  [[nodiscard]] bool ready() const { return session_.has_value() && results_.forward_revision > 0; }

 private:
  void open(const Document& document);
  void sync_weights();
  void run_forward();
  void run_unedited();
  void drop_reasons();
  bool step_map(const base::Budget& budget);
  void run_weight_gradient();
  bool step_fingerprint(const base::Budget& budget);

  std::optional<Document> document_;
  std::optional<nn::Session> session_;   // weights in use
  std::optional<nn::Session> unedited_;  // loaded weights
  std::optional<nn::Session> map_session_;
  PagedWeights synced_;  // what the first and the third run on
  std::unique_ptr<explain::MapJob> map_job_;
  base::Budget::Clock::time_point map_started_;
  bool forward_due_ = false;
  bool unedited_due_ = false;
  bool map_due_ = false;
  bool gradient_due_ = false;
  double gradient_ms_ = 0.0;  // what the last one took
  struct Hash {
    base::Sha256 sum;
    std::size_t pages = 0;  // of the weights, already in it
  };
  std::optional<Hash> hash_;  // of a fingerprint under way
  Results results_;
};

}  // namespace weightroom::lab
