#include "lab/lab.h"

#include <algorithm>
#include <utility>

#include <strings/lab.h>

#include "io/bare_weights.h"
#include "io/dataset.h"
#include "io/file_kind.h"
#include "io/labels.h"
#include "io/text.h"
#include "onnx/open_model.h"

namespace weightroom::lab {
namespace {

template <class... Commands>
bool is_any_of(const document::Command& command) {
  return (std::holds_alternative<Commands>(command) || ...);
}

bool takes_a_weight(const document::Command& command) {
  return is_any_of<document::command::SetWeight, document::command::TransformWeight, document::command::SelectWeight,
                   document::command::SelectLayer>(command);
}

// One function a command, and one for those that are left.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

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
  return tr(text::lab_about_file, {{"file", shown}, {"why", sentence}});
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
  const std::pair undoable{history_.can_undo(), history_.can_redo()};
  if (document_ && undoable == undoable_ && same(*document_, *next)) {
    if (std::exchange(document_->previewing, next->previewing) != next->previewing) engine_.show(*document_);
    return revision_;
  }
  undoable_ = undoable;
  revision_ = run_from_.value_or(revision_) + 1;
  document_ = std::move(*next);
  document_->revision = revision_;
  engine_.show(*document_);
  return revision_;
}

Result<std::uint64_t> Lab::run(const document::Command& command) {
  run_from_ = revision_;
  const auto done = carry_out(command);
  run_from_.reset();
  if (!done) return done;
  // Whoever has taken a weight or a layer keeps it: the opening scene lights none any more.
  if (takes_a_weight(command)) {
    opening_ = false;
    first_weight_.reset();
  }
  return revision_;
}

Result<std::uint64_t> Lab::carry_out(const document::Command& command) {
  namespace cmd = document::command;
  if (!document_ && !is_any_of<cmd::DismissError, cmd::OpenModel>(command)) return fail(text::lab_still_loading);
  // A file that has to be brought ends a drag once it is there.
  if (!is_any_of<cmd::DismissError, cmd::OpenModel, cmd::OpenSample, cmd::OpenSet, cmd::OpenMeasured>(command)) {
    if (auto settled = settle_before(command); !settled) return std::unexpected(settled.error());
  }
  using Done = Result<std::uint64_t>;
  const Overloaded carry{
      [&](const cmd::DismissError&) -> Done {
        clear_error();
        set_notice("");
        return revision_;
      },
      [&](const cmd::OpenModel& open) { return open_model(open.name); },
      [&](const cmd::OpenSample& open) { return open_sample(open.name); },
      [&](const cmd::OpenSet& open) { return open_shipped_set(open.name); },
      [&](const cmd::OpenMeasured& open) { return open_measured(open.picture); },
      [&](const cmd::StopMap&) -> Done {
        engine_.stop_map();
        return revision_;
      },
      [&](const cmd::StartMap&) -> Done {
        engine_.start_map_again();
        return revision_;
      },
      [&](const cmd::StartStudy&) { return start_or_stop(&Engine::start_study); },
      [&](const cmd::StopStudy&) { return start_or_stop(&Engine::stop_study); },
      [&](const cmd::SaveMap& save) { return save_map(save.as); },
      [&](const cmd::SaveFound& save) { return save_found(save.part); },
      [&](const cmd::OpenPage& open) { return adopt(studies::open_page(*document_, open.page)); },
      [&](const cmd::Choose& choose) { return adopt(studies::choose(*document_, choose)); },
      [&](const cmd::SaveModel& save) { return save_model(save.as); },
      [&](const cmd::SaveHistory&) { return save_history(); },
      [&](const auto&) { return run_on_document(command); },
  };
  return std::visit(carry, command);
}

Result<std::uint64_t> Lab::start_or_stop(void (Engine::*what)()) {
  if (studies::page_of(*document_).run == nullptr) return fail(text::lab_nothing_to_start);
  (engine_.*what)();
  return revision_;
}

Result<std::uint64_t> Lab::open_model(const std::string& name) {
  const auto& all = shipped_models();
  const auto it = std::ranges::find(all, name, &ModelEntry::name);
  if (it == all.end()) return fail(text::lab_no_model, {{"name", name.substr(0, 60)}});
  begin_loading(it->file);
  fetch_({it->file, [this, file = it->file, name, wish = ++model_wish_](Result<std::vector<std::byte>> bytes) {
            end_loading(file);
            if (wish != model_wish_) return;
            if (!bytes) return report(bytes.error().message());
            auto model = onnx::open_model(name, std::exchange(*bytes, {}));
            if (!model) return report(model.error().message());
            adopt_model(std::move(*model), {});
          }});
  return revision_;
}

Result<std::uint64_t> Lab::open_sample(const std::string& name) {
  const auto& all = samples();
  const auto it = std::ranges::find(all, name, &Sample::name);
  if (it == all.end()) return fail(text::lab_no_sample, {{"name", name.substr(0, 60)}});
  begin_loading(it->file);
  fetch_({it->file, [this, sample = *it, wish = ++picture_wish_](Result<std::vector<std::byte>> bytes) {
            end_loading(sample.file);
            if (wish != picture_wish_) return;
            const auto refuse = [this](const Error& error) {
              if (document_ && document_->picture && opening_) open_scene();  // with the picture there is
              report(error.message());
            };
            if (!bytes) return refuse(bytes.error());
            auto image = sample_image(*bytes, sample.index);
            if (!image) return refuse(image.error());
            adopt_image(sample.name, std::move(*image), sample.index >= 0, "");
          }});
  return revision_;
}

void Lab::adopt_model(nn::Model model, onnx::OpenReport report, Scene scene) {
  ++model_wish_;
  ++models_opened_;
  const bool first = !document_;
  document::Document next = document::open_document(std::make_shared<const nn::Model>(std::move(model)));
  if (document_) {
    next.view = document_->view;
    next.page = document_->page;
    next.choices = document_->choices;
    for (const studies::StudyDef& page : studies::pages()) {
      if (page.choice != nullptr) page.choice->for_another_model(next.choices);
    }
    const explain::MethodDef& method = *explain::find_method(document_->map.method);
    if (method.name != next.map.method && explain::check_suits(method, next.graph()))
      next.map = {document_->map.method, document_->map.params, -1};
  }
  set_loader_.reset();
  if (!set_model_.empty() && set_model_ != next.model->name) set_.reset();
  gathering_ = false;
  clear_error();
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
  std::string notices;
  for (const std::string& notice : report.notices) notices += (notices.empty() ? "" : " ") + notice;
  set_notice(std::move(notices));
  opened_ = std::move(report);
  first_weight_.reset();
  opening_ = true;
  if (keeps) {
    open_scene();
  } else {
    (void)open_sample(opens_on);
  }
}

void Lab::adopt_image(const std::string& name, io::Image image, bool native_size, std::string notice) {
  if (!document_) return report(tr(text::lab_still_loading));
  ++picture_wish_;
  document::Document next = *document_;
  const auto& model = *next.model;
  // Grey samples are in the terms of the model's own set, whatever size it reads them at.
  const bool native = native_size && model.graph->spec().input[0] == 1;
  next.picture =
      document::make_picture(model, io::base_name(name), std::make_shared<const io::Image>(std::move(image)), native);
  clear_error();
  (void)adopt(std::move(next));
  if (opening_) open_scene();
  set_notice(std::move(notice));
}

Status Lab::open_file(const std::string& name, std::vector<std::byte>&& bytes) {
  auto opened = take_file(name, std::move(bytes));
  if (!opened) report_file(name, opened.error().message());
  return opened;
}

Status Lab::take_file(const std::string& name, std::vector<std::byte> bytes) {
  using enum io::FileKind;
  if (incomplete_) {
    for (const std::string& location : incomplete_->locations) {
      if (io::base_name(location) == io::base_name(name)) return take_beside(location, std::move(bytes));
    }
  }
  const io::FileKind kind = io::kind_of(name, bytes);
  if (kind == unknown && name.ends_with(".data")) return fail(text::lab_data_alone);
  if (kind == model || kind == onnx || (kind == weights && !document_)) return open_model_file(name, std::move(bytes));
  if (document_) {
    if (kind == weights) return open_weights(name, std::move(bytes));
    if (kind == history) return open_history(bytes);
    if (kind == gzip) return open_gzip(name, std::move(bytes));
    if (kind == tar) return open_set(name, std::move(bytes));
    if (kind == idx_pictures || kind == idx_labels) return open_idx(name, std::move(bytes), kind == idx_pictures);
    if (kind == labels) return open_labels(name, bytes);
  }
  // All else is tried as a picture, whose decoder knows formats by name.
  if (kind != picture && kind != browser_picture && kind != other_picture) {
    if (auto refusal = io::refusal_of(kind)) return std::unexpected(std::move(*refusal));
  }
  auto image = io::decode_image(std::exchange(bytes, {}));
  if (!image) return std::unexpected(image.error());
  adopt_image(name, std::move(*image), false, "");
  return {};
}

// The file is let go before the model is taken up: its weights are there by then, and room is made for activations.
Status Lab::open_model_file(const std::string& name, std::vector<std::byte> bytes) {
  if (onnx::is_onnx(name, bytes)) {
    auto locations = onnx::files_beside(bytes);
    if (!locations) return std::unexpected(locations.error());
    if (!locations->empty()) {
      incomplete_ = {name, std::move(bytes), std::move(*locations), {}, false};
      return {};
    }
  }
  onnx::OpenReport report;
  auto model = onnx::open_model(name, std::exchange(bytes, {}), &report);
  if (!model) return std::unexpected(model.error());
  adopt_model(std::move(*model), std::move(report));
  return {};
}

// Of the incomplete model the first place whose file has not come; nullptr where all have.
const std::string* Lab::missing_location() const {
  const auto missing = std::ranges::find_if_not(
      incomplete_->locations, [this](const std::string& location) { return incomplete_->beside.contains(location); });
  return missing == incomplete_->locations.end() ? nullptr : &*missing;
}

// The model opens with the last of its files.
Status Lab::take_beside(const std::string& location, std::vector<std::byte> bytes) {
  incomplete_->beside.insert_or_assign(location, std::move(bytes));
  incomplete_->told = false;
  if (missing_location() != nullptr) return {};
  const Incomplete whole = *std::exchange(incomplete_, std::nullopt);
  onnx::OpenReport report;
  auto model = onnx::open_model(whole.name, whole.bytes, &report, {.beside = &whole.beside});
  if (!model) return std::unexpected(model.error());
  adopt_model(std::move(*model), std::move(report));
  return {};
}

void Lab::files_ended() {
  if (incomplete_ && !std::exchange(incomplete_->told, true))
    report_file(incomplete_->name, onnx::not_beside(*missing_location()).message());
}

// The open model's layers with other weights: a new model to begin from.
Status Lab::open_weights(const std::string& name, std::vector<std::byte> bytes) {
  onnx::OpenReport report;
  auto weights =
      io::fit_weights(std::exchange(bytes, {}), document_->graph(), &report.notices, document_->model->epsilons);
  if (!weights) return std::unexpected(weights.error());
  nn::Model model = *document_->model;
  model.title = tr(text::lab_weights_title, {{"file", io::base_name(name)}, {"model", model.name}});
  model.name = io::model_name_of(name);
  model.weights = std::move(*weights);
  model.provenance = "{}";
  adopt_model(std::move(model), std::move(report), Scene::stays);
  return {};
}

Status Lab::open_labels(const std::string& name, std::span<const std::byte> bytes) {
  auto labels = io::parse_labels(bytes);
  if (!labels) return std::unexpected(labels.error());
  const auto done = run(document::command::SetLabels{std::move(*labels)});
  if (!done) return std::unexpected(done.error());
  clear_error();
  set_notice(tr(text::lab_labels_notice, {{"file", io::base_name(name)}}));
  return {};
}

Status Lab::open_pixels(const std::string& name, std::span<const std::uint8_t> rgba, int width, int height,
                        std::string note) {
  auto image = io::image_from_rgba(width, height, rgba);
  if (!image) {
    report_file(name, image.error().message());
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
  if (!step_scene(budget)) return false;
  const bool read = step_pictures(budget);
  return engine_.step(budget) && read;
}

void Lab::report_file(const std::string& name, const std::string& sentence) { report(about_file(name, sentence)); }

void Lab::report(std::string sentence) {
  error_ = std::move(sentence);
  said_.push_back({true, error_, revision_});
  ++changes_;
}

void Lab::set_notice(std::string sentence) {
  notice_ = std::move(sentence);
  if (!notice_.empty()) said_.push_back({false, notice_, revision_});
  ++changes_;
}

void Lab::clear_error() {
  error_.clear();
  ++changes_;
}

void Lab::begin_loading(const std::string& file) {
  loading_.push_back(file);
  ++changes_;
}

void Lab::end_loading(const std::string& file) {
  loading_.erase(std::ranges::find(loading_, file));
  ++changes_;
}

}  // namespace weightroom::lab
