#pragma once

#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/job.h"
#include "document/document.h"
#include "lab/results.h"
#include "nn/session_pool.h"
#include "studies/effect.h"
#include "studies/measure.h"
#include "studies/sizes.h"
#include "studies/studies.h"

namespace weightroom::lab {

// Keeps the results of the present document up to date, in slices: what the loaded weights answer, the forward pass,
// the map, weight gradients, the fingerprint. Work for a revision that is gone is dropped.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;  // what it keeps borrows from its pool
  Engine& operator=(const Engine&) = delete;

  // Of all sessions together from which on but one page at a time works.
  static constexpr std::size_t kMostSessionBytes = std::size_t{192} << 20U;

  // Tells the engine what to work on; cheap.
  void show(const document::Document& document);
  // Works for at most about `budget`; true once everything is current, also what the selected weight does and what the
  // open page asks.
  bool step(const base::Budget& budget);
  // A map under way stays as far as it has come, until it is started again or something else is asked.
  void stop_map();
  void start_map_again();
  void start_study() { studies_.start(); }
  void stop_study() { studies_.stop(); }
  [[nodiscard]] const studies::StudyResults& study() const { return studies_.results(); }
  [[nodiscard]] const studies::Measure& measure() const { return measure_; }
  [[nodiscard]] const studies::Sizes& sizes() const { return sizes_; }
  void use_gzip(studies::Gzip gzip) { sizes_.use_gzip(std::move(gzip)); }
  [[nodiscard]] const studies::Effect& effect() const { return effect_; }
  [[nodiscard]] const Results& results() const { return results_; }
  // Output of a node for the picture, (1,C,H,W), with the weights shown; valid once results().forward_revision > 0.
  [[nodiscard]] nn::ConstTensor activation(int node) const;
  // What a method costs on the open model, in forward passes; 0 where nothing is open.
  [[nodiscard]] double passes(const explain::MethodDef& method, const explain::Params& params) const;
  // The session itself, for what reads several activations at once (explain::formula_at); valid while ready().
  [[nodiscard]] const nn::Session& session() const { return *session_; }
  // That whatever else asks the model something takes its sessions from.
  [[nodiscard]] nn::SessionPool& sessions() { return sessions_; }
  [[nodiscard]] const nn::SessionPool& sessions() const { return sessions_; }
  // A large net's answer is being worked out: everybody waits for it.
  [[nodiscard]] bool answering() const { return document_ && forward_due_ && is_large(); }
  [[nodiscard]] bool ready() const { return session_ && results_.forward_revision > 0; }

 private:
  void open(const document::Document& document);
  bool lend_sessions(const base::Budget& budget);
  [[nodiscard]] bool is_large() const;
  [[nodiscard]] bool compares_with_another(const document::Document& document) const;
  static void sync(nn::Session& session, document::PagedWeights& synced, const document::Document& document);
  bool step_results(const base::Budget& budget);
  void ask_further();
  bool step_effect(const base::Budget& budget);
  void restore_other();
  bool step_forward(const base::Budget& budget);
  bool step_unedited(const base::Budget& budget);
  void take_unedited(const nn::Session& session, std::vector<float> probabilities);
  void drop_reasons();
  void start_map();
  bool step_map(const base::Budget& budget);
  bool step_weight_gradient(const base::Budget& budget);
  bool step_fingerprint(const base::Budget& budget);

  nn::SessionPool sessions_{kMostSessionBytes};
  std::optional<document::Document> document_;
  nn::SessionPool::Lease session_;  // what is shown
  // For methods of many passes, the unedited model, and the next answer of a large net.
  nn::SessionPool::Lease other_session_;
  document::PagedWeights synced_;        // what the first runs on
  document::PagedWeights other_synced_;  // and the second, which is brought along only when it is needed
  bool other_touched_ = false;           // the effect has other weights in the second
  std::unique_ptr<explain::MapJob> map_job_;
  double map_work_ms_ = 0.0;  // in the slices of the job, without what lies between them
  double map_shown_ = 0.0;    // how far the job was that results_ shows
  bool forward_due_ = false;
  bool unedited_due_ = false;
  bool map_due_ = false;
  bool gradient_due_ = false;
  double gradient_ms_ = 0.0;     // what the last one took
  double forward_ms_ = 0.0;      // of the forward pass under way
  bool forward_begun_ = false;   // slices of it have run
  bool gradient_begun_ = false;  // slices of the weight gradient have run; a map or a forward pass ends it
  std::vector<float> gradient_;  // the last whole one, which results_ shows
  struct Hash {
    base::Sha256 sum;
    std::size_t pages = 0;  // of the weights, already in it
  };
  std::optional<Hash> hash_;  // of a fingerprint under way
  studies::Effect effect_;
  studies::Measure measure_{sessions_};
  studies::Sizes sizes_{sessions_};
  studies::Studies studies_{sessions_};
  Results results_;
};

}  // namespace weightroom::lab
