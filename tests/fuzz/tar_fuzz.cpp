#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/composed.h"
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
    if (!entry.bytes.empty()) {
      CHECK(entry.what == io::TarEntry::What::file);
      CHECK(entry.bytes.data() >= bytes.data() && entry.bytes.data() + entry.bytes.size() <= bytes.data() + size);
    }
    CHECK(!entry.path.starts_with('/') && !entry.path.contains("//"));
    CHECK(!("/" + entry.path + "/").contains("/../") && !("/" + entry.path + "/").contains("/./"));
    const std::string whole = io::composed(entry.path);
    CHECK(io::composed(whole) == whole);
  }
  const auto set = io::set_from_tar({bytes.begin(), bytes.end()});
  if (!set) {
    CHECK(set.error().message().ends_with('.'));
    return 0;
  }
  for (const std::string& notice : set->notices) CHECK(notice.ends_with('.'));
  const auto again = io::find_labels(set->class_names, set->class_names);
  (void)io::matching_words(set->class_names, set->native, {"a", "b"});
  for (const io::SetSplit& split : set->splits) {
    CHECK(!split.items.empty());
    for (const io::SetItem& item : split.items) {
      CHECK(set->native || item.index < entries->size());
      CHECK(item.label >= 0 && static_cast<std::size_t>(item.label) < set->class_names.size());
    }
  }
  CHECK(again.size() == set->class_names.size());
  const auto loaded = io::load_split(*set, set->splits.front(), {.channels = 1, .height = 2, .width = 2});
  if (!loaded) CHECK(loaded.error().message().ends_with('.'));
  if (loaded) {
    CHECK(loaded->images.count() + loaded->unread.count() == set->splits.front().items.size());
    CHECK(loaded->unread.words(loaded->images).empty() == (loaded->unread.count() == 0));
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, most);
  if (seed % 4 != 0) fuzz::fix_tar(data, mutated);
  return mutated;
}
