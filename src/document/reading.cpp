#include "document/reading.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings/reading.h>

#include "io/labels.h"
#include "io/model_file.h"
#include "io/preprocess.h"
#include "io/text.h"

namespace weightroom::document {
namespace {

constexpr int kLeastSize = 8;
constexpr int kMostSize = 1024;
constexpr std::array kCommonSizes{28, 32, 48, 64, 96, 128, 160, 192, 224, 256, 288, 299, 320, 384, 448, 512};

// Takes one number a channel over.
Status take(const std::vector<float>& values, Text what, bool positive, int channels, std::array<float, 3>& to) {
  if (values.size() != static_cast<std::size_t>(channels))
    return fail(channels == 1 ? text::reading_one_number : text::reading_three_numbers, {{"what", what}});
  for (const float value : values) {
    if (!std::isfinite(value) || (positive && !(value > 0.0F)))
      return fail(positive ? text::reading_positive : text::reading_finite, {{"what", what}});
  }
  std::ranges::copy(values, to.begin());
  return {};
}

Status set_numbers(nn::Preprocessing& reading, const command::SetReading& command, int channels) {
  if (command.scale) {
    const io::Scale* scale = io::find_scale(*command.scale);
    if (scale == nullptr) return fail(text::reading_no_scale, {{"name", io::in_quotes(*command.scale)}});
    io::set_scale(reading, *scale);
  }
  if (command.mean) {
    if (auto taken = take(*command.mean, text::reading_mean, false, channels, reading.mean); !taken) return taken;
  }
  if (command.std) {
    if (auto taken = take(*command.std, text::reading_std, true, channels, reading.std); !taken) return taken;
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const nn::Graph>> with_size(const nn::Graph& graph, int size) {
  if (size < kLeastSize || size > kMostSize)
    return fail(text::reading_side, {{"least", kLeastSize}, {"most", kMostSize}});
  nn::GraphSpec spec = graph.spec();
  spec.input = {spec.input[0], size, size};
  auto built = nn::Graph::build(spec);
  if (!built) return fail(text::reading_layers_do_not_fit, {{"size", size}, {"why", built.error()}});
  for (std::size_t i = 0; i < graph.weights().size(); ++i) {
    const nn::GraphWeight& before = graph.weights()[i];
    const nn::GraphWeight& after = (*built)->weights()[i];
    if (before.shape != after.shape)
      return fail(
          text::reading_weights_do_not_fit,
          {{"size", size}, {"tensor", before.name}, {"after", after.shape.text()}, {"before", before.shape.text()}});
  }
  if ((*built)->class_count() != graph.class_count())
    return fail(text::reading_classes_do_not_fit,
                {{"size", size}, {"after", (*built)->class_count()}, {"before", graph.class_count()}});
  if (auto fits = io::check_activations(**built); !fits) return std::unexpected(fits.error());
  return built;
}

PossibleSizes::PossibleSizes(const nn::Graph& graph) : left_(kCommonSizes.size()) {
  const nn::Shape& input = graph.spec().input;
  if (input[1] == input[2]) found_.push_back(input[1]);
}

void PossibleSizes::try_next(const nn::Graph& graph) {
  if (complete()) return;
  const int size = kCommonSizes[kCommonSizes.size() - left_--];
  const auto place = std::ranges::lower_bound(found_, size);
  if (place != found_.end() && *place == size) return;
  if (with_size(graph, size)) found_.insert(place, size);
}

std::vector<int> possible_sizes(const nn::Graph& graph) {
  PossibleSizes sizes(graph);
  while (!sizes.complete()) sizes.try_next(graph);
  return sizes.found();
}

std::span<const std::string_view> scale_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const io::Scale& scale : io::scales()) all.push_back(scale.name);
    return all;
  }();
  return names;
}

std::optional<std::size_t> scale_of(const nn::Model& model) {
  const io::Scale* scale = io::scale_of(model.preprocessing, model.graph->spec().input[0]);
  if (scale == nullptr) return std::nullopt;
  return static_cast<std::size_t>(scale - io::scales().data());
}

Result<nn::Model> with_reading(const nn::Model& model, const command::SetReading& command) {
  nn::Model next = model;
  nn::Preprocessing& reading = next.preprocessing;
  const nn::Shape& input = model.graph->spec().input;
  if (command.order) {
    if (*command.order != "rgb" && *command.order != "bgr") return fail(text::reading_order);
    if (input[0] != 3) return fail(text::reading_grey_order);
    io::set_bgr(reading, *command.order == "bgr");
  }
  if (auto set = set_numbers(reading, command, input[0]); !set) return std::unexpected(set.error());
  if (command.crop) {
    if (!(*command.crop > 0.0F && *command.crop <= 1.0F)) return fail(text::reading_crop);
    reading.crop = *command.crop;
  }
  if (command.invert) {
    if (*command.invert && input[0] != 1) return fail(text::reading_grey_inverted);
    reading.invert = *command.invert;
  }
  if (command.size && (input[1] != *command.size || input[2] != *command.size)) {
    auto graph = with_size(*model.graph, *command.size);
    if (!graph) return std::unexpected(graph.error());
    next.graph = std::move(*graph);
  }
  return next;
}

Result<nn::Model> with_labels(const nn::Model& model, std::vector<std::string> labels) {
  const auto classes = static_cast<std::size_t>(model.graph->class_count());
  if (labels.size() != classes) return fail(text::reading_name_count, {{"n", labels.size()}, {"classes", classes}});
  for (const std::string& label : labels) {
    if (!io::is_label(label)) return fail(text::reading_bad_name, {{"name", io::in_quotes(label)}});
  }
  nn::Model next = model;
  next.labels = std::move(labels);
  return next;
}

}  // namespace weightroom::document
