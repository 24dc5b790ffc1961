#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Rice codes (Golomb 1966, Rice and Plaunt 1971): of a number its part above k bits in unary, as ones and a zero, then
// its k bits. Bits fill each byte from the lowest on; what is left of the last byte is 0.
namespace weightroom::edit {

inline constexpr unsigned kMostRiceBits = 31;

// The k with the shortest codes for all of them.
[[nodiscard]] unsigned best_rice(std::span<const std::size_t> values);

class RiceWriter {
 public:
  RiceWriter(unsigned k, std::vector<std::uint8_t>& out) : k_(k), out_(out) {}
  void put(std::size_t value);

 private:
  void put_bit(bool bit);
  unsigned k_;
  std::vector<std::uint8_t>& out_;
  unsigned filled_ = 8;  // bits of the last byte
};

class RiceReader {
 public:
  RiceReader(unsigned k, std::span<const std::uint8_t> bytes) : k_(k), bytes_(bytes) {}
  // Nothing where the bytes end, or the number is above `most`.
  [[nodiscard]] std::optional<std::size_t> take(std::size_t most);
  // Whether nothing but the zeros of the last byte is left.
  [[nodiscard]] bool at_end() const;

 private:
  unsigned k_;
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;  // in bits
};

// LEB128: seven bits a byte, the lowest first; the highest bit says that more follow.
void put_varint(std::vector<std::uint8_t>& out, std::size_t value);
// Takes one from the front. Nothing where the bytes end, where it is above `most`, or longer than it need be.
[[nodiscard]] std::optional<std::size_t> take_varint(std::span<const std::uint8_t>& bytes, std::size_t most);

}  // namespace weightroom::edit
