#include "lab/open_file.h"

#include <utility>

#include "io/file_kind.h"
#include "io/picture_format.h"

namespace weightroom::lab {
namespace {

bool is_model(io::FileKind kind) {
  using enum io::FileKind;
  return kind == model || kind == onnx || kind == weights;
}

}  // namespace

Result<OpenedFile> open_now(FileToOpen file) {
  if (is_model(io::kind_of(file.name, file.bytes))) {
    OpenedModel opened;
    auto model = onnx::open_model(file.name, std::exchange(file.bytes, {}), &opened.report, {.beside = &file.beside});
    if (!model) return std::unexpected(model.error());
    opened.model = std::move(*model);
    return opened;
  }
  auto image = io::decode_image(std::exchange(file.bytes, {}));
  if (!image) return std::unexpected(image.error());
  return std::move(*image);
}

bool opens_quickly(const std::string& name, std::span<const std::byte> bytes) {
  constexpr std::uint64_t kPixels = 1'000'000;
  constexpr std::size_t kBytes = 1'000'000;
  if (bytes.size() > kBytes) return false;
  const io::FileKind kind = io::kind_of(name, bytes);
  if (kind == io::FileKind::model) return true;
  if (is_model(kind)) return false;
  const auto extent = io::claimed_extent(bytes);
  return !extent || static_cast<std::uint64_t>(extent->width) * static_cast<std::uint64_t>(extent->height) <= kPixels;
}

}  // namespace weightroom::lab
