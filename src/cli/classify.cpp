// weightroom classify: what a model takes a picture for.
#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "nn/answer.h"

namespace weightroom::cli {
namespace {

struct ClassifyOptions {
  std::string image;
  std::string model = "everyday";
  bool sample = false;
  bool json = false;
  int top = 5;
};

Status run_classify(const ClassifyOptions& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  const auto image = load_picture(options.image);
  if (!image) return std::unexpected(image.error());
  const auto prepared = prepare(*model, *image, options.sample);
  if (!prepared) return std::unexpected(prepared.error());
  nn::Session session = open_session(*model);
  session.set_input(prepared->input);
  const auto start = std::chrono::steady_clock::now();
  session.forward();
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  const auto logits = session.logits().values();
  if (auto checked = check_answer(logits); !checked) return checked;
  const std::vector<float> probabilities = nn::probabilities(model->graph->answer(), logits);
  const std::vector<int> order = nn::best_first(logits);

  if (!options.json) {
    const auto shown = std::min(order.size(), static_cast<std::size_t>(options.top));
    for (std::size_t k = 0; k < shown; ++k) {
      const auto i = static_cast<std::size_t>(order[k]);
      std::cout << std::fixed << std::setprecision(2) << std::setw(7) << static_cast<double>(probabilities[i]) * 100.0
                << " %  " << model->labels[i] << '\n';
    }
    return {};
  }
  Json json{{"model", model->name}, {"fingerprint", nn::fingerprint(*model->graph, model->weights)}};
  json["predictions"] = Json::array();
  for (const int index : order) {
    const auto i = static_cast<std::size_t>(index);
    json["predictions"].push_back(
        {{"label", model->labels[i]}, {"index", index}, {"probability", probabilities[i]}, {"logit", logits[i]}});
  }
  json["ms"] = ms;
  print_json(json);
  return {};
}

}  // namespace

void add_classify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("classify", "Say what a model takes a picture for.");
  auto options = std::make_shared<ClassifyOptions>();
  command->add_option("image", options->image, "JPEG, PNG, BMP or GIF file")->required();
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  command->add_option("--top", options->top, "classes shown without --json")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_flag("--sample", options->sample, "the picture is of the model's own set: never inverted");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_classify(*options); }; });
}

}  // namespace weightroom::cli
