// The page Ranking: which weights count, predicted and measured, and which change the answer by themselves.
#include "studies/ranking.h"

#include <algorithm>
#include <cmath>

#include <strings/command.h>
#include <strings/page.h>
#include <strings/ranking.h>

#include "base/sort.h"
#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kRows = 50;
constexpr std::size_t kCandidates = 200;    // that are run where the exact effect decides
constexpr std::size_t kWallWeights = 2000;  // of a layer that are run for the weight wall
constexpr double kFlipPasses = 400.0;       // about

explain::Criterion criterion_of(RankBy by) {
  switch (by) {
    case RankBy::contribution:
      return explain::Criterion::contribution;
    case RankBy::loss:
      return explain::Criterion::loss;
    case RankBy::ablation:
    case RankBy::exact:
      break;
  }
  return explain::Criterion::ablation;
}

// How many groups are run without.
std::size_t checks_of(const RankingChoice& choice) {
  if (choice.wall) return choice.by == RankBy::exact ? kWallWeights : 0;
  return choice.by == RankBy::exact ? kCandidates : kRows;
}

// Those that are averaged over.
explain::Pictures ranking_pictures(const document::Document& document) {
  const std::string& over = document.choice<RankingChoice>().over;
  if (over.empty() || !document.pictures) return {*document.picture->input};
  const document::PictureSet& set = *document.pictures;
  explain::Pictures pictures;
  for (std::size_t i = 0; i < set.images.count(); ++i) {
    const std::string& name = set.images.class_names[static_cast<std::size_t>(set.images.labels[i])];
    if (over == "*" || over == name) pictures.push_back(set.input(*document.model, i));
  }
  return pictures;
}

// How many there are.
std::size_t ranked_pictures(const document::Document& document) {
  const std::string& over = document.choice<RankingChoice>().over;
  if (over.empty() || !document.pictures) return 1;
  const nn::LabelledImages& images = document.pictures->images;
  return static_cast<std::size_t>(std::ranges::count_if(images.labels, [&](int label) {
    return over == "*" || over == images.class_names[static_cast<std::size_t>(label)];
  }));
}

int classes_looked_at(const document::Document& document) { return std::min(32, document.graph().class_count()); }

base::Task study_flips(StudyInput input, StudyResults& results) {
  Ranking& found = results.found.edit<Ranking>();
  const explain::MethodInput asked = input.of(*explain::find_method("gradient"), input.target);
  const bool biases = input.document.choice<RankingChoice>().biases;
  found.flips.clear();
  found.flips_done = false;
  ++results.version;
  std::vector<explain::Flip> flips;
  base::Task task = explain::find_flips(asked, {.biases = biases}, flips, results.progress);
  bool done = false;
  while (!done) {
    done = task.step();
    if (done || flips.size() != found.flips.size()) {
      found.flips = flips;
      base::sort(found.flips, {}, [](const auto& f) { return std::pair(f.size, f.weight); });
      ++results.version;
    }
    co_await base::Pause{};
  }
  found.flips_done = true;
}

base::Task study_order(StudyInput input, StudyResults& results) {
  Ranking& found = results.found.edit<Ranking>();
  const RankingChoice choice = input.document.choice<RankingChoice>();
  const explain::MethodInput asked = input.of(*explain::find_method("gradient"), input.target);
  const auto start = base::Budget::Clock::now();
  const explain::Pictures pictures = ranking_pictures(input.document);
  const double all = results.passes;
  const std::size_t most = checks_of(choice);
  const auto checks = static_cast<double>(most * pictures.size());
  explain::Influence influence;
  double progress = 0.0;
  base::Task task = explain::study_weights(asked, pictures, choice.by == RankBy::loss, influence, progress);
  while (!task.step()) {
    results.progress = (all - checks) / all * progress;
    co_await base::Pause{};
  }
  std::vector<float> scratch;
  const auto weights = [&](int tensor) {
    const nn::GraphWeight& weight = input.document.graph().weights()[static_cast<std::size_t>(tensor)];
    return input.document.shown_weights().values(weight.offset, weight.shape.size(), scratch);
  };
  std::vector<explain::Ranked> rows =
      explain::rank(input.document.graph(), weights, influence, criterion_of(choice.by), choice.grain, most,
                    {choice.layer ? input.document.selection.layer : -1, choice.biases || choice.wall});
  found.influence = std::move(influence);
  found.pictures = pictures.size();
  found.among = input.document.graph().weight_count();
  found.checked = false;
  found.of_wall = choice.wall && choice.by == RankBy::exact;
  const bool sorted = choice.by == RankBy::exact && !choice.wall;  // by what is only known at the end
  found.ms = std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
  if (!sorted) found.rows = rows;
  ++results.version;
  co_await base::Pause{};
  base::Task check = explain::check_ranked(asked, pictures, rows, progress);
  bool done = false;
  double shown = 0.0;
  while (!done) {
    done = check.step();
    results.progress = (all - checks + checks * progress) / all;
    if (!sorted && progress >= shown + 0.02) {
      found.rows = rows;
      shown = progress;
      ++results.version;
    }
    co_await base::Pause{};
  }
  if (sorted) {
    base::sort(rows, {}, [](const auto& row) { return std::pair(-std::fabs(row.exact), row.first); });
    rows.resize(std::min(rows.size(), kRows));
  }
  found.rows = std::move(rows);
  found.checked = true;
}

double ranking_passes(const document::Document& document) {
  const RankingChoice& choice = document.choice<RankingChoice>();
  if (choice.flips) return kFlipPasses;
  return static_cast<double>(ranked_pictures(document)) *
         (3.0 + (choice.by == RankBy::loss ? 3.0 * classes_looked_at(document) : 0.0) +
          static_cast<double>(checks_of(choice)));
}

base::Task study_ranking(StudyInput input, StudyResults& results) {
  return input.document.choice<RankingChoice>().flips ? study_flips(input, results) : study_order(input, results);
}

constexpr Word<bool> kRankingShows[] = {{false, "ranking"}, {true, "flips"}};
constexpr Word<RankBy> kRankWords[] = {{RankBy::contribution, "contribution"},
                                       {RankBy::ablation, "ablation"},
                                       {RankBy::loss, "loss"},
                                       {RankBy::exact, "exact"}};
constexpr Word<explain::Grain> kGrainWords[] = {
    {explain::Grain::weight, "weight"}, {explain::Grain::kernel, "kernel"}, {explain::Grain::channel, "channel"}};
constexpr Word<bool> kRankingOf[] = {{false, "model"}, {true, "layer"}};

// "picture", "pictures", or a class of the open set.
struct RankedOver {
  static Status read(const document::Value& value, const FieldPlace& place, std::string& to) {
    const auto* word = value.get<std::string>();
    if (word == nullptr) return std::unexpected(place.must_be(text::command_kind_text));
    const auto& pictures = place.document.pictures;
    const bool one = *word == "picture";
    const bool all = *word == "pictures";
    const bool known =
        pictures && std::ranges::find(pictures->images.class_names, *word) != pictures->images.class_names.end();
    if (!one && !all && !known) return fail(text::ranking_no_over, {{"name", word->substr(0, 60)}});
    to = one ? "" : all ? "*" : *word;
    return {};
  }
  static document::Value write(const std::string& value, const document::Document&) {
    return {value.empty() ? "picture" : value == "*" ? "pictures" : value};
  }
  static std::string form() { return "`picture`, `pictures` or a class of the open set"; }
};

struct RankingFields {
  static void visit(auto& choice, const auto& visit) {
    visit("show", choice.flips, OneOf(kRankingShows), "flips: single weights that change the answer");
    visit("by", choice.by, OneOf(kRankWords), "");
    visit("grain", choice.grain, OneOf(kGrainWords), "");
    visit("of", choice.layer, OneOf(kRankingOf), "the selected layer alone, or all");
    visit("biases", choice.biases, Flag{}, "whether they are ranked too");
    visit("over", choice.over, RankedOver{}, "what it is the mean of");
  }
};

bool same_ranking(const document::Document& a, const document::Document& b) {
  const RankingChoice& choice = a.choice<RankingChoice>();
  if (!choice.over.empty() && a.pictures != b.pictures) return false;
  return choice == b.choice<RankingChoice>() && (!choice.layer || a.selection.layer == b.selection.layer);
}

// Flips are there to be tried one after another.
bool flips_stay(const document::Document& document) { return document.choice<RankingChoice>().flips; }

Wants ranking_wants(const document::Document& document) {
  return {.pictures = !document.choice<RankingChoice>().over.empty()};
}

std::optional<document::Document> ranking_for_overlay(const document::Document& document) {
  const bool ablation = document.view.overlay == document::Overlay::ablation;
  if (!ablation && document.view.overlay != document::Overlay::loss) return std::nullopt;
  document::Document asked = document;
  asked.page = "ranking";
  asked.choices.set(RankingChoice{.by = ablation ? RankBy::exact : RankBy::loss, .layer = ablation, .wall = true});
  return asked;
}

void write_ranking(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  const Ranking& found = results.get<Ranking>();
  const auto name = [&](std::size_t flat) {
    return nn::format_weight_ref(document.graph(), nn::ref_of(document.graph(), flat));
  };
  io::JsonWriter rows = io::JsonWriter::array();
  for (const explain::Ranked& row : found.rows) {
    rows.push_back({{"first_weight", name(row.first)},
                    {"weights", row.count},
                    {"score", row.score},
                    {"predicted", row.predicted},
                    {"exact", row.exact}});
  }
  io::JsonWriter flips = io::JsonWriter::array();
  for (const explain::Flip& flip : found.flips) {
    flips.push_back({{"weight", name(flip.weight)},
                     {"from", flip.from},
                     {"to", flip.to},
                     {"answer", document.model->labels[static_cast<std::size_t>(flip.answer)]},
                     {"deviations", flip.size}});
  }
  json.put("pictures", found.pictures);
  json.put("rows", rows);
  json.put("checked", found.checked);
  json.put("flips", flips);
  json.put("flips_done", found.flips_done);
  json.put("ms", found.ms);
}

}  // namespace

StudyDef ranking_study() {
  StudyDef def{.name = "ranking",
               .group = Group::why,
               .title = text::page_ranking_title,
               .help = text::page_ranking_help,
               .same_question = same_ranking,
               .passes = ranking_passes,
               .run = study_ranking,
               .stays = flips_stay,
               .wants = ranking_wants,
               .for_overlay = ranking_for_overlay,
               .write_found = write_ranking};
  choice_of<RankingChoice, RankingFields>(def);
  return def;
}

}  // namespace weightroom::studies
