#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/bare_weights.h"
#include "io/safetensors.h"
#include "mutate.h"

using namespace weightroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto file = io::parse_safetensors(bytes);
  if (!file) {
    CHECK(file.error().message().ends_with('.'));
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
  // As weights for a net whose names the corpus knows, one layer of it with a norm folded in.
  static const auto graph = nn::Graph::build(
      {{1, 4, 4},
       {{"conv1", "conv2d", {"input"}, {{"out_channels", 1LL}, {"kernel", std::vector<long long>{3, 3}}}},
        {{"gap"}, "global_avg_pool", {"conv1"}, {}},
        {"flat", "flatten", {"gap"}, {}},
        {"fc", "linear", {"flat"}, {{"out_features", 2LL}, {"bias", 0LL}}}}});
  CHECK(graph.has_value());
  if (const auto weights = io::fit_weights(bytes, **graph)) {
    CHECK(weights->size() == (*graph)->weight_count());
  } else {
    CHECK(weights.error().message().ends_with('.'));
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return fuzz::mutate_safetensors(data, size, most, seed);
}
