#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/model.h"
#include "onnx/import.h"

namespace weightroom::onnx {

// Whether a file of this name and beginning is a model (safetensors or ONNX) rather than a picture.
[[nodiscard]] bool looks_like_model(std::string_view name, std::span<const std::byte> bytes);

// Whether it is taken for ONNX.
[[nodiscard]] bool is_onnx(std::string_view name, std::span<const std::byte> bytes);

// A model out of a file of either kind, told apart by what is in it: read_model or import_onnx, whose refusals it
// gives. `name` is the file's; `options` are for ONNX alone.
[[nodiscard]] Result<nn::Model> open_model(std::string_view name, std::span<const std::byte> bytes,
                                           OpenReport* report = nullptr, const OnnxOptions& options = {});

}  // namespace weightroom::onnx
