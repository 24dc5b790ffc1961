#include "lab/lab.h"

#include <algorithm>

#include "io/bare_weights.h"
#include "io/dataset.h"
#include "io/labels.h"
#include "io/tar.h"
#include "io/text.h"
#include "lab/first_weight.h"
#include "onnx/open_model.h"

namespace weightroom::lab {
namespace {

bool takes_a_weight(const document::Command& command) {
  return std::holds_alternative<document::command::SetWeight>(command) ||
         std::holds_alternative<document::command::TransformWeight>(command) ||
         std::holds_alternative<document::command::SelectWeight>(command) ||
         std::holds_alternative<document::command::SelectLayer>(command);
}

// Which file it was, then what is wrong with it.
std::string about_file(const std::string& name, const std::string& sentence) {
  constexpr std::size_t kMost = 48;
  std::string shown = io::base_name(name);
  if (shown.empty()) return sentence;
  if (shown.size() > kMost) {
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) --end;  // between characters
    shown = shown.substr(0, end) + "…";
  }
  return "'" + shown + "': " + sentence;
}

}  // namespace

Lab::Lab(Fetch fetch, Save save) : fetch_(std::move(fetch)), save_(std::move(save)) {}

void Lab::start() { (void)open_model(shipped_models().front().name); }

Result<std::uint64_t> Lab::run_json(std::string_view json) {
  const auto command =
      document_ ? document::parse_command(json, document_->graph()) : document::parse_command_without_model(json);
  if (!command) return std::unexpected(command.error());
  return run(*command);
}

Result<std::uint64_t> Lab::adopt(Result<document::Document> next) {
  if (!next) return std::unexpected(next.error());
  document_ = std::move(*next);
  document_->revision = ++revision_;
  engine_.show(*document_);
  return revision_;
}

Result<std::uint64_t> Lab::run(const document::Command& command) {
  if (std::holds_alternative<document::command::DismissError>(command)) {
    error_.clear();
    notice_.clear();
    return ++revision_;
  }
  if (const auto* open = std::get_if<document::command::OpenModel>(&command)) return open_model(open->name);
  if (!document_) return fail("The model is still loading.");
  if (const auto* open = std::get_if<document::command::OpenSample>(&command)) return open_sample(open->name);
  if (const auto* open = std::get_if<document::command::OpenSet>(&command)) return open_shipped_set(open->name);
  if (const auto* open = std::get_if<document::command::OpenMeasured>(&command)) return open_measured(open->picture);

  // Whoever has taken a weight or a layer keeps it: the opening scene lights none any more.
  if (takes_a_weight(command)) opening_ = false;

  if (auto settled = settle_before(command); !settled) return std::unexpected(settled.error());
  if (std::holds_alternative<document::command::StopMap>(command)) {
    engine_.stop_map();
    return ++revision_;
  }
  if (std::holds_alternative<document::command::StartMap>(command)) {
    engine_.start_map_again();
    return ++revision_;
  }
  if (std::holds_alternative<document::command::StartStudy>(command) ||
      std::holds_alternative<document::command::StopStudy>(command)) {
    if (!is_study(document_->study.page)) return fail("This page has nothing to start or to stop.");
    if (std::holds_alternative<document::command::StartStudy>(command)) {
      engine_.start_study();
    } else {
      engine_.stop_study();
    }
    return ++revision_;
  }
  if (const auto* save = std::get_if<document::command::SaveMap>(&command)) return save_map(save->as);
  if (std::holds_alternative<document::command::SaveCurve>(command)) return save_curve();
  return run_on_weights(command);
}

Result<std::uint64_t> Lab::open_model(const std::string& name) {
  const auto& all = shipped_models();
  const auto it = std::ranges::find(all, name, &ModelEntry::name);
  if (it == all.end()) return fail("There is no model '" + name.substr(0, 60) + "'.");
  loading_.push_back(it->file);
  fetch_({it->file, [this, file = it->file, name, wish = ++model_wish_](Result<std::vector<std::byte>> bytes) {
            loading_.erase(std::ranges::find(loading_, file));
            if (wish != model_wish_) return;
            if (!bytes) return report(bytes.error().message);
            auto model = onnx::open_model(name, *bytes);
            if (!model) return report(model.error().message);
            adopt_model(std::move(*model), {});
          }});
  return ++revision_;
}

Result<std::uint64_t> Lab::open_sample(const std::string& name) {
  const auto& all = samples();
  const auto it = std::ranges::find(all, name, &Sample::name);
  if (it == all.end()) return fail("There is no sample '" + name.substr(0, 60) + "'.");
  loading_.push_back(it->file);
  fetch_({it->file, [this, sample = *it, wish = ++picture_wish_](Result<std::vector<std::byte>> bytes) {
            loading_.erase(std::ranges::find(loading_, sample.file));
            if (wish != picture_wish_) return;
            const auto refuse = [this](const Error& error) {
              if (document_ && document_->picture && opening_) open_scene();  // with the picture there is
              report(error.message);
            };
            if (!bytes) return refuse(bytes.error());
            auto image = sample_image(*bytes, sample.index);
            if (!image) return refuse(image.error());
            adopt_image(sample.name, std::move(*image), sample.index >= 0, "");
          }});
  return ++revision_;
}

void Lab::adopt_model(nn::Model model, onnx::OpenReport report, Scene scene) {
  ++model_wish_;
  ++models_opened_;
  const bool first = !document_;
  document::Document next = document::open_document(std::make_shared<const nn::Model>(std::move(model)));
  if (document_) {
    next.view = document_->view;
    next.study = document_->study;
    next.study.curve.on = "all";
    next.study.curve.second.reset();
    next.study.compare.classes.clear();
    next.study.ranking.over.clear();
    next.study.units.node = next.study.units.toward = -1;
    next.study.units.channel = 0;
    if (document_->map.method != next.map.method) next.map = {document_->map.method, document_->map.params, -1};
  }
  set_loader_.reset();
  if (!set_model_.empty() && set_model_ != next.model->name) set_.reset();
  gathering_ = false;
  error_.clear();
  // What the visitor chose stays where it suits; what a model opened on gives way to what the next one opens on.
  const std::string opens_on = first_sample(next.model->name);
  const bool same = scene == Scene::stays;
  const bool suits =
      !first && document_->picture && (same || (!document_->picture->native_size && next.graph().spec().input[0] == 3));
  const bool keeps = suits && (same || document_->picture->name == opens_on ||
                               document_->picture->name != first_sample(document_->model->name));
  const auto carried = [&](const document::Picture& old) {
    return document::make_picture(*next.model, old.name, old.image, old.native_size, old.crop);
  };
  // Until another is there, if ever: a sample may not be within reach.
  if (suits) next.picture = carried(*document_->picture);
  const bool second_suits =
      !first && document_->second && (same || (!document_->second->native_size && next.graph().spec().input[0] == 3));
  if (second_suits) next.second = carried(*document_->second);
  if (!next.second && explain::needs_other(*explain::find_method(next.map.method), next.map.params))
    next.map.params["baseline"] = 0.0;
  (void)adopt(std::move(next));
  start_history();
  notice_.clear();
  for (const std::string& notice : report.notices) notice_ += (notice_.empty() ? "" : " ") + notice;
  opened_ = std::move(report);
  opening_ = true;
  if (keeps) {
    open_scene();
  } else {
    (void)open_sample(opens_on);
  }
}

void Lab::adopt_image(const std::string& name, io::Image image, bool native_size, std::string notice) {
  if (!document_) return report("The model is still loading.");
  ++picture_wish_;
  document::Document next = *document_;
  const auto& model = *next.model;
  // Grey samples are in the terms of the model's own set, whatever size it reads them at.
  const bool native = native_size && model.graph->spec().input[0] == 1;
  next.picture =
      document::make_picture(model, io::base_name(name), std::make_shared<const io::Image>(std::move(image)), native);
  error_.clear();
  notice_ = std::move(notice);
  (void)adopt(std::move(next));
  if (opening_) open_scene();
}

// The opening scene: one weight lit that is worth dragging.
void Lab::open_scene() {
  opening_ = false;
  const auto ref = find_telling_weight(*document_);
  if (!ref) return;
  document::Document next = *document_;
  next.selection.weight = *ref;
  next.selection.layer = next.graph().weights()[static_cast<std::size_t>(ref->tensor)].node;
  (void)adopt(std::move(next));
}

Status Lab::open_file(const std::string& name, std::span<const std::byte> bytes) {
  const auto refuse = [&](const Error& error) -> Status {
    report_file(name, error.message);
    return std::unexpected(error);
  };
  if (document_ && io::is_bare_weights(bytes)) {
    const auto opened = open_weights(name, bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (onnx::looks_like_model(name, bytes)) {
    onnx::OpenReport report;
    auto model = onnx::open_model(name, bytes, &report);
    if (!model) return refuse(model.error());
    adopt_model(std::move(*model), std::move(report));
    return {};
  }
  if (document_ && document::looks_like_history(name, bytes)) {
    const auto opened = open_history(bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (document_ && io::looks_like_tar(name, bytes)) {
    const auto opened = open_set(name, bytes);
    return opened ? opened : refuse(opened.error());
  }
  if (const int rank = document_ ? io::idx_rank(bytes) : 0; rank > 0) {
    const auto opened = open_idx(name, bytes, rank);
    return opened ? opened : refuse(opened.error());
  }
  if (document_ && io::looks_like_labels(name, bytes)) {
    auto labels = io::parse_labels(bytes);
    if (!labels) return refuse(labels.error());
    const auto done = run(document::command::SetLabels{std::move(*labels)});
    if (!done) return refuse(done.error());
    error_.clear();
    notice_ = "The classes go by the names in '" + io::base_name(name) + "'.";
    return {};
  }
  auto image = io::decode_image(bytes);
  if (!image) return refuse(image.error());
  adopt_image(name, std::move(*image), false, "");
  return {};
}

// The open model's layers with other weights: a new model to begin from.
Status Lab::open_weights(const std::string& name, std::span<const std::byte> bytes) {
  onnx::OpenReport report;
  auto weights = io::fit_weights(bytes, document_->graph(), &report.notices);
  if (!weights) return std::unexpected(weights.error());
  nn::Model model = *document_->model;
  model.title = "Weights of " + io::base_name(name) + " in the architecture of " + model.name;
  model.name = io::model_name_of(name);
  model.weights = std::move(*weights);
  model.provenance = "{}";
  adopt_model(std::move(model), std::move(report), Scene::stays);
  return {};
}

Status Lab::open_pixels(const std::string& name, std::span<const std::uint8_t> rgba, int width, int height,
                        std::string note) {
  auto image = io::image_from_rgba(width, height, rgba);
  if (!image) {
    report_file(name, image.error().message);
    return std::unexpected(image.error());
  }
  adopt_image(name, std::move(*image), false, std::move(note));
  return {};
}

bool Lab::step(const base::Budget& budget) {
  if (!document_) return true;
  if (replay_ && !step_replay(budget)) return false;
  if (waiting_) {
    if (!importance_.step(budget)) return false;
    go_on_with_change();
  }
  const bool read = step_pictures(budget);
  return engine_.step(budget) && read;
}

void Lab::report_file(const std::string& name, const std::string& sentence) { report(about_file(name, sentence)); }

void Lab::report(std::string sentence) {
  error_ = std::move(sentence);
  ++revision_;
}

}  // namespace weightroom::lab
