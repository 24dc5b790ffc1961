// The page Compare: maps of several methods for one class, or of one method for several classes.
#include "studies/compare.h"

#include <algorithm>
#include <cmath>

#include <strings/page.h>

#include "base/sort.h"
#include "explain/scores.h"
#include "nn/answer.h"
#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr int kClasses = 6;  // unless some are chosen

std::vector<Comparison::Tile> tiles_of(const document::Document& document, std::span<const float> logits, int target) {
  std::vector<Comparison::Tile> tiles;
  const CompareChoice& choice = document.choice<CompareChoice>();
  if (!choice.targets) {
    for (const std::string& name : choice.methods) tiles.push_back({explain::find_method(name), target});
    return tiles;
  }
  std::vector<int> classes = choice.classes;
  if (classes.empty()) {
    classes = nn::best_first(logits);
    classes.resize(std::min<std::size_t>(classes.size(), kClasses));
  }
  for (const int c : classes) tiles.push_back({explain::find_method(document.map.method), c});
  return tiles;
}

void compare_tiles(Comparison& found) {
  const std::size_t n = found.tiles.size();
  found.likeness.assign(n * n, std::nan(""));
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a; b < n; ++b) {
      if (found.tiles[a].progress < 1.0 || found.tiles[b].progress < 1.0) continue;
      found.likeness[a * n + b] = found.likeness[b * n + a] =
          a == b ? 1.0 : explain::spearman(found.tiles[a].map.values, found.tiles[b].map.values);
    }
  }
}

double compare_passes(const document::Document& document) {
  const CompareChoice& choice = document.choice<CompareChoice>();
  double passes = 0.0;
  if (choice.targets) {
    const std::size_t wanted = choice.classes.empty() ? kClasses : choice.classes.size();
    const auto classes = std::min<std::size_t>(wanted, static_cast<std::size_t>(document.graph().class_count()));
    return static_cast<double>(classes) * method_passes(document, *explain::find_method(document.map.method));
  }
  for (const std::string& name : choice.methods) passes += method_passes(document, *explain::find_method(name));
  return passes;
}

base::Task study_compare(StudyInput input, StudyResults& results) {
  while (!input.session.forward_step()) co_await base::Pause{};
  Comparison& found = results.found.edit<Comparison>();
  auto tiles = tiles_of(input.document, input.session.logits().values(), input.target);
  for (Comparison::Tile& tile : tiles) {  // what is there is shown until it is made anew
    const auto old = std::ranges::find_if(
        found.tiles, [&](const auto& t) { return t.method == tile.method && t.target == tile.target; });
    if (old == found.tiles.end()) continue;
    tile = *old;
    tile.progress = 0.0;
  }
  found.tiles = std::move(tiles);
  compare_tiles(found);
  ++results.version;
  const nn::Shape& shape = input.document.graph().spec().input;
  // The quick ones first, so that there is something to see.
  std::vector<std::size_t> order(found.tiles.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  base::sort(order, {},
             [&](std::size_t i) { return std::pair(method_passes(input.document, *found.tiles[i].method), i); });
  const double all = std::max(1.0, results.passes);
  double before = 0.0;
  for (const std::size_t k : order) {
    const explain::MethodDef& method = *found.tiles[k].method;
    const double passes = method_passes(input.document, method);
    explain::MapJob job(method, input.of(method, found.tiles[k].target));
    const auto start = base::Budget::Clock::now();
    bool done = false;
    while (!done) {
      done = job.step(base::Budget::milliseconds(0.0));
      Comparison::Tile& tile = found.tiles[k];
      if (done || job.progress() >= tile.progress + 0.04) {
        tile.progress = job.progress();
        tile.explanation = job.result();
        tile.map = explain::display_map(tile.explanation.attribution, shape[1], shape[2]);
        tile.version = ++results.version;
      }
      results.progress = (before + passes * job.progress()) / all;
      if (!done) co_await base::Pause{};
    }
    before += passes;
    found.tiles[k].ms = std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - start).count();
    compare_tiles(found);
    co_await base::Pause{};
  }
}

constexpr Word<bool> kAcross[] = {{false, "methods"}, {true, "classes"}};

struct CompareFields {
  static void visit(auto& choice, const auto& visit) {
    visit("across", choice.targets, OneOf(kAcross), "what differs from map to map");
    visit("methods", choice.methods, Methods{}, "side by side");
    visit("classes", choice.classes, ClassesOrNull{}, "side by side; null: the most probable ones");
    visit("one_scale", choice.one_scale, Flag{}, "all maps in the colours of the strongest");
  }
};

void write_compare(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  const Comparison& found = results.get<Comparison>();
  io::JsonWriter tiles = io::JsonWriter::array();
  for (const Comparison::Tile& tile : found.tiles) {
    tiles.push_back({{"method", std::string(tile.method->name)},
                     {"class", document.model->labels[static_cast<std::size_t>(tile.target)]},
                     {"progress", tile.progress},
                     {"scale", tile.map.scale},
                     {"no_evidence", tile.map.empty()},
                     {"completeness_error", tile.explanation.completeness_error},
                     {"ms", tile.ms}});
  }
  json.put("tiles", tiles);
  json.put("rank_correlation", found.likeness);
}

bool same_comparison(const document::Document& a, const document::Document& b) {
  return a.choice<CompareChoice>() == b.choice<CompareChoice>() && a.map == b.map;
}

}  // namespace

StudyDef compare_study() {
  StudyDef def{.name = "compare",
               .group = Group::why,
               .title = text::page_compare_title,
               .help = text::page_compare_help,
               .same_question = same_comparison,
               .passes = compare_passes,
               .run = study_compare,
               .write_found = write_compare};
  choice_of<CompareChoice, CompareFields>(def);
  return def;
}

}  // namespace weightroom::studies
