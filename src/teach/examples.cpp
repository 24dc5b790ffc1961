#include "teach/examples.h"

#include <algorithm>

#include "base/check.h"
#include "teach/sums.h"

namespace weightroom::teach {

std::vector<int> Examples::pictures_by_class() const {
  std::vector<int> counts(static_cast<std::size_t>(classes));
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

std::vector<int> Examples::takes_by_class() const {
  std::vector<int> counts(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < count(); ++i) {
    int& most = counts[static_cast<std::size_t>(labels[i])];
    most = std::max(most, takes[i] + 1);
  }
  return counts;
}

Examples Examples::only(const std::vector<bool>& keep) const {
  CHECK(keep.size() == count());
  Examples kept{.classes = classes, .width = width, .z = {}, .labels = {}, .takes = {}, .scale = scale};
  for (std::size_t i = 0; i < count(); ++i) {
    if (keep[i]) kept.add(row(i), labels[i], takes[i]);
  }
  return kept;
}

void Examples::add(std::span<const double> of, int label, int take) {
  CHECK(of.size() == width && label >= 0 && label < classes);
  z.insert(z.end(), of.begin(), of.end());
  labels.push_back(label);
  takes.push_back(take);
}

Examples examples_of(std::span<const float> features, std::size_t width, double scale, const std::vector<int>& labels,
                     int classes) {
  constexpr double kEqual = 0.05;
  CHECK(features.size() == width * labels.size());
  Examples examples{.classes = classes, .width = width, .z = {}, .labels = {}, .takes = {}, .scale = scale};
  std::vector<int> next(static_cast<std::size_t>(classes));
  std::vector<double> z(width);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < width; ++j) z[j] = static_cast<double>(features[i * width + j]) / scale;
    int take = -1;
    for (std::size_t k = 0; k < i && take < 0; ++k) {
      if (examples.labels[k] == labels[i] && square_distance(examples.row(k), z) < kEqual * kEqual)
        take = examples.takes[k];
    }
    if (take < 0) take = next[static_cast<std::size_t>(labels[i])]++;
    examples.add(z, labels[i], take);
  }
  return examples;
}

std::vector<double> example_weights(const Examples& examples, Weighing weighing) {
  const std::vector<int> counts = examples.pictures_by_class();
  std::vector<double> weights;
  for (const int label : examples.labels) {
    const double among = weighing == Weighing::classes
                             ? static_cast<double>(examples.classes) * counts[static_cast<std::size_t>(label)]
                             : static_cast<double>(examples.count());
    weights.push_back(1.0 / among);
  }
  return weights;
}

std::vector<double> class_means(const Examples& examples) {
  const std::vector<int> counts = examples.pictures_by_class();
  std::vector<double> means(counts.size() * examples.width);
  const auto mean = [&](std::size_t c) { return std::span(means).subspan(c * examples.width, examples.width); };
  for (std::size_t i = 0; i < examples.count(); ++i)
    add_scaled(1.0, examples.row(i), mean(static_cast<std::size_t>(examples.labels[i])));
  for (std::size_t c = 0; c < counts.size(); ++c) {
    for (double& value : mean(c)) value /= std::max(counts[c], 1);
  }
  return means;
}

}  // namespace weightroom::teach
