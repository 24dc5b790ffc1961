#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/safetensors.h"
#include "mutate.h"

using namespace weightroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto file = io::parse_safetensors(bytes);
  if (!file) {
    CHECK(file.error().message.ends_with('.'));
    return 0;
  }
  std::size_t total = 0;
  for (const io::SafetensorsEntry& tensor : file->tensors) {
    CHECK(tensor.bytes.empty() ||
          (tensor.bytes.data() >= bytes.data() && tensor.bytes.data() + tensor.bytes.size() <= bytes.data() + size));
    CHECK(io::values_of(tensor).size() * io::dtype_bytes(tensor.dtype) == tensor.bytes.size());
    CHECK(file->find(tensor.name) == &tensor);
    total += tensor.bytes.size();
  }
  CHECK(total <= size);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return fuzz::mutate_safetensors(data, size, most, seed);
}
