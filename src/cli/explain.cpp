// weightroom explain: which pixels speak for a class, by one of the methods.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>

#include "base/number.h"
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/progress.h"
#include "explain/display.h"
#include "explain/method.h"
#include "io/file.h"
#include "io/labels.h"
#include "io/text.h"
#include "lab/map_file.h"
#include "nn/answer.h"

namespace weightroom::cli {
namespace {

struct ExplainOptions {
  std::string image;
  std::string input;
  std::string model = "everyday";
  std::string method = "gradient";
  std::optional<std::string> target;  // none: the model's answer
  std::string layer;
  std::vector<std::string> params;
  std::map<std::string, std::string> named;  // the parameters that have an option of their own
  std::string other;                         // a second picture
  std::vector<std::string> outs;
  bool sample = false;
  bool json = false;
  bool list = false;
};

// What is explained: the input tensor, and the picture to lay the map over.
struct Subject {
  std::vector<float> input;
  io::Image picture;
  std::vector<float> other{};  // the second picture, or empty
};

Result<Subject> load_subject(const ExplainOptions& options, const nn::Model& model) {
  if (!options.input.empty()) {
    auto input = load_input(model, options.input);
    if (!input) return std::unexpected(input.error());
    if (input->count != 1)
      return fail("The tensor 'input' holds " + std::to_string(input->count) + " samples; one is explained.");
    const nn::Shape& shape = model.graph->spec().input;
    io::Image picture = lab::enlarged(io::picture_of(input->values, model.preprocessing, shape[0], shape[1], shape[2]),
                                      lab::overlay_enlargement(shape));
    return Subject{std::move(input->values), std::move(picture)};
  }
  const auto image = load_picture(options.image);
  if (!image) return std::unexpected(image.error());
  auto prepared = prepare(model, *image, options.sample);
  if (!prepared) return std::unexpected(prepared.error());
  const nn::Shape& shape = model.graph->spec().input;
  const int k = lab::overlay_enlargement(shape);
  return Subject{std::move(prepared->input), io::resize(*image, prepared->crop, shape[2] * k, shape[1] * k)};
}

// The second picture, read as the first one is.
Result<std::vector<float>> load_other(const ExplainOptions& options, const nn::Model& model) {
  const auto image = load_picture(options.other);
  if (!image) return std::unexpected(image.error());
  auto prepared = prepare(model, *image, options.sample);
  if (!prepared) return std::unexpected(prepared.error());
  return std::move(prepared->input);
}

Result<const explain::MethodDef*> choose_method(const std::string& name) {
  if (const explain::MethodDef* method = explain::find_method(name)) return method;
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

Result<int> choose_layer(const explain::MethodDef& method, const nn::Graph& graph, const std::string& name) {
  if (!method.uses_layer) {
    if (!name.empty()) return fail("The method '" + std::string(method.name) + "' takes no layer.");
    return -1;
  }
  if (!name.empty()) return explain::find_cam_layer(graph, name);
  if (const int usual = explain::default_layer(graph); usual >= 0) return usual;
  const std::vector<int> layers = explain::cam_layers(graph);
  if (layers.empty()) return explain::find_cam_layer(graph, name);  // says so
  return layers.back();
}

struct Explained {
  explain::Explanation explanation;
  explain::DisplayMap map;
  double ms = 0.0;
};

// `session` has run on the subject. The method leaves its own activations in it.
Explained explain_subject(nn::Session& session, const nn::Model& model, const Subject& subject,
                          const explain::MethodDef& method, const explain::Params& params, int target, int layer) {
  const nn::Shape& shape = model.graph->spec().input;
  auto asked = explain::method_input(session, model.preprocessing, subject.input, target);
  asked.layer = layer;
  asked.params = params;
  asked.other = subject.other;
  ProgressBar bar(std::string(method.name));
  const auto start = std::chrono::steady_clock::now();
  explain::MapJob job(method, std::move(asked));
  while (!job.step(base::Budget::milliseconds(200.0))) bar.show(job.progress());
  Explained result{job.result(), explain::display_map(job.result().attribution, shape[1], shape[2]), 0.0};
  result.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return result;
}

// Before anything is computed or written.
Status check_outs(const ExplainOptions& options) {
  for (const std::string& path : options.outs) {
    constexpr std::string_view kEndings[] = {".safetensors", ".npy", ".csv", ".png"};
    if (std::ranges::none_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); }))
      return fail("The output " + io::in_quotes(path) +
                  " must end in .safetensors or .npy (values), .csv (the map as text) or .png (overlay).");
  }
  return {};
}

Status write_outs(const ExplainOptions& options, const Explained& result, explain::MapSize size,
                  const Subject& subject) {
  for (const std::string& path : options.outs) {
    Status written;
    if (path.ends_with(".png")) {
      written = io::write_file(path, io::encode_png(lab::overlay(subject.picture, result.map)));
    } else if (path.ends_with(".npy")) {
      written = io::write_file(path, lab::map_npy(result.explanation, size));
    } else if (path.ends_with(".csv")) {
      written = io::write_file(path, io::as_bytes(lab::map_csv(result.map)));
    } else {
      written = io::write_file(path, lab::map_tensors(result.explanation, result.map, size));
    }
    if (!written) return written;
  }
  return {};
}

// A method's parameters, which are complete: words where they have them, whole numbers without a point.
Json params_of(const explain::MethodDef& method, const explain::Params& params) {
  Json json = Json::object();
  for (const auto& [name, value] : params) {
    const auto& spec = *std::ranges::find(method.params, name, &explain::ParamSpec::name);
    if (!spec.choices.empty()) {
      json[name] = explain::param_text(spec, value);
    } else if (std::floor(value) == value && std::abs(value) < 1e15) {
      json[name] = static_cast<std::int64_t>(value);
    } else {
      json[name] = value;
    }
  }
  return json;
}

Status run_explain(const ExplainOptions& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  if (auto checked = check_outs(options); !checked) return checked;
  const auto method = choose_method(options.method);
  if (!method) return std::unexpected(method.error());
  if (auto suits = explain::check_suits(**method, *model->graph); !suits) return suits;
  const auto params = read_params(**method, options);
  if (!params) return std::unexpected(params.error());
  const auto layer = choose_layer(**method, *model->graph, options.layer);
  if (!layer) return std::unexpected(layer.error());
  auto subject = load_subject(options, *model);
  if (!subject) return std::unexpected(subject.error());
  if (!options.other.empty()) {
    auto other = load_other(options, *model);
    if (!other) return std::unexpected(other.error());
    subject->other = std::move(*other);
  }
  nn::Session session = open_session(*model);
  session.set_input(subject->input);
  session.forward();
  const auto answer = session.logits().values();
  const std::vector<float> logits(answer.begin(), answer.end());  // before the method runs on other inputs
  if (auto checked = check_answer(logits); !checked) return checked;
  const auto target =
      options.target ? io::find_class(model->labels, *options.target) : Result<int>(nn::best_first(logits).front());
  if (!target) return std::unexpected(target.error());

  const Explained result = explain_subject(session, *model, *subject, **method, *params, *target, *layer);
  if (auto written = write_outs(options, result, (*method)->size, *subject); !written) return written;

  const auto index = static_cast<std::size_t>(*target);
  double sum = 0.0;
  for (const float value : result.explanation.attribution.values) sum += static_cast<double>(value);
  if (!options.json) {
    if ((*method)->warning) std::cout << tr(*(*method)->warning) << '\n';
    std::cout << tr((*method)->title) << " of '" << model->labels[index] << "' (logit " << logits[index] << "): sum "
              << sum << ", scale " << result.map.scale << '\n';
    if (result.map.empty()) std::cout << "No attribution: nothing in the picture speaks for or against it.\n";
    if (result.explanation.note) std::cout << result.explanation.note->said() << '\n';
    return {};
  }
  Json json{{"model", model->name},
            {"fingerprint", nn::fingerprint(*model->graph, model->weights)},
            {"method", std::string((*method)->name)},
            {"target", {{"label", model->labels[index]}, {"index", *target}, {"logit", logits[index]}}}};
  json["params"] = params_of(**method, *params);
  json["layer"] = *layer < 0 ? Json(nullptr) : Json(model->graph->nodes()[static_cast<std::size_t>(*layer)].name);
  const auto extents = result.explanation.attribution.shape.extents();
  json["shape"] = std::vector<int>(extents.begin(), extents.end());
  json["sum"] = sum;
  json["scale"] = result.map.scale;
  const double error = result.explanation.completeness_error;
  json["completeness_error"] = std::isnan(error) ? Json(nullptr) : Json(error);
  json["note"] = result.explanation.note ? result.explanation.note->said() : "";
  json["ms"] = result.ms;
  print_json(json);
  return {};
}

const char* size_word(explain::MapSize size) {
  switch (size) {
    case explain::MapSize::input:
      return "input";
    case explain::MapSize::pixels:
      return "pixels";
    case explain::MapSize::layer:
      return "layer";
  }
  return "";
}

// What can be set of a method: words where they are chosen from, else a range.
Json parameters_of(const explain::MethodDef& method) {
  Json all = Json::array();
  for (const explain::ParamSpec& spec : method.params) {
    Json row{{"name", std::string(spec.name)}, {"title", tr(spec.title)}, {"summary", tr(spec.summary)}};
    if (spec.choices.empty()) {
      row["minimum"] = spec.minimum;
      row["maximum"] = spec.maximum;
      row["whole"] = spec.integer;
      row["default"] = spec.fallback;
      row["zero"] = spec.zero ? tr(*spec.zero) : "";
    } else {
      row["default"] = explain::param_text(spec, spec.fallback);
      row["choices"] = Json::array();
      for (const auto& choice : spec.choices)
        row["choices"].push_back({{"word", std::string(choice.word)}, {"title", tr(choice.title)}});
    }
    all.push_back(std::move(row));
  }
  return all;
}

// Every method with what it costs on the model, its parameters and its summary.
Status list_methods(const ExplainOptions& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  Json all = Json::array();
  for (const explain::MethodDef& method : explain::methods()) {
    const explain::Params params = explain::checked_params(method, {}).value();
    Json row{{"method", std::string(method.name)},
             {"title", tr(method.title)},
             {"family", tr(explain::family_title(method.family))},
             {"summary", tr(method.summary)},
             {"paper", std::string(method.paper)},
             {"passes", method.passes({*model->graph, params})},
             {"params", params_of(method, params)},
             {"parameters", parameters_of(method)},
             {"size", size_word(method.size)},
             {"uses_layer", method.uses_layer},
             {"complete", method.axioms.complete},
             {"axioms",
              {{"complete", method.axioms.complete},
               {"dummy", method.axioms.dummy},
               {"implementation", method.axioms.implementation},
               {"linear", method.axioms.linear}}},
             {"warning", method.warning ? tr(*method.warning) : ""}};
    if (!options.json) {
      std::cout << method.name << " (" << row["passes"].get<double>() << " passes): " << tr(method.summary) << '\n';
      for (const explain::ParamSpec& spec : method.params) {
        std::cout << "    --" << spec.name << " " << explain::param_text(spec, params.at(std::string(spec.name)));
        for (std::size_t i = 0; i < spec.choices.size(); ++i)
          std::cout << (i == 0 ? "  (" : ", ") << spec.choices[i].word;
        std::cout << (spec.choices.empty() ? "" : ")") << "  " << tr(spec.summary) << '\n';
      }
    }
    all.push_back(std::move(row));
  }
  if (options.json) print_json(all);
  return {};
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
  auto* image = command->add_option("image", options->image, "JPEG, PNG, BMP or GIF file");
  auto* input = command->add_option("--input", options->input,
                                    "safetensors file with the tensor 'input' (1,C,H,W) in place of a picture");
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  std::string names;
  for (const explain::MethodDef& method : explain::methods())
    names += (names.empty() ? "" : ", ") + std::string(method.name);
  command->add_option("--method", options->method, names)->capture_default_str();
  command->add_option("--target", options->target, "class, by label or number (default: the model's answer)");
  command->add_option("--layer", options->layer, "layer of the CAM family (default: the last convolution)");
  command->add_option("--param", options->params, "such as samples=50; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--out", options->outs,
                   "X.safetensors, X.npy, X.csv (attribution, the map) or X.png (overlay); may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_params(*command, *options);
  command->add_option("--other", options->other, "a second picture, for the baseline \"picture\"");
  command->add_flag("--sample", options->sample, "the picture is of the model's own set: never inverted");
  auto* list = command->add_flag("--list", options->list, "every method, what it costs and its parameters");
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, image, input, list, &action] {
    if (!list->empty()) {
      action = [options] { return list_methods(*options); };
      return;
    }
    if (image->empty() == input->empty()) throw CLI::RequiredError("Either a picture or --input");
    action = [options] { return run_explain(*options); };
  });
}

}  // namespace weightroom::cli
