#include "document/document.h"

#include <algorithm>
#include <cmath>

#include "base/language.h"
#include "io/model_file.h"
#include "io/preprocess.h"
#include "nn/kernels/elementwise.h"

namespace weightroom::document {
namespace {

constexpr int kMostDisplay = 1536;  // pixels along a side: sharp on any screen the page is drawn on, small for any GPU

std::vector<std::uint8_t> with_alpha(const io::Image& image) {
  std::vector<std::uint8_t> rgba;
  rgba.reserve(image.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    rgba.insert(rgba.end(), {image.rgb[i], image.rgb[i + 1], image.rgb[i + 2], std::uint8_t{255}});
  }
  return rgba;
}

std::vector<float> largest_of(const nn::Model& model) {
  std::vector<float> largest;
  for (const nn::GraphWeight& weight : model.graph->weights()) {
    const std::span all(model.weights.data(), model.weights.size());
    largest.push_back(nn::kernels::largest_magnitude(all.subspan(weight.offset, weight.shape.size())));
  }
  return largest;
}

int first_layer_with_weights(const nn::Graph& graph) {
  return graph.weights().empty() ? 0 : graph.weights().front().node;
}

}  // namespace

bool same_model(const Document& a, const Document& b) {
  return a.model->graph == b.model->graph && a.model->weights.data() == b.model->weights.data();
}

void run_as(nn::Session& session, const Document& document) {
  sync_weights(session, document.loaded, document.running_weights());
  session.bypass(document.bypassed());
}

Document open_document(std::shared_ptr<const nn::Model> model) {
  Document document;
  document.loaded = PagedWeights(model->weights);
  document.edit.weights = document.edit.running = document.loaded;
  document.largest_loaded = std::make_shared<const std::vector<float>>(largest_of(*model));
  document.selection.layer = first_layer_with_weights(*model->graph);
  if (!model->graph->weights().empty()) document.selection.weight = nn::WeightRef{0, 0};
  const explain::MethodDef& method = explain::default_method(*model->graph);
  document.map = {std::string(method.name), explain::checked_params(method, {}).value()};
  document.model = std::move(model);
  return document;
}

std::optional<Crop> chosen_crop(const Picture& picture, const nn::Model& model) {
  if (picture.crop == io::centre_square(*picture.image, model.preprocessing.crop)) return std::nullopt;
  return picture.crop;
}

DisplayMaking::DisplayMaking(std::shared_ptr<const io::Image> image) : image_(std::move(image)) {
  side_ = (std::max(image_->width, image_->height) + kMostDisplay - 1) / kMostDisplay;
  width_ = std::max(1, image_->width / side_);
  height_ = std::max(1, image_->height / side_);
  rgba_.reserve(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4);
}

bool DisplayMaking::step() {
  constexpr std::int64_t kSlice = 2'500'000;  // pixels of the picture: all of one that is drawn as it is
  const std::int64_t pixels = std::int64_t{image_->width} * side_;
  const int rows = static_cast<int>(std::min<std::int64_t>(height_ - row_, 1 + kSlice / pixels));
  io::append_block_means(*image_, side_, row_, row_ + rows, rgba_);
  row_ += rows;
  return row_ == height_;
}

Display DisplayMaking::take() {
  return {std::make_shared<const std::vector<std::uint8_t>>(std::move(rgba_)), width_, height_};
}

namespace {

Picture read_picture(const nn::Model& model, std::string name, std::shared_ptr<const io::Image> image, Display display,
                     bool native_size, std::optional<Crop> crop) {
  Picture picture;
  picture.name = std::move(name);
  picture.native_size = native_size;
  const nn::Shape& input = model.graph->spec().input;
  auto prepared = io::preprocess(*image, model.preprocessing, input[0], input[1], input[2], {crop, native_size});
  CHECK(prepared.has_value());  // a crop is checked before it comes here, and any decoded picture has a pixel
  picture.crop = prepared->crop;
  picture.input = std::make_shared<const std::vector<float>>(std::move(prepared->input));
  picture.seen_display = std::make_shared<const std::vector<std::uint8_t>>(with_alpha(prepared->seen));
  picture.seen = std::make_shared<const io::Image>(std::move(prepared->seen));
  picture.image = std::move(image);
  picture.display = std::move(display);
  return picture;
}

}  // namespace

Picture make_picture(const nn::Model& model, std::string name, std::shared_ptr<const io::Image> image, bool native_size,
                     std::optional<Crop> crop) {
  DisplayMaking display(image);
  while (!display.step()) {
  }
  return read_picture(model, std::move(name), std::move(image), display.take(), native_size, crop);
}

Picture make_picture(const nn::Model& model, std::string name, DisplayMaking done, bool native_size) {
  return read_picture(model, std::move(name), done.image(), done.take(), native_size, std::nullopt);
}

Picture read_again(const nn::Model& model, const Picture& picture, std::optional<Crop> crop) {
  Picture again = read_picture(model, picture.name, picture.image, picture.display, picture.native_size, crop);
  again.truth = picture.truth;
  return again;
}

float slider_range(const Document& document, int tensor) {
  const auto largest = static_cast<double>((*document.largest_loaded)[static_cast<std::size_t>(tensor)]);
  if (largest == 0.0) return 1.0F;
  // Two digits: 10^k units with 10 <= range / unit < 100.
  double unit = 1.0;
  while (3.0 * largest / unit >= 100.0) unit *= 10.0;
  while (3.0 * largest / unit < 10.0) unit /= 10.0;
  return static_cast<float>(std::ceil(3.0 * largest / unit) * unit);
}

std::string number_text(float value) {
  const auto exact = static_cast<double>(value);
  const double magnitude = std::abs(exact);
  const bool far = magnitude != 0.0 && (magnitude < 0.001 || magnitude >= 1e6);
  return far ? base::scientific(exact, 2) : base::fixed(exact, 3);
}

}  // namespace weightroom::document
