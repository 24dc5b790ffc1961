#include <algorithm>

#include "lab/lab.h"

namespace weightroom::lab {
namespace {

// The order in which the build packs the garments: four of each class, classes in the order of Fashion-MNIST.
constexpr const char* kGarments[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                     "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
constexpr int kEach = 4;

std::vector<Sample> make_samples() {
  std::vector<Sample> all{
      {"cat", "Cat", "samples/cat.jpg", -1, "everyday"},
      {"coffee", "Coffee", "samples/coffee.jpg", -1, "tinyvgg"},
  };
  for (int k = 0; k < kEach; ++k) {
    for (int c = 0; c < 10; ++c) {
      const std::string name = std::string(kGarments[c]) + " " + std::to_string(k + 1);
      all.push_back({name, name, "samples/garments-images.idx", c * kEach + k, "garments"});
    }
  }
  return all;
}

}  // namespace

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = make_samples();
  return all;
}

const std::string& first_sample(std::string_view model) {
  const auto it = std::ranges::find(samples(), model, &Sample::model);
  return it == samples().end() ? samples().front().name : it->name;
}

const std::vector<ModelEntry>& shipped_models() {
  static const std::vector<ModelEntry> all{
      {"everyday", "24 everyday things in colour photographs", "models/everyday.safetensors"},
      {"garments", "10 kinds of clothes, small grey pictures", "models/garments.safetensors"},
      {"tinyvgg", "10 classes, as small as CNN Explainer's net", "models/tinyvgg.safetensors"},
  };
  return all;
}

}  // namespace weightroom::lab
