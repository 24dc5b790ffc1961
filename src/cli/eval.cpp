// weightroom eval: how often a model is right on a labelled set.
#include <iomanip>
#include <iostream>
#include <memory>

#include "base/decimal.h"
#include "base/parallel.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/labelled_set.h"
#include "cli/progress.h"
#include "cli/reading.h"
#include "io/dataset.h"
#include "io/file.h"
#include "io/text.h"
#include "train/evaluation_json.h"
#include "train/others.h"

namespace weightroom::cli {
namespace {

struct EvalOptions {
  std::string set;
  std::string split;
  std::string model = "everyday";
  bool json = false;
  bool confusion = false;
  bool invert = false;
  int threads = 0;
  ReadingOptions reading;
  std::string predictions;  // a file to write, or empty
};

// A cell of a table as RFC 4180 has it.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char ch : text) cell += ch == '"' ? std::string("\"\"") : std::string(1, ch);
  return cell + '"';
}

// A line a picture, in the order of the set; of an answer that is no number the last three are empty.
std::string predictions_csv(const nn::LabelledImages& images, std::span<const train::Judgement> answers) {
  std::string text = "picture,label,answer,probability,loss\n";
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const train::Judgement& answer = answers[i];
    const auto label = static_cast<std::size_t>(images.labels[i]);
    text += csv_cell(images.names[i]) + ',' + csv_cell(images.class_names[label]) + ',';
    if (answer.top >= 0) {
      text += csv_cell(images.class_names[static_cast<std::size_t>(answer.top)]) + ',' +
              base::number_text(answer.confidence) + ',' + base::number_text(static_cast<float>(answer.loss));
    } else {
      text += ",,";
    }
    text += '\n';
  }
  return text;
}

void print_table(const train::Evaluation& result, const nn::Model& model, bool confusion) {
  std::cout << std::fixed << std::setprecision(2) << model.name << ": top-1 " << result.top1 * 100.0 << " %, top-5 "
            << result.top5 * 100.0 << " %, loss " << std::setprecision(4) << result.loss << ", calibration error "
            << result.calibration << ", " << result.count << " pictures\n";
  const std::size_t classes = model.labels.size();
  for (std::size_t k = 0; k < classes; ++k) {
    const int count = result.class_count[k];
    std::cout << std::setw(20) << model.labels[k] << "  " << std::setw(5) << count;
    if (count > 0)
      std::cout << "  " << std::setw(6) << std::setprecision(2) << 100.0 * result.class_right[k] / count << " %";
    if (confusion) {
      std::cout << ' ';
      for (std::size_t a = 0; a < classes; ++a) std::cout << ' ' << std::setw(4) << result.confusion[k * classes + a];
    }
    std::cout << '\n';
  }
}

Json unread_json(const io::Unread& unread) {
  Json kinds = Json::array();
  for (const io::Unread::Kind& kind : unread.kinds())
    kinds.push_back({{"kind", kind.kind}, {"count", kind.count}, {"pictures", kind.names}});
  return {{"count", unread.count()}, {"kinds", std::move(kinds)}};
}

// Labels of the set become classes of the model; where that has a gauge, pictures of a class "others" have no right
// answer but none of these.
Status match_classes(LabelledSet& set, const nn::Model& model) {
  std::vector<std::string> names = set.images.class_names;
  const auto others = model.gauge ? std::ranges::find(names, train::kOthers) : names.end();
  const auto left_out = others - names.begin();
  if (others != names.end()) names.erase(others);
  std::vector<int> places;
  if (!names.empty()) {
    auto matched = io::match_labels(names, model.labels);
    if (!matched) return std::unexpected(matched.error());
    places = std::move(*matched);
    if (const std::string words = io::matching_words(names, set.native, model.labels); !words.empty())
      std::cerr << words << '\n';
  }
  if (names.size() < set.images.class_names.size()) places.insert(places.begin() + left_out, -1);
  for (int& label : set.images.labels) label = places[static_cast<std::size_t>(label)];
  set.images.class_names = model.labels;
  return {};
}

Status run_eval(const EvalOptions& options) {
  auto model = load_reader(options.model, options.reading);
  if (!model) return std::unexpected(model.error());
  const int threads = options.threads > 0 ? options.threads : base::processor_count();
  const nn::Shape& input = model->graph->spec().input;
  auto set = load_set({.path = options.set,
                       .split = options.split,
                       .channels = input[0],
                       .height = input[1],
                       .width = input[2],
                       .crop = model->preprocessing.crop,
                       .invert = options.invert && model->preprocessing.invert,
                       .threads = threads});
  if (!set) return std::unexpected(set.error());
  if (auto matched = match_classes(*set, *model); !matched) return matched;
  ProgressBar bar("measuring");
  std::vector<train::Judgement> answers;
  const train::Evaluation result = train::evaluate(
      {model->graph, model->weights, model->preprocessing, model->gauge ? &*model->gauge : nullptr}, set->images,
      threads,
      [&](std::size_t done, std::size_t all) { bar.show(static_cast<double>(done) / static_cast<double>(all)); },
      &answers);
  bar.clear();
  if (!options.predictions.empty()) {
    const std::string table = predictions_csv(set->images, answers);
    if (auto written = io::write_file(options.predictions, io::as_bytes(table)); !written) return written;
  }
  if (!options.json) {
    print_table(result, *model, options.confusion);
    return {};
  }
  Json json;
  json["model"] = model->name;
  json["fingerprint"] = nn::fingerprint(*model->graph, model->weights);
  json["pictures"] = set->images.labels.size();
  json.update(train::evaluation_json(result, model->labels));
  if (options.confusion) json["confusion"] = result.confusion;
  json["unread"] = unread_json(set->unread);
  print_json(json);
  return {};
}

}  // namespace

void add_eval(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("eval", "Measure a model on a labelled set of pictures.");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("set", options->set, "folder of class folders, zip or tar of one, or folder of IDX files")
      ->required();
  command->add_option("--split", options->split, "split to measure on, where the set has several");
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  command->add_option("--threads", options->threads, "threads (default: one a processor)")->check(CLI::Range(1, 256));
  command->add_option("--predictions", options->predictions, "CSV file to write: a line a picture with its answer");
  command->add_flag("--confusion", options->confusion, "also each class's answers, a row a class");
  command->add_flag("--invert", options->invert,
                    "the pictures are of the outside world: inverted for a model that says so");
  add_reading(*command, options->reading);
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_eval(*options); }; });
}

}  // namespace weightroom::cli
