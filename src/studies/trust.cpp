// The page Trust: do maps depend on what was learnt (Adebayo et al. 2018), and do they find what counts.
#include <algorithm>
#include <cmath>

#include "explain/reference_maps.h"
#include "studies/studies.h"

namespace weightroom::studies {
namespace {

constexpr int kRemovals = 4;
constexpr int kRemovalSteps = 32;

const explain::MethodDef& method_of(const std::string& name) { return *explain::find_method(name); }

// A map as each removal wants it: one number a pixel, or one a value.
std::vector<float> as_wanted(const document::Faithfulness::Row& row, explain::Removal removal, const nn::Shape& shape) {
  if (removal != explain::Removal::pixel_flipping) return row.map;
  if (row.attribution.values.size() == shape.size()) return row.attribution.values;
  std::vector<float> values;
  for (int c = 0; c < shape[0]; ++c) values.insert(values.end(), row.map.begin(), row.map.end());
  return values;
}

double fidelity_passes(const document::Document& document, const explain::MethodDef& method) {
  const double map = method_passes(document, method);
  return (method.size == explain::MapSize::input ? explain::kFidelitySamples : 0) + explain::kSensitivitySamples * map;
}

// What the three parts of the study share.
struct Asked {
  StudyInput input;
  document::StudyResults& results;
  std::uint64_t seed;
  double all;           // passes
  double before = 0.0;  // those already run

  [[nodiscard]] document::Faithfulness& found() const { return results.faithfulness; }
  void at(double passes) const { results.progress = (before + passes) / all; }
  void after(double passes) {
    before += passes;
    at(0.0);
    ++results.version;
  }
};

base::Task make_maps(Asked& asked) {
  const nn::Shape& shape = asked.input.document.graph().spec().input;
  for (document::Faithfulness::Row& row : asked.found().rows) {
    if (row.method != nullptr) {
      explain::MapJob job(*row.method, asked.input.of(*row.method, asked.input.target));
      while (!job.step(base::Budget::milliseconds(0.0))) co_await base::Pause{};
      row.attribution = job.result().attribution;
      row.map = explain::display_map(row.attribution, shape[1], shape[2]).values;
    }
    row.sparseness = explain::gini(row.map);
    asked.after(row.method != nullptr ? method_passes(asked.input.document, *row.method) : 0.0);
  }
}

// The curves that are looked at come first.
base::Task remove_pixels(Asked& asked, explain::Removal shown) {
  std::vector<explain::Removal> removals{shown};
  for (int k = 0; k < kRemovals; ++k) {
    if (static_cast<explain::Removal>(k) != shown) removals.push_back(static_cast<explain::Removal>(k));
  }
  const nn::Shape& shape = asked.input.document.graph().spec().input;
  const explain::MethodInput plain = asked.input.of(*explain::find_method("gradient"), asked.input.target);
  for (const explain::Removal removal : removals) {
    for (document::Faithfulness::Row& row : asked.found().rows) {
      const explain::Trial trial{plain, as_wanted(row, removal, shape), kRemovalSteps, asked.seed};
      explain::Curve curve;
      base::Task task = explain::removal_curve(trial, removal, curve);
      while (!task.step()) {
        asked.at(static_cast<double>(curve.share.size()));
        co_await base::Pause{};
      }
      row.curves[static_cast<int>(removal)] = std::move(curve);
      asked.after(kRemovalSteps + 1);
    }
  }
}

base::Task move_pixels(Asked& asked) {
  for (document::Faithfulness::Row& row : asked.found().rows) {
    if (row.method == nullptr) continue;
    const explain::MethodInput of = asked.input.of(*row.method, asked.input.target);
    explain::Fidelity fidelity;
    double progress = 0.0;
    if (row.attribution.values.size() == asked.input.document.picture->input->size()) {
      base::Task task = explain::infidelity(of, row.attribution.values, asked.seed, fidelity, progress);
      while (!task.step()) co_await base::Pause{};
      row.infidelity = fidelity.infidelity;
      asked.after(explain::kFidelitySamples);
    }
    const double passes = explain::kSensitivitySamples * method_passes(asked.input.document, *row.method);
    base::Task task = explain::sensitivity(*row.method, of, row.attribution.values, asked.seed, fidelity, progress);
    while (!task.step()) {
      asked.at(passes * progress);
      co_await base::Pause{};
    }
    row.sensitivity = fidelity.sensitivity;
    asked.after(passes);
  }
}

}  // namespace

double trust_passes(const document::Document& document) {
  const document::TrustChoice& choice = document.study.trust;
  double passes = 0.0;
  if (!choice.faithfulness) {
    const auto layers = static_cast<double>(explain::layers_with_weights(document.graph()).size());
    for (const std::string& name : choice.methods) passes += (layers + 1.0) * method_passes(document, method_of(name));
    return passes;
  }
  passes = static_cast<double>((choice.methods.size() + 2) * kRemovals * (kRemovalSteps + 1));
  for (const std::string& name : choice.methods)
    passes += method_passes(document, method_of(name)) + fidelity_passes(document, method_of(name));
  return passes;
}

base::Task study_sanity(StudyInput input, document::StudyResults& results) {
  document::Sanity& found = results.sanity;
  const document::TrustChoice choice = input.document.study.trust;
  found = {};
  found.layers = explain::layers_with_weights(input.document.graph());
  const nn::Shape& shape = input.document.graph().spec().input;
  for (const std::string& name : choice.methods) found.rows.push_back({.method = &method_of(name)});
  ++results.version;
  const std::vector<float> weights = input.session.copy_weights();
  const double all = std::max(1.0, results.passes);
  double before = 0.0;
  for (document::Sanity::Row& row : found.rows) {
    const explain::MethodInput asked = input.of(*row.method, input.target);
    {
      explain::MapJob job(*row.method, asked);
      while (!job.step(base::Budget::milliseconds(0.0))) co_await base::Pause{};
      row.trained = explain::display_map(job.result().attribution, shape[1], shape[2]);
    }
    std::vector<explain::SanityRow> steps;
    double progress = 0.0;
    const double passes = method_passes(input.document, *row.method) * static_cast<double>(found.layers.size() + 1);
    base::Task task = explain::shuffle_layers(*row.method, asked, weights, choice.shuffle,
                                              static_cast<std::uint64_t>(choice.seed), steps, progress);
    bool done = false;
    while (!done) {
      done = task.step();
      while (row.steps.size() < steps.size()) {
        row.steps.push_back(steps[row.steps.size()]);
        explain::Attribution map{{1, shape[1], shape[2]}, row.steps.back().map};
        row.maps.push_back(explain::display_map(map, shape[1], shape[2]));
        row.version = ++results.version;
      }
      results.progress = (before + passes * progress) / all;
      co_await base::Pause{};
    }
    before += passes;
  }
}

base::Task study_faithfulness(StudyInput input, document::StudyResults& results) {
  const document::TrustChoice choice = input.document.study.trust;
  Asked asked{input, results, static_cast<std::uint64_t>(choice.seed), std::max(1.0, results.passes)};
  document::Faithfulness& found = results.faithfulness;
  found = {};
  const nn::Shape shape = input.document.graph().spec().input;
  for (const std::string& name : choice.methods)
    found.rows.push_back({.name = name, .title = std::string(method_of(name).title), .method = &method_of(name)});
  found.rows.push_back({.name = "random", .title = "Random map"});
  found.rows.back().map = explain::random_map(shape[1], shape[2], asked.seed);
  found.rows.push_back({.name = "edges", .title = "Edge detector"});
  found.rows.back().map = explain::edge_map(*input.document.picture->input, shape);
  ++results.version;
  base::Task maps = make_maps(asked);
  while (!maps.step()) co_await base::Pause{};
  base::Task curves = remove_pixels(asked, choice.removal);
  while (!curves.step()) co_await base::Pause{};
  base::Task rest = move_pixels(asked);
  while (!rest.step()) co_await base::Pause{};
}

}  // namespace weightroom::studies
