#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/quantiser.h"
#include "base/result.h"

// Weight tensors in fewer bytes: only what is not zero, fp16 where it holds every value, or a few bits each with a
// scale for the tensor or for each output channel.
namespace weightroom::io {

// How a tensor's values are stored. Unpacking gives the same bits again.
struct Packing {
  int bits = 32;        // of a value: 32 and 16 are floats, 1 to 8 codes of base::Quantiser
  bool affine = false;  // codes from 0 on, with a zero of their own
  bool by_channel = false;
  bool sparse = false;  // a bit for each value says whether it is stored; the others are 0
  [[nodiscard]] bool operator==(const Packing&) const = default;
};

// What is stored, each part one tensor of the file.
struct Packed {
  Packing packing;
  std::vector<std::byte> mask;    // of sparse ones: a bit a value, the first the lowest of its byte
  std::vector<std::byte> values;  // floats, or codes: of 8 bits signed bytes (affine: unsigned), of fewer `bits` each
                                  // above the lowest code, one after another from the lowest bit on
  std::vector<float> scales;      // of codes: one, or one a channel
  std::vector<std::byte> zeros;   // of affine codes: beside each scale
};

// How long each part of it is.
struct PackedSizes {
  std::size_t mask = 0;
  std::size_t values = 0;
  std::size_t scales = 0;
  std::size_t zeros = 0;
  [[nodiscard]] std::size_t bytes() const { return mask + values + scales * sizeof(float) + zeros; }
};

// What is going to be stored, found without storing it (packing_plan.h).
struct PackingPlan {
  Packing packing;
  PackedSizes sizes;
  std::vector<base::Quantiser> quantisers;  // of codes: one, or one a channel
};

// The values that the plan was made of.
[[nodiscard]] Packed pack(std::span<const float> values, const PackingPlan& plan);

// The values of a tensor of this size, or a sentence where the parts are not of the size that goes with it, or a value
// is not finite.
[[nodiscard]] Result<std::vector<float>> unpack(const Packed& packed, std::size_t count, std::size_t channels);

}  // namespace weightroom::io
