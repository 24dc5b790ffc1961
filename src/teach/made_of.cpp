#include "teach/made_of.h"

#include "base/check.h"
#include "teach/sums.h"

namespace weightroom::teach {

std::vector<double> fitted_coefficients(const Examples& examples, const Head& fitted, const FitOptions& options) {
  const std::vector<double> weights = example_weights(examples, options.weighing);
  std::vector<double> coefficients;
  for (std::size_t i = 0; i < examples.count(); ++i) {
    const std::vector<double> p = probabilities(fitted.logits(examples.row(i)));
    for (std::size_t c = 0; c < p.size(); ++c) {
      const double wanted = static_cast<int>(c) == examples.labels[i] ? 1.0 : 0.0;
      coefficients.push_back(weights[i] / options.lambda * (wanted - p[c]));
    }
  }
  return coefficients;
}

std::vector<double> instant_coefficients(const Examples& examples, double sharpness) {
  const std::vector<int> counts = examples.pictures_by_class();
  std::vector<double> coefficients(examples.count() * counts.size());
  for (std::size_t i = 0; i < examples.count(); ++i) {
    const auto c = static_cast<std::size_t>(examples.labels[i]);
    coefficients[i * counts.size() + c] = sharpness / counts[c];
  }
  return coefficients;
}

std::vector<double> shares(const Examples& examples, std::span<const double> coefficients, std::size_t c,
                           std::span<const double> z) {
  const auto classes = static_cast<std::size_t>(examples.classes);
  CHECK(coefficients.size() == examples.count() * classes && c < classes);
  std::vector<double> made;
  for (std::size_t i = 0; i < examples.count(); ++i)
    made.push_back(coefficients[i * classes + c] * dot(examples.row(i), z));
  return made;
}

}  // namespace weightroom::teach
