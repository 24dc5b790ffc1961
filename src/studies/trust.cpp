// The page Trust: do maps depend on what was learned (Adebayo et al. 2018), and do they find what counts.
#include "studies/trust.h"

#include <algorithm>
#include <cmath>

#include <strings/page.h>
#include <strings/trust.h>

#include "explain/reference_maps.h"
#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr int kRemovals = 4;
constexpr int kRemovalSteps = 32;

const explain::MethodDef& method_of(const std::string& name) { return *explain::find_method(name); }

// A map as each removal wants it: one number a pixel, or one a value.
std::vector<float> as_wanted(const Faithfulness::Row& row, explain::Removal removal, const nn::Shape& shape) {
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
  StudyResults& results;
  std::uint64_t seed;
  double all;           // passes
  double before = 0.0;  // those already run

  [[nodiscard]] Faithfulness& found() const { return results.found.edit<Faithfulness>(); }
  void at(double passes) const { results.progress = (before + passes) / all; }
  void after(double passes) {
    before += passes;
    at(0.0);
    ++results.version;
  }
};

base::Task make_maps(Asked& asked) {
  const nn::Shape& shape = asked.input.document.graph().spec().input;
  for (Faithfulness::Row& row : asked.found().rows) {
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
    for (Faithfulness::Row& row : asked.found().rows) {
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
  for (Faithfulness::Row& row : asked.found().rows) {
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

double trust_passes(const document::Document& document) {
  const TrustChoice& choice = document.choice<TrustChoice>();
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

base::Task study_sanity(StudyInput input, StudyResults& results) {
  Sanity& found = results.found.edit<Sanity>();
  const TrustChoice choice = input.document.choice<TrustChoice>();
  found = {};
  found.layers = explain::layers_with_weights(input.document.graph());
  const nn::Shape& shape = input.document.graph().spec().input;
  for (const std::string& name : choice.methods) found.rows.push_back({.method = &method_of(name)});
  ++results.version;
  const double all = std::max(1.0, results.passes);
  double before = 0.0;
  for (Sanity::Row& row : found.rows) {
    const explain::MethodInput asked = input.of(*row.method, input.target);
    {
      explain::MapJob job(*row.method, asked);
      while (!job.step(base::Budget::milliseconds(0.0))) co_await base::Pause{};
      row.trained = explain::display_map(job.result().attribution, shape[1], shape[2]);
    }
    std::vector<explain::SanityRow> steps;
    double progress = 0.0;
    const double passes = method_passes(input.document, *row.method) * static_cast<double>(found.layers.size() + 1);
    base::Task task = explain::shuffle_layers(*row.method, asked, choice.shuffle,
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

base::Task study_faithfulness(StudyInput input, StudyResults& results) {
  const TrustChoice choice = input.document.choice<TrustChoice>();
  Asked asked{input, results, static_cast<std::uint64_t>(choice.seed), std::max(1.0, results.passes)};
  Faithfulness& found = results.found.edit<Faithfulness>();
  found = {};
  const nn::Shape shape = input.document.graph().spec().input;
  for (const std::string& name : choice.methods)
    found.rows.push_back({.name = name, .title = method_of(name).title, .method = &method_of(name)});
  found.rows.push_back({.name = "random", .title = text::trust_random_map});
  found.rows.back().map = explain::random_map(shape[1], shape[2], asked.seed);
  found.rows.push_back({.name = "edges", .title = text::trust_edge_map});
  found.rows.back().map = explain::edge_map(*input.document.picture->input, shape);
  ++results.version;
  base::Task maps = make_maps(asked);
  while (!maps.step()) co_await base::Pause{};
  base::Task curves = remove_pixels(asked, choice.removal);
  while (!curves.step()) co_await base::Pause{};
  base::Task rest = move_pixels(asked);
  while (!rest.step()) co_await base::Pause{};
}

constexpr Word<bool> kQuestions[] = {{false, "sanity"}, {true, "faithfulness"}};
constexpr Word<explain::Shuffle> kShuffles[] = {{explain::Shuffle::cascading, "cascading"},
                                                {explain::Shuffle::independent, "independent"}};
constexpr Word<explain::Removal> kRemovalWords[] = {{explain::Removal::deletion, "deletion"},
                                                    {explain::Removal::insertion, "insertion"},
                                                    {explain::Removal::pixel_flipping, "pixel_flipping"},
                                                    {explain::Removal::road, "road"}};

struct TrustFields {
  static void visit(auto& choice, const auto& visit) {
    visit("question", choice.faithfulness, OneOf(kQuestions), "");
    visit("methods", choice.methods, Methods{}, "that are asked about");
    visit("shuffle", choice.shuffle, OneOf(kShuffles), "of the sanity check");
    visit("removal", choice.removal, OneOf(kRemovalWords), "whose curves are drawn");
    visit("seed", choice.seed, Whole{0}, "of every random draw");
  }
};

bool same_trust(const document::Document& a, const document::Document& b) {
  TrustChoice shown = a.choice<TrustChoice>();
  shown.removal = b.choice<TrustChoice>().removal;  // only which of the curves is drawn
  return shown == b.choice<TrustChoice>() && a.map == b.map;
}

base::Task study_trust(StudyInput input, StudyResults& results) {
  return input.document.choice<TrustChoice>().faithfulness ? study_faithfulness(input, results)
                                                           : study_sanity(input, results);
}

io::JsonWriter sanity_json(const document::Document& document, const Sanity& found) {
  io::JsonWriter rows = io::JsonWriter::array();
  for (const Sanity::Row& row : found.rows) {
    io::JsonWriter steps = io::JsonWriter::array();
    for (const explain::SanityRow& step : row.steps) {
      steps.push_back({{"layer", document.graph().nodes()[static_cast<std::size_t>(step.node)].name},
                       {"rank_correlation", step.rank},
                       {"rank_correlation_of_sizes", step.rank_of_sizes},
                       {"structural_similarity", step.structure}});
    }
    rows.push_back({{"method", std::string(row.method->name)}, {"layers", std::move(steps)}});
  }
  return rows;
}

io::JsonWriter faithfulness_json(const Faithfulness& found) {
  io::JsonWriter rows = io::JsonWriter::array();
  for (const Faithfulness::Row& row : found.rows) {
    io::JsonWriter curves = io::JsonWriter::object();
    for (const auto& [removal, word] : kRemovalWords) {
      const explain::Curve& curve = row.curves[static_cast<int>(removal)];
      if (curve.share.empty()) continue;
      curves.put(word, {{"probability", curve.probability},
                        {"logit", curve.logit},
                        {"area", explain::Curve::area(curve.probability)}});
    }
    rows.push_back({{"map", row.name},
                    {"curves", std::move(curves)},
                    {"infidelity", row.infidelity},
                    {"sensitivity", row.sensitivity},
                    {"sparseness", row.sparseness}});
  }
  return rows;
}

void write_trust(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  json.put("sanity", sanity_json(document, results.get<Sanity>()));
  json.put("faithfulness", faithfulness_json(results.get<Faithfulness>()));
}

}  // namespace

std::string_view name_of(explain::Removal removal) { return word_of(kRemovalWords, removal); }

StudyDef trust_study() {
  StudyDef def{.name = "trust",
               .group = Group::why,
               .title = text::page_trust_title,
               .help = text::page_trust_help,
               .same_question = same_trust,
               .passes = trust_passes,
               .run = study_trust,
               .write_found = write_trust};
  choice_of<TrustChoice, TrustFields>(def);
  return def;
}

}  // namespace weightroom::studies
