#include "io/packed.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <optional>

#include <strings/packing.h>

#include "base/check.h"
#include "base/float16.h"

namespace weightroom::io {
namespace {

bool is_zero(float v) { return std::bit_cast<std::uint32_t>(v) == 0; }

std::size_t mask_bytes(std::size_t count) { return (count + 7) / 8; }

// In steps: of 2^28 values of 32 bits the number of bits is more than wasm counts.
std::size_t code_bytes(std::size_t count, int bits) {
  const auto each = static_cast<std::size_t>(bits);
  return count / 8 * each + (count % 8 * each + 7) / 8;
}

// From one code to the next: of symmetric ones of one bit there are only -1 and 1.
int step_of(int bits, bool affine) { return bits == 1 && !affine ? 2 : 1; }

// Rows of values that share a scale; of sparse tensors only those that are not 0.
class Rows {
 public:
  Rows(std::span<const float> values, std::size_t rows, bool sparse)
      : values_(values), count_(rows), each_(values.size() / rows) {
    if (!sparse) return;
    ends_.reserve(rows);
    for (std::size_t k = 0; k < rows; ++k) {
      std::ranges::copy_if(values.subspan(k * each_, each_), std::back_inserter(kept_),
                           [](float v) { return !is_zero(v); });
      ends_.push_back(kept_.size());
    }
    values_ = kept_;
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::span<const float> all() const { return values_; }
  [[nodiscard]] std::span<const float> operator[](std::size_t k) const {
    if (ends_.empty()) return values_.subspan(k * each_, each_);
    const std::size_t begin = k == 0 ? 0 : ends_[k - 1];
    return values_.subspan(begin, ends_[k] - begin);
  }

 private:
  std::span<const float> values_;
  std::size_t count_;
  std::size_t each_;
  std::vector<float> kept_;
  std::vector<std::size_t> ends_;  // of each row of what is kept
};

std::vector<std::byte> mask_of(std::span<const float> values) {
  std::vector<std::byte> mask(mask_bytes(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_zero(values[i])) mask[i / 8] |= std::byte{1} << static_cast<int>(i % 8);
  }
  return mask;
}

// Rows of which quantisers are tried. The ranges are those of the first rows, and grow as rows are looked at: mostly
// the first tells already.
struct Tried {
  Rows rows;
  std::vector<base::Quantiser::Range> ranges;
};

// The quantiser of each row, if all of them have one.
std::vector<base::Quantiser> quantisers_of(Tried& tried, int bits, bool affine) {
  const Rows& rows = tried.rows;
  std::vector<base::Quantiser> found;
  for (std::size_t k = 0; k < rows.count(); ++k) {
    if (tried.ranges.size() == k) tried.ranges.push_back(base::Quantiser::range_of(rows[k]));
    auto one = base::quantiser_of(rows[k], tried.ranges[k], bits, affine);
    if (!one) return {};
    found.push_back(*one);
  }
  return found;
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

// What `stored` of `count` values take.
PackedSizes sizes_of(std::size_t count, std::size_t stored, std::size_t rows, Packing packing) {
  const bool codes = packing.bits <= 8;
  return {.mask = packing.sparse ? mask_bytes(count) : 0,
          .values = code_bytes(stored, packing.bits),
          .scales = codes ? rows : 0,
          .zeros = codes && packing.affine ? rows : 0};
}

std::size_t zeros_in(std::span<const float> values) {
  return static_cast<std::size_t>(std::ranges::count_if(values, is_zero));
}

PackingPlan plan_floats(std::size_t count, std::size_t stored, int bits, bool sparse) {
  const Packing packing{.bits = bits, .affine = false, .by_channel = false, .sparse = sparse};
  return {.packing = packing, .sizes = sizes_of(count, stored, 1, packing), .quantisers = {}};
}

// The fewest bits that codes of one kind need, of `count` values; nothing where eight are not enough.
std::optional<PackingPlan> plan_codes(std::size_t count, Tried& tried, Packing packing) {
  for (packing.bits = 1; packing.bits <= 8; ++packing.bits) {
    auto quantisers = quantisers_of(tried, packing.bits, packing.affine);
    if (quantisers.empty()) continue;
    const PackedSizes sizes = sizes_of(count, tried.rows.all().size(), tried.rows.count(), packing);
    return PackingPlan{.packing = packing, .sizes = sizes, .quantisers = std::move(quantisers)};
  }
  return std::nullopt;
}

}  // namespace

PackingPlan plan_smallest(std::span<const float> values, std::size_t channels) {
  CHECK(channels > 0 && values.size() % channels == 0);
  const int bits = std::ranges::all_of(values, base::fits_half) ? 16 : 32;
  const std::size_t stored = values.size() - zeros_in(values);
  PackingPlan best = plan_floats(values.size(), values.size(), bits, false);
  const auto offer = [&](PackingPlan&& other) {
    if (other.sizes.bytes() < best.sizes.bytes()) best = std::move(other);
  };
  for (const bool sparse : {false, true}) {
    if (sparse && stored == values.size()) continue;
    if (sparse) offer(plan_floats(values.size(), stored, bits, true));
    if (values.size() < 2 * channels) continue;
    Tried whole{.rows = Rows(values, 1, sparse), .ranges = {}};
    Tried each{.rows = Rows(values, channels, sparse), .ranges = {}};
    for (const bool affine : {false, true}) {
      for (const bool by_channel : {false, true}) {
        const Packing packing{.bits = 8, .affine = affine, .by_channel = by_channel, .sparse = sparse};
        if (auto found = plan_codes(values.size(), by_channel ? each : whole, packing)) offer(std::move(*found));
      }
    }
  }
  return best;
}

PackingPlan plan_quantised(std::span<const float> values, std::size_t channels, int bits) {
  CHECK(channels > 0 && values.size() % channels == 0 && bits >= 1 && bits <= 8);
  const auto of = [&](bool sparse) {
    const Packing packing{.bits = bits, .affine = false, .by_channel = true, .sparse = sparse};
    const std::size_t stored = values.size() - (sparse ? zeros_in(values) : 0);
    return PackingPlan{
        .packing = packing, .sizes = sizes_of(values.size(), stored, channels, packing), .quantisers = {}};
  };
  PackingPlan dense = of(false);
  PackingPlan sparse = of(true);
  PackingPlan& best = sparse.sizes.bytes() < dense.sizes.bytes() ? sparse : dense;
  const Rows rows(values, channels, best.packing.sparse);
  for (std::size_t k = 0; k < channels; ++k) best.quantisers.emplace_back(rows[k], bits, false);
  return std::move(best);
}

PackingPlan plan_plain(std::span<const float> values, bool half) {
  const bool fits = half && std::ranges::all_of(values, base::fits_half);
  return plan_floats(values.size(), values.size(), fits ? 16 : 32, false);
}

PackingPlan plan_half(std::span<const float> values) {
  const bool fits =
      std::ranges::all_of(values, [](float v) { return std::isfinite(base::half_to_float(base::float_to_half(v))); });
  return plan_floats(values.size(), values.size(), fits ? 16 : 32, false);
}

Packed pack(std::span<const float> values, const PackingPlan& plan) {
  const Packing how = plan.packing;
  const Rows rows(values, std::max<std::size_t>(1, plan.quantisers.size()), how.sparse);
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
