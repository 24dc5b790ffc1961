#include "opener/open_file.h"

#include "io/file_kind.h"
#include "io/model_file.h"
#include "io/picture_format.h"
#include "io/text.h"

namespace weightroom::opener {

bool opens_quickly(const std::string& name, std::span<const std::byte> bytes) {
  constexpr std::uint64_t kPixels = 1'000'000;
  constexpr std::size_t kBytes = 1'000'000;
  if (bytes.size() > kBytes) return false;
  using enum io::FileKind;
  const io::FileKind kind = io::kind_of(name, bytes);
  if (kind == model) return true;
  if (kind == onnx || kind == weights) return false;
  const auto extent = io::claimed_extent(bytes);
  return !extent || extent->width * extent->height <= kPixels;
}

Result<OpenedFile> open_quick(FileToOpen file) {
  if (io::kind_of(file.name, file.bytes) == io::FileKind::model) {
    OpenedModel opened;
    auto model = io::read_model(file.bytes, io::model_name_of(file.name), &opened.report.notices);
    if (!model) return std::unexpected(model.error());
    opened.model = std::move(*model);
    return opened;
  }
  auto image = io::decode_image(file.bytes);
  if (!image) return std::unexpected(image.error());
  return std::move(*image);
}

}  // namespace weightroom::opener
