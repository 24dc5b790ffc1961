#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace weightroom::teach {

// Pictures as the last layer of the base sees them: z, what goes into that layer, divided by `scale`, in the order of
// classes, takes and pictures.
struct Examples {
  int classes = 0;          // K
  std::size_t width = 0;    // D
  std::vector<double> z;    // (N, D)
  std::vector<int> labels;  // N, each from 0 to K - 1
  std::vector<int> takes;   // N: the take of its class that each belongs to, from 0 on
  double scale = 1.0;       // of the base: the root of the mean square length of what goes into its last layer

  [[nodiscard]] std::size_t count() const { return labels.size(); }
  [[nodiscard]] std::span<const double> row(std::size_t i) const { return std::span(z).subspan(i * width, width); }
  [[nodiscard]] std::vector<int> pictures_by_class() const;
  [[nodiscard]] std::vector<int> takes_by_class() const;
  // Those pictures for which `keep` is true, in order.
  [[nodiscard]] Examples only(const std::vector<bool>& keep) const;
  void add(std::span<const double> of, int label, int take);
};

// From what goes into the base's last layer (N, D), divided by `scale`. Every picture is a take of its own, but one as
// good as equal to an earlier one of its class, |z - z'| < 0.05: that belongs to the earlier one's take.
[[nodiscard]] Examples examples_of(std::span<const float> features, std::size_t width, double scale,
                                   const std::vector<int>& labels, int classes);

// How much each picture counts.
enum class Weighing {
  classes,   // every class alike, however many pictures it has: 1 / (K n_c)
  pictures,  // every picture alike: 1 / N
};
// N of them, which add up to 1 where every class has a picture.
[[nodiscard]] std::vector<double> example_weights(const Examples& examples, Weighing weighing);

// (K, D): the mean of each class's pictures; zeros for one without any.
[[nodiscard]] std::vector<double> class_means(const Examples& examples);

}  // namespace weightroom::teach
