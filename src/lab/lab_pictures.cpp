// The parts of Lab about several pictures at once (a set that was opened, or the samples), and about the map as a file.
#include <algorithm>

#include "io/text.h"
#include "lab/lab.h"
#include "lab/map_file.h"

namespace weightroom::lab {

Status Lab::open_set(const std::string& name, std::span<const std::byte> archive) {
  auto set = io::set_from_tar({archive.begin(), archive.end()});
  if (!set) return std::unexpected(set.error());
  set_name_ = io::base_name(name);
  set_ = std::make_shared<const io::LabelledSet>(std::move(*set));
  set_loader_.emplace(set_name_, set_, *document_->model);
  error_.clear();
  ++revision_;
  return {};
}

bool Lab::wants_pictures() const {
  const StudyChoice& study = document_->study;
  return study.page == Page::units || (study.page == Page::weights && !study.ranking.over.empty());
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
              Document next = *document_;
              next.pictures = crops_of(sample_pictures_, *model);
              (void)adopt(std::move(next));
            }});
  }
}

bool Lab::step_pictures(const base::Budget& budget) {
  if (!set_loader_) {
    if (!document_->pictures && set_ && wants_pictures()) {
      set_loader_.emplace(set_name_, set_, *document_->model);
    } else if (!document_->pictures && !gathering_ && !set_ && wants_pictures()) {
      gather_pictures();
    }
    return !set_loader_;
  }
  if (!set_loader_->step(budget)) return false;
  if (!set_loader_->error().empty()) {
    report_file(set_name_, set_loader_->error());
    set_.reset();
  } else {
    Document next = *document_;
    next.pictures = set_loader_->take();
    notice_ = std::to_string(next.pictures->images.count()) + " pictures of '" + set_name_ + "' are open.";
    (void)adopt(std::move(next));
  }
  set_loader_.reset();
  return true;
}

Result<std::uint64_t> Lab::save_map(const std::string& as) {
  const Results& results = engine_.results();
  const bool numbers = as == "numbers";
  if (!numbers && as != "picture")
    return fail("A map is saved as a picture or as numbers, not '" + as.substr(0, 60) + "'.");
  if (results.order.empty() || results.map.values.empty() || results.map_progress < 1.0)
    return fail("There is no whole map yet.");
  const explain::MethodDef& method = *explain::find_method(document_->map.method);
  const std::string name = document_->model->name + "-" + std::string(method.name);
  if (numbers) {
    save_(name + ".safetensors", map_tensors(results.explanation, results.map, method.size));
    return revision_;
  }
  const Picture& picture = *document_->picture;
  const nn::Shape& shape = document_->graph().spec().input;
  const int k = overlay_enlargement(shape);
  const io::Image square = io::resize(*picture.image, picture.crop, shape[2] * k, shape[1] * k);
  save_(name + ".png", io::encode_png(overlay(square, results.map)));
  return revision_;
}

}  // namespace weightroom::lab
