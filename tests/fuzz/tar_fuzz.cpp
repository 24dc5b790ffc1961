#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/dataset.h"
#include "io/tar.h"
#include "mutate.h"

using namespace weightroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto entries = io::parse_tar(bytes);
  if (!entries) {
    CHECK(entries.error().message().ends_with('.'));
    return 0;
  }
  for (const io::TarEntry& entry : *entries) {
    CHECK(entry.bytes.data() >= bytes.data() && entry.bytes.data() + entry.bytes.size() <= bytes.data() + size);
    CHECK(!entry.path.starts_with("../"));
  }
  const auto set = io::set_from_tar({bytes.begin(), bytes.end()});
  if (!set) return 0;
  for (const io::SetSplit& split : set->splits) {
    CHECK(!split.items.empty());
    for (const io::SetItem& item : split.items) {
      CHECK(item.index < entries->size());
      CHECK(item.label >= 0 && static_cast<std::size_t>(item.label) < set->class_names.size());
    }
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, most);
  if (seed % 4 != 0) fuzz::fix_tar(data, mutated);
  return mutated;
}
