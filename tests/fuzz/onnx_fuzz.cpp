#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/model_file.h"
#include "onnx/import.h"

using namespace weightroom;

// A file that opens is a model that can be saved and opened again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  // Its weights may lie in a file beside it, too.
  const onnx::Beside beside{{"data", std::vector<std::byte>(512, std::byte{0x3D})}};
  const auto model = onnx::import_onnx(bytes, "fuzz", {.size = 16, .beside = &beside});
  if (const auto locations = onnx::files_beside(bytes); !locations) CHECK(locations.error().message().ends_with('.'));
  if (!model) {
    CHECK(model.error().message().ends_with('.'));
    return 0;
  }
  const auto again = io::read_model(io::write_model(*model), "fuzz");
  CHECK(again.has_value());
  CHECK(nn::fingerprint(*again->graph, again->weights) == nn::fingerprint(*model->graph, model->weights));
  return 0;
}
