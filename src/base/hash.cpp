#include "base/hash.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace weightroom::base {
namespace {

// The first 32 bits of the fractions of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t load_big_endian(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | static_cast<std::uint32_t>(p[3]);
}

// Round i: the variables a .. h of the standard are s[(0 - i) % 8] .. s[(7 - i) % 8], so that none has to be moved.
template <std::size_t kRound>
void round(std::array<std::uint32_t, 8>& s, std::uint32_t word) {
  constexpr auto kAt = [](std::size_t name) { return (name + 16 - kRound) % 8; };
  const std::uint32_t a = s[kAt(0)];
  const std::uint32_t e = s[kAt(4)];
  const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
  const std::uint32_t t1 = s[kAt(7)] + s1 + ((e & s[kAt(5)]) ^ (~e & s[kAt(6)])) + word;
  const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
  s[kAt(3)] += t1;
  s[kAt(7)] = t1 + s0 + ((a & s[kAt(1)]) ^ (a & s[kAt(2)]) ^ (s[kAt(1)] & s[kAt(2)]));
}

// The word sixteen rounds further on takes the place of w[kRound].
template <std::size_t kRound>
void extend(std::array<std::uint32_t, 16>& w) {
  const std::uint32_t w15 = w[(kRound + 1) % 16];
  const std::uint32_t w2 = w[(kRound + 14) % 16];
  const std::uint32_t s0 = std::rotr(w15, 7) ^ std::rotr(w15, 18) ^ (w15 >> 3);
  const std::uint32_t s1 = std::rotr(w2, 17) ^ std::rotr(w2, 19) ^ (w2 >> 10);
  w[kRound] += s0 + w[(kRound + 9) % 16] + s1;
}

}  // namespace

Sha256::Sha256()
    : state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
      buffer_{} {}

void Sha256::block(const std::uint8_t* p) {
  std::array<std::uint32_t, 16> w;  // the schedule's last sixteen words, round i in w[i % 16]
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_big_endian(p + 4 * i);
  std::array<std::uint32_t, 8> s = state_;
  // Unrolled sixteenfold, so that the rotation of a .. h through s is settled by the compiler: the loop that moves
  // eight variables along runs at half the speed as wasm.
  for (std::size_t first = 0; first < 64; first += 16) {
    [&]<std::size_t... kRound>(std::index_sequence<kRound...>) {
      (round<kRound>(s, kRoundConstants[first + kRound] + w[kRound]), ...);
      if (first < 48) (extend<kRound>(w), ...);
    }(std::make_index_sequence<16>());
  }
  for (std::size_t i = 0; i < 8; ++i) state_[i] += s[i];
}

void Sha256::update(std::span<const std::byte> bytes) {
  const auto* p = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t left = bytes.size();
  std::size_t held = static_cast<std::size_t>(length_ % 64);
  length_ += left;
  if (held > 0) {
    const std::size_t taken = std::min(left, 64 - held);
    std::copy_n(p, taken, buffer_.begin() + static_cast<std::ptrdiff_t>(held));
    p += taken;
    left -= taken;
    held += taken;
    if (held < 64) return;
    block(buffer_.data());
  }
  for (; left >= 64; left -= 64, p += 64) block(p);
  std::copy_n(p, left, buffer_.begin());
}

void Sha256::update(std::string_view text) { update(std::as_bytes(std::span(text.data(), text.size()))); }

void Sha256::update(std::span<const float> values) {
  if constexpr (std::endian::native == std::endian::little) {
    update(std::as_bytes(values));
  } else {
    for (float value : values) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      std::array<std::byte, 4> bytes;
      for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(bits >> (8 * i));
      update(std::span<const std::byte>(bytes));
    }
  }
}

std::array<std::uint8_t, 32> Sha256::finish() {
  const std::uint64_t bits = length_ * 8;
  std::array<std::byte, 72> padding{};
  padding[0] = std::byte{0x80};
  const std::size_t zeros = static_cast<std::size_t>((119 - length_ % 64) % 64);
  for (std::size_t i = 0; i < 8; ++i) padding[1 + zeros + i] = static_cast<std::byte>(bits >> (56 - 8 * i));
  update(std::span<const std::byte>(padding.data(), 1 + zeros + 8));
  std::array<std::uint8_t, 32> digest;
  for (std::size_t i = 0; i < 32; ++i) digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

std::string Sha256::finish_hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::uint8_t byte : finish()) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace weightroom::base
