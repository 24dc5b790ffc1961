// weightroom teach: classes of one's own on a model that has learnt others.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>

#include "base/parallel.h"
#include "base/rng.h"
#include "base/version.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/labelled_set.h"
#include "cli/reading.h"
#include "io/file.h"
#include "io/model_file.h"
#include "teach/base.h"
#include "teach/estimate.h"
#include "teach/last_block.h"
#include "train/evaluation_json.h"
#include "train/features.h"

namespace weightroom::cli {
namespace {

struct TeachOptions {
  std::string base = "everyday";
  std::string data;
  std::string split = "train";
  std::vector<std::string> classes;
  int per_class = 0;
  std::uint64_t seed = 1;
  std::string head;
  double lambda = teach::kLambda;
  bool last_block = false;
  std::string old_data;
  std::string old_split = "val";
  std::string eval_data;
  std::string eval_split;
  std::string out;
  int threads = 0;
  bool json = false;
};

void add_picture(nn::LabelledImages& to, const nn::LabelledImages& from, std::size_t i, int label) {
  const auto pixels = from.sample(i);
  to.pixels.insert(to.pixels.end(), pixels.begin(), pixels.end());
  to.labels.push_back(label);
  to.names.push_back(from.names[i]);
}

nn::LabelledImages empty_set(const nn::LabelledImages& like, std::vector<std::string> class_names) {
  return {.channels = like.channels,
          .height = like.height,
          .width = like.width,
          .pixels = {},
          .labels = {},
          .names = {},
          .class_names = std::move(class_names)};
}

// The pictures of each of these classes, in their order, by their places in the set.
Result<std::vector<std::vector<std::size_t>>> pictures_of(const nn::LabelledImages& images,
                                                          const std::vector<std::string>& classes) {
  std::vector<std::vector<std::size_t>> places;
  for (const std::string& name : classes) {
    const auto label = static_cast<int>(std::ranges::find(images.class_names, name) - images.class_names.begin());
    std::vector<std::size_t>& own = places.emplace_back();
    for (std::size_t i = 0; i < images.count(); ++i) {
      if (images.labels[i] == label) own.push_back(i);
    }
    if (own.empty()) return fail("Pictures of '" + name + "' are asked for, and the set has none.");
  }
  return places;
}

struct Chosen {
  nn::LabelledImages taught;
  nn::LabelledImages left;  // the others of those classes
};

// So many pictures of each class, drawn by the seed; all of them where none or fewer are asked for.
Result<Chosen> choose(const nn::LabelledImages& images, const TeachOptions& options) {
  const std::vector<std::string>& classes = options.classes.empty() ? images.class_names : options.classes;
  if (classes.size() < 2) return fail("Two classes with a picture each are needed.");
  if (classes.size() > teach::kMostClasses)
    return fail(std::to_string(classes.size()) + " classes are more than the " + std::to_string(teach::kMostClasses) +
                " that a head may have.");
  auto places = pictures_of(images, classes);
  if (!places) return std::unexpected(places.error());
  Chosen chosen{empty_set(images, classes), empty_set(images, classes)};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::vector<std::size_t>& own = (*places)[c];
    const std::size_t wanted = options.per_class == 0 ? own.size() : static_cast<std::size_t>(options.per_class);
    const std::size_t some = std::min(wanted, own.size());
    if (some < own.size()) {
      base::Rng rng(options.seed, "teach " + classes[c]);
      for (std::size_t i = 0; i < some; ++i)  // Fisher and Yates
        std::swap(own[i], own[i + rng.below(static_cast<std::uint32_t>(own.size() - i))]);
      std::ranges::sort(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(some));
      std::ranges::sort(own.begin() + static_cast<std::ptrdiff_t>(some), own.end());
    }
    for (std::size_t i = 0; i < own.size(); ++i)
      add_picture(i < some ? chosen.taught : chosen.left, images, own[i], static_cast<int>(c));
  }
  return chosen;
}

Result<LabelledSet> load_for(const nn::Model& base, const std::string& path, const std::string& split, int threads) {
  const nn::Shape& input = base.graph->spec().input;
  return load_set({.path = path,
                   .split = split,
                   .channels = input[0],
                   .height = input[1],
                   .width = input[2],
                   .crop = base.preprocessing.crop,
                   .threads = threads});
}

// What is measured: another set or split, or the pictures left; nothing where there are none.
Result<std::optional<nn::LabelledImages>> to_measure(const nn::Model& base, const TeachOptions& options, Chosen& chosen,
                                                     int threads) {
  if (options.eval_data.empty() && options.eval_split.empty()) {
    if (chosen.left.count() == 0) return std::nullopt;
    return std::optional(std::move(chosen.left));
  }
  auto set = load_for(base, options.eval_data.empty() ? options.data : options.eval_data,
                      options.eval_split.empty() ? options.split : options.eval_split, threads);
  if (!set) return std::unexpected(set.error());
  auto places = pictures_of(set->images, chosen.taught.class_names);
  if (!places) return std::unexpected(places.error());
  nn::LabelledImages wanted = empty_set(set->images, chosen.taught.class_names);
  for (std::size_t c = 0; c < places->size(); ++c) {
    for (const std::size_t i : (*places)[c]) add_picture(wanted, set->images, i, static_cast<int>(c));
  }
  return std::optional(std::move(wanted));
}

Json classes_json(const teach::Examples& examples, const std::vector<std::string>& names) {
  const std::vector<int> pictures = examples.pictures_by_class();
  const std::vector<int> takes = examples.takes_by_class();
  Json rows = Json::array();
  for (std::size_t c = 0; c < names.size(); ++c)
    rows.push_back({{"name", names[c]}, {"pictures", pictures[c]}, {"takes", takes[c]}});
  return rows;
}

Json evaluation_of(const nn::Model& model, const nn::LabelledImages& images, int threads) {
  Json json = train::evaluation_json(
      train::evaluate({model.graph, model.weights, model.preprocessing}, images, threads), model.labels);
  return {{"count", json["count"]}, {"top1", json["top1"]}, {"classes", json["classes"]}};
}

void print_text(const Json& json) {
  std::cout << json["model"].get<std::string>() << ": " << json["classes"].size() << " classes on "
            << json["base"]["name"].get<std::string>();
  if (!json["held_out"].is_null())
    std::cout << ", held out " << json["held_out"]["accuracy"].get<double>() * 100.0 << " % of "
              << json["held_out"]["pictures"];
  if (!json["evaluation"].is_null())
    std::cout << ", top-1 " << json["evaluation"]["top1"].get<double>() * 100.0 << " % of "
              << json["evaluation"]["count"];
  std::cout << '\n';
}

// What makes the same model again.
std::string provenance(const TeachOptions& options, const nn::Model& base, const Json& json, std::string digest) {
  return Json{{"program", std::string("weightroom ") + base::version()},
              {"base", json["base"]},
              {"data",
               {{"name", std::filesystem::path(options.data).filename().string()},
                {"sha256", std::move(digest)},
                {"split", options.split}}},
              {"seed", options.seed},
              {"per_class", options.per_class},
              {"head", json["head"]},
              {"lambda", json["lambda"]},
              {"of_base", Json::parse(base.provenance)}}
      .dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace);
}

// The head, and what of the answer tells of it.
teach::Head learn(const teach::Examples& examples, const TeachOptions& options, Json& json) {
  constexpr int kLeastForFit = 3;
  const bool instant = options.head == "instant" ||
                       (options.head.empty() && std::ranges::min(examples.pictures_by_class()) < kLeastForFit);
  const teach::FitOptions fit_options{.lambda = options.lambda};
  json["head"] = instant ? "instant" : "fitted";
  json["lambda"] = options.lambda;
  json["fit"] = nullptr;
  json["held_out"] = nullptr;
  const auto held_out =
      teach::estimate(examples, instant ? teach::Method::instant : teach::Method::fitted, fit_options);
  if (held_out) json["held_out"] = {{"accuracy", held_out->accuracy}, {"pictures", held_out->pictures.size()}};
  if (instant) return teach::instant_head(examples);
  teach::HeadFit fit(examples, fit_options);
  while (!fit.step(base::Budget::unlimited())) continue;
  json["fit"] = {{"iterations", fit.iterations()}, {"loss", fit.loss()}, {"gradient", fit.largest_gradient()}};
  return fit.head();
}

// How often the base's own last layer is right on these layers.
Result<double> what_is_left(const nn::Model& base, const nn::Model& made, const TeachOptions& options, int threads) {
  auto set = load_for(base, options.old_data, options.old_split, threads);
  if (!set) return std::unexpected(set.error());
  auto places = io::match_labels(set->images.class_names, base.labels);
  if (!places) return std::unexpected(places.error());
  for (int& label : set->images.labels) label = (*places)[static_cast<std::size_t>(label)];
  set->images.class_names = base.labels;
  const nn::Model left = teach::on_layers_of(base, made);
  return train::evaluate({left.graph, left.weights, left.preprocessing}, set->images, threads).top1;
}

// The last block too, and then the head once more on what it has become.
Status learn_deeper(const nn::Model& base, nn::Model& model, const nn::LabelledImages& taught, double scale,
                    const TeachOptions& options, int threads, Json& json) {
  if (teach::block_cut(*base.graph) < 0)
    return fail("'" + base.name + "' has no last layers that could be taught by themselves.");
  teach::BlockTraining training(model, taught, {.seed = options.seed}, threads);
  while (!training.step(base::Budget::unlimited())) continue;
  const teach::Examples examples = teach::examples_of(training.features(), nn::feature_count(*base.graph), scale,
                                                      taught.labels, static_cast<int>(taught.class_names.size()));
  const nn::Model made = training.result();
  model = teach::with_head(made, learn(examples, options, json), scale, taught.class_names);
  if (options.old_data.empty()) return {};
  const auto before = what_is_left(base, base, options, threads);
  if (!before) return std::unexpected(before.error());
  const auto after = what_is_left(base, made, options, threads);
  if (!after) return std::unexpected(after.error());
  json["old"] = {{"before", *before}, {"after", *after}};
  return {};
}

Status run_teach(const TeachOptions& options) {
  const auto base = load_reader(options.base, {});
  if (!base) return std::unexpected(base.error());
  if (auto suits = teach::check_base(*base); !suits) return suits;
  const int threads = options.threads > 0 ? options.threads : base::processor_count();
  auto digest = digest_of(options.data);
  if (!digest) return std::unexpected(digest.error());
  const auto set = load_for(*base, options.data, options.split, threads);
  if (!set) return std::unexpected(set.error());
  auto chosen = choose(set->images, options);
  if (!chosen) return std::unexpected(chosen.error());
  const nn::LabelledImages& taught = chosen->taught;

  const std::vector<float> features = train::features_of(*base, taught, threads);
  const std::size_t width = nn::feature_count(*base->graph);
  const double scale =
      base->feature_scale > 0.0F ? static_cast<double>(base->feature_scale) : train::feature_scale(features, width);
  const teach::Examples examples =
      teach::examples_of(features, width, scale, taught.labels, static_cast<int>(taught.class_names.size()));

  Json json;
  json["model"] = options.out.empty() ? base->name : std::filesystem::path(options.out).stem().string();
  json["fingerprint"] = nullptr;
  json["base"] = {{"name", base->name}, {"fingerprint", nn::fingerprint(*base->graph, base->weights)}};
  json["classes"] = classes_json(examples, taught.class_names);
  nn::Model model = teach::with_head(*base, learn(examples, options, json), scale, taught.class_names);
  json["old"] = nullptr;
  if (options.last_block) {
    if (auto deeper = learn_deeper(*base, model, taught, scale, options, threads, json); !deeper) return deeper;
  }
  model.name = model.title = json["model"].get<std::string>();
  json["fingerprint"] = nn::fingerprint(*model.graph, model.weights);
  model.provenance = provenance(options, *base, json, std::move(*digest));
  auto measured = to_measure(*base, options, *chosen, threads);
  if (!measured) return std::unexpected(measured.error());
  json["evaluation"] = *measured ? evaluation_of(model, **measured, threads) : Json();
  if (!options.out.empty()) {
    if (auto written = io::write_file(options.out, io::write_model(model)); !written) return written;
  }
  if (options.json) {
    print_json(json);
  } else {
    print_text(json);
  }
  return {};
}

}  // namespace

void add_teach(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("teach", "Teach a model classes of your own.");
  auto options = std::make_shared<TeachOptions>();
  command->add_option("--base", options->base, "the model whose layers are kept: a shipped model's name, or a file")
      ->capture_default_str();
  command->add_option("--data", options->data, "folder of class folders, zip or tar of one, or folder of IDX files")
      ->required();
  command->add_option("--split", options->split, "split to learn from, where the set has several")
      ->capture_default_str();
  command->add_option("--classes", options->classes, "some of the set's classes, in this order (default: all)")
      ->delimiter(',');
  command->add_option("--per-class", options->per_class, "pictures of each class, drawn by the seed (default: all)")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seed", options->seed, "seed of that draw")->capture_default_str();
  command
      ->add_option("--head", options->head,
                   "instant (the means of the classes) or fitted (default: fitted from three pictures a class on)")
      ->check(CLI::IsMember({"instant", "fitted"}));
  command->add_option("--lambda", options->lambda, "how strictly the fit keeps weights small")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  command->add_flag("--last-block", options->last_block, "the last layers of the base learn too");
  command
      ->add_option("--old-data", options->old_data,
                   "with --last-block: a set of the base's own classes, to see what is left of them")
      ->needs("--last-block");
  command->add_option("--old-split", options->old_split, "its split")->capture_default_str();
  command->add_option("--eval-data", options->eval_data, "another set to measure the model on");
  command->add_option("--eval-split", options->eval_split,
                      "split to measure it on (default: the pictures that were not drawn)");
  command->add_option("--out", options->out, "safetensors file to write");
  command->add_option("--threads", options->threads, "threads (default: one a processor)")->check(CLI::Range(1, 256));
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_teach(*options); }; });
}

}  // namespace weightroom::cli
