#include "document/reading.h"

#include <algorithm>
#include <cmath>

#include "base/sort.h"
#include "io/labels.h"
#include "io/model_file.h"
#include "io/preprocess.h"
#include "io/text.h"

namespace weightroom::document {
namespace {

constexpr int kLeastSize = 8;
constexpr int kMostSize = 1024;

// Takes one number a channel over.
Status take(const std::vector<float>& values, const char* what, bool positive, int channels, std::array<float, 3>& to) {
  if (values.size() != static_cast<std::size_t>(channels))
    return fail(std::string("The ") + what + " must be " +
                (channels == 1 ? "a list of one number: the model reads grey pictures."
                               : "a list of three numbers, one a colour."));
  for (const float value : values) {
    if (!std::isfinite(value) || (positive && !(value > 0.0F)))
      return fail(std::string("The ") + what + " must be of " + (positive ? "positive" : "finite") + " numbers.");
  }
  std::ranges::copy(values, to.begin());
  return {};
}

Status set_numbers(nn::Preprocessing& reading, const command::SetReading& command, int channels) {
  if (command.scale) {
    const io::Scale* scale = io::find_scale(*command.scale);
    if (scale == nullptr)
      return fail("There is no scale " + io::in_quotes(*command.scale) + "; there are imagenet, 0-1, -1-1 and 0-255.");
    io::set_scale(reading, *scale);
  }
  if (command.mean) {
    if (auto taken = take(*command.mean, "mean", false, channels, reading.mean); !taken) return taken;
  }
  if (command.std) {
    if (auto taken = take(*command.std, "deviation (std)", true, channels, reading.std); !taken) return taken;
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const nn::Graph>> with_size(const nn::Graph& graph, int size) {
  if (size < kLeastSize || size > kMostSize)
    return fail("A picture's side must be from " + std::to_string(kLeastSize) + " to " + std::to_string(kMostSize) +
                " pixels.");
  nn::GraphSpec spec = graph.spec();
  spec.input = {spec.input[0], size, size};
  const std::string who =
      "The model's layers do not fit pictures of " + std::to_string(size) + " x " + std::to_string(size) + ": ";
  auto built = nn::Graph::build(spec);
  if (!built) return fail(who + built.error().message());
  for (std::size_t i = 0; i < graph.weights().size(); ++i) {
    const nn::GraphWeight& before = graph.weights()[i];
    const nn::GraphWeight& after = (*built)->weights()[i];
    if (before.shape != after.shape)
      return fail(who + "'" + before.name + "' would have the shape " + after.shape.text() + ", not " +
                  before.shape.text() + ".");
  }
  if ((*built)->class_count() != graph.class_count())
    return fail(who + "it would answer with " + io::grouped(static_cast<std::size_t>((*built)->class_count())) +
                " numbers, not " + io::grouped(static_cast<std::size_t>(graph.class_count())) + ".");
  if (auto fits = io::check_activations(**built); !fits) return std::unexpected(fits.error());
  return built;
}

std::vector<int> possible_sizes(const nn::Graph& graph) {
  const nn::Shape& input = graph.spec().input;
  std::vector<int> sizes;
  for (const int size : {28, 32, 48, 64, 96, 128, 160, 192, 224, 256, 288, 299, 320, 384, 448, 512}) {
    const bool own = input[1] == size && input[2] == size;
    if (own || with_size(graph, size)) sizes.push_back(size);
  }
  if (input[1] == input[2] && std::ranges::find(sizes, input[1]) == sizes.end()) sizes.push_back(input[1]);
  base::sort(sizes);
  return sizes;
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
    if (*command.order != "rgb" && *command.order != "bgr") return fail("The order of colours is rgb or bgr.");
    if (input[0] != 3) return fail("The model reads grey pictures, which have no order of colours.");
    io::set_bgr(reading, *command.order == "bgr");
  }
  if (auto set = set_numbers(reading, command, input[0]); !set) return std::unexpected(set.error());
  if (command.invert) {
    if (*command.invert && input[0] != 1) return fail("Only grey pictures are inverted.");
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
  if (labels.size() != classes)
    return fail("The list has " + io::grouped(labels.size()) + (labels.size() == 1 ? " name" : " names") +
                ", but the model has " + io::grouped(classes) + " classes; it must have one for each, in their order.");
  for (const std::string& label : labels) {
    if (!io::is_label(label)) return fail("The name " + io::in_quotes(label) + " is none that can be shown.");
  }
  nn::Model next = model;
  next.labels = std::move(labels);
  return next;
}

}  // namespace weightroom::document
