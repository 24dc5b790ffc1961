#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "document/document.h"

namespace weightroom::lab {

// A model as a file. `as`: one of io::kStoreNames (empty: the first of them), or "onnx". `weights` are the values of
// each tensor of the graph, `off` the activation functions that are switched off, which only ONNX can leave out.
// Refuses another word by a sentence.
[[nodiscard]] Result<std::vector<std::byte>> saved_model(const nn::Model& model,
                                                         std::span<const std::span<const float>> weights,
                                                         std::span<const int> off, std::string_view as);

// The model of the document with the weights that run.
[[nodiscard]] Result<std::vector<std::byte>> edited_file(const document::Document& document, std::string_view as = {});

}  // namespace weightroom::lab
