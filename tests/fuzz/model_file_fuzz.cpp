#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/model_file.h"
#include "mutate.h"

using namespace weightroom;

// A file that opens is saved and opened again: the same model.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = io::read_model(std::as_bytes(std::span(data, size)), "fuzz");
  if (!model) {
    CHECK(model.error().message().ends_with('.'));
    return 0;
  }
  const auto again = io::read_model(io::write_model(*model), "fuzz");
  CHECK(again.has_value());
  CHECK(nn::fingerprint(*again->graph, again->weights) == nn::fingerprint(*model->graph, model->weights));
  CHECK(again->labels == model->labels && again->preprocessing == model->preprocessing);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return fuzz::mutate_safetensors(data, size, most, seed);
}
