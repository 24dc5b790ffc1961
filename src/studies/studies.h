#pragma once

#include <memory>
#include <optional>

#include "base/job.h"
#include "document/document.h"
#include "document/study.h"

namespace weightroom::studies {

// Works out what the open page asks, slice by slice, on a session of its own. A question whose picture, weights, target
// or settings are gone is dropped and asked anew; what was found before stays to be seen until there is something to
// put in its place. What would take long waits for start().
class Studies {
 public:
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
  [[nodiscard]] const document::StudyResults& results() const { return results_; }

 private:
  void ask(const document::Document& document, int target, bool at_once);
  void begin();
  void drop();

  struct Asked {
    document::Document document;
    int target = 0;
  };
  std::optional<Asked> asked_;
  std::unique_ptr<nn::Session> session_;  // while a study runs
  std::optional<base::Task> task_;        // reads asked_ and session_, writes results_
  document::StudyResults results_;
};

// What a study works with; lives as long as its task.
struct StudyInput {
  const document::Document& document;
  nn::Session& session;
  int target = 0;

  // Of this method for this class: with the bench's parameters and layer where it is the bench's method.
  [[nodiscard]] explain::MethodInput of(const explain::MethodDef& method, int target) const;
};
// Whether the curves that `a` asks for are those of `b`: all that they are measured with is the same, but for the
// values of the weights that are moved.
[[nodiscard]] bool same_curves(const document::Document& a, const document::Document& b);
[[nodiscard]] double study_passes(const document::Document& document);

// One file each. They write into their part of `results`, its progress and version.
base::Task study_curves(StudyInput input, document::StudyResults& results);
base::Task study_difference(StudyInput input, document::StudyResults& results);
base::Task study_compare(StudyInput input, document::StudyResults& results);
base::Task study_sanity(StudyInput input, document::StudyResults& results);
base::Task study_faithfulness(StudyInput input, document::StudyResults& results);
base::Task study_ranking(StudyInput input, document::StudyResults& results);
base::Task study_unit(StudyInput input, document::StudyResults& results);
base::Task study_nudge(StudyInput input, document::StudyResults& results);
[[nodiscard]] double curves_passes(const document::Document& document);
[[nodiscard]] double difference_passes(const document::Document& document);
[[nodiscard]] double units_passes(const document::Document& document);
[[nodiscard]] double compare_passes(const document::Document& document);
[[nodiscard]] double trust_passes(const document::Document& document);
[[nodiscard]] double ranking_passes(const document::Document& document);
// What a method costs on the open model as these studies set it.
[[nodiscard]] double method_passes(const document::Document& document, const explain::MethodDef& method);

}  // namespace weightroom::studies
