// The page Units: what a unit wants to see, which pictures come nearest to that, and the smallest change of the picture
// that changes the answer.
#include "studies/units.h"

#include <algorithm>
#include <cmath>

#include <strings/edits.h>
#include <strings/page.h>
#include <strings/units.h>

#include "base/sort.h"
#include "io/preprocess.h"
#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kExciting = 8;
constexpr double kNudgePasses = 14 * 20 * 3.0 / 2.0;  // about: half of the tries end early

Shown shown_rgb(const io::Image& image, std::uint64_t version) {
  auto rgba = std::make_shared<std::vector<std::uint8_t>>();
  rgba->reserve(image.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3)
    rgba->insert(rgba->end(), {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2], 255});
  return {image.width, image.height, std::move(rgba), version};
}

Shown shown(const document::Document& document, std::span<const float> input, std::uint64_t version) {
  const nn::Shape& shape = document.graph().spec().input;
  return shown_rgb(io::picture_of(input, document.model->preprocessing, shape[0], shape[1], shape[2]), version);
}

// Ten times the difference around a middle grey.
Shown shown_difference(const document::Document& document, std::span<const float> levels, std::uint64_t version) {
  const nn::Shape& shape = document.graph().spec().input;
  nn::Preprocessing plain;
  plain.bgr = document.model->preprocessing.bgr;
  std::vector<float> grey(levels.size());
  std::ranges::transform(levels, grey.begin(), [](float v) { return 0.5F + 10.0F * v / 255.0F; });
  return shown_rgb(io::picture_of(grey, plain, shape[0], shape[1], shape[2]), version);
}

explain::Unit unit_of(const document::Document& document, int target) {
  const UnitsChoice& choice = document.choice<UnitsChoice>();
  if (choice.node < 0) return {document.graph().logits(), target};
  return {explain::before_kinks(document.graph(), choice.node), choice.channel, choice.y, choice.x};
}

double units_passes(const document::Document& document) {
  const UnitsChoice& choice = document.choice<UnitsChoice>();
  if (choice.nudge) return kNudgePasses;
  const double pictures = document.pictures ? static_cast<double>(document.pictures->images.count()) : 0.0;
  return pictures + 3.0 * choice.steps * choice.images;
}

base::Task study_unit(StudyInput input, StudyResults& results) {
  Units& found = results.found.edit<Units>();
  const document::Document& document = input.document;
  const UnitsChoice choice = document.choice<UnitsChoice>();
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
  nn::SessionPool::Lease several;
  while (choice.images > 1 && !(several = input.another(StudyInput::Of::running, choice.images)))
    co_await base::Pause{};
  nn::Session& session = several ? *several : input.session;
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

base::Task study_nudge(StudyInput input, StudyResults& results) {
  Units& found = results.found.edit<Units>();
  const UnitsChoice choice = input.document.choice<UnitsChoice>();
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

constexpr Word<bool> kUnitsShows[] = {{false, "visualise"}, {true, "nudge"}};
constexpr Word<explain::NudgeNorm> kNorms[] = {{explain::NudgeNorm::largest, "largest"},
                                               {explain::NudgeNorm::length, "length"}};
constexpr Word<explain::NudgeSearch> kSearches[] = {{explain::NudgeSearch::fgsm, "fgsm"},
                                                    {explain::NudgeSearch::pgd, "pgd"}};

Status settle_channel(UnitsChoice& next, const document::Document& document, std::span<const document::Field> given) {
  if (find_field(given, "layer") != nullptr) {
    if (find_field(given, "channel") == nullptr) next.channel = 0;
    if (find_field(given, "y") == nullptr) next.y = -1;
    if (find_field(given, "x") == nullptr) next.x = -1;
  }
  if (next.node < 0) {
    next.channel = 0;
    return {};
  }
  const nn::Node& node = document.graph().nodes()[static_cast<std::size_t>(next.node)];
  const int channels = node.output.c();
  if (next.channel >= 0 && next.channel < channels) return {};
  return fail(text::edits_no_channel,
              {{"layer", "'" + node.name + "'"}, {"last", channels - 1}, {"channel", next.channel}});
}

Status settle_place(UnitsChoice& next, const document::Document& document, std::span<const document::Field> given) {
  const auto asked = [&](std::string_view name) {
    const document::Field* field = find_field(given, name);
    return field != nullptr && !field->value.is_null() && *field->value.get<std::int64_t>() >= 0;
  };
  if (next.y < 0 || next.x < 0) {
    if (asked("y") || asked("x")) return fail(text::units_row_and_column);
    next.y = next.x = -1;
    return {};
  }
  if (next.node < 0) return fail(text::units_class_is_one);
  const nn::Node& node = document.graph().nodes()[static_cast<std::size_t>(next.node)];
  if (next.y < node.output.h() && next.x < node.output.w()) return {};
  return fail(text::units_outside, {{"layer", node.name}, {"rows", node.output.h()}, {"columns", node.output.w()}});
}

struct UnitsFields {
  static void visit(auto& choice, const auto& visit) {
    visit("show", choice.nudge, OneOf(kUnitsShows), "nudge: the smallest change of the picture");
    visit("norm", choice.norm, OneOf(kNorms), "");
    visit("search", choice.search, OneOf(kSearches), "");
    visit("layer", choice.node, LayerOrNull{}, "null: the target class");
    visit("channel", choice.channel, Whole{}, "");
    visit("y", choice.y, PlaceOrNull{}, "row of one unit of the channel's map; null: all of it");
    visit("x", choice.x, PlaceOrNull{}, "its column");
    visit("images", choice.images, Whole{1, 4}, "");
    visit("steps", choice.steps, Whole{1, 4096}, "");
    visit("seed", choice.seed, Whole{0}, "of the noise");
    visit("toward", choice.toward, ClassOrNull{}, "the answer a nudge is to bring; null: any other");
  }
  static Status settle(UnitsChoice& next, const document::Document& document, std::span<const document::Field> given) {
    const Status channel = settle_channel(next, document, given);
    return channel ? settle_place(next, document, given) : channel;
  }
};

bool same_units(const document::Document& a, const document::Document& b) {
  const UnitsChoice& choice = a.choice<UnitsChoice>();
  return choice == b.choice<UnitsChoice>() && (choice.nudge || a.pictures == b.pictures);
}

base::Task study_units(StudyInput input, StudyResults& results) {
  return input.document.choice<UnitsChoice>().nudge ? study_nudge(input, results) : study_unit(input, results);
}

Wants units_want(const document::Document&) { return {.pictures = true}; }

void write_units(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  const Units& units = results.get<Units>();
  const auto label = [&](int index) { return document.model->labels[static_cast<std::size_t>(index)]; };
  io::JsonWriter exciting = io::JsonWriter::array();
  for (const Units::Exciting& e : units.exciting) exciting.push_back({{"name", e.name}, {"value", e.value}});
  json.put("values", units.made.values);
  json.put("history", units.made.history);
  json.put("exciting", exciting);
  json.put("set", units.set);
  if (!units.nudge_done) return json.put("nudge", nullptr);
  json.put("nudge", io::JsonWriter{{"found", units.nudge.found},
                                   {"before", label(units.nudge.before)},
                                   {"after", label(units.nudge.after)},
                                   {"budget", units.nudge.budget},
                                   {"largest", units.nudge.largest},
                                   {"root_mean_square", units.nudge.root_mean_square}});
}

}  // namespace

StudyDef units_study() {
  StudyDef def{.name = "units",
               .group = Group::look,
               .title = text::page_units_title,
               .help = text::page_units_help,
               .same_question = same_units,
               .passes = units_passes,
               .run = study_units,
               .wants = units_want,
               .write_found = write_units};
  choice_of<UnitsChoice, UnitsFields>(def);
  return def;
}

}  // namespace weightroom::studies
