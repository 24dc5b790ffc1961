#pragma once

#include <memory>
#include <optional>

#include "base/job.h"
#include "studies/study.h"

namespace weightroom::studies {

// Works out what the open page asks, slice by slice, on a session that it borrows. A question whose picture, weights,
// target or settings are gone is dropped and asked anew; what was found before stays to be seen until there is
// something to put in its place. What would take long waits for start().
class Studies {
 public:
  explicit Studies(nn::SessionPool& sessions) : sessions_(&sessions) {}
  // Multiply-adds from which on a study waits: some seconds.
  static constexpr double kAtOnce = 100e9;

  // `target` is resolved and the document's answer known; cheap.
  void show(const document::Document& document, int target);
  void forget();  // the model is another one
  // True once there is nothing to do.
  bool step(const base::Budget& budget);
  // The page's question, whatever it takes; and an end to it, what was found stays.
  void start();
  void stop();
  [[nodiscard]] const StudyResults& results() const { return results_; }

 private:
  void ask(const document::Document& document, int target, bool at_once);
  [[nodiscard]] nn::SessionPool::Lease borrow(StudyInput::Of of, int batch) const;
  void begin();
  bool begin_task();
  void drop();

  struct Asked {
    document::Document document;
    int target = 0;
  };
  std::optional<Asked> asked_;
  nn::SessionPool* sessions_;
  nn::SessionPool::Lease session_;  // while a study runs
  std::optional<base::Task> task_;  // reads asked_ and session_, writes results_
  StudyResults results_;
};

}  // namespace weightroom::studies
