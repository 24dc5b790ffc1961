// The parts of Lab about a file that a visitor brings: what it is, and what becomes of it.
#include <algorithm>
#include <memory>
#include <utility>

#include <strings/lab.h>

#include "io/bare_weights.h"
#include "io/file_kind.h"
#include "io/labels.h"
#include "io/model_file.h"
#include "io/text.h"
#include "lab/lab.h"
#include "lab/origin.h"

namespace weightroom::lab {

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
  if (kind == model || kind == onnx || (kind == weights && !document_))
    return begin_opening({.name = name, .bytes = std::move(bytes)}, model_wish_);
  if (document_) {
    if (kind == weights) return open_weights(name, std::move(bytes));
    if (kind == history) return open_history(bytes);
    if (kind == gzip) return open_gzip(name, std::move(bytes));
    if (kind == tar || kind == zip) return open_set(name, std::move(bytes));
    if (kind == idx_pictures || kind == idx_labels) return open_idx(name, std::move(bytes), kind == idx_pictures);
    if (kind == labels) return open_labels(name, bytes);
  }
  // All else is tried as a picture, whose decoder knows formats by name.
  if (kind != picture && kind != browser_picture && kind != other_picture) {
    if (auto refusal = io::refusal_of(kind)) return std::unexpected(std::move(*refusal));
  }
  return begin_opening({.name = name, .bytes = std::move(bytes)}, picture_wish_);
}

// What comes of it is dropped where another picture, or another model, was asked for meanwhile: `wish` counts those.
Status Lab::begin_opening(opener::FileToOpen file, std::uint64_t& wish) {
  struct Answer {
    bool late = false;
    Status status;
  };
  auto answer = std::make_shared<Answer>();
  begin_loading(file.name);
  file_opening_ = file.name;
  auto adopt = [this, name = file.name, &wish, mine = ++wish](Result<opener::OpenedFile> file) -> Status {
    end_loading(name);
    file_opening_.clear();
    return mine == wish ? adopt_file(name, std::move(file)) : Status{};
  };
  auto opened = [this, answer, name = file.name, adopt](Result<opener::OpenedFile> file) {
    if (!answer->late) {
      answer->status = adopt(std::move(file));
      return;
    }
    // In the next step: to read an answer takes a while, and so does it to take up a large model.
    arrived_ = [this, name, adopt, file = std::make_shared<Result<opener::OpenedFile>>(std::move(file))] {
      if (const Status adopted = adopt(std::move(*file)); !adopted) report_file(name, adopted.error().message());
    };
  };
  opener_(std::move(file), std::move(opened));
  answer->late = true;
  return answer->status;
}

Status Lab::adopt_file(const std::string& name, Result<opener::OpenedFile> file) {
  if (!file) return std::unexpected(file.error());
  if (auto* picture = std::get_if<io::Image>(&*file)) {
    adopt_own(name, std::move(*picture), "");
  } else if (auto* opened = std::get_if<opener::OpenedModel>(&*file)) {
    adopt_opened(name, std::move(*opened));
  } else {
    incomplete_ = std::move(std::get<opener::IncompleteModel>(*file));
    incomplete_told_ = false;
  }
  return {};
}

// What was made of a shipped model is opened as that model with the file's weights as a first step: so all that
// compares with the loaded model compares with the original. As it is where the original is not to be had, or is
// another one now.
void Lab::adopt_opened(const std::string& name, opener::OpenedModel opened) {
  const auto origin = origin_of(opened.model);
  const auto& all = shipped_models();
  const auto it = origin ? std::ranges::find(all, origin->name, &ModelEntry::name) : all.end();
  if (it == all.end()) return adopt_model(std::move(opened.model), std::move(opened.report));
  begin_loading(it->file);
  auto waiting = std::make_shared<opener::OpenedModel>(std::move(opened));
  fetch_({it->file, [this, name, waiting, origin = *origin, file = it->file,
                     wish = ++model_wish_](const Result<std::vector<std::byte>>& bytes) {
            end_loading(file);
            if (wish != model_wish_) return;
            auto original = bytes ? io::read_model(*bytes, origin.name) : std::unexpected(bytes.error());
            const bool known = original && nn::fingerprint(*original->graph, original->weights) == origin.fingerprint &&
                               original->graph->canonical_json() == waiting->model.graph->canonical_json();
            if (!known || !adopt_changed(name, std::move(*original), *waiting))
              adopt_model(std::move(waiting->model), std::move(waiting->report));
          }});
}

// False where the two have the same weights.
bool Lab::adopt_changed(const std::string& name, nn::Model original, const opener::OpenedModel& opened) {
  const document::PagedWeights taken(opened.model.weights);
  const std::size_t apart =
      document::difference(*original.graph, document::PagedWeights(original.weights), taken, 0).count;
  if (apart == 0) return false;
  const std::string differs = tr(text::lab_differs, {{"n", apart}, {"model", original.name}});
  nn::Model model = opened.model;
  model.name = io::model_name_of(name);
  model.title = differs;
  model.graph = std::move(original.graph);
  model.weights = std::move(original.weights);
  const std::string fingerprint = nn::fingerprint(*opened.model.graph, opened.model.weights);
  adopt_model(std::move(model), opened.report);
  (void)edit(document::command::TakeWeights{io::base_name(name), fingerprint, taken});
  set_notice(differs + ".");
  return true;
}

void Lab::adopt_own(const std::string& name, io::Image image, std::string notice) {
  if (document_ && studies::takes_pictures(*document_)) {
    if (auto taught = teach_picture(name, image); !taught) report_file(name, taught.error().message());
    return;
  }
  auto picture = std::make_shared<const io::Image>(std::move(image));
  if (document_) own_.keep(io::base_name(name), picture);
  adopt_image(name, std::move(picture), false, std::move(notice));
}

// Of the incomplete model the first place whose file has not come; nullptr where all have.
const std::string* Lab::missing_location() const {
  const auto missing = std::ranges::find_if_not(incomplete_->locations, [this](const std::string& location) {
    return incomplete_->file.beside.contains(location);
  });
  return missing == incomplete_->locations.end() ? nullptr : &*missing;
}

// The model opens with the last of its files.
Status Lab::take_beside(const std::string& location, std::vector<std::byte> bytes) {
  incomplete_->file.beside.insert_or_assign(location, std::move(bytes));
  incomplete_told_ = false;
  if (missing_location() != nullptr) return {};
  return begin_opening(std::exchange(incomplete_, std::nullopt)->file, model_wish_);
}

void Lab::files_ended() {
  if (incomplete_ && !std::exchange(incomplete_told_, true))
    report_file(incomplete_->file.name, onnx::not_beside(*missing_location()).message());
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

Lab::PictureTaker Lab::await_picture(const std::string& name) {
  begin_loading(name);
  file_opening_ = name;
  return [this, name, mine = ++picture_wish_](Result<DecodedPicture> picture) {
    end_loading(name);
    file_opening_.clear();
    if (mine != picture_wish_) return;
    if (!picture) return report_file(name, picture.error().message());
    adopt_own(name, std::move(picture->image), std::move(picture->note));
  };
}

}  // namespace weightroom::lab
