#include "onnx/open_model.h"

#include "io/model_file.h"
#include "io/text.h"
#include "onnx/file.h"

namespace weightroom::onnx {
namespace {

// Eight bytes of length, then a JSON object.
bool begins_as_safetensors(std::span<const std::byte> bytes) { return bytes.size() > 8 && bytes[8] == std::byte{'{'}; }

}  // namespace

bool is_onnx(std::string_view name, std::span<const std::byte> bytes) {
  if (name.ends_with(".safetensors") || begins_as_safetensors(bytes)) return false;
  return name.ends_with(".onnx") || onnx::looks_like_onnx(bytes);
}

bool looks_like_model(std::string_view name, std::span<const std::byte> bytes) {
  return name.ends_with(".safetensors") || begins_as_safetensors(bytes) || is_onnx(name, bytes);
}

Result<nn::Model> open_model(std::string_view name, std::span<const std::byte> bytes, OpenReport* report,
                             const OnnxOptions& options) {
  if (is_onnx(name, bytes)) return import_onnx(bytes, io::model_name_of(name), options, report);
  return io::read_model(bytes, io::model_name_of(name), report == nullptr ? nullptr : &report->notices);
}

}  // namespace weightroom::onnx
