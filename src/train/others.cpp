#include "train/others.h"

#include <algorithm>
#include <cmath>

#include <strings/recipe.h>

#include "train/evaluate.h"
#include "train/fine_labels.h"

namespace weightroom::train {

Status add_others(nn::LabelledImages& images, const nn::LabelledImages& others) {
  if (std::ranges::find(images.class_names, kOthers) != images.class_names.end())
    return fail(text::recipe_others_class, {{"class", kOthers}});
  const auto extents = [](const nn::LabelledImages& set) { return nn::Shape{set.channels, set.height, set.width}; };
  if (extents(images) != extents(others))
    return fail(text::recipe_others_extents, {{"others", extents(others).text()}, {"wanted", extents(images).text()}});
  const auto label = static_cast<int>(images.class_names.size());
  images.class_names.emplace_back(kOthers);
  images.pixels.insert(images.pixels.end(), others.pixels.begin(), others.pixels.end());
  images.labels.insert(images.labels.end(), others.count(), label);
  for (const std::string& name : others.names) images.names.push_back(std::string(kOthers) + "/" + name);
  return {};
}

bool is_other(const nn::LabelledImages& images, std::size_t picture) {
  const auto label = static_cast<std::size_t>(images.labels[picture]);
  return label + 1 == images.class_names.size() && images.class_names.back() == kOthers;
}

WithoutOthers take_others(const nn::Graph& graph, std::span<const float> weights) {
  const int classes = graph.class_count() - 1;
  WithoutOthers made{.net = first_outputs(graph, weights, classes), .gauge = {}};
  const nn::Node& last = graph.nodes().back();
  for (const int t : last.weights) {
    const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(t)];
    const std::size_t row = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
    const auto own = weights.subspan(tensor.offset + static_cast<std::size_t>(classes) * row, row);
    if (tensor.shape.rank() == 2) {
      made.gauge.weights.assign(own.begin(), own.end());
    } else {
      made.gauge.bias = own.front();
    }
  }
  return made;
}

float threshold_for(const nn::Folded& net, const nn::NoneOfThese& gauge, const nn::Preprocessing& preprocessing,
                    const nn::LabelledImages& images, double share, int threads) {
  std::vector<Judgement> answers;
  (void)evaluate({.graph = net.graph, .weights = net.weights, .preprocessing = preprocessing, .gauge = &gauge}, images,
                 threads, {}, &answers);
  const auto others = static_cast<int>(images.class_names.size()) - 1;
  std::vector<double> scores;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (images.labels[i] != others) scores.push_back(answers[i].none);
  }
  std::ranges::sort(scores);
  const auto refused = static_cast<std::size_t>(share * static_cast<double>(scores.size()));
  return static_cast<float>(scores[scores.size() - 1 - std::min(refused, scores.size() - 1)]);
}

}  // namespace weightroom::train
