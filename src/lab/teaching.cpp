#include "lab/teaching.h"

#include <algorithm>
#include <numeric>

#include <strings/json.h>
#include <strings/teach.h>

#include "base/parallel.h"
#include "io/json.h"
#include "nn/none_of_these.h"
#include "teach/made_of.h"
#include "teach/sums.h"

namespace weightroom::lab {
namespace {

constexpr std::size_t kLeastForFit = 3;

teach::Method method_of(const teach::Project& project, studies::TeachHead head) {
  if (head != studies::TeachHead::automatic)
    return head == studies::TeachHead::instant ? teach::Method::instant : teach::Method::fitted;
  const bool enough = std::ranges::all_of(project.classes, [](const teach::TaughtClass& row) {
    return row.pictures.empty() || row.pictures.size() >= kLeastForFit;
  });
  return enough ? teach::Method::fitted : teach::Method::instant;
}

teach::FitOptions fit_options(const studies::TeachChoice& choice) {
  return {.lambda = choice.lambda, .weighing = choice.alike ? teach::Weighing::classes : teach::Weighing::pictures};
}

bool same_question(const studies::TeachChoice& a, const studies::TeachChoice& b) {
  return a.head == b.head && a.lambda == b.lambda && a.alike == b.alike;
}

}  // namespace

// What is being learnt. Jobs refer to what stands before them.
struct Teaching::Asked {
  nn::LabelledImages images;  // those whose features are not known yet
  std::vector<std::shared_ptr<const teach::KeptPicture>> unknown;
  std::size_t read = 0;  // of them
  std::optional<train::FeaturesJob> features;
  std::shared_ptr<Learnt> learnt = std::make_shared<Learnt>();
  std::optional<teach::HeadFit> fit;
  std::optional<teach::EstimateJob> estimate;
  base::Budget::Clock::time_point begun = base::Budget::Clock::now();
};

void Teaching::show(const document::Document& document) {
  const auto& choice = document.choice<studies::TeachChoice>();
  const bool another = document.base != base_;
  if (!another && document.project == project_ && same_question(choice, choice_)) return;
  if (another) features_.clear();
  if (document.project != project_)
    warnings_ = document.project ? teach::warnings(*document.project) : std::vector<Error>();
  project_ = document.project;
  base_ = document.base;
  choice_ = choice;
  asked_.reset();
  if (!project_ || !base_ || project_->shown_classes().size() < 2) {
    learnt_.reset();
    return;
  }
  begin();
}

void Teaching::begin() {
  // What nobody holds any more, neither the project nor its history.
  std::erase_if(features_, [](const auto& known) { return known.first.use_count() == 1; });
  asked_ = std::make_shared<Asked>();
  const nn::Shape& input = base_->graph->spec().input;
  asked_->images.channels = input[0];
  asked_->images.height = input[1];
  asked_->images.width = input[2];
  asked_->images.class_names = {""};
  for (const teach::TaughtClass& row : project_->classes) {
    for (const teach::TaughtPicture& picture : row.pictures) {
      if (!features_.contains(picture.kept) &&
          std::ranges::find(asked_->unknown, picture.kept) == asked_->unknown.end())
        asked_->unknown.push_back(picture.kept);
    }
  }
}

// Pictures are decoded a few at a time.
bool Teaching::step_features(const base::Budget& budget) {
  Asked& asked = *asked_;
  while (asked.read < asked.unknown.size()) {
    const auto bytes = teach::input_of(*asked.unknown[asked.read++], *base_);
    asked.images.pixels.insert(asked.images.pixels.end(), bytes.begin(), bytes.end());
    asked.images.labels.push_back(0);
    asked.images.names.emplace_back();
    if (budget.spent()) return false;
  }
  if (asked.unknown.empty()) return true;
  if (!asked.features)
    asked.features.emplace(base_->graph, base_->weights, base_->preprocessing, asked.images, base::threads());
  if (!asked.features->step(budget)) return false;
  const std::vector<float> all = asked.features->take();
  const std::size_t width = nn::feature_count(*base_->graph);
  for (std::size_t i = 0; i < asked.unknown.size(); ++i) {
    const auto row = std::span(all).subspan(i * width, width);
    features_.insert_or_assign(asked.unknown[i], std::vector<float>(row.begin(), row.end()));
  }
  asked.features.reset();
  asked.unknown.clear();
  return true;
}

bool Teaching::step_head(const base::Budget& budget) {
  Asked& asked = *asked_;
  Learnt& learnt = *asked.learnt;
  if (learnt.version != 0) return true;
  if (!learnt.project) {
    learnt.project = project_;
    learnt.base = base_;
    learnt.choice = choice_;
    learnt.method = method_of(*project_, choice_.head);
    for (const std::size_t c : project_->shown_classes()) learnt.labels.push_back(project_->classes[c].name);
    learnt.of = teach::examples_of(
        *project_,
        [this](const teach::TaughtPicture& picture) -> std::span<const float> { return features_.at(picture.kept); },
        nn::feature_count(*base_->graph), static_cast<double>(base_->feature_scale));
  }
  if (learnt.method == teach::Method::instant) {
    learnt.head = teach::instant_head(learnt.of.examples);
    learnt.coefficients = teach::instant_coefficients(learnt.of.examples);
  } else {
    if (!asked.fit) asked.fit.emplace(learnt.of.examples, fit_options(choice_));
    if (!asked.fit->step(budget)) return false;
    learnt.head = asked.fit->head();
    learnt.iterations = asked.fit->iterations();
    learnt.loss = asked.fit->loss();
    learnt.gradient = asked.fit->largest_gradient();
    learnt.coefficients = teach::fitted_coefficients(learnt.of.examples, learnt.head, fit_options(choice_));
  }
  learnt.version = ++versions_;
  learnt.ms = std::chrono::duration<double, std::milli>(base::Budget::Clock::now() - asked.begun).count();
  learnt_ = asked.learnt;
  return true;
}

bool Teaching::step_estimate(const base::Budget& budget) {
  Asked& asked = *asked_;
  if (!asked.estimate) asked.estimate.emplace(asked.learnt->of.examples, asked.learnt->method, fit_options(choice_));
  if (!asked.estimate->step(budget)) return false;
  auto judged = std::make_shared<Learnt>(*asked.learnt);
  judged->held_out = asked.estimate->result();
  judged->judged = true;
  learnt_ = judged;
  return true;
}

bool Teaching::step(const base::Budget& budget) {
  if (!asked_) return true;
  if (!step_features(budget) || !step_head(budget)) return false;
  if (budget.spent() || !step_estimate(budget)) return false;
  asked_.reset();
  return true;
}

double Teaching::progress() const {
  if (!asked_) return 1.0;
  if (asked_->learnt->version != 0) return asked_->estimate ? asked_->estimate->progress() : 0.0;
  const double all = static_cast<double>(std::max<std::size_t>(1, asked_->unknown.size()));
  const double read = static_cast<double>(asked_->read) / all;
  return (read + (asked_->features ? asked_->features->progress() : 0.0)) / 2.0;
}

nn::Model taught_model(const Learnt& learnt) {
  nn::Model model = teach::with_head(*learnt.base, learnt.head, learnt.of.examples.scale, learnt.labels);
  model.name = tr(text::teach_model_name);
  model.title = tr(text::teach_model_title, {{"n", learnt.labels.size()}, {"model", learnt.base->name}});
  const bool instant = learnt.method == teach::Method::instant;
  io::Json json{
      {"taught",
       {{"base",
         {{"name", learnt.base->name}, {"fingerprint", nn::fingerprint(*learnt.base->graph, learnt.base->weights)}}},
        {"pictures", learnt.of.ids.size()},
        {"head", instant ? "instant" : "fitted"}}}};
  if (!instant) json["taught"]["lambda"] = learnt.choice.lambda;
  if (const auto base = io::parse_json(learnt.base->provenance, text::json_provenance)) json["of_base"] = *base;
  model.provenance = io::json_text(json);
  return model;
}

MadeOf made_of(const Learnt& learnt, std::span<const float> features, std::size_t c, double logit) {
  const teach::Examples& examples = learnt.of.examples;
  std::vector<double> z(features.begin(), features.end());
  for (double& value : z) value /= examples.scale;
  MadeOf made{
      .shares = teach::shares(examples, learnt.coefficients, c, z), .bias = learnt.head.biases[c], .logit = logit};
  made.edits = logit - made.bias - std::accumulate(made.shares.begin(), made.shares.end(), 0.0);
  return made;
}

}  // namespace weightroom::lab
