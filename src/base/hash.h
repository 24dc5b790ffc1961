#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weightroom::base {

// SHA-256 (FIPS 180-4), fed in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  // Little-endian bytes of each value, whatever the machine's order.
  void update(std::span<const float> values);
  [[nodiscard]] std::array<std::uint8_t, 32> finish();
  [[nodiscard]] std::string finish_hex();  // 64 lower-case digits

 private:
  void block(const std::uint8_t* p);
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> buffer_;
  std::uint64_t length_ = 0;  // bytes seen
};

}  // namespace weightroom::base
