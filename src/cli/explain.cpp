// weightroom explain: which pixels speak for a class, by one of the methods.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "base/number.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/explain_out.h"
#include "cli/files.h"
#include "cli/method_list.h"
#include "cli/pictures.h"
#include "cli/progress.h"
#include "cli/reading.h"
#include "explain/aliases.h"
#include "explain/method.h"
#include "io/labels.h"
#include "io/text.h"
#include "lab/map_file.h"
#include "nn/answer.h"

namespace weightroom::cli {
namespace {

struct ExplainOptions {
  std::vector<std::string> pictures;
  std::string split;
  std::string input;
  std::string model = "everyday";
  ReadingOptions reading;
  std::optional<std::string> method;  // none: the network's default
  std::optional<std::string> target;  // none: the model's answer
  std::string layer;
  std::vector<std::string> params;
  std::map<std::string, std::string> named;  // the parameters that have an option of their own
  std::string other;                         // a second picture
  MapOutputs outs;
  bool sample = false;
  bool json = false;
  bool list = false;
};

Result<Subject> tensor_subject(const std::string& path, const nn::Model& model) {
  auto input = load_input(model, path);
  if (!input) return std::unexpected(input.error());
  if (input->count != 1)
    return fail("The tensor 'input' holds " + std::to_string(input->count) + " samples; one is explained.");
  const nn::Shape& shape = model.graph->spec().input;
  io::Image picture = lab::enlarged(io::picture_of(input->values, model.preprocessing, shape[0], shape[1], shape[2]),
                                    lab::overlay_enlargement(shape));
  return Subject{std::move(input->values), std::move(picture)};
}

Result<Subject> picture_subject(const io::Image& image, const nn::Model& model, bool sample) {
  auto prepared = prepare(model, image, sample);
  if (!prepared) return std::unexpected(prepared.error());
  const nn::Shape& shape = model.graph->spec().input;
  const int k = lab::overlay_enlargement(shape);
  return Subject{std::move(prepared->input), io::resize(image, prepared->crop, shape[2] * k, shape[1] * k)};
}

// The second picture, read as the first one is; empty where there is none.
Result<std::vector<float>> load_other(const ExplainOptions& options, const nn::Model& model) {
  if (options.other.empty()) return std::vector<float>{};
  const auto image = load_picture(options.other);
  if (!image) return std::unexpected(image.error());
  auto prepared = prepare(model, *image, options.sample);
  if (!prepared) return std::unexpected(prepared.error());
  return std::move(prepared->input);
}

// By our name or that of another program. Of a layer's method the layer has to be named.
Result<const explain::MethodDef*> choose_method(const std::optional<std::string>& given, const nn::Graph& graph,
                                                const std::string& layer) {
  if (!given) return &explain::default_method(graph);
  const std::string& name = *given;
  const explain::Alias* alias = explain::alias_called(name);
  if (alias != nullptr && alias->of_layer && layer.empty())
    return fail("The method " + io::in_quotes(name) + " explains a layer: name it by --layer.");
  if (const explain::MethodDef* method = explain::method_called(name)) return method;
  if (alias != nullptr)
    return fail("There is no method " + io::in_quotes(name) + " here; the nearest is " + std::string(alias->method) +
                ".");
  std::string names;
  for (const explain::MethodDef& method : explain::methods())
    names += (names.empty() ? "" : ", ") + std::string(method.name);
  return fail("There is no method " + io::in_quotes(name) + "; there are " + names + ".");
}

// A number, or a word that the parameter knows.
Result<double> read_param(const explain::MethodDef& method, const std::string& name, const std::string& text) {
  double value = 0.0;
  if (base::read_real(text, value)) return value;
  const auto spec = std::ranges::find(method.params, name, &explain::ParamSpec::name);
  if (spec != method.params.end() && spec->choices.empty())
    return fail("The parameter '" + name + "' needs a finite number, not " + io::in_quotes(text) + ".");
  return explain::read_choice(method, name, text);
}

Result<explain::Params> read_params(const explain::MethodDef& method, const ExplainOptions& options) {
  std::map<std::string, std::string> texts = options.named;
  for (const std::string& text : options.params) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      return fail("A parameter is written like samples=25, not " + io::in_quotes(text) + ".");
    texts[text.substr(0, equals)] = text.substr(equals + 1);
  }
  explain::Params given;
  for (const auto& [name, text] : texts) {
    const auto value = read_param(method, name, text);
    if (!value) return std::unexpected(value.error());
    given[name] = *value;
  }
  auto params = explain::checked_params(method, given);
  if (params && explain::needs_other(method, *params) && options.other.empty())
    return fail("The baseline \"picture\" is a second picture: name its file by --other.");
  return params;
}

// The layer that is explained in place of the picture; -1: the picture.
Result<int> choose_explained(const explain::MethodDef& method, const explain::Params& params, const nn::Graph& graph,
                             const std::string& name) {
  if (name.empty() || method.uses_layer) return -1;
  if (!method.takes_layer) {
    std::string names;
    for (const explain::MethodDef& other : explain::methods()) {
      if (other.takes_layer) names += (names.empty() ? "" : ", ") + std::string(other.name);
    }
    return fail("The method '" + std::string(method.name) +
                "' takes no layer; besides the CAM family these do: " + names + ".");
  }
  if (const auto mode = params.find("mode"); mode != params.end() && mode->second != 0.0)
    return fail("Of a layer integrated gradients are found by quadrature alone.");
  return explain::find_cam_layer(graph, name);
}

Result<int> choose_layer(const explain::MethodDef& method, const nn::Graph& graph, const std::string& name) {
  if (!method.uses_layer) return -1;
  if (!name.empty()) return explain::find_cam_layer(graph, name);
  if (explain::cam_layers(graph).empty()) return explain::find_cam_layer(graph, name);  // says so
  const explain::Params none;
  return explain::layer_of({graph, none});
}

// What is done with each picture.
struct MapPlan {
  const nn::Model& model;
  const explain::MethodDef& method;
  explain::Params params;
  int layer = -1;              // that the method reads
  int of_layer = -1;           // that is explained
  std::vector<float> other{};  // the second picture, or empty
  std::string fingerprint{};
};

Result<MapPlan> make_map_plan(const ExplainOptions& options, const nn::Model& model) {
  const auto method = choose_method(options.method, *model.graph, options.layer);
  if (!method) return std::unexpected(method.error());
  if (auto suits = explain::check_suits(**method, *model.graph); !suits) return std::unexpected(suits.error());
  auto params = read_params(**method, options);
  if (!params) return std::unexpected(params.error());
  const auto layer = choose_layer(**method, *model.graph, options.layer);
  if (!layer) return std::unexpected(layer.error());
  const auto of_layer = choose_explained(**method, *params, *model.graph, options.layer);
  if (!of_layer) return std::unexpected(of_layer.error());
  auto other = load_other(options, model);
  if (!other) return std::unexpected(other.error());
  return MapPlan{model,
                 **method,
                 std::move(*params),
                 *layer,
                 *of_layer,
                 std::move(*other),
                 nn::fingerprint(*model.graph, model.weights)};
}

// `session` has run on the subject. The method leaves its own activations in it.
Explained explain_subject(nn::Session& session, const MapPlan& plan, const Subject& subject, int target) {
  const nn::Shape& shape = plan.model.graph->spec().input;
  auto asked = explain::method_input(session, plan.model.preprocessing, subject.input, target);
  asked.layer = plan.layer;
  asked.of_layer = plan.of_layer;
  asked.params = plan.params;
  asked.other = plan.other;
  ProgressBar bar(std::string(plan.method.name));
  const auto start = std::chrono::steady_clock::now();
  explain::MapJob job(plan.method, std::move(asked));
  while (!job.step(base::Budget::milliseconds(200.0))) bar.show(job.progress());
  Explained result{job.result(), explain::display_map(job.result().attribution, shape[1], shape[2])};
  result.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return result;
}

double sum_of(const explain::Attribution& attribution) {
  double sum = 0.0;
  for (const float value : attribution.values) sum += static_cast<double>(value);
  return sum;
}

Json json_of(const MapPlan& plan, const Explained& result, int target, float logit) {
  const nn::Model& model = plan.model;
  Json json{
      {"model", model.name},
      {"fingerprint", plan.fingerprint},
      {"method", std::string(plan.method.name)},
      {"target", {{"label", model.labels[static_cast<std::size_t>(target)]}, {"index", target}, {"logit", logit}}}};
  json["params"] = params_of(plan.method, plan.params);
  const int layer = std::max(plan.layer, plan.of_layer);
  json["layer"] = layer < 0 ? Json(nullptr) : Json(model.graph->nodes()[static_cast<std::size_t>(layer)].name);
  const auto extents = result.explanation.attribution.shape.extents();
  json["shape"] = std::vector<int>(extents.begin(), extents.end());
  json["sum"] = sum_of(result.explanation.attribution);
  json["adds_up"] = result.explanation.adds_up;
  json["scale"] = result.map.scale;
  const double error = result.explanation.completeness_error;
  json["completeness_error"] = std::isnan(error) ? Json(nullptr) : Json(error);
  json["note"] = result.explanation.note ? result.explanation.note->said() : "";
  json["ms"] = result.ms;
  return json;
}

void print_words(const MapPlan& plan, const Explained& result, int target, float logit) {
  if (plan.method.warning) std::cout << tr(*plan.method.warning) << '\n';
  std::cout << tr(plan.method.title) << " of '" << plan.model.labels[static_cast<std::size_t>(target)] << "' (logit "
            << logit << "): sum " << sum_of(result.explanation.attribution) << ", scale " << result.map.scale << '\n';
  if (result.map.empty()) std::cout << "No attribution: nothing in the picture speaks for or against it.\n";
  if (const auto places = explain::places_of(plan.method, result.explanation)) std::cout << places->said() << '\n';
  if (result.explanation.note) std::cout << result.explanation.note->said() << '\n';
}

// name: of one picture of several, which its files are called after; empty of a single one.
struct Named {
  std::string name{};
  std::string place{};
};

Status explain_one(const ExplainOptions& options, const MapPlan& plan, nn::Session& session, const Subject& subject,
                   const Named& named, JsonRows& rows) {
  session.set_input(subject.input);
  session.forward();
  const auto answer = session.logits().values();
  const std::vector<float> logits(answer.begin(), answer.end());  // before the method runs on other inputs
  if (auto checked = check_answer(logits); !checked) return checked;
  const auto target =
      options.target ? io::find_class(plan.model.labels, *options.target) : Result<int>(nn::best_of(logits));
  if (!target) return std::unexpected(target.error());
  const Explained result = explain_subject(session, plan, subject, *target);
  if (auto written = write_outs(options.outs, named.place, result, plan.method.size, subject); !written) return written;
  const float logit = logits[static_cast<std::size_t>(*target)];
  if (!options.json) {
    if (!named.name.empty()) std::cout << named.name << '\n';
    print_words(plan, result, *target, logit);
    return {};
  }
  Json json = Json::object();
  if (!named.name.empty()) json["picture"] = named.name;
  json.update(json_of(plan, result, *target, logit));
  rows.add(std::move(json));
  return {};
}

Status explain_pictures(const ExplainOptions& options, const MapPlan& plan, const Pictures& pictures) {
  nn::Session session = open_session(plan.model);
  JsonRows rows(pictures.several());
  const Status done = pictures.each([&](std::size_t i, const io::Image& image) -> Status {
    const auto subject = picture_subject(image, plan.model, options.sample || pictures.native(i));
    if (!subject) return std::unexpected(subject.error());
    const Named named = pictures.several() ? Named{pictures.name(i), pictures.place(i)} : Named{};
    return explain_one(options, plan, session, *subject, named, rows);
  });
  if (options.json) rows.close();
  return done;
}

Status explain_tensor(const ExplainOptions& options, const MapPlan& plan) {
  const auto subject = tensor_subject(options.input, plan.model);
  if (!subject) return std::unexpected(subject.error());
  nn::Session session = open_session(plan.model);
  JsonRows rows(false);
  return explain_one(options, plan, session, *subject, {}, rows);
}

Status run_explain(const ExplainOptions& options) {
  const auto model = load_reader(options.model, options.reading);
  if (!model) return std::unexpected(model.error());
  const auto pictures = Pictures::open(options.pictures, options.split);
  if (!pictures) return std::unexpected(pictures.error());
  if (auto checked = check_outs(options.outs, pictures->several()); !checked) return checked;
  if (!options.outs.paths.empty()) {
    if (auto checked = pictures->check_places(); !checked) return checked;
  }
  const auto plan = make_map_plan(options, *model);
  if (!plan) return std::unexpected(plan.error());
  return options.input.empty() ? explain_pictures(options, *plan, *pictures) : explain_tensor(options, *plan);
}

// An option for every parameter that any method has, with the methods that have it.
void add_params(CLI::App& command, ExplainOptions& options) {
  std::map<std::string_view, std::string> told;
  for (const explain::MethodDef& method : explain::methods()) {
    for (const explain::ParamSpec& spec : method.params) {
      std::string& text = told[spec.name];
      text += (text.empty() ? "of " : ", ") + std::string(method.name);
    }
  }
  for (const auto& [name, text] : told) {
    command
        .add_option_function<std::string>(
            "--" + std::string(name),
            [&options, name = std::string(name)](const std::string& value) { options.named[name] = value; }, text)
        ->group("Parameters");
  }
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("explain", "Show which pixels speak for a class.");
  auto options = std::make_shared<ExplainOptions>();
  auto* pictures = command->add_option("pictures", options->pictures,
                                       "JPEG, PNG, BMP or GIF files, folders or tars of them, folders of IDX\nfiles");
  auto* input = command->add_option("--input", options->input,
                                    "safetensors file with the tensor 'input' (1,C,H,W) in place of a picture");
  command->add_option("--split", options->split, "of sets with splits the one to take (default: all pictures)");
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  std::string names;
  for (const explain::MethodDef& method : explain::methods())
    names += (names.empty() ? "" : ", ") + std::string(method.name);
  command->add_option("--method", options->method,
                      names + " (default: grad_cam, of a net\nwithout a layer for it gradient)");
  command->add_option("--target", options->target, "class, by label or number (default: the model's answer)");
  command->add_option(
      "--layer", options->layer,
      "layer of the CAM family (default: the activation behind the last convolution), or\nthe one that a gradient "
      "method explains in place of the picture");
  command->add_option("--param", options->params, "such as samples=50; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--out", options->outs.paths,
                   "X.safetensors, X.npy, X.csv (attribution, the map) or X.png (overlay); of\nseveral pictures a "
                   "folder; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--as", options->outs.kinds,
                   "what is written of each picture into the folder of --out: npy, safetensors,\ncsv or png (default "
                   "npy); may be repeated")
      ->check(CLI::IsMember({"npy", "safetensors", "csv", "png"}))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_params(*command, *options);
  command->add_option("--other", options->other, "a second picture, for the baseline \"picture\"");
  command->add_flag("--sample", options->sample, "the pictures are of the model's own set: never inverted");
  add_reading(*command, options->reading);
  auto* list = command->add_flag("--list", options->list, "every method, what it costs and its parameters");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, pictures, input, list, &action] {
    if (!list->empty()) {
      action = [options] { return list_methods(options->model, options->json); };
      return;
    }
    if (pictures->empty() == input->empty()) throw CLI::RequiredError("Either a picture or --input");
    action = [options] { return run_explain(*options); };
  });
}

}  // namespace weightroom::cli
