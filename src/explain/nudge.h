#pragma once

#include <vector>

#include "explain/method.h"

// The smallest change of the picture that changes the answer (Szegedy et al. 2014).
namespace weightroom::explain {

enum class NudgeNorm {
  largest,  // L-infinity: no value of the picture moves by more
  length,   // L2: the root of the sum of squares
};
enum class NudgeSearch {
  fgsm,  // one step along the gradient (Goodfellow, Shlens and Szegedy 2015)
  pgd,   // many, each brought back within the budget (Madry et al. 2018)
};
struct NudgeOptions {
  NudgeNorm norm = NudgeNorm::largest;
  NudgeSearch search = NudgeSearch::pgd;
  int toward = -1;     // the class it should become; -1: any other
  int steps = 20;      // of each try of pgd
  double most = 64.0;  // the largest budget that is tried, in grey levels of 255; of `length` times sqrt(values)
};

struct Nudge {
  bool found = false;
  std::vector<float> picture;     // (C,H,W) as the model reads it; the one begun with where none was found
  std::vector<float> difference;  // in grey levels, (C,H,W)
  double budget = 0.0;            // the least that was enough, to 2 %, in grey levels as NudgeOptions::most
  double largest = 0.0;           // of the difference, in grey levels
  double root_mean_square = 0.0;  // of the difference, in grey levels
  int before = 0;                 // answers
  int after = 0;
  std::vector<float> probabilities{};  // of the changed picture
};

// Climbs the cross-entropy of the answer (or falls that of the wanted class) within a budget that is halved again and
// again between what does not do and what does. Every picture that is tried lies between black and white.
base::Task find_nudge(const MethodInput& input, NudgeOptions options, Nudge& out, double& progress);

}  // namespace weightroom::explain
