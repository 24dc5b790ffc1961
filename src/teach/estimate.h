#pragma once

#include <memory>
#include <optional>

#include "teach/head.h"

// How good a head is on pictures that it has not seen, from the pictures there are: some takes are held out in turn,
// and judged by a head that never saw them. Takes, never single pictures: frames of one take are so alike that those
// left in give those held out away.
namespace weightroom::teach {

enum class Method { instant, fitted };
[[nodiscard]] Head make_head(const Examples& examples, Method method, const FitOptions& options);

// Of one picture, by the head that did not see it.
struct HeldOut {
  int answer = 0;
  double loss = 0.0;      // of its own class, in nats
  double distance = 0.0;  // of z to the nearest mean of a class
};

struct Estimate {
  int folds = 0;
  std::vector<HeldOut> pictures;  // one for each example
  double accuracy = 0.0;          // share of them whose answer is their class
  int fewest_takes = 0;           // of a class

  // Below three takes of a class nothing can be said; below five what is said is too low, by as much as 12 points.
  enum class Trust { unknown, at_least, about };
  [[nodiscard]] Trust trust() const;
  // The distance that 95 of 100 pictures of one's own stay below; nothing below three takes of a class.
  [[nodiscard]] std::optional<double> strangeness() const;
  // Pictures that the others do not believe in: another answer, and a loss above 1.5; the largest loss first.
  [[nodiscard]] std::vector<std::size_t> suspects(const Examples& examples) const;
};

// min(5, fewest takes) folds, filled take by take in order; nothing where a class has a single take or none.
[[nodiscard]] std::optional<Estimate> estimate(const Examples& examples, Method method, const FitOptions& options);

// The same in slices: a fold's fit is one or more of them. `examples` must outlive it.
class EstimateJob : public base::Job {
 public:
  EstimateJob(const Examples& examples, Method method, const FitOptions& options);
  ~EstimateJob() override;

  bool step(const base::Budget& budget) override;
  [[nodiscard]] double progress() const override;
  [[nodiscard]] std::optional<Estimate> result() const;  // once all is done

 private:
  struct Fold;
  void begin_fold();
  void judge(const Head& head);

  const Examples& examples_;
  Method method_;
  FitOptions options_;
  Estimate estimate_;
  int next_ = 0;
  std::unique_ptr<Fold> fold_;
};

}  // namespace weightroom::teach
