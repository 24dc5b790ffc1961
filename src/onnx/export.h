#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nn/model.h"

namespace weightroom::onnx {

// The model as an ONNX file (IR version 8, opset 17: what every runtime since 2022 reads): fp32 weights under their own
// names, a batch of any size (of one where a parameter is joined
// to what comes from the picture), class names and how pictures become numbers in the metadata as onnx_metadata.h reads
// them. `weights` are the values of each tensor of the graph, in place of the model's; `left_out` nodes pass on what
// they get, and are not in the file.
[[nodiscard]] std::vector<std::byte> write_onnx(const nn::Model& model, std::span<const std::span<const float>> weights,
                                                std::span<const int> left_out = {});
[[nodiscard]] std::vector<std::byte> write_onnx(const nn::Model& model);

}  // namespace weightroom::onnx
