#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "io/image.h"
#include "io/model_file.h"
#include "nn/model.h"
#include "onnx/open_model.h"

// What takes longest of opening a file, cut off from the rest: bytes in, a picture or a model out, nothing of the
// program asked or changed. So it is done elsewhere, natively in a thread, for the page by a program of its own in a
// worker, whose end is not the page's, while the frames go on.
namespace weightroom::opener {

struct FileToOpen {
  std::string name;
  std::vector<std::byte> bytes;
  onnx::Beside beside{};  // of an ONNX model: the files that hold its weights
};

struct OpenedModel {
  nn::Model model;
  onnx::OpenReport report;
};

// An ONNX model that keeps weights in files which have not come with it, by their locations; it can be opened once they
// have.
struct IncompleteModel {
  FileToOpen file;
  std::vector<std::string> locations;
};

using OpenedFile = std::variant<io::Image, OpenedModel, IncompleteModel>;

// A model where io::kind_of takes the file for one, else a picture: onnx::open_model and io::decode_image, whose
// refusals it gives. The file is let go before it returns.
[[nodiscard]] Result<OpenedFile> open_any(FileToOpen file);

// Whether open_quick() opens it before a frame would be missed: pictures of up to a million pixels, small models in our
// own form. It opens no other kind.
[[nodiscard]] bool opens_quickly(const std::string& name, std::span<const std::byte> bytes);
[[nodiscard]] Result<OpenedFile> open_quick(FileToOpen file);

// Whoever does it calls back once, at once or later.
using Opener = std::function<void(FileToOpen, std::function<void(Result<OpenedFile>)>)>;
void open_here(FileToOpen file, const std::function<void(Result<OpenedFile>)>& done);  // open_any, at once

// The same for somebody who shares no memory with us. `answer_packed` takes a request, whose parts `packed` wrote, in
// one piece: a file to open, or pixels to write as PNG. It gives what the others read; a request or an answer that is
// damaged is refused.
using Parts = std::vector<std::vector<std::byte>>;
[[nodiscard]] Parts packed(FileToOpen file);
[[nodiscard]] Parts packed(const io::Image& to_encode);
[[nodiscard]] std::vector<std::byte> answer_packed(std::vector<std::byte> request);
[[nodiscard]] Result<OpenedFile> unpacked_file(std::vector<std::byte> answer);
// The same in slices of some milliseconds.
class Unpacking {
 public:
  explicit Unpacking(std::vector<std::byte> answer);
  // What a browser's decoder gave: (height, width, 4) with straight alpha, to be laid over white.
  Unpacking(int width, int height, std::vector<std::byte> rgba);
  bool step();                              // true once all is read
  [[nodiscard]] Result<OpenedFile> take();  // once, at the end

 private:
  struct Pixels {
    io::Image image;                     // as far as it has come
    std::span<const std::uint8_t> left;  // of answer_
    bool alpha = false;
  };
  void begin_picture(std::uint64_t width, std::uint64_t height, std::span<const std::byte> pixels, bool alpha);
  void step_picture(Pixels& pixels);
  void step_model();

  std::vector<std::byte> answer_;
  std::optional<Result<OpenedFile>> found_;
  std::optional<Pixels> pixels_;
  onnx::OpenReport report_;
  std::optional<io::ModelReading> model_;
};
[[nodiscard]] Result<std::vector<std::byte>> unpacked_png(std::vector<std::byte> answer);

}  // namespace weightroom::opener
