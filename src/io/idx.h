#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace weightroom::io {

// An array of unsigned bytes in the IDX format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, 8 (the
// type), the rank, big-endian extents, the values. At most rank 4; `values` points into what was parsed.
struct IdxArray {
  std::vector<std::uint32_t> extents;
  std::span<const std::byte> values;
};
[[nodiscard]] Result<IdxArray> parse_idx(std::span<const std::byte> bytes);

// The rank of the array in an IDX file: 1 of labels, 3 of grey pictures; 0 where it is no such file. Of a gzipped one
// by its first bytes and the length that it says it has: nothing more is unpacked, and one of several members is not
// told.
[[nodiscard]] int idx_rank(std::span<const std::byte> bytes);
// The same by its first bytes alone, of which a gzipped one needs some 100,000.
[[nodiscard]] int idx_rank_by_head(std::span<const std::byte> first);

}  // namespace weightroom::io
