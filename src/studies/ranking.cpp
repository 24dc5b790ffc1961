// The page Weights: which of them count, foretold and run, and which change the answer by themselves.
#include <algorithm>
#include <cmath>

#include "base/sort.h"
#include "studies/studies.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kRows = 50;
constexpr std::size_t kCandidates = 200;    // that are run where the exact effect decides
constexpr std::size_t kWallWeights = 2000;  // of a layer that are run for the weight wall
constexpr double kFlipPasses = 400.0;       // about

explain::Criterion criterion_of(document::RankBy by) {
  switch (by) {
    case document::RankBy::contribution:
      return explain::Criterion::contribution;
    case document::RankBy::loss:
      return explain::Criterion::loss;
    case document::RankBy::ablation:
    case document::RankBy::exact:
      break;
  }
  return explain::Criterion::ablation;
}

// How many groups are run without.
std::size_t checks_of(const document::RankingChoice& choice) {
  if (choice.wall) return choice.by == document::RankBy::exact ? kWallWeights : 0;
  return choice.by == document::RankBy::exact ? kCandidates : kRows;
}

// Those that are averaged over.
explain::Pictures ranking_pictures(const document::Document& document) {
  const std::string& over = document.study.ranking.over;
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
  const std::string& over = document.study.ranking.over;
  if (over.empty() || !document.pictures) return 1;
  const nn::LabelledImages& images = document.pictures->images;
  return static_cast<std::size_t>(std::ranges::count_if(images.labels, [&](int label) {
    return over == "*" || over == images.class_names[static_cast<std::size_t>(label)];
  }));
}

int classes_looked_at(const document::Document& document) { return std::min(32, document.graph().class_count()); }

base::Task study_flips(StudyInput input, document::StudyResults& results) {
  document::Ranking& found = results.ranking;
  const explain::MethodInput asked = input.of(*explain::find_method("gradient"), input.target);
  const bool biases = input.document.study.ranking.biases;
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

base::Task study_order(StudyInput input, document::StudyResults& results) {
  document::Ranking& found = results.ranking;
  const document::RankingChoice choice = input.document.study.ranking;
  const explain::MethodInput asked = input.of(*explain::find_method("gradient"), input.target);
  const auto start = base::Budget::Clock::now();
  const explain::Pictures pictures = ranking_pictures(input.document);
  const double all = results.passes;
  const std::size_t most = checks_of(choice);
  const auto checks = static_cast<double>(most * pictures.size());
  explain::Influence influence;
  double progress = 0.0;
  base::Task task = explain::study_weights(asked, pictures, choice.by == document::RankBy::loss, influence, progress);
  while (!task.step()) {
    results.progress = (all - checks) / all * progress;
    co_await base::Pause{};
  }
  std::vector<float> scratch;
  const auto weights = input.document.shown_weights().values(0, input.document.graph().weight_count(), scratch);
  std::vector<explain::Ranked> rows =
      explain::rank(input.document.graph(), weights, influence, criterion_of(choice.by), choice.grain, most,
                    {choice.layer ? input.document.selection.layer : -1, choice.biases || choice.wall});
  found.influence = std::move(influence);
  found.pictures = pictures.size();
  found.among = input.document.graph().weight_count();
  found.checked = false;
  found.of_wall = choice.wall && choice.by == document::RankBy::exact;
  const bool sorted = choice.by == document::RankBy::exact && !choice.wall;  // by what is only known at the end
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

}  // namespace

double ranking_passes(const document::Document& document) {
  const document::RankingChoice& choice = document.study.ranking;
  if (choice.flips) return kFlipPasses;
  return static_cast<double>(ranked_pictures(document)) *
         (3.0 + (choice.by == document::RankBy::loss ? 3.0 * classes_looked_at(document) : 0.0) +
          static_cast<double>(checks_of(choice)));
}

base::Task study_ranking(StudyInput input, document::StudyResults& results) {
  return input.document.study.ranking.flips ? study_flips(input, results) : study_order(input, results);
}

}  // namespace weightroom::studies
