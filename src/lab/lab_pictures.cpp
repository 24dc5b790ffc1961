// The parts of Lab about several pictures at once (a set that was opened, or the samples), and about the map as a file.
#include <algorithm>

#include <strings/command.h>
#include <strings/dataset.h>
#include <strings/document.h>
#include <strings/file_kind.h>
#include <strings/lab.h>
#include <strings/opener.h>
#include <strings/set.h>

#include "io/gzip.h"
#include "io/idx.h"
#include "io/idx_files.h"
#include "io/tar.h"
#include "io/text.h"
#include "lab/lab.h"
#include "lab/map_file.h"
#include "lab/origin.h"
#include "studies/study.h"
#include "studies/teach.h"

namespace weightroom::lab {
namespace {

std::string notice_of(const document::PictureSet& set, const std::vector<int>& class_of, const io::LabelledSet& whole,
                      const std::vector<std::string>& labels) {
  const std::size_t count = set.images.count();
  std::string words = set.whole > count
                          ? tr(text::set_some_open, {{"count", count}, {"whole", set.whole}, {"set", set.name}})
                          : tr(text::set_open, {{"n", count}, {"set", set.name}});
  const auto say = [&](const std::string& more) { words += more.empty() ? "" : " " + more; };
  say(set.unread.words(set.images));
  for (const std::string& notice : whole.notices) say(notice);
  say(io::matching_words(whole.class_names, whole.native, labels));
  const auto unknown = static_cast<std::size_t>(std::ranges::count(class_of, -1));
  if (unknown == class_of.size()) {
    say(tr(text::set_no_class_known));
  } else if (unknown > 0) {
    say(tr(text::set_some_classes_unknown, {{"n", unknown}, {"all", class_of.size()}}));
  }
  return words;
}

}  // namespace

Status Lab::open_set(const std::string& name, std::vector<std::byte> archive) {
  const bool zip = io::has_at(archive, 0, "PK");
  auto set = zip ? io::set_from_zip(std::move(archive)) : io::set_from_tar(std::move(archive));
  // Anything may lie in a zip, such as a model that was downloaded.
  if (!set && zip && set.error().key == text::dataset_no_pictures) return fail(text::file_kind_zip);
  if (!set) return std::unexpected(set.error());
  if (studies::takes_pictures(*document_)) {
    teach_set(name, std::move(*set));
  } else {
    adopt_set(io::base_name(name), std::move(*set), "");
  }
  return {};
}

// An archive or an IDX file that is packed, in one piece or in several: told by its first bytes, before all is
// unpacked.
Status Lab::open_gzip(const std::string& name, std::vector<std::byte> bytes) {
  const auto first = io::gunzip_prefix(bytes, 512);
  const int rank = io::idx_rank_by_head(bytes);
  const bool tar = first && io::begins_as_tar(*first);
  if (!tar && rank == 0) return std::unexpected(io::decode_image(bytes).error());  // which says what it is not
  auto whole = io::unpacked(std::move(bytes));
  if (!whole) return std::unexpected(whole.error());
  return tar ? open_set(name, std::move(*whole)) : open_idx(name, std::move(*whole), rank == 3);
}

// The two files of a set come in either order, together or one by one.
Status Lab::open_idx(const std::string& name, std::vector<std::byte> bytes, bool pictures) {
  auto half = io::unpacked(std::move(bytes));
  if (!half) return std::unexpected(half.error());
  (pictures ? idx_images_ : idx_labels_) = std::move(*half);
  if (pictures) idx_transposed_ = io::is_emnist_name(name);
  clear_error();
  if (idx_images_.empty() || idx_labels_.empty()) {
    set_notice(tr(pictures ? text::set_labels_wanted : text::set_pictures_wanted,
                  {{"file", io::in_quotes(io::base_name(name))}}));
    return {};
  }
  std::vector<io::IdxSplit> split(1);
  split[0] = {"", std::exchange(idx_images_, {}), std::exchange(idx_labels_, {}), idx_transposed_};
  auto set = io::set_from_idx(std::move(split));
  if (!set) return std::unexpected(set.error());
  if (const std::string words = io::matching_words(set->class_names, true, document_->model->labels); !words.empty())
    set->notices.push_back(words);
  // Numbers go by the model's names where it has as many; the page says which is which otherwise.
  if (set->class_names.size() == document_->model->labels.size()) set->class_names = document_->model->labels;
  set_notice("");
  adopt_set(io::base_name(name), std::move(*set), "");
  return {};
}

void Lab::adopt_set(const std::string& name, io::LabelledSet set, const std::string& model) {
  set_name_ = name;
  set_model_ = model;
  set_ = std::make_shared<const io::LabelledSet>(std::move(set));
  set_loader_.emplace(set_name_, set_, *document_->model, decoder());
  clear_error();
}

const std::vector<SetEntry>& shipped_sets() {
  static const std::vector<SetEntry> all{{"garments", text::set_garments_title, "samples/garments-test-images.idx.gz",
                                          "samples/garments-test-labels.idx.gz", "garments"}};
  return all;
}

Status check_shipped_set(const std::string& name, const std::string& model) {
  const auto& all = shipped_sets();
  const auto it = std::ranges::find(all, name, &SetEntry::name);
  if (it == all.end()) return fail(text::set_unknown, {{"name", name.substr(0, 60)}});
  if (it->model != model) return fail(text::set_other_model, {{"set", it->name}, {"model", it->model}});
  return {};
}

// Both files of a set that comes with the program, the second after the first.
Result<std::uint64_t> Lab::open_shipped_set(const std::string& name) {
  if (auto suits = check_shipped_set(name, shipped_name(*document_->model)); !suits)
    return std::unexpected(suits.error());
  const auto it = std::ranges::find(shipped_sets(), name, &SetEntry::name);
  const auto fetch_one = [this](const std::string& file, std::function<void(std::vector<std::byte>)> then) {
    begin_loading(file);
    fetch_({file, [this, file, then = std::move(then)](Result<std::vector<std::byte>> bytes) {
              end_loading(file);
              if (!bytes) return report(bytes.error().message());
              then(std::move(*bytes));
            }});
  };
  fetch_one(it->images, [this, fetch_one, entry = *it, model = document_->model](std::vector<std::byte> images) {
    fetch_one(entry.labels, [this, entry, model, images = std::move(images)](std::vector<std::byte> labels) mutable {
      if (document_->model != model) return;
      std::vector<io::IdxSplit> split(1);
      split[0] = {"test", std::move(images), std::move(labels), false};
      auto set = io::set_from_idx(std::move(split), io::fashion_mnist_classes());
      if (!set) return report(set.error().message());
      adopt_set(tr(entry.title), std::move(*set), entry.model);
    });
  });
  return revision_;
}

// Pictures that would be missed frames go to the opener.
document::Decoder Lab::decoder() {
  return [this](const std::string& name, std::vector<std::byte>& file, std::function<void(Result<io::Image>)> done) {
    if (opener::opens_quickly(name, file)) return false;
    opener_({.name = name, .bytes = std::move(file)}, [done = std::move(done)](Result<opener::OpenedFile> opened) {
      if (!opened) return done(std::unexpected(opened.error()));
      auto* image = std::get_if<io::Image>(&*opened);
      done(image != nullptr ? Result<io::Image>(std::move(*image)) : fail(text::opener_failed));
    });
    return true;
  };
}

// As it is in the set, not as small as it was measured.
Result<std::uint64_t> Lab::open_measured(int picture) {
  if (!document_->labelled || !set_) return fail(text::document_no_set);
  const auto& names = document_->labelled->images.names;
  if (picture < 0 || static_cast<std::size_t>(picture) >= names.size())
    return fail(text::set_no_picture, {{"last", names.size() - 1}, {"picture", picture}});
  const io::SetItem& item = document_->labelled->item(*set_, static_cast<std::size_t>(picture));
  const auto of_set = static_cast<std::size_t>(document_->labelled->images.labels[static_cast<std::size_t>(picture)]);
  const int of_model = document_->class_of[of_set];
  const std::string truth = of_model < 0 ? document_->labelled->images.class_names[of_set]
                                         : document_->model->labels[static_cast<std::size_t>(of_model)];
  const auto show = [this, item, truth, native = set_->native](Result<io::Image> image) -> Status {
    if (!image) return fail(text::set_bad_picture, {{"name", io::in_quotes(item.name)}, {"why", image.error()}});
    adopt_image(item.name, std::make_shared<const io::Image>(std::move(*image)), native, "", truth);
    return {};
  };
  auto file = set_->source->file(item.index);
  if (!file.empty() && !opener::opens_quickly(item.name, file)) {
    begin_loading(item.name);
    (void)decoder()(item.name, file, [this, show, name = item.name, mine = ++picture_wish_](Result<io::Image> image) {
      end_loading(name);
      if (mine != picture_wish_) return;
      if (auto shown = show(std::move(image)); !shown) report(shown.error().message());
    });
    return revision_;
  }
  if (auto shown = show(set_->picture(item)); !shown) return std::unexpected(shown.error());
  return revision_;
}

bool Lab::wants_pictures() const {
  const auto wants = studies::page_of(*document_).wants;
  return wants != nullptr && wants(*document_).pictures;
}

// Asks for the files of all samples that suit the model; the last one to come makes the set.
void Lab::gather_pictures() {
  gathering_ = true;
  const bool grey = document_->graph().spec().input[0] == 1;
  sample_pictures_.clear();
  auto left = std::make_shared<std::size_t>(0);
  std::vector<Sample> wanted;
  for (const Sample& sample : samples()) {
    if ((sample.index >= 0) == grey) wanted.push_back(sample);
  }
  *left = wanted.size();
  for (const Sample& sample : wanted) {
    fetch_({sample.file, [this, sample, left, model = document_->model](Result<std::vector<std::byte>> bytes) {
              --*left;
              if (bytes) {
                auto image = sample_image(*bytes, sample.index);
                if (image)
                  sample_pictures_.push_back(
                      {sample.name, std::make_shared<const io::Image>(std::move(*image)), sample.index >= 0});
              }
              if (*left > 0) return;
              gathering_ = false;
              if (!document_ || document_->model != model || document_->pictures || sample_pictures_.empty()) return;
              document::Document next = *document_;
              next.pictures = crops_of(sample_pictures_, *model);
              (void)adopt(std::move(next));
            }});
  }
}

bool Lab::step_pictures(const base::Budget& budget) {
  if (!set_loader_) {
    if (!document_->labelled && set_) {
      set_loader_.emplace(set_name_, set_, *document_->model, decoder());
    } else if (!document_->pictures && !gathering_ && !set_ && wants_pictures()) {
      gather_pictures();
    }
    return !set_loader_;
  }
  if (!set_loader_->step(budget)) return false;
  if (set_loader_->error()) {
    report_file(set_name_, set_loader_->error()->message());
    set_.reset();
  } else {
    document::Document next = *document_;
    next.labelled = set_loader_->take();
    next.class_of = io::find_labels(next.labelled->images.class_names, next.model->labels);
    next.pictures = some_of(next.labelled, document::kMostPictures);
    std::string notice = set_model_.empty() ? notice_of(*next.labelled, next.class_of, *set_, next.model->labels) : "";
    (void)adopt(std::move(next));
    set_notice(std::move(notice));
  }
  set_loader_.reset();
  return true;
}

Result<std::uint64_t> Lab::save_found(const std::string& part) {
  const studies::StudyDef* page = studies::find_part(part);
  if (page == nullptr || page->save == nullptr)
    return fail(text::command_unknown, {{"name", "save_" + part.substr(0, 60)}});
  const auto file = page->save(*document_, engine_.study());
  if (!file) return std::unexpected(file.error());
  save_(file->name, file->bytes);
  return revision_;
}

Result<std::uint64_t> Lab::save_map(const std::string& as) {
  const Results& results = engine_.results();
  const bool numbers = as == "numbers";
  if (!numbers && as != "picture") return fail(text::lab_map_as, {{"as", as.substr(0, 60)}});
  if (results.order.empty() || results.map.values.empty() || results.map_progress < 1.0) return fail(text::lab_no_map);
  const explain::MethodDef& method = *explain::find_method(document_->map.method);
  const std::string name = document_->model->name + "-" + std::string(method.name);
  if (numbers) {
    save_(name + ".safetensors", map_tensors(results.explanation, results.map, method.size));
    return revision_;
  }
  const document::Picture& picture = *document_->picture;
  const nn::Shape& shape = document_->graph().spec().input;
  const int k = overlay_enlargement(shape);
  const io::Image square = io::resize(*picture.image, picture.crop, shape[2] * k, shape[1] * k);
  save_picture_(name + ".png", overlay(square, results.map));
  return revision_;
}

}  // namespace weightroom::lab
