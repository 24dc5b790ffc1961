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

// Whether a file that is to be a model is read as ONNX, by io::kind_of: by its name where its content says nothing.
[[nodiscard]] bool is_onnx(std::string_view name, std::span<const std::byte> bytes);

// A model out of a file of either kind: read_model or import_onnx, whose refusals it gives. `name` is the file's;
// `options` are for ONNX alone.
[[nodiscard]] Result<nn::Model> open_model(std::string_view name, std::span<const std::byte> bytes,
                                           OpenReport* report = nullptr, const OnnxOptions& options = {});

}  // namespace weightroom::onnx
