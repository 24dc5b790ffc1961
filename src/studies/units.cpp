// The page Units: what a unit wants to see, which pictures come nearest to that, and the smallest change of the picture
// that changes the answer.
#include <algorithm>
#include <cmath>

#include "base/sort.h"
#include "io/preprocess.h"
#include "studies/studies.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kExciting = 8;
constexpr double kNudgePasses = 14 * 20 * 3.0 / 2.0;  // about: half of the tries end early

document::Shown shown_rgb(const io::Image& image, std::uint64_t version) {
  auto rgba = std::make_shared<std::vector<std::uint8_t>>();
  rgba->reserve(image.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3)
    rgba->insert(rgba->end(), {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2], 255});
  return {image.width, image.height, std::move(rgba), version};
}

document::Shown shown(const document::Document& document, std::span<const float> input, std::uint64_t version) {
  const nn::Shape& shape = document.graph().spec().input;
  return shown_rgb(io::picture_of(input, document.model->preprocessing, shape[0], shape[1], shape[2]), version);
}

// Ten times the difference around a middle grey.
document::Shown shown_difference(const document::Document& document, std::span<const float> levels,
                                 std::uint64_t version) {
  const nn::Shape& shape = document.graph().spec().input;
  nn::Preprocessing plain;
  plain.bgr = document.model->preprocessing.bgr;
  std::vector<float> grey(levels.size());
  std::ranges::transform(levels, grey.begin(), [](float v) { return 0.5F + 10.0F * v / 255.0F; });
  return shown_rgb(io::picture_of(grey, plain, shape[0], shape[1], shape[2]), version);
}

explain::Unit unit_of(const document::Document& document, int target) {
  const document::UnitsChoice& choice = document.study.units;
  if (choice.node < 0) return {document.graph().logits(), target};
  return {explain::before_kinks(document.graph(), choice.node), choice.channel, choice.y, choice.x};
}

}  // namespace

double units_passes(const document::Document& document) {
  const document::UnitsChoice& choice = document.study.units;
  if (choice.nudge) return kNudgePasses;
  const double pictures = document.pictures ? static_cast<double>(document.pictures->images.count()) : 0.0;
  return pictures + 3.0 * choice.steps * choice.images;
}

base::Task study_unit(StudyInput input, document::StudyResults& results) {
  document::Units& found = results.units;
  const document::Document& document = input.document;
  const document::UnitsChoice choice = document.study.units;
  const explain::Unit unit = unit_of(document, input.target);
  const bool another = found.unit != unit;
  found.unit = unit;
  if (another) found.pictures.clear();  // of the same unit the old ones stay until there are new ones
  found.made = {};
  found.exciting.clear();
  found.looked_through = 0;
  ++results.version;
  const double all = results.passes;
  double before = 0.0;
  if (document.pictures) {
    const document::PictureSet& set = *document.pictures;
    found.of_samples = !set.opened;
    found.set = set.name;
    std::vector<std::pair<double, std::size_t>> values;
    for (std::size_t i = 0; i < set.images.count(); ++i) {
      input.session.set_input(set.input(*document.model, i));
      while (!input.session.forward_step()) co_await base::Pause{};
      values.emplace_back(-explain::unit_value(input.session, unit, 0), i);
      results.progress = (before += 1.0) / all;
      co_await base::Pause{};
    }
    found.looked_through = values.size();
    base::sort(values);
    values.resize(std::min(values.size(), kExciting));
    for (const auto& [value, i] : values)
      found.exciting.push_back(
          {set.images.names[i], -value, shown(document, set.input(*document.model, i), ++results.version)});
    ++results.version;
  }
  nn::Session session(document.model->graph, nn::FlatWeights(input.session.copy_weights()), {.batch = choice.images});
  session.bypass(input.session.bypassed());
  double progress = 0.0;
  explain::VisualiseOptions options{.steps = choice.steps, .seed = static_cast<std::uint64_t>(choice.seed)};
  explain::Visualised made;
  base::Task task = explain::visualise(session, document.model->preprocessing, unit, options, made, progress);
  bool done = false;
  double drawn = -1.0;
  while (!done) {
    done = task.step();
    results.progress = (before + (all - before) * progress) / all;
    // A few times a second is often enough to be seen growing.
    if (done || progress >= drawn + 4.0 / choice.steps) {
      drawn = progress;
      found.made.values = made.values;
      found.made.history = made.history;
      found.made.steps = made.steps;
      found.pictures.clear();
      for (const auto& picture : made.pictures) found.pictures.push_back(shown(document, picture, ++results.version));
      ++results.version;
    }
    if (!done) co_await base::Pause{};
  }
  found.made = std::move(made);
}

base::Task study_nudge(StudyInput input, document::StudyResults& results) {
  document::Units& found = results.units;
  const document::UnitsChoice choice = input.document.study.units;
  found.nudge_done = false;
  ++results.version;
  const explain::MethodInput asked = input.of(*explain::find_method("gradient"), input.target);
  explain::Nudge nudge;
  base::Task task = explain::find_nudge(asked, {.norm = choice.norm, .search = choice.search, .toward = choice.toward},
                                        nudge, results.progress);
  while (!task.step()) co_await base::Pause{};
  found.changed = shown(input.document, nudge.picture, ++results.version);
  found.difference = shown_difference(input.document, nudge.difference, ++results.version);
  found.nudge = std::move(nudge);
  found.nudge_done = true;
}

}  // namespace weightroom::studies
