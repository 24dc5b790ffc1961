#include "lab/lab.h"

#include <algorithm>
#include <utility>

#include <strings/lab.h>

#include "io/model_file.h"
#include "io/text.h"
#include "lab/origin.h"

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

Lab::Lab(Fetch fetch, Save save)
    : fetch_(std::move(fetch)),
      save_(std::move(save)),
      save_picture_([this](const std::string& name, const io::Image& image) { save_(name, io::encode_png(image)); }),
      opener_([](opener::FileToOpen file, const auto& done) { done(opener::open_quick(std::move(file))); }) {}

void Lab::start(std::string_view model) {
  const auto& all = shipped_models();
  const auto it = std::ranges::find(all, model, &ModelEntry::name);
  (void)open_model((it == all.end() ? all.front() : *it).name);
}

Result<std::uint64_t> Lab::run_json(std::string_view json) {
  const auto command =
      document_ ? document::parse_command(json, document_->graph()) : document::parse_command_without_model(json);
  if (!command) return std::unexpected(command.error());
  return run(*command);
}

Result<std::uint64_t> Lab::adopt(Result<document::Document> next) {
  if (!next) return std::unexpected(next.error());
  const std::pair undoable{can_undo(), can_redo()};
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
      [&](const cmd::OpenModel& open) { return open_model(open.name, open.set); },
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
      [&](const cmd::OpenTaught& open) { return open_taught(open.picture); },
      [&](const cmd::Learn&) { return learn(); },
      [&](const cmd::EndTeaching&) { return end_teaching(); },
      [&](const auto&) {
        if (document::teaches(command)) return change_project(document::apply(*document_, command));
        return run_on_document(command);
      },
  };
  return std::visit(carry, command);
}

Result<std::uint64_t> Lab::start_or_stop(void (Engine::*what)()) {
  if (studies::page_of(*document_).run == nullptr) return fail(text::lab_nothing_to_start);
  (engine_.*what)();
  return revision_;
}

Result<std::uint64_t> Lab::open_model(const std::string& name, const std::string& set) {
  const auto& all = shipped_models();
  const auto it = std::ranges::find(all, name, &ModelEntry::name);
  if (it == all.end()) return fail(text::lab_no_model, {{"name", name.substr(0, 60)}});
  if (!set.empty()) {
    if (auto suits = check_shipped_set(set, name); !suits) return std::unexpected(suits.error());
  }
  begin_loading(it->file);
  fetch_({it->file, [this, file = it->file, name, set, wish = ++model_wish_](Result<std::vector<std::byte>> bytes) {
            end_loading(file);
            if (wish != model_wish_) return;
            if (!bytes) return report(bytes.error().message());
            auto model = io::read_model(*bytes, name);
            if (!model) return report(model.error().message());
            name_origin(*model);
            adopt_model(std::move(*model), {});
            if (!set.empty()) (void)open_shipped_set(set);  // whose files say themselves where they cannot be had
          }});
  return revision_;
}

Result<std::uint64_t> Lab::open_sample(const std::string& name) {
  const auto& all = samples();
  const auto it = std::ranges::find(all, name, &Sample::name);
  if (it == all.end()) {
    auto own = own_.find(name);
    if (!own) return fail(text::lab_no_sample, {{"name", name.substr(0, 60)}});
    adopt_image(name, std::move(own), false, "");
    return revision_;
  }
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
            adopt_image(sample.name, std::make_shared<const io::Image>(std::move(*image)), sample.index >= 0, "");
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
    // What nobody chose is chosen anew for another network.
    const bool chosen = method.name != explain::default_method(document_->graph()).name;
    if (chosen && method.name != next.map.method && explain::check_suits(method, next.graph()))
      next.map = {document_->map.method, document_->map.params, -1};
  }
  if (document_) next.project = document_->project;  // to be taught to this one, if somebody says so
  learn_now_ = false;
  learnt_version_ = 0;
  set_loader_.reset();
  if (!set_model_.empty() && set_model_ != shipped_name(*next.model)) set_.reset();
  gathering_ = false;
  clear_error();
  // What the visitor chose stays where it suits; what a model opened on gives way to what the next one opens on.
  const std::string opens_on = first_sample(shipped_name(*next.model));
  const bool same = scene == Scene::stays;
  const bool suits =
      !first && document_->picture && (same || (!document_->picture->native_size && next.graph().spec().input[0] == 3));
  const bool keeps = suits && (same || document_->picture->name == opens_on ||
                               document_->picture->name != first_sample(shipped_name(*document_->model)));
  const auto carried = [&](const document::Picture& old) {
    return document::read_again(*next.model, old, document::chosen_crop(old, *document_->model));
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

void Lab::adopt_image(const std::string& name, std::shared_ptr<const io::Image> image, bool native_size,
                      std::string notice, std::string truth) {
  if (!document_) return report(tr(text::lab_still_loading));
  Arriving picture{.name = name,
                   .display = document::DisplayMaking(std::move(image)),
                   .native_size = native_size,
                   .notice = std::move(notice),
                   .truth = std::move(truth),
                   .wish = ++picture_wish_};
  if (picture.display.step()) return show_picture(std::move(picture));
  if (arriving_) end_loading(arriving_->name);
  begin_loading(name);
  arriving_.emplace(std::move(picture));
}

// The last slice and what is shown for it are not of one frame: to read a large picture takes a while, too.
void Lab::step_arriving(const base::Budget& budget) {
  if (!arriving_->made) {
    while (!arriving_->display.step()) {
      if (budget.spent()) return;
    }
    arriving_->made = true;
    return;
  }
  Arriving picture = std::move(*arriving_);
  arriving_.reset();
  end_loading(picture.name);
  if (picture.wish == picture_wish_) show_picture(std::move(picture));
}

void Lab::show_picture(Arriving picture) {
  document::Document next = *document_;
  const auto& model = *next.model;
  // Grey samples are in the terms of the model's own set, whatever size it reads them at.
  const bool native = picture.native_size && model.graph->spec().input[0] == 1;
  next.picture = document::make_picture(model, io::base_name(picture.name), std::move(picture.display), native);
  next.picture->truth = std::move(picture.truth);
  clear_error();
  (void)adopt(std::move(next));
  if (opening_) open_scene();
  set_notice(std::move(picture.notice));
}

bool Lab::step(const base::Budget& budget) {
  if (arrived_) {
    std::exchange(arrived_, nullptr)();
    return false;
  }
  if (!document_) return true;
  if (arriving_) {
    step_arriving(budget);
    return false;
  }
  if (replay_ && !step_replay(budget)) return false;
  if (waiting_) {
    if (!importance_.step(budget)) return false;
    go_on_with_change();
  }
  if (!step_arriving_classes(budget) || !step_teaching(budget)) return false;
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
