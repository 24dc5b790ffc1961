#include "io/packed.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include <strings/packing.h>

#include "base/check.h"
#include "base/float16.h"
#include "io/packed_rows.h"

namespace weightroom::io {
namespace {

// From one code to the next: of symmetric ones of one bit there are only -1 and 1.
int step_of(int bits, bool affine) { return bits == 1 && !affine ? 2 : 1; }

std::vector<std::byte> mask_of(std::span<const float> values) {
  std::vector<std::byte> mask(mask_bytes(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_zero(values[i])) mask[i / 8] |= std::byte{1} << static_cast<int>(i % 8);
  }
  return mask;
}

std::vector<std::byte> float_bytes(std::span<const float> values, int bits) {
  std::vector<std::byte> out;
  out.reserve(values.size() * static_cast<std::size_t>(bits) / 8);
  for (const float v : values) {
    const std::uint32_t word = bits == 16 ? base::float_to_half(v) : std::bit_cast<std::uint32_t>(v);
    for (int at = 0; at < bits; at += 8) out.push_back(static_cast<std::byte>(word >> at & 0xFFU));
  }
  return out;
}

std::vector<std::byte> codes_of(const Rows& rows, const std::vector<base::Quantiser>& quantisers, Packing how) {
  const int bits = how.bits;
  std::vector<std::byte> out(code_bytes(rows.all().size(), bits));
  std::size_t at = 0;
  for (std::size_t k = 0; k < rows.count(); ++k) {
    const base::Quantiser& quantiser = quantisers[k];
    for (const float v : rows[k]) {
      const std::int32_t code = quantiser.code(v);
      if (bits == 8) {
        out[at++] = static_cast<std::byte>(static_cast<std::uint32_t>(code) & 0xFFU);
        continue;
      }
      const auto word = static_cast<std::uint32_t>((code - quantiser.lowest()) / step_of(bits, how.affine));
      for (int b = 0; b < bits; ++b, ++at) {
        if ((word >> b & 1U) != 0) out[at / 8] |= std::byte{1} << static_cast<int>(at % 8);
      }
    }
  }
  return out;
}

std::int32_t read_code(const Packed& packed, std::size_t i, const base::Quantiser& quantiser) {
  const int bits = packed.packing.bits;
  if (bits == 8) {
    const auto byte = std::to_integer<std::uint8_t>(packed.values[i]);
    return packed.packing.affine ? byte : static_cast<std::int8_t>(byte);
  }
  std::uint32_t word = 0;
  for (int b = 0; b < bits; ++b) {
    const std::size_t at = i * static_cast<std::size_t>(bits) + static_cast<std::size_t>(b);
    word |= (std::to_integer<std::uint32_t>(packed.values[at / 8]) >> at % 8 & 1U) << b;
  }
  return static_cast<std::int32_t>(word) * step_of(bits, packed.packing.affine) + quantiser.lowest();
}

}  // namespace

Packed pack(std::span<const float> values, const PackingPlan& plan) {
  const Packing how = plan.packing;
  Rows rows(values, std::max<std::size_t>(1, plan.quantisers.size()), how.sparse);
  while (!rows.step()) continue;
  Packed packed{.packing = how, .mask = {}, .values = {}, .scales = {}, .zeros = {}};
  if (how.sparse) packed.mask = mask_of(values);
  packed.values = how.bits > 8 ? float_bytes(rows.all(), how.bits) : codes_of(rows, plan.quantisers, how);
  for (const base::Quantiser& quantiser : plan.quantisers) {
    packed.scales.push_back(quantiser.scale());
    if (how.affine) packed.zeros.push_back(static_cast<std::byte>(quantiser.zero()));
  }
  return packed;
}

Result<std::vector<float>> unpack(const Packed& packed, std::size_t count, std::size_t channels) {
  const Packing& how = packed.packing;
  const bool codes = how.bits <= 8;
  const std::size_t rows = codes && how.by_channel ? channels : 1;
  const auto wrong = [] { return fail(text::packing_part_sizes); };
  if (packed.mask.size() != (how.sparse ? mask_bytes(count) : 0)) return wrong();
  const auto stored_at = [&](std::size_t i) {
    return !how.sparse || (std::to_integer<unsigned>(packed.mask[i / 8]) >> i % 8 & 1U) != 0;
  };
  std::size_t stored = 0;
  for (std::size_t i = 0; i < count; ++i) stored += stored_at(i) ? 1 : 0;
  if (packed.values.size() != code_bytes(stored, how.bits)) return wrong();
  if (packed.scales.size() != (codes ? rows : 0) || packed.zeros.size() != (codes && how.affine ? rows : 0))
    return wrong();
  std::vector<base::Quantiser> quantisers;
  for (std::size_t k = 0; codes && k < rows; ++k) {
    const int zero = how.affine ? std::to_integer<int>(packed.zeros[k]) : 0;
    quantisers.emplace_back(packed.scales[k], zero, how.bits, how.affine);
  }
  std::vector<float> values(count, 0.0F);
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!stored_at(i)) continue;
    if (codes) {
      const base::Quantiser& quantiser = quantisers[how.by_channel ? i / (count / channels) : 0];
      values[i] = quantiser.value(read_code(packed, at++, quantiser));
    } else {
      std::uint32_t word = 0;
      const std::size_t each = static_cast<std::size_t>(how.bits) / 8;
      for (std::size_t b = 0; b < each; ++b)
        word |= std::to_integer<std::uint32_t>(packed.values[at * each + b]) << (8 * b);
      ++at;
      values[i] = each == 2 ? base::half_to_float(static_cast<std::uint16_t>(word)) : std::bit_cast<float>(word);
    }
    if (!std::isfinite(values[i])) return fail(text::packing_not_finite);
  }
  return values;
}

}  // namespace weightroom::io
