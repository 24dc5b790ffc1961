#include "teach/head.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/file.h"
#include "random_examples.h"
#include "teach/made_of.h"

namespace weightroom::teach {
namespace {

using testing::Lt;

double largest_difference(std::span<const double> a, std::span<const double> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

// From the formula, one after another.
double plain_loss(const Examples& examples, std::span<const double> x, double lambda, Weighing weighing) {
  const auto classes = static_cast<std::size_t>(examples.classes);
  const std::vector<double> weights = example_weights(examples, weighing);
  double loss = 0.0;
  for (std::size_t i = 0; i < examples.count(); ++i) {
    std::vector<double> logits;
    for (std::size_t c = 0; c < classes; ++c) {
      double logit = x[classes * examples.width + c];
      for (std::size_t j = 0; j < examples.width; ++j) logit += x[c * examples.width + j] * examples.row(i)[j];
      logits.push_back(logit);
    }
    double sum = 0.0;
    for (const double logit : logits) sum += std::exp(logit);
    loss += weights[i] * (std::log(sum) - logits[static_cast<std::size_t>(examples.labels[i])]);
  }
  for (std::size_t k = 0; k < classes * examples.width; ++k) loss += 0.5 * lambda * x[k] * x[k];
  return loss;
}

std::vector<double> some_point(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed, "some point");
  std::vector<double> x(count);
  for (double& value : x) value = rng.normal();
  return x;
}

TEST(HeadLoss, IsTheFormulasAndItsGradientThatOfFiniteDifferences) {
  for (const Weighing weighing : {Weighing::classes, Weighing::pictures}) {
    const Examples examples = random_examples({4, 1, 7}, 9, 1);
    const HeadLoss loss(examples, 1e-2, weighing);
    std::vector<double> x = some_point(loss.size(), 2);
    std::vector<double> gradient(x.size());
    EXPECT_NEAR(loss(x, gradient), plain_loss(examples, x, 1e-2, weighing), 1e-12);
    for (std::size_t k = 0; k < x.size(); ++k) {
      constexpr double kStep = 1e-5;
      const double at = x[k];
      x[k] = at + kStep;
      const double above = plain_loss(examples, x, 1e-2, weighing);
      x[k] = at - kStep;
      const double below = plain_loss(examples, x, 1e-2, weighing);
      x[k] = at;
      EXPECT_NEAR(gradient[k], (above - below) / (2.0 * kStep), 1e-8) << k;
    }
  }
}

TEST(FittedHead, IsTheOptimumThatNewtonsMethodFinds) {
  const auto file = io::read_file(std::filesystem::path(WEIGHTROOM_SOURCE_DIR) / "tests/golden/head.json");
  ASSERT_TRUE(file);
  const auto rows = nlohmann::json::parse(reinterpret_cast<const char*>(file->data()),
                                          reinterpret_cast<const char*>(file->data() + file->size()));
  ASSERT_EQ(rows.size(), 5U);
  for (const auto& row : rows) {
    Examples examples{.classes = row["classes"], .width = row["z"][0].size(), .z = {}, .labels = {}, .takes = {}};
    for (std::size_t i = 0; i < row["z"].size(); ++i)
      examples.add(row["z"][i].get<std::vector<double>>(), row["labels"][i], static_cast<int>(i));
    const FitOptions options{.lambda = row["lambda"],
                             .weighing = row["alike"] == true ? Weighing::classes : Weighing::pictures};
    HeadFit fit(examples, options);
    while (!fit.step(base::Budget::milliseconds(0))) EXPECT_THAT(fit.progress(), Lt(1.0));
    EXPECT_LE(fit.largest_gradient(), 1e-8);
    EXPECT_NEAR(fit.loss(), row["loss"].get<double>(), 1e-9);
    const Head head = fit.head();
    const double limit = 1e-6 / std::sqrt(options.lambda);
    for (std::size_t c = 0; c < row["weights"].size(); ++c)
      EXPECT_LE(largest_difference(head.row(c), row["weights"][c].get<std::vector<double>>()), limit);
    EXPECT_LE(largest_difference(head.biases, row["biases"].get<std::vector<double>>()), limit);
  }
}

// K from 2 to 20, n from 1 to 200, lambda from 1e-6 to 1: the gradient's end is reached, or the loss no longer falls.
TEST(FittedHead, EndsWhereTheGradientIsNothing) {
  struct Case {
    std::vector<int> counts;
    std::size_t width;
    double lambda;
  };
  for (const auto& [counts, width, lambda] :
       {Case{{1, 1}, 112, 3e-4}, Case{{200, 200, 200}, 20, 1e-3}, Case{{5, 3, 40}, 112, 3e-4},
        Case{std::vector<int>(20, 6), 30, 1e-2}, Case{{4, 4}, 16, 1e-6}, Case{{9, 2}, 8, 1.0}}) {
    const Examples examples = random_examples(counts, width, 3);
    HeadFit fit(examples, {.lambda = lambda});
    while (!fit.step(base::Budget::unlimited())) continue;
    EXPECT_LE(fit.largest_gradient(), 1e-6) << lambda;
    EXPECT_EQ(fit.progress(), 1.0);
    double mean = 0.0;
    for (const double bias : fit.head().biases) mean += bias;
    EXPECT_NEAR(mean, 0.0, 1e-9);
  }
}

TEST(FittedHead, IsTheSameFromWhereverItStarts) {
  const Examples examples = random_examples({6, 4, 9}, 12, 4);
  const HeadLoss loss(examples, kLambda, Weighing::classes);
  const Head head = fitted_head(examples, {});
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Lbfgs search(loss, some_point(loss.size(), seed));
    while (!search.step()) continue;
    EXPECT_LE(largest_difference(search.x().first(head.weights.size()), head.weights), 1e-4);
  }
}

TEST(FittedHead, OrderOfPicturesChangesNothingAndTheSameOrderNoBit) {
  const Examples examples = random_examples({6, 4, 9}, 12, 5);
  Examples turned{.classes = 3, .width = 12, .z = {}, .labels = {}, .takes = {}};
  for (std::size_t i = examples.count(); i-- > 0;) turned.add(examples.row(i), examples.labels[i], examples.takes[i]);
  const Head head = fitted_head(examples, {});
  EXPECT_LE(largest_difference(fitted_head(turned, {}).weights, head.weights), 1e-4);
  EXPECT_EQ(fitted_head(examples, {}).weights, head.weights);
}

TEST(FittedHead, ClassesCountAlikeHoweverManyPicturesTheyHave) {
  Examples once = random_examples({3, 3}, 6, 6);
  Examples twice{.classes = 2, .width = 6, .z = {}, .labels = {}, .takes = {}};
  for (std::size_t i = 0; i < once.count(); ++i) {
    twice.add(once.row(i), once.labels[i], once.takes[i]);
    if (once.labels[i] == 0) twice.add(once.row(i), 0, once.takes[i]);
  }
  EXPECT_LE(largest_difference(fitted_head(twice, {}).weights, fitted_head(once, {}).weights), 1e-4);
  const FitOptions each{.lambda = kLambda, .weighing = Weighing::pictures};
  EXPECT_GT(largest_difference(fitted_head(twice, each).weights, fitted_head(once, each).weights), 1e-2);
}

TEST(InstantHead, LogitsAreSquaredDistancesToTheMeans) {
  const Examples examples = random_examples({3, 5, 1}, 10, 7);
  const Head head = instant_head(examples);
  const std::vector<double> means = class_means(examples);
  const std::vector<double> z = some_point(10, 8);
  const std::vector<double> logits = head.logits(z);
  std::vector<double> shared;
  for (std::size_t c = 0; c < 3; ++c) {
    double square = 0.0;
    for (std::size_t j = 0; j < 10; ++j) square += (z[j] - means[c * 10 + j]) * (z[j] - means[c * 10 + j]);
    shared.push_back(logits[c] + 0.5 * kSharpness * square);
  }
  EXPECT_NEAR(shared[0], shared[1], 1e-9);
  EXPECT_NEAR(shared[0], shared[2], 1e-9);
}

TEST(InstantHead, AClassWithoutPicturesIsNeverTheAnswer) {
  const Examples examples = random_examples({3, 0, 2}, 10, 9);
  const Head head = instant_head(examples);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) EXPECT_NE(top_class(head.logits(some_point(10, seed))), 1);
}

TEST(HeadDescent, FallsToTheSameOptimum) {
  const Examples examples = random_examples({5, 5, 5}, 112, 10);
  HeadFit fit(examples, {});
  while (!fit.step(base::Budget::unlimited())) continue;
  HeadDescent descent(examples, {});
  EXPECT_NEAR(descent.loss(), std::log(3.0), 1e-12) << "from zero";
  while (descent.steps() < 400) descent.step();
  EXPECT_LE(descent.loss() - fit.loss(), 1e-3);
  EXPECT_GE(descent.loss() - fit.loss(), -1e-12);
}

TEST(MadeOf, SharesAddUpToTheLogitAndRowsAreMadeOfPictures) {
  const Examples examples = random_examples({6, 4, 9}, 12, 11);
  const FitOptions options;
  const Head fitted = fitted_head(examples, options);
  const Head instant = instant_head(examples);
  for (const auto& [head, coefficients] : {std::pair{&fitted, fitted_coefficients(examples, fitted, options)},
                                           std::pair{&instant, instant_coefficients(examples)}}) {
    const std::vector<double> z = some_point(12, 12);
    const std::vector<double> logits = head->logits(z);
    const double largest = std::fabs(*std::ranges::max_element(logits, {}, [](double v) { return std::fabs(v); }));
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = head->biases[c];
      for (const double share : shares(examples, coefficients, c, z)) sum += share;
      EXPECT_NEAR(sum, logits[c], 1e-4 * largest);
      for (std::size_t j = 0; j < 12; ++j) {
        double weight = 0.0;
        for (std::size_t i = 0; i < examples.count(); ++i) weight += coefficients[i * 3 + c] * examples.row(i)[j];
        EXPECT_NEAR(weight, head->row(c)[j], 1e-3);
      }
    }
  }
  const std::vector<double> coefficients = fitted_coefficients(examples, fitted, options);
  for (std::size_t i = 0; i < examples.count(); ++i) {
    const double sum = coefficients[3 * i] + coefficients[3 * i + 1] + coefficients[3 * i + 2];
    EXPECT_NEAR(sum, 0.0, 1e-9) << "over the classes";
  }
}

}  // namespace
}  // namespace weightroom::teach
