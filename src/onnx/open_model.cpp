#include "onnx/open_model.h"

#include "io/file_kind.h"
#include "io/model_file.h"
#include "io/text.h"

namespace weightroom::onnx {

bool is_onnx(std::string_view name, std::span<const std::byte> bytes) {
  return io::kind_of(name, bytes) == io::FileKind::onnx;
}

Result<nn::Model> open_model(std::string_view name, std::span<const std::byte> bytes, OpenReport* report,
                             const OnnxOptions& options) {
  using enum io::FileKind;
  const io::FileKind kind = io::kind_of(name, bytes);
  if (kind != model && kind != weights && kind != onnx) {
    if (auto refusal = io::refusal_of(kind)) return std::unexpected(std::move(*refusal));
  }
  if (is_onnx(name, bytes)) return import_onnx(bytes, io::model_name_of(name), options, report);
  return io::read_model(bytes, io::model_name_of(name), report == nullptr ? nullptr : &report->notices);
}

}  // namespace weightroom::onnx
