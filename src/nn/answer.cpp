#include "nn/answer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "base/math.h"
#include "base/sort.h"

namespace weightroom::nn {

double sigmoid(double logit) { return 1.0 / (1.0 + base::exp(-logit)); }

std::vector<float> probabilities(Answer answer, std::span<const float> logits) {
  CHECK(!logits.empty());
  if (answer == Answer::sigmoid) {
    std::vector<float> each;
    each.reserve(logits.size());
    for (const float logit : logits) each.push_back(static_cast<float>(sigmoid(static_cast<double>(logit))));
    return each;
  }
  const double top = static_cast<double>(*std::ranges::max_element(logits));
  std::vector<double> terms;
  terms.reserve(logits.size());
  double sum = 0.0;
  for (const float logit : logits) {
    terms.push_back(base::exp(static_cast<double>(logit) - top));
    sum += terms.back();
  }
  std::vector<float> shares;
  shares.reserve(terms.size());
  for (const double term : terms) shares.push_back(static_cast<float>(term / sum));
  return shares;
}

std::vector<float> loss_gradient(Answer answer, std::span<const float> logits, int label) {
  std::vector<float> gradient = probabilities(answer, logits);
  gradient[static_cast<std::size_t>(label)] -= 1.0F;
  if (answer == Answer::sigmoid) {
    for (float& value : gradient) value /= static_cast<float>(gradient.size());
  }
  return gradient;
}

const char* name_of(Answer answer) { return answer == Answer::softmax ? "softmax" : "sigmoid"; }

bool all_finite(std::span<const float> logits) {
  return std::ranges::all_of(logits, [](float logit) { return std::isfinite(logit); });
}

namespace {
// What is no number comes last.
float rank_of(float value) { return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value; }
}  // namespace

std::vector<int> best_first(std::span<const float> values) {
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int i) { return rank_of(values[static_cast<std::size_t>(i)]); };
  base::sort(order, [&](int a, int b) { return value(a) != value(b) ? value(a) > value(b) : a < b; });
  return order;
}

int best_of(std::span<const float> values) {
  const auto best = std::ranges::max_element(values, {}, rank_of);
  return best == values.end() ? -1 : static_cast<int>(best - values.begin());
}

}  // namespace weightroom::nn
