#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "io/image.h"
#include "io/preprocess.h"
#include "nn/session.h"

namespace weightroom::cli {

using Json = nlohmann::ordered_json;

// As a line for a program to read: fractions with nine significant digits, bytes that are not UTF-8 as U+FFFD.
void print_json(Json json, std::string_view end = "\n");

// A sentence where a logit is no finite number: the weights are too large for the picture.
[[nodiscard]] Status check_answer(std::span<const float> logits);

// A picture file; the sentence of an error begins with the file's name.
[[nodiscard]] Result<io::Image> load_picture(const std::string& path);

// Picture to input: `sample` for pictures of the model's own set, which are never inverted.
[[nodiscard]] Result<io::Preprocessed> prepare(const nn::Model& model, const io::Image& image, bool sample);

// Tensor `input`, (N,C,H,W) as the model sees it, of a safetensors file; its values and N.
struct InputTensor {
  int count = 0;
  std::vector<float> values;
};
[[nodiscard]] Result<InputTensor> load_input(const nn::Model& model, const std::string& path);

// A session at batch 1 with the model's weights.
[[nodiscard]] nn::Session open_session(const nn::Model& model);

}  // namespace weightroom::cli
