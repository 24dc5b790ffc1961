#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "io/image.h"
#include "nn/model.h"
#include "onnx/open_model.h"

// What takes longest of opening a file, cut off from the rest: bytes in, a picture or a model out, nothing of a Lab
// asked or changed. So it can be done elsewhere, in a thread or by a second copy of the program whose end is not this
// one's, while the frames go on.
namespace weightroom::lab {

struct FileToOpen {
  std::string name;
  std::vector<std::byte> bytes;
  onnx::Beside beside{};  // of an ONNX model: the files that hold its weights
};

struct OpenedModel {
  nn::Model model;
  onnx::OpenReport report;
};

using OpenedFile = std::variant<io::Image, OpenedModel>;

// A model where io::kind_of takes the file for one, else a picture: onnx::open_model and io::decode_image, whose
// refusals it gives. The file is let go before it returns.
[[nodiscard]] Result<OpenedFile> open_now(FileToOpen file);

// Whoever does it calls back once, at once or later.
using Opener = std::function<void(FileToOpen, std::function<void(Result<OpenedFile>)>)>;

// Whether open_now() is done with it before a frame would be missed: a picture of up to a million pixels.
[[nodiscard]] bool opens_quickly(const std::string& name, std::span<const std::byte> bytes);

// The same for somebody who shares no memory with us. `open_packed` takes a request, whose parts `packed` wrote, in one
// piece: a file to open, or pixels to write as PNG. It gives what the others read; a request or an answer that is
// damaged is refused.
using Parts = std::vector<std::vector<std::byte>>;
[[nodiscard]] Parts packed(FileToOpen file);
[[nodiscard]] Parts packed(const io::Image& to_encode);
[[nodiscard]] std::vector<std::byte> open_packed(std::vector<std::byte> request);
[[nodiscard]] Result<OpenedFile> unpacked_file(std::vector<std::byte> answer);
[[nodiscard]] Result<std::vector<std::byte>> unpacked_png(std::vector<std::byte> answer);

}  // namespace weightroom::lab
