#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/labels.h"

using namespace weightroom;

// Names that are read are fit to be shown, and as many as a list may have.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto labels = io::parse_labels(std::as_bytes(std::span(data, size)));
  if (!labels) {
    CHECK(labels.error().message().ends_with('.'));
    return 0;
  }
  CHECK(!labels->empty() && labels->size() <= io::kMostLabels);
  for (const std::string& label : *labels) CHECK(io::is_label(label));
  return 0;
}
