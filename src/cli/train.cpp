// weightroom train: a recipe and a labelled set in, a model file out.
#include <iostream>
#include <memory>
#include <sstream>

#include "base/float16.h"
#include "base/parallel.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/evaluation_json.h"
#include "cli/files.h"
#include "cli/labelled_set.h"
#include "cli/progress.h"
#include "cli/recipe_file.h"
#include "cli/version.h"
#include "io/file.h"
#include "io/model_file.h"
#include "train/arch.h"
#include "train/checkpoint.h"
#include "train/fine_labels.h"
#include "train/trainer.h"

namespace weightroom::cli {
namespace {

struct TrainOptions {
  std::string recipe;
  std::string data;
  std::string split = "train";
  std::string eval_split;
  std::string out;
  std::string checkpoint;
  bool keep_checkpoint = false;  // named by the user
  bool resume = false;
  bool json = false;
  bool profile = false;
  bool log = false;
  int threads = 0;
  int stop_after = 0;
  std::map<std::string, std::string> overrides;  // field of the recipe, text
};

Result<RecipeFile> read_recipe(const TrainOptions& options) {
  RecipeFile file;
  if (!options.recipe.empty()) {
    auto bytes = io::read_file(options.recipe);
    if (!bytes) return std::unexpected(bytes.error());
    auto parsed = parse_recipe({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!parsed) return std::unexpected(parsed.error());
    file = std::move(*parsed);
  }
  for (const auto& [name, text] : options.overrides) {
    if (auto set = set_recipe_field(file, name, text); !set) return std::unexpected(set.error());
  }
  if (!(file.holdout >= 0.0 && file.holdout <= 0.5)) return fail("The recipe's 'holdout' must be from 0 to 0.5.");
  return file;
}

struct Teaching {
  std::vector<nn::Model> models;
  Json list = Json::array();  // file and fingerprint of each
};

// The models the recipe names, from the folder it lies in.
Result<Teaching> load_teachers(const TrainOptions& options, const std::string& names) {
  Teaching teaching;
  std::stringstream text(names);
  for (std::string name; std::getline(text, name, ';');) {
    name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
    name.erase(name.find_last_not_of(' ') + 1);
    if (name.empty()) continue;
    auto model = load_model((std::filesystem::path(options.recipe).parent_path() / name).string());
    if (!model) return std::unexpected(model.error());
    teaching.list.push_back({{"file", name}, {"fingerprint", nn::fingerprint(*model->graph, model->weights)}});
    teaching.models.push_back(std::move(*model));
  }
  if (teaching.models.empty() && !names.empty()) return fail("The recipe's 'teachers' name no file.");
  return teaching;
}

// What a checkpoint must agree with before its run may go on.
std::string run_identity(const RecipeFile& file, const LabelledSet& set, const std::string& digest,
                         const Json& teachers) {
  Json json;
  json["recipe"] = recipe_json(file);
  json["data"] = digest;
  json["split"] = set.split;
  if (!teachers.empty()) json["teachers"] = teachers;
  return json.dump();
}

Status restore(train::Trainer& trainer, const TrainOptions& options, const std::string& identity) {
  if (!options.resume) return {};
  std::error_code error;
  if (!std::filesystem::exists(options.checkpoint, error)) {
    std::cerr << "No checkpoint yet: starting from the beginning.\n";
    return {};
  }
  auto bytes = io::read_file(options.checkpoint);
  if (!bytes) return std::unexpected(bytes.error());
  auto state = train::read_checkpoint(*bytes, identity);
  if (!state) return std::unexpected(state.error());
  return trainer.restore(std::move(*state));
}

void print_epoch(const train::EpochReport& report, const train::Recipe& recipe, bool profile) {
  char line[256];
  int length = std::snprintf(line, sizeof(line), "epoch %d/%d  loss %.4f  train %.2f %%", report.epoch, recipe.epochs,
                             report.loss, report.accuracy * 100.0);
  const auto more = [&](auto... values) {
    length += std::snprintf(line + length, sizeof(line) - static_cast<std::size_t>(length), values...);
  };
  if (report.measured) {
    more("  held out %.2f %% (loss %.4f)%s", report.held_out.top1 * 100.0, report.held_out.loss,
         report.best ? " best" : "");
  }
  more("  rate %.5f  %.1f s", report.learning_rate, report.seconds);
  if (profile) {
    const train::PhaseSeconds& at = report.phases;
    more("  [augment %.1f forward %.1f backward %.1f update %.1f]", at.augment, at.forward, at.backward, at.update);
  }
  std::cerr << line << '\n';
}

Status run_epochs(train::Trainer& trainer, const TrainOptions& options, const std::string& identity) {
  ProgressBar bar("training");
  const int epochs = trainer.recipe().epochs;
  int done = 0;
  while (!trainer.finished() && (options.stop_after == 0 || done < options.stop_after)) {
    const train::EpochReport report = trainer.run_epoch([&](long long step, long long steps, double loss) {
      const double share = (trainer.epoch() + static_cast<double>(step) / static_cast<double>(steps)) / epochs;
      bar.show(share, "epoch " + std::to_string(trainer.epoch() + 1) + "/" + std::to_string(epochs) + " loss " +
                          std::to_string(loss));
    });
    bar.clear();
    if (options.log || options.profile || on_terminal()) print_epoch(report, trainer.recipe(), options.profile);
    ++done;
    if (options.checkpoint.empty()) continue;
    if (auto kept = io::write_file(options.checkpoint, train::write_checkpoint(trainer.state(), identity)); !kept)
      return kept;
  }
  return {};
}

// Every shipped tensor is fp16, and accuracy is measured with what is shipped.
Status round_to_half(std::vector<float>& weights) {
  for (float& weight : weights) {
    const float rounded = base::half_to_float(base::float_to_half(weight));
    if (!(rounded >= -65504.0F && rounded <= 65504.0F)) {
      return fail("Training came apart: a weight is " + std::to_string(weight) + ". A smaller learning_rate may help.");
    }
    weight = rounded;
  }
  return {};
}

// How to get the same file again: names without folders, nothing that leaves the result as it is (threads, resuming).
std::string canonical_command(const TrainOptions& options) {
  const auto name_of = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
  std::string command = "weightroom train";
  if (!options.recipe.empty()) command += " --recipe " + name_of(options.recipe);
  command += " --data " + name_of(options.data);
  if (options.split != "train") command += " --split " + options.split;
  if (!options.eval_split.empty()) command += " --eval-split " + options.eval_split;
  for (const auto& [name, text] : options.overrides) {
    const bool quote = text.find_first_of(" ;|") != std::string::npos;
    command += " --" + name + (quote ? " '" + text + "'" : " " + text);
  }
  return command;
}

// A finished run, for what is written of it.
struct Run {
  const TrainOptions& options;
  const RecipeFile& file;
  const LabelledSet& set;
  const std::string& digest;
  const Json& teachers;
  const nn::LabelledImages& held_out;
  const train::Trainer& trainer;
  const nn::Preprocessing& preprocessing;
  int threads;
};

struct Measured {
  std::string split;
  train::Evaluation evaluation;
};

std::string provenance(const Run& run, const std::vector<Measured>& measured) {
  Json json;
  json["program"] = std::string("weightroom ") + kVersion;
  json["command"] = canonical_command(run.options);
  json["data"] = {{"name", run.set.name},
                  {"sha256", run.digest},
                  {"split", run.set.split},
                  {"pictures", run.set.images.count()},
                  {"held_out", run.held_out.count()}};
  json["seed"] = run.file.recipe.seed;
  json["epochs"] = run.trainer.epoch();
  json["recipe"] = recipe_json(run.file);
  if (!run.teachers.empty()) json["teachers"] = run.teachers;
  json["accuracy"] = Json::object();
  for (const Measured& at : measured)
    json["accuracy"][at.split] = evaluation_json(at.evaluation, run.set.images.class_names);
  return json.dump();
}

Status write_result(const Run& run) {
  const auto& [options, file, set, digest, teachers, held_out, trainer, preprocessing, threads] = run;
  auto folded = trainer.shipped();
  if (!folded) return std::unexpected(folded.error());
  if (auto rounded = round_to_half(folded->weights); !rounded) return rounded;
  std::vector<Measured> measured;
  const auto measure = [&](const std::string& name, const nn::LabelledImages& images) {
    ProgressBar bar("measuring " + name);
    const auto show = [&](std::size_t done, std::size_t all) {
      bar.show(static_cast<double>(done) / static_cast<double>(all));
    };
    measured.push_back({name, train::evaluate(folded->graph, folded->weights, preprocessing, images, threads, show)});
  };
  if (held_out.count() > 0) measure("held_out", held_out);
  if (!options.eval_split.empty()) {
    const nn::Shape& input = folded->graph->spec().input;
    auto other = load_set({.path = options.data,
                           .split = options.eval_split,
                           .channels = input[0],
                           .height = input[1],
                           .width = input[2],
                           .threads = run.threads});
    if (!other) return std::unexpected(other.error());
    if (other->images.class_names != set.images.class_names) {
      return fail("The split '" + options.eval_split + "' has other classes than '" + options.split + "'.");
    }
    measure(options.eval_split, other->images);
  }
  nn::Model model;
  model.name = file.name;
  model.title = file.title;
  model.graph = folded->graph;
  model.weights = folded->weights;
  model.labels = set.images.class_names;
  model.preprocessing = preprocessing;
  model.provenance = provenance(run, measured);
  if (auto written = io::write_file(options.out, io::write_model(model)); !written) return written;

  if (options.json) {
    Json json;
    json["model"] = model.name;
    json["fingerprint"] = nn::fingerprint(*model.graph, model.weights);
    json["weights"] = model.weights.size();
    json["multiply_adds"] = static_cast<long long>(model.graph->multiply_adds());
    json["epochs"] = trainer.epoch();
    json["accuracy"] = Json::parse(model.provenance)["accuracy"];
    print_json(json);
    return {};
  }
  std::cout << options.out << ": " << model.weights.size() << " weights, " << model.graph->multiply_adds() / 1e6
            << " million multiply-adds";
  for (const Measured& at : measured) std::cout << ", " << at.split << ' ' << at.evaluation.top1 * 100.0 << " %";
  std::cout << '\n';
  return {};
}

Status run_train(const TrainOptions& options) {
  auto file = read_recipe(options);
  if (!file) return std::unexpected(file.error());
  if (auto checked = train::check(file->recipe); !checked) return checked;
  const int threads = options.threads > 0 ? options.threads : base::processor_count();
  auto digest = digest_of(options.data);
  if (!digest) return std::unexpected(digest.error());
  auto set = load_set({.path = options.data,
                       .split = options.split,
                       .channels = file->channels,
                       .height = file->size,
                       .width = file->size,
                       .threads = threads});
  if (!set) return std::unexpected(set.error());
  auto teaching = load_teachers(options, file->recipe.teachers);
  if (!teaching) return std::unexpected(teaching.error());
  const std::string identity = run_identity(*file, *set, *digest, teaching->list);
  const nn::LabelledImages held_out = take_held_out(set->images, file->holdout);

  const nn::Shape extents{set->images.channels, set->images.height, set->images.width};
  std::size_t answers = set->images.class_names.size();
  if (file->recipe.fine_weight > 0.0) answers += train::fine_labels(set->images).names.size();
  auto spec = train::parse_architecture(file->recipe.net, extents, static_cast<int>(answers));
  if (!spec) return std::unexpected(spec.error());
  auto graph = nn::Graph::build(*spec);
  if (!graph) return std::unexpected(graph.error());
  nn::Preprocessing preprocessing = train::measure(set->images);
  preprocessing.invert = file->invert;

  auto trainer = train::Trainer::create(*graph, file->recipe, preprocessing, set->images,
                                        held_out.count() > 0 ? &held_out : nullptr, threads, teaching->models);
  if (!trainer) return std::unexpected(trainer.error());
  if (options.log || on_terminal())
    std::cerr << (*graph)->weight_count() << " weights, " << (*graph)->multiply_adds() / 1e6
              << " million multiply-adds, " << set->images.count() << " pictures to train on, " << held_out.count()
              << " held out, " << threads << " thread(s)\n";
  if (auto restored = restore(**trainer, options, identity); !restored) return restored;
  if (auto ran = run_epochs(**trainer, options, identity); !ran) return ran;
  if (!(*trainer)->finished()) return {};  // --stop-after: the checkpoint is the result
  auto written =
      write_result({options, *file, *set, *digest, teaching->list, held_out, **trainer, preprocessing, threads});
  std::error_code error;
  if (written && !options.keep_checkpoint) std::filesystem::remove(options.checkpoint, error);
  return written;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("train", "Train a model on a labelled set of pictures.");
  auto options = std::make_shared<TrainOptions>();
  command->add_option("--recipe", options->recipe, "JSON file of the fields below (assets/recipes/NAME.json)");
  command->add_option("--data", options->data, "folder of class folders, tar of one, or folder of gzipped IDX files")
      ->required();
  command->add_option("--split", options->split, "split to train on")->capture_default_str();
  command->add_option("--eval-split", options->eval_split,
                      "split to measure the finished model on, never during training");
  command->add_option("--out", options->out, "model file to write (safetensors)")->required();
  command->add_option("--checkpoint", options->checkpoint,
                      "written after each epoch (default: OUT.checkpoint, removed at the end)");
  command->add_flag("--resume", options->resume, "go on from the checkpoint where there is one");
  command->add_option("--threads", options->threads, "threads (default: one a processor); changes the time alone")
      ->check(CLI::Range(1, 256));
  command->add_option("--stop-after", options->stop_after, "stop after so many epochs of this call, to be resumed")
      ->check(CLI::Range(1, 100000));
  command->add_flag("--log", options->log, "a line an epoch on standard error, also where that is no terminal");
  command->add_flag("--profile", options->profile, "say where the time of each epoch went");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  RecipeFile defaults;
  const Json values = recipe_json(defaults);
  visit_file_fields(defaults, [&](const char* name, const auto&, const char* help) {
    std::string spelled = name;
    for (char& ch : spelled) ch = ch == '_' ? '-' : ch;
    const std::string field = name;
    command
        ->add_option_function<std::string>(
            "--" + spelled + (spelled == field ? "" : ",--" + field),
            [options, field](const std::string& text) { options->overrides[field] = text; },
            std::string(help) + " (" + (values.contains(field) ? values.at(field).dump() : "0") + ")")
        ->group("Recipe, each over what the file says");
  });
  command->callback([options, &action] {
    options->keep_checkpoint = !options->checkpoint.empty();
    if (!options->keep_checkpoint) options->checkpoint = options->out + ".checkpoint";
    action = [options] { return run_train(*options); };
  });
}

}  // namespace weightroom::cli
