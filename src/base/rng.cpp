#include "base/rng.h"

#include <cmath>

#include "base/check.h"
#include "base/math.h"

namespace weightroom::base {
namespace {

constexpr std::uint64_t kMultiplier0 = 0xD2511F53U;
constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9U;  // golden ratio
constexpr std::uint32_t kWeyl1 = 0xBB67AE85U;  // sqrt(3) - 1
constexpr int kRounds = 10;
constexpr double kTwoToMinus32 = 0x1p-32;

std::uint32_t low_word(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high_word(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

// FNV-1a, 64 bits: names are short and the Philox rounds after it do the mixing.
std::uint64_t hash_name(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001B3U;
  return hash;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {high_word(product1) ^ counter[1] ^ key[0], low_word(product1), high_word(product0) ^ counter[3] ^ key[1],
               low_word(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

// The key of a stream is one Philox block of (seed, purpose); its counter counts blocks in the low
// half and holds the index in the high half.
Rng::Rng(std::uint64_t seed, std::string_view purpose, std::uint64_t index)
    : counter_{0, 0, low_word(index), high_word(index)} {
  const std::uint64_t name = hash_name(purpose);
  const auto mixed = philox4x32({low_word(name), high_word(name), 0, 0}, {low_word(seed), high_word(seed)});
  key_ = {mixed[0], mixed[1]};
}

std::uint32_t Rng::next() {
  if (left_ == 0) {
    block_ = philox4x32(counter_, key_);
    left_ = 4;
    if (++counter_[0] == 0) ++counter_[1];
  }
  return block_[static_cast<std::size_t>(4 - left_--)];
}

double Rng::uniform() { return static_cast<double>(next()) * kTwoToMinus32; }

double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  // (0, 1], so that the logarithm is finite.
  const double u = (static_cast<double>(next()) + 1.0) * kTwoToMinus32;
  const double radius = std::sqrt(-2.0 * log(u));
  const SinCos at = sin_cos(6.283185307179586 * uniform());
  spare_ = radius * at.sin;
  has_spare_ = true;
  return radius * at.cos;
}

// The high word of next() * n; the few low words that would favour some results are drawn again
// (Lemire 2019).
std::uint32_t Rng::below(std::uint32_t n) {
  CHECK(n > 0);
  const std::uint32_t unfair = (0U - n) % n;
  while (true) {
    const std::uint64_t product = static_cast<std::uint64_t>(next()) * n;
    if (low_word(product) >= unfair) return high_word(product);
  }
}

}  // namespace weightroom::base
