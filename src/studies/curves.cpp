// The page Curves: accuracy against a weight's value, the share pruned, the bits of a weight, or two weights' values.
#include "studies/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <strings/curves.h>
#include <strings/page.h>

#include "document/command.h"
#include "io/model_file.h"
#include "nn/weight_ref.h"
#include "studies/evaluator.h"
#include "studies/fields.h"

namespace weightroom::studies {
namespace {

constexpr int kPoints = 21;  // of a line
constexpr int kSide = 13;    // of a plane
constexpr std::size_t kCache = std::size_t{32} << 20U;
constexpr std::size_t kMostPacked = 4'000'000;  // weights whose file is measured at every point

bool moves_weights(CurveKind kind) { return kind == CurveKind::weight || kind == CurveKind::plane; }

bool countable(const document::Document& document) {
  return document.labelled && std::ranges::any_of(document.class_of, [](int c) { return c >= 0; });
}

// A weight to be moved, or the second of two others.
bool lacks_weight(const document::Document& document) {
  const CurveChoice& choice = document.choice<CurveChoice>();
  const auto& lit = document.selection.weight;
  if (!moves_weights(choice.kind)) return false;
  return !lit || (choice.kind == CurveKind::plane && (!choice.second || choice.second == lit));
}

// -r .. r, the middle 0.
std::vector<double> sweep(const document::Document& document, nn::WeightRef ref, int points) {
  const auto range = static_cast<double>(slider_range(document, ref.tensor));
  std::vector<double> values;
  for (int i = 0; i < points; ++i) values.push_back(range * (2.0 * i / (points - 1) - 1.0));
  return values;
}

std::vector<double> places(const document::Document& document) {
  switch (document.choice<CurveChoice>().kind) {
    case CurveKind::weight:
      return sweep(document, *document.selection.weight, kPoints);
    case CurveKind::plane:
      return sweep(document, *document.selection.weight, kSide);
    case CurveKind::bits:
      return {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16};
    case CurveKind::share:
      break;
  }
  std::vector<double> shares;
  for (int i = 0; i < kPoints; ++i) shares.push_back(static_cast<double>(i) / (kPoints - 1));
  return shares;
}

// The ends and the middle first, then what lies between: the line is seen early and grows finer.
std::vector<std::size_t> coarse_to_fine(std::size_t count) {
  std::vector<std::size_t> order;
  std::vector<bool> there(count, false);
  const auto take = [&](std::size_t i) {
    if (!there[i]) order.push_back(i);
    there[i] = true;
  };
  if (count == 0) return order;
  take(0);
  take(count - 1);
  for (std::size_t parts = 2; order.size() < count; parts *= 2) {
    for (std::size_t k = 1; k < parts; k += 2) take(k * (count - 1) / parts);
    if (parts > count) {
      for (std::size_t i = 0; i < count; ++i) take(i);
    }
  }
  return order;
}

document::EditState with_values(const document::Document& document, double x, std::optional<double> y) {
  document::EditState state = document.edit;
  const nn::Graph& graph = document.graph();
  const auto set = [&](nn::WeightRef ref, double value) {
    state.weights.set(nn::flat_index(graph, ref), static_cast<float>(value));
  };
  set(*document.selection.weight, x);
  if (y) set(*document.choice<CurveChoice>().second, *y);
  settle_running(graph, state);
  return state;
}

// As the same change on the page Edit would leave them.
document::EditState after_change(const document::Document& document, double x) {
  const CurveChoice& choice = document.choice<CurveChoice>();
  const bool prunes = choice.kind == CurveKind::share;
  document::command::Change change{.operation = prunes ? "prune" : "quantise", .on = choice.on};
  change.params = prunes ? base::Params{{"share", x}} : base::Params{{"bits", x}};
  auto next = document::apply(document, change);
  return next ? std::move(next->edit) : document.edit;  // a part that is too small to be pruned stays as it is
}

double file_bytes(const document::Document& document, const std::vector<io::StoredTensor>& tensors) {
  std::vector<const io::StoredTensor*> all;
  for (const io::StoredTensor& tensor : tensors) all.push_back(&tensor);
  return static_cast<double>(io::model_file_bytes(io::metadata_bytes(*document.model), all));
}

}  // namespace

bool same_curves(const document::Document& a, const document::Document& b) {
  const CurveChoice& choice = b.choice<CurveChoice>();
  if (a.model != b.model || a.choice<CurveChoice>() != choice || a.labelled != b.labelled || a.class_of != b.class_of)
    return false;
  return !moves_weights(choice.kind) || a.selection.weight == b.selection.weight;
}

namespace {

double curves_passes(const document::Document& document) {
  const CurveChoice& choice = document.choice<CurveChoice>();
  if (!countable(document) || lacks_weight(document)) return 0.0;
  const double points = choice.kind == CurveKind::plane ? kSide * kSide : static_cast<double>(places(document).size());
  double share = 1.0;
  if (moves_weights(choice.kind)) {  // what lies before the weight is run once
    double before = 0.0;
    const int node = document.graph().weights()[static_cast<std::size_t>(document.selection.weight->tensor)].node;
    for (int i = 1; i < node; ++i) before += document.graph().nodes()[static_cast<std::size_t>(i)].multiply_adds;
    share = 1.0 - before / std::max(1.0, document.graph().multiply_adds());
  }
  return std::max(1.0, share * points * static_cast<double>(document.labelled->images.count()));
}

base::Task study_curves(StudyInput input, StudyResults& results) {
  document::Document document = input.document;  // what was asked: the document may move on along the curve
  document.edit = {.weights = document.loaded, .off = {}, .steps = {}, .running = document.loaded};
  const CurveChoice& choice = document.choice<CurveChoice>();
  Curves& found = results.found.edit<Curves>();
  found = {.kind = choice.kind};
  found.lacks_set = !countable(document);
  found.lacks_weight = lacks_weight(document);
  ++results.version;
  if (found.lacks_set || found.lacks_weight) co_return;
  found.what =
      moves_weights(choice.kind) ? nn::format_weight_ref(document.graph(), *document.selection.weight) : choice.on;
  if (moves_weights(choice.kind)) found.moved.push_back(*document.selection.weight);
  found.x = places(document);
  if (choice.kind == CurveKind::plane) {
    found.second = nn::format_weight_ref(document.graph(), *choice.second);
    found.moved.push_back(*choice.second);
    found.y = sweep(document, *choice.second, kSide);
  }
  const std::size_t rows = std::max<std::size_t>(1, found.y.size());
  const std::size_t count = found.x.size() * rows;
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  found.accuracy.assign(count, kUnknown);
  found.loss.assign(count, kUnknown);
  const bool packs = !moves_weights(choice.kind) && document.graph().weight_count() <= kMostPacked;
  if (packs) found.bytes.assign(count, kUnknown);
  Evaluator evaluator([&](int batch) { return input.another(StudyInput::Of::loaded, batch); }, document.model,
                      document.labelled, document.class_of, kCache);
  found.pictures = evaluator.pictures().size();
  std::size_t done = 0;
  for (const std::size_t place : coarse_to_fine(count)) {
    const double x = found.x[place % found.x.size()];
    const document::EditState state =
        moves_weights(choice.kind)
            ? with_values(document, x, rows > 1 ? std::optional(found.y[place / found.x.size()]) : std::nullopt)
            : after_change(document, x);
    co_await base::Pause{};
    evaluator.begin(state.running, {});
    while (!evaluator.step(base::Budget::milliseconds(0.0))) {
      results.progress = (static_cast<double>(done) + evaluator.progress()) / static_cast<double>(count);
      co_await base::Pause{};
    }
    const train::Evaluation evaluation = evaluator.evaluation();
    found.accuracy[place] = evaluation.top1;
    found.loss[place] = evaluation.loss;
    std::vector<io::StoredTensor> tensors;
    for (const nn::GraphWeight& weight : document.graph().weights()) {
      if (!packs) break;
      std::vector<float> scratch;
      const auto values = state.running.values(weight.offset, weight.shape.size(), scratch);
      io::WeightPlanner planner(weight, values, io::Store::smallest);
      while (!planner.step()) co_await base::Pause{};
      tensors.push_back(io::stored_tensor(weight, planner.take()));
    }
    if (packs) found.bytes[place] = file_bytes(document, tensors);
    results.progress = static_cast<double>(++done) / static_cast<double>(count);
    ++results.version;
    co_await base::Pause{};
  }
}

constexpr Word<CurveKind> kKinds[] = {
    {CurveKind::weight, "weight"}, {CurveKind::share, "share"}, {CurveKind::bits, "bits"}, {CurveKind::plane, "plane"}};

struct CurveFields {
  static void visit(auto& choice, const auto& visit) {
    visit("kind", choice.kind, OneOf(kKinds), "what the accuracy is drawn against");
    visit("on", choice.on, Part{}, "what is pruned or quantised");
    visit("second", choice.second, WeightOrNull{}, "of a plane; the selected weight is the first");
  }
};

void write_curves(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  const Curves& found = results.get<Curves>();
  const auto& second = document.choice<CurveChoice>().second;
  json.put("second_weight",
           second ? io::JsonWriter(nn::format_weight_ref(document.graph(), *second)) : io::JsonWriter());
  json.put("what", io::JsonWriter::text_or_null(found.what));
  json.put("x", found.x);
  json.put("y", found.y);
  json.put("accuracy", found.accuracy);
  json.put("loss", found.loss);
  json.put("bytes", found.bytes);
  json.put("pictures", found.pictures);
  json.put("lacks_set", found.lacks_set);
  json.put("lacks_weight", found.lacks_weight);
}

Result<SavedFile> save_curves(const document::Document& document, const StudyResults& results) {
  const Curves& curves = results.get<Curves>();
  if (curves.accuracy.empty()) return fail(text::curves_none_yet);
  const std::string text = curve_csv(curves);
  const auto bytes = std::as_bytes(std::span(text));
  return SavedFile{document.model->name + "-" + std::string(name_of(curves.kind)) + ".csv",
                   {bytes.begin(), bytes.end()}};
}

}  // namespace

std::string_view name_of(CurveKind kind) { return word_of(kKinds, kind); }

StudyDef curves_study() {
  StudyDef def{.name = "curves",
               .group = Group::measure,
               .title = text::page_curves_title,
               .help = text::page_curves_help,
               .same_question = same_curves,
               .whole_question = true,  // neither the picture nor what was edited plays a part
               .passes = curves_passes,
               .run = study_curves,
               .write_found = write_curves,
               .save = save_curves};
  choice_of<CurveChoice, CurveFields>(def);
  return def;
}

}  // namespace weightroom::studies
