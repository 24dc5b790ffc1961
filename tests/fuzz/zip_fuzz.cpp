#include <cstddef>
#include <cstdint>
#include <set>
#include <span>

#include "base/check.h"
#include "io/dataset.h"
#include "io/zip.h"

using namespace weightroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto entries = io::parse_zip(bytes);
  if (!entries) {
    CHECK(entries.error().message().ends_with('.'));
    return 0;
  }
  std::set<std::string> paths;
  std::size_t packed = 0;
  for (const io::ZipEntry& entry : *entries) {
    CHECK(paths.insert(entry.path).second);
    CHECK(!entry.path.empty() && !entry.path.starts_with('/') && !entry.path.contains("//"));
    CHECK(!("/" + entry.path + "/").contains("/../") && !("/" + entry.path + "/").contains("/./"));
    if (!entry.packed.empty()) {
      CHECK(entry.what == io::ZipEntry::What::file);
      CHECK(entry.packed.data() >= bytes.data() && entry.packed.data() + entry.packed.size() <= bytes.data() + size);
    }
    packed += entry.packed.size();
    const auto file = io::unzip(entry, 1U << 22U);
    if (!file) CHECK(file.error().message().ends_with('.'));
    if (file) CHECK(file->size() == entry.size);
  }
  CHECK(packed <= size);  // no byte is in two files
  const auto set = io::set_from_zip({bytes.begin(), bytes.end()});
  if (!set) {
    CHECK(set.error().message().ends_with('.'));
    return 0;
  }
  const auto loaded = io::load_split(*set, set->splits.front(), {.channels = 1, .height = 2, .width = 2});
  if (!loaded) CHECK(loaded.error().message().ends_with('.'));
  if (loaded) CHECK(loaded->images.count() + loaded->unread.count() == set->splits.front().items.size());
  return 0;
}
