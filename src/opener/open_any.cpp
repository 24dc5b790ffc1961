#include <utility>

#include "io/file_kind.h"
#include "opener/open_file.h"

namespace weightroom::opener {
namespace {

Result<OpenedFile> open_model(FileToOpen file) {
  if (onnx::is_onnx(file.name, file.bytes)) {
    auto locations = onnx::files_beside(file.bytes);
    if (!locations) return std::unexpected(locations.error());
    for (const std::string& location : *locations) {
      if (!file.beside.contains(location)) return IncompleteModel{std::move(file), std::move(*locations)};
    }
  }
  OpenedModel opened;
  auto model = onnx::open_model(file.name, std::exchange(file.bytes, {}), &opened.report, {.beside = &file.beside});
  if (!model) return std::unexpected(model.error());
  opened.model = std::move(*model);
  return opened;
}

}  // namespace

Result<OpenedFile> open_any(FileToOpen file) {
  using enum io::FileKind;
  const io::FileKind kind = io::kind_of(file.name, file.bytes);
  if (kind == model || kind == onnx || kind == weights) return open_model(std::move(file));
  auto image = io::decode_image(std::exchange(file.bytes, {}));
  if (!image) return std::unexpected(image.error());
  return std::move(*image);
}

void open_here(FileToOpen file, const std::function<void(Result<OpenedFile>)>& done) {
  done(open_any(std::move(file)));
}

}  // namespace weightroom::opener
