#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "io/dataset.h"
#include "io/file_kind.h"
#include "io/gzip.h"
#include "io/idx.h"

using namespace weightroom;

// The first byte says where the file of pictures ends and that of labels begins; either may be packed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  const auto unpacked = io::gunzip(bytes);
  if (!unpacked) CHECK(unpacked.error().message().ends_with('.'));
  // What is peeked at is what is there, and is told alike packed and unpacked.
  const auto first = io::gunzip_prefix(bytes, 20);
  if (!first) CHECK(first.error().message().ends_with('.'));
  if (unpacked) {
    CHECK(first && (first->size() == std::min<std::size_t>(20, unpacked->size()) || bytes.size() > 100'000));
    CHECK(std::ranges::equal(*first, std::span(*unpacked).first(first->size())));
    const int rank = io::is_gzip(*unpacked) ? 0 : io::idx_rank(*unpacked);
    CHECK(io::idx_rank(bytes) == rank || io::idx_rank(bytes) == 0);  // of several members nothing is told
    CHECK(rank == 0 || io::idx_rank_by_head(bytes) == rank);
  }
  (void)io::kind_of("", bytes);
  const std::size_t cut = bytes.size() * data[0] / 255;
  const auto images = bytes.first(cut);
  const auto labels = bytes.subspan(cut);
  const bool transposed = data[0] % 2 == 1;
  const auto set =
      io::set_from_idx({{"train", {images.begin(), images.end()}, {labels.begin(), labels.end()}, transposed}});
  if (!set) {
    CHECK(set.error().message().ends_with('.'));
    return 0;
  }
  for (const io::SetItem& item : set->splits.front().items) {
    CHECK(item.label >= 0 && static_cast<std::size_t>(item.label) < set->class_names.size());
    CHECK(set->picture(item).has_value());
  }
  return 0;
}
