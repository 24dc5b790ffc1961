// How far the maps of a model can be trusted, over the pictures of a labelled set: whether they find what counts (ROAD,
// Rong et al. 2022) and whether they depend on what was learned (Adebayo et al. 2018). Run:
//   build/native/weightroom-maps everyday.tar --split val
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "explain/display.h"
#include "explain/reference_maps.h"
#include "explain/sanity.h"
#include "explain/scores.h"
#include "io/dataset.h"
#include "io/preprocess.h"
#include "nn/answer.h"

namespace weightroom {
namespace {

constexpr int kSteps = 32;  // of a curve, as on the page Trust
constexpr double kLead = 0.3;
constexpr double kMostLikeness = 0.3;

struct Options {
  std::string set;
  std::string split;
  std::string model = "everyday";
  std::vector<std::string> methods{"grad_cam", "gradient", "occlusion"};
  int each = 2;
  bool json = false;
};

// Of one method, or of the random map: sums over the pictures.
struct Figures {
  std::string name;
  double road = 0.0;
  double likeness = 0.0;
  double likeness_of_sizes = 0.0;
};

struct Chosen {
  std::string name;
  std::vector<float> input;
};

void finish(base::Task task) {
  while (!task.step()) {
  }
}

// Of the n pictures of a class, in the order of their names, those in the middle of `each` stretches of one length: of
// two the ones a quarter and three quarters of the way.
Result<std::vector<Chosen>> choose_pictures(const Options& options, const nn::Model& model) {
  const auto set = io::open_dataset(options.set, options.split);
  if (!set) return std::unexpected(set.error());
  const auto split = io::choose_split(*set, options.split);
  if (!split) return std::unexpected(split.error());
  std::vector<std::vector<const io::SetItem*>> classes(set->class_names.size());
  for (const io::SetItem& item : (*split)->items) classes[static_cast<std::size_t>(item.label)].push_back(&item);
  std::vector<Chosen> chosen;
  for (const auto& items : classes) {
    const std::size_t each = std::min(static_cast<std::size_t>(options.each), items.size());
    for (std::size_t k = 0; k < each; ++k) {
      const io::SetItem& item = *items[items.size() * (2 * k + 1) / (2 * each)];
      const auto image = set->picture(item);
      if (!image) return std::unexpected(image.error());
      const nn::Shape& shape = model.graph->spec().input;
      auto read = io::preprocess(*image, model.preprocessing, shape[0], shape[1], shape[2],
                                 {.crop = {}, .sample = set->native});
      if (!read) return std::unexpected(read.error());
      chosen.push_back({item.name, std::move(read->input)});
    }
  }
  return chosen;
}

// One picture with the model's own answer to it.
class Trials {
 public:
  Trials(const nn::Model& model, const Chosen& picture, std::uint64_t seed)
      : model_(model), picture_(picture), seed_(seed), session_(model.graph) {
    session_.set_weights(model.weights);
    session_.set_input(picture.input);
    session_.forward();
    target_ = nn::best_of(session_.logits().values());
  }

  [[nodiscard]] double road(const std::vector<float>& map) {
    const explain::MethodInput input = explain::method_input(session_, model_.preprocessing, picture_.input, target_);
    explain::Curve curve;
    const explain::Trial trial{input, map, kSteps, seed_};
    finish(explain::removal_curve(trial, explain::Removal::road, curve));
    return explain::Curve::area(curve.probability);
  }

  [[nodiscard]] std::vector<float> map(const explain::MethodDef& method) {
    explain::MethodInput input = explain::method_input(session_, model_.preprocessing, picture_.input, target_);
    input.params = explain::checked_params(method, {}).value();
    explain::MapJob job(method, std::move(input));
    while (!job.step(base::Budget::unlimited())) {
    }
    const nn::Shape& shape = model_.graph->spec().input;
    return explain::display_map(job.result().attribution, shape[1], shape[2]).values;
  }

  // With the upper half of the layers as before any training.
  [[nodiscard]] std::vector<float> map_of_forgetful(const explain::MethodDef& method) {
    const std::vector<int> layers = explain::layers_with_weights(*model_.graph);
    for (std::size_t k = 0; k < explain::upper_half(layers.size()); ++k)
      explain::forget_layer(session_, layers[k], seed_);
    std::vector<float> found = map(method);
    session_.set_weights(model_.weights);
    return found;
  }

 private:
  const nn::Model& model_;
  const Chosen& picture_;
  std::uint64_t seed_;
  nn::Session session_;
  int target_ = 0;
};

std::vector<float> without_signs(std::vector<float> map) {
  for (float& value : map) value = std::fabs(value);
  return map;
}

std::vector<Figures> measure(const nn::Model& model, const std::vector<Chosen>& pictures, const Options& options) {
  std::vector<Figures> all;
  for (const std::string& name : options.methods) all.push_back({.name = name});
  all.push_back({.name = "random"});
  const nn::Shape& shape = model.graph->spec().input;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::uint64_t seed = i + 1;  // of the random map, the random weights and ROAD's noise
    Trials trials(model, pictures[i], seed);
    for (Figures& row : all) {
      const explain::MethodDef* method = explain::find_method(row.name);
      const std::vector<float> map =
          method == nullptr ? explain::random_map(shape[1], shape[2], seed) : trials.map(*method);
      const std::vector<float> forgetful = method == nullptr ? map : trials.map_of_forgetful(*method);
      row.road += trials.road(map);
      row.likeness += explain::spearman(map, forgetful);
      row.likeness_of_sizes += explain::spearman(without_signs(map), without_signs(forgetful));
    }
    std::cerr << '\r' << i + 1 << " of " << pictures.size() << " pictures" << std::flush;
  }
  std::cerr << '\n';
  const auto count = static_cast<double>(pictures.size());
  for (Figures& row : all) {
    row.road /= count;
    row.likeness /= count;
    row.likeness_of_sizes /= count;
  }
  return all;
}

bool verdict(const std::string& words, double value, double most) {
  const bool met = value <= most;
  std::cout << (met ? "  ok    " : "  OVER  ") << words << ": " << value << ", at most " << most;
  if (!met) std::cout << ", over by " << value - most;
  std::cout << '\n';
  return met;
}

// The first method is held to what a map must be good for at least.
bool print(const std::vector<Figures>& all, const nn::Model& model, std::size_t count) {
  std::cout << std::fixed << std::setprecision(3) << model.name << ", " << count << " pictures, means:\n"
            << std::left << std::setw(24) << "map" << std::right << std::setw(8) << "ROAD" << std::setw(18)
            << "rank correlation" << std::setw(16) << "without signs" << '\n';
  for (const Figures& row : all) {
    std::cout << std::left << std::setw(24) << row.name << std::right << std::setw(8) << row.road << std::setw(18)
              << row.likeness << std::setw(16) << row.likeness_of_sizes << '\n';
  }
  const Figures& first = all.front();
  const bool finds = verdict("ROAD of " + first.name, first.road, all.back().road - kLead);
  const bool learned = verdict("rank correlation of " + first.name + " with the upper half of the layers random",
                               first.likeness, kMostLikeness);
  return finds && learned;
}

nlohmann::ordered_json json_of(const std::vector<Figures>& all, const std::vector<Chosen>& pictures) {
  nlohmann::ordered_json json{{"pictures", nlohmann::ordered_json::array()}, {"maps", nlohmann::ordered_json::array()}};
  for (const Chosen& picture : pictures) json["pictures"].push_back(picture.name);
  for (const Figures& row : all) {
    json["maps"].push_back({{"map", row.name},
                            {"road", row.road},
                            {"rank_correlation", row.likeness},
                            {"rank_correlation_of_sizes", row.likeness_of_sizes}});
  }
  return json;
}

Result<bool> run(const Options& options) {
  for (const std::string& name : options.methods) {
    if (explain::find_method(name) == nullptr) return fail("There is no method '" + name + "'.");
  }
  const auto model = cli::load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const auto pictures = choose_pictures(options, *model);
  if (!pictures) return std::unexpected(pictures.error());
  const std::vector<Figures> all = measure(*model, *pictures, options);
  if (!options.json) return print(all, *model, pictures->size());
  std::cout << json_of(all, *pictures).dump(1) << '\n';
  return true;
}

}  // namespace
}  // namespace weightroom

int main(int argc, char** argv) {
  using namespace weightroom;
  cli::set_program_path(argv[0]);
  Options options;
  CLI::App app("Measures maps on a labelled set: do they find what counts, do they depend on what was learned?");
  app.add_option("set", options.set, "folder of class folders, tar of one, or folder of IDX files")->required();
  app.add_option("--split", options.split, "split to measure on, where the set has several");
  app.add_option("--model", options.model, "a shipped model's name, or a model file")->capture_default_str();
  app.add_option("--methods", options.methods, "of which the first is held to the limits")->capture_default_str();
  app.add_option("--each", options.each, "pictures of each class, evenly spread over it in the order of their names")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--json", options.json, "the figures and the pictures' names as JSON");
  CLI11_PARSE(app, argc, argv);
  const auto met = run(options);
  if (!met) {
    std::cerr << "weightroom-maps: " << met.error().message() << '\n';
    return 2;
  }
  return *met ? 0 : 1;
}
