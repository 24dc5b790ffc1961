#include "io/idx.h"

#include <utility>

#include <strings/idx.h>

#include "io/gzip.h"
#include "io/text.h"

namespace weightroom::io {

namespace {

constexpr std::size_t kMostRank = 4;

struct Head {
  std::vector<std::uint32_t> extents;
  std::size_t bytes = 0;     // of the head itself
  std::uint64_t values = 0;  // that it claims
};

Result<Head> read_head(std::span<const std::byte> bytes) {
  if (bytes.size() < 4 || be16(bytes, 0) != 0) return fail(text::idx_none);
  if (u8(bytes, 2) != 8) return fail(text::idx_type);
  const std::size_t rank = u8(bytes, 3);
  if (rank < 1 || rank > kMostRank) return fail(text::idx_rank, {{"rank", rank}, {"most", kMostRank}});
  Head head{{}, 4 + 4 * rank, 1};
  if (bytes.size() < head.bytes) return fail(text::idx_cut_short);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::uint32_t extent = be32(bytes, 4 + 4 * axis);
    head.extents.push_back(extent);
    // Both factors are below 2^32 here, so the product holds in 64 bits.
    head.values *= extent;
    if (head.values > 0xFFFFFFFFU) return fail(text::idx_too_large);
  }
  return head;
}

}  // namespace

Result<IdxArray> parse_idx(std::span<const std::byte> bytes) {
  auto head = read_head(bytes);
  if (!head) return std::unexpected(head.error());
  IdxArray array{std::move(head->extents), bytes.subspan(head->bytes)};
  if (head->values > array.values.size()) return fail(text::idx_cut_short);
  if (head->values < array.values.size()) return fail(text::idx_goes_on);
  return array;
}

int idx_rank(std::span<const std::byte> bytes) {
  std::size_t rank = 0;
  if (is_gzip(bytes)) {
    const auto first = gunzip_prefix(bytes, 4 + 4 * kMostRank);
    const auto head = first ? read_head(*first) : std::unexpected(first.error());
    // The last four bytes are the length of what was packed, of which they hold the lower 32 bits.
    if (head && static_cast<std::uint32_t>(head->bytes + head->values) == le32(bytes, bytes.size() - 4))
      rank = head->extents.size();
  } else if (const auto array = parse_idx(bytes)) {
    rank = array->extents.size();
  }
  return rank == 1 || rank == 3 ? static_cast<int>(rank) : 0;
}

int idx_rank_by_head(std::span<const std::byte> first) {
  const auto start = is_gzip(first) ? gunzip_prefix(first, 4 + 4 * kMostRank) : Result<std::vector<std::byte>>();
  const auto head = read_head(start && !start->empty() ? std::span(*start) : first);
  if (!head) return 0;
  const std::size_t rank = head->extents.size();
  return rank == 1 || rank == 3 ? static_cast<int>(rank) : 0;
}

}  // namespace weightroom::io
