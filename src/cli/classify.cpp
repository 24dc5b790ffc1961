// weightroom classify: what a model takes pictures for.
#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/pictures.h"
#include "cli/reading.h"
#include "nn/answer.h"

namespace weightroom::cli {
namespace {

struct ClassifyOptions {
  std::vector<std::string> pictures;
  std::string split;
  std::string model = "everyday";
  ReadingOptions reading;
  bool sample = false;
  bool json = false;
  int top = 5;
};

struct Answer {
  std::vector<float> logits;
  std::vector<float> probabilities;
  std::vector<int> order;  // the most probable first
  double ms = 0.0;         // of the forward pass
  std::optional<bool> none_of_these{};
};

Result<Answer> answer_of(nn::Session& session, const nn::Model& model, const io::Image& image, bool sample) {
  const auto prepared = prepare(model, image, sample);
  if (!prepared) return std::unexpected(prepared.error());
  session.set_input(prepared->input);
  const auto start = std::chrono::steady_clock::now();
  session.forward();
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  const auto logits = session.logits().values();
  if (auto checked = check_answer(logits); !checked) return std::unexpected(checked.error());
  return Answer{{logits.begin(), logits.end()},
                nn::probabilities(model.graph->answer(), logits),
                nn::best_first(logits),
                ms,
                nn::none_of_these(model, session)};
}

void print_classes(const Answer& answer, const nn::Model& model, int top) {
  if (answer.none_of_these.value_or(false))
    std::cout << "None of the " << model.labels.size() << " things it knows. Of those most like\n";
  const auto shown = std::min(answer.order.size(), static_cast<std::size_t>(top));
  for (std::size_t k = 0; k < shown; ++k) {
    const auto i = static_cast<std::size_t>(answer.order[k]);
    std::cout << std::fixed << std::setprecision(2) << std::setw(7)
              << static_cast<double>(answer.probabilities[i]) * 100.0 << " %  " << model.labels[i] << '\n';
  }
}

Json predictions_of(const Answer& answer, const nn::Model& model) {
  Json predictions = Json::array();
  for (const int index : answer.order) {
    const auto i = static_cast<std::size_t>(index);
    predictions.push_back({{"label", model.labels[i]},
                           {"index", index},
                           {"probability", answer.probabilities[i]},
                           {"logit", answer.logits[i]}});
  }
  return predictions;
}

Status run_classify(const ClassifyOptions& options) {
  const auto model = load_reader(options.model, options.reading);
  if (!model) return std::unexpected(model.error());
  const auto pictures = Pictures::open(options.pictures, options.split);
  if (!pictures) return std::unexpected(pictures.error());
  const std::string fingerprint = nn::fingerprint(*model->graph, model->weights);
  nn::Session session = open_session(*model);
  JsonRows rows(pictures->several());
  const Status done = pictures->each([&](std::size_t i, const io::Image& image) -> Status {
    const auto answer = answer_of(session, *model, image, options.sample || pictures->native(i));
    if (!answer) return std::unexpected(answer.error());
    if (!options.json) {
      if (pictures->several()) std::cout << pictures->name(i) << '\n';
      print_classes(*answer, *model, options.top);
      return {};
    }
    Json json = Json::object();
    if (pictures->several()) json["picture"] = pictures->name(i);
    json["model"] = model->name;
    json["fingerprint"] = fingerprint;
    json["predictions"] = predictions_of(*answer, *model);
    json["none_of_these"] = answer->none_of_these ? Json(*answer->none_of_these) : Json();
    json["ms"] = answer->ms;
    rows.add(std::move(json));
    return {};
  });
  if (options.json) rows.close();
  return done;
}

}  // namespace

void add_classify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("classify", "Say what a model takes pictures for.");
  auto options = std::make_shared<ClassifyOptions>();
  command
      ->add_option("pictures", options->pictures,
                   "JPEG, PNG, BMP or GIF files, folders or tars of them, folders of IDX\nfiles")
      ->required();
  command->add_option("--split", options->split, "of sets with splits the one to take (default: all pictures)");
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  command->add_option("--top", options->top, "classes shown without --json")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_flag("--sample", options->sample, "the pictures are of the model's own set: never inverted");
  add_reading(*command, options->reading);
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_classify(*options); }; });
}

}  // namespace weightroom::cli
