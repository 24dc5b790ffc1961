#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nn/model.h"
#include "onnx/file.h"

namespace weightroom::onnx {

// What a person should know of a file that was opened, or be asked.
struct OpenReport {
  std::vector<std::string> notices{};  // a second output was left off; need not be acted on
  bool guessed_reading = false;        // the file does not say how pictures become numbers
  bool guessed_labels = false;         // nor what its classes are called
  bool guessed_crop = false;           // nor how much of a picture is read: the whole square in its middle
  bool guessed_size = false;           // nor how large its input is
};

struct OnnxOptions {
  int size = 0;                          // side of the picture where the file leaves it open; 0: 224
  const Beside* beside = nullptr;        // files that hold its weights; nullptr: there are none
  std::vector<std::string> labels = {};  // one a class; empty: what the metadata says, else "class 0", "class 1", ...
};

// An image classifier out of an ONNX file (opsets 7 to 26): shape arithmetic is carried out, batch normalisation folded
// into the layer before it where there is one, everything else is a node of the graph. How pictures become numbers and
// what the classes are called comes from the metadata (onnx_metadata.h); without them it is ImageNet's mean and
// deviation, or 0 to 1 where pictures are grey, and "class 0", "class 1", ... Refuses by a sentence whatever
// onnx::parse_onnx refuses, more than one picture as input, and all that is not supported at once, by op, name and
// opset.
[[nodiscard]] Result<nn::Model> import_onnx(std::span<const std::byte> bytes, std::string_view name,
                                            const OnnxOptions& options = {}, OpenReport* report = nullptr);

}  // namespace weightroom::onnx
