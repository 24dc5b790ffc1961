#include "cli/answer.h"

#include <cmath>
#include <iostream>

#include "io/file.h"
#include "io/file_kind.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "io/text.h"
#include "nn/answer.h"

namespace weightroom::cli {

Status check_answer(std::span<const float> logits) {
  if (nn::all_finite(logits)) return {};
  return fail("The model has no answer for this picture: with its weights the numbers grow beyond what a float holds.");
}

void print_json(Json json, std::string_view end) {
  io::round_to_nine_digits(json);
  std::cout << json.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace) << end;
}

Result<io::Image> load_picture(const std::string& path) {
  const auto bytes = io::read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  auto image = io::decode_image(*bytes);
  if (!image) return fail(io::in_quotes(path) + ": " + image.error().message());
  return image;
}

Result<io::Preprocessed> prepare(const nn::Model& model, const io::Image& image, bool sample) {
  const nn::Shape& input = model.graph->spec().input;
  return io::preprocess(image, model.preprocessing, input[0], input[1], input[2],
                        {.crop = std::nullopt, .sample = sample});
}

Result<InputTensor> load_input(const nn::Model& model, const std::string& path) {
  const auto bytes = io::read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  const auto file = io::parse_safetensors(*bytes);
  if (!file) {
    const Error why = io::refusal_of("", *bytes, file.error(), {io::FileKind::model, io::FileKind::weights});
    return fail(io::in_quotes(path) + ": " + why.message());
  }
  const io::SafetensorsEntry* tensor = file->find("input");
  if (tensor == nullptr) return fail("The file " + io::in_quotes(path) + " has no tensor 'input'.");
  const nn::Shape& wanted = model.graph->spec().input;
  bool fits = tensor->shape.size() == static_cast<std::size_t>(wanted.rank()) + 1 && tensor->shape[0] >= 1 &&
              tensor->shape[0] <= 1'000'000;
  for (int axis = 0; fits && axis < wanted.rank(); ++axis) {
    fits = tensor->shape[static_cast<std::size_t>(axis) + 1] == static_cast<std::uint64_t>(wanted[axis]);
  }
  if (!fits) {
    std::string shape;
    for (const std::uint64_t extent : tensor->shape) shape += (shape.empty() ? "" : ",") + std::to_string(extent);
    return fail("The tensor 'input' has the shape (" + shape + "); the model takes (N," + wanted.text().substr(1) +
                ".");
  }
  InputTensor input{static_cast<int>(tensor->shape[0]), io::values_of(*tensor)};
  for (const float value : input.values) {
    if (!std::isfinite(value)) return fail("The tensor 'input' has a value that is not a finite number.");
  }
  return input;
}

nn::Session open_session(const nn::Model& model) { return {model.graph, model.weights, {}}; }

}  // namespace weightroom::cli
