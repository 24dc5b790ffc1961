// weightroom train: a recipe and a labelled set in, a model file out.
#include <iostream>
#include <memory>

#include "base/parallel.h"
#include "base/version.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/labelled_set.h"
#include "cli/progress.h"
#include "io/file.h"
#include "io/model_file.h"
#include "train/checkpoint.h"
#include "train/finish.h"
#include "train/others.h"
#include "train/trainer.h"

namespace weightroom::cli {
namespace {

struct TrainOptions {
  std::string recipe;
  std::string data;
  std::string split = "train";
  std::string eval_split;
  std::string others;
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

Result<train::RecipeFile> read_recipe(const TrainOptions& options) {
  train::RecipeFile file;
  if (!options.recipe.empty()) {
    auto bytes = io::read_file(options.recipe);
    if (!bytes) return std::unexpected(bytes.error());
    auto parsed = train::parse_recipe({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!parsed) return std::unexpected(parsed.error());
    file = std::move(*parsed);
  }
  for (const auto& [name, text] : options.overrides) {
    if (auto set = train::set_recipe_field(file, name, text); !set) return std::unexpected(set.error());
  }
  if (auto checked = train::check(file); !checked) return std::unexpected(checked.error());
  return file;
}

// The models the recipe names, from the folder it lies in.
Result<std::vector<nn::Model>> load_teachers(const TrainOptions& options, const train::Recipe& recipe,
                                             train::Origin& origin) {
  auto names = train::teacher_names(recipe);
  if (!names) return std::unexpected(names.error());
  std::vector<nn::Model> models;
  for (const std::string& name : *names) {
    auto model = load_model((std::filesystem::path(options.recipe).parent_path() / name).string());
    if (!model) return std::unexpected(model.error());
    origin.teachers.push_back({name, nn::fingerprint(*model->graph, model->weights)});
    models.push_back(std::move(*model));
  }
  return models;
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

// How to get the same file again: names without folders, nothing that leaves the result as it is (threads, resuming).
std::string canonical_command(const TrainOptions& options) {
  const auto name_of = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
  std::string command = "weightroom train";
  if (!options.recipe.empty()) command += " --recipe " + name_of(options.recipe);
  command += " --data " + name_of(options.data);
  if (options.split != "train") command += " --split " + options.split;
  if (!options.others.empty()) command += " --others " + name_of(options.others);
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
  const train::RecipeFile& file;
  const train::Origin& origin;
  const train::Prepared& prepared;
  const train::Trainer& trainer;
  int threads;
};

// The split that is measured at the end and never during training.
Result<nn::LabelledImages> load_eval_split(const Run& run, const std::string& path, const nn::Shape& input) {
  const TrainOptions& options = run.options;
  auto other = load_set({.path = path,
                         .split = options.eval_split,
                         .channels = input[0],
                         .height = input[1],
                         .width = input[2],
                         .threads = run.threads});
  if (!other) return std::unexpected(other.error());
  return std::move(other->images);
}

Result<std::vector<train::Measured>> measure_all(const Run& run, const train::Finished& finished) {
  const nn::Folded& net = finished.net;
  const nn::NoneOfThese* gauge = finished.gauge ? &*finished.gauge : nullptr;
  std::vector<train::Measured> measured;
  const auto measure = [&](const std::string& name, const nn::LabelledImages& images) {
    ProgressBar bar("measuring " + name);
    const auto show = [&](std::size_t done, std::size_t all) {
      bar.show(static_cast<double>(done) / static_cast<double>(all));
    };
    measured.push_back({name, train::evaluate({net.graph, net.weights, run.prepared.preprocessing, gauge}, images,
                                              run.threads, show)});
  };
  if (run.prepared.held_out.count() > 0) measure("held_out", run.prepared.held_out);
  if (!run.options.eval_split.empty()) {
    auto images = load_eval_split(run, run.options.data, net.graph->spec().input);
    if (!images) return std::unexpected(images.error());
    std::vector<std::string> classes = run.prepared.images.class_names;
    if (run.prepared.with_others) classes.pop_back();
    if (images->class_names != classes)
      return fail("The split '" + run.options.eval_split + "' has other classes than '" + run.options.split + "'.");
    measure(run.options.eval_split, *images);
    if (gauge == nullptr) return measured;
    auto others = load_eval_split(run, run.options.others, net.graph->spec().input);
    if (!others) return std::unexpected(others.error());
    std::ranges::fill(others->labels, -1);
    others->class_names = finished.labels;
    measure(train::kOthers, *others);
  }
  return measured;
}

Status write_result(const Run& run) {
  auto finished = train::finish(run.trainer, run.prepared, run.threads);
  if (!finished) return std::unexpected(finished.error());
  auto measured = measure_all(run, *finished);
  if (!measured) return std::unexpected(measured.error());
  const int epochs = run.trainer.epoch();
  const nn::Model model =
      train::finished_model(run.file, run.prepared, std::move(*finished),
                            train::provenance(run.file, run.origin, run.prepared, epochs, *measured));
  const io::Store store = run.file.recipe.rounding_epochs > 0 ? io::Store::smallest : io::Store::plain;
  if (auto written = io::write_file(run.options.out, io::write_model(model, store)); !written) return written;

  if (run.options.json) {
    Json json;
    json["model"] = model.name;
    json["fingerprint"] = nn::fingerprint(*model.graph, model.weights);
    json["weights"] = model.weights.size();
    json["multiply_adds"] = static_cast<long long>(model.graph->multiply_adds());
    json["epochs"] = epochs;
    json["accuracy"] = Json::parse(model.provenance)["accuracy"];
    print_json(json);
    return {};
  }
  std::cout << run.options.out << ": " << model.weights.size() << " weights, " << model.graph->multiply_adds() / 1e6
            << " million multiply-adds";
  for (const train::Measured& at : *measured) {
    const train::Evaluation& found = at.evaluation;
    if (found.count > 0) std::cout << ", " << at.name << ' ' << found.top1 * 100.0 << " %";
    if (found.none_of_these) std::cout << ", " << *found.none_of_these << " of " << at.name << " none of these";
  }
  std::cout << '\n';
  return {};
}

// The pictures that are none of the classes, as large as those.
Result<nn::LabelledImages> load_others(const TrainOptions& options, const train::RecipeFile& file,
                                       const nn::LabelledImages& beside, int threads, train::Origin& origin) {
  auto digest = digest_of(options.others);
  if (!digest) return std::unexpected(digest.error());
  auto set = load_set({.path = options.others,
                       .split = options.split,
                       .channels = file.channels,
                       .height = beside.height,
                       .width = beside.width,
                       .threads = threads});
  if (!set) return std::unexpected(set.error());
  origin.others_name = set->name;
  origin.others_digest = *digest;
  return std::move(set->images);
}

Status run_train(const TrainOptions& options) {
  auto file = read_recipe(options);
  if (!file) return std::unexpected(file.error());
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
  train::Origin origin{.program = std::string("weightroom ") + base::version(),
                       .command = canonical_command(options),
                       .data_name = set->name,
                       .data_digest = *digest,
                       .others_name = {},
                       .others_digest = {},
                       .split = set->split,
                       .teachers = {}};
  std::optional<nn::LabelledImages> others;
  if (!options.others.empty()) {
    auto loaded = load_others(options, *file, set->images, threads, origin);
    if (!loaded) return std::unexpected(loaded.error());
    others = std::move(*loaded);
  }
  auto teachers = load_teachers(options, file->recipe, origin);
  if (!teachers) return std::unexpected(teachers.error());
  const std::string identity = train::run_identity(*file, origin);
  const auto prepared = train::prepare(*file, std::move(set->images), others ? &*others : nullptr);
  if (!prepared) return std::unexpected(prepared.error());
  const nn::LabelledImages& held_out = prepared->held_out;

  auto trainer = train::Trainer::create(prepared->graph, file->recipe, prepared->preprocessing, prepared->images,
                                        held_out.count() > 0 ? &held_out : nullptr, threads, *teachers);
  if (!trainer) return std::unexpected(trainer.error());
  if (options.log || on_terminal())
    std::cerr << prepared->graph->weight_count() << " weights, " << prepared->graph->multiply_adds() / 1e6
              << " million multiply-adds, " << prepared->images.count() << " pictures to train on, " << held_out.count()
              << " held out, " << threads << " thread(s)\n";
  if (auto restored = restore(**trainer, options, identity); !restored) return restored;
  if (auto ran = run_epochs(**trainer, options, identity); !ran) return ran;
  if (!(*trainer)->finished()) return {};  // --stop-after: the checkpoint is the result
  auto written = write_result({options, *file, origin, *prepared, **trainer, threads});
  std::error_code error;
  if (written && !options.keep_checkpoint) std::filesystem::remove(options.checkpoint, error);
  return written;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("train", "Train a model on a labelled set of pictures.");
  auto options = std::make_shared<TrainOptions>();
  command->add_option("--recipe", options->recipe, "JSON file of the fields below (assets/recipes/NAME.json)");
  command->add_option("--data", options->data, "folder of class folders, zip or tar of one, or folder of IDX files")
      ->required();
  command->add_option("--split", options->split, "split to train on")->capture_default_str();
  command->add_option("--eval-split", options->eval_split,
                      "split to measure the finished model on, never during training");
  command->add_option(
      "--others", options->others,
      "pictures that are none of the classes, in the same splits: a class more, or a gauge (none_share)");
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
  train::RecipeFile defaults;
  const Json values = train::recipe_json(defaults);  // without those that say nothing as long as they are not used
  train::visit_file_fields(defaults, [&](const char* name, const auto& value, const char* help) {
    std::string spelled = name;
    for (char& ch : spelled) ch = ch == '_' ? '-' : ch;
    const std::string field = name;
    command
        ->add_option_function<std::string>(
            "--" + spelled + (spelled == field ? "" : ",--" + field),
            [options, field](const std::string& text) { options->overrides[field] = text; },
            std::string(help) + " (" + (values.contains(field) ? values.at(field) : Json(value)).dump() + ")")
        ->group("Recipe, each over what the file says");
  });
  command->callback([options, &action] {
    options->keep_checkpoint = !options->checkpoint.empty();
    if (!options->keep_checkpoint) options->checkpoint = options->out + ".checkpoint";
    action = [options] { return run_train(*options); };
  });
}

}  // namespace weightroom::cli
