#include "edit/rice.h"

namespace weightroom::edit {
namespace {

std::size_t rice_bits(std::span<const std::size_t> values, unsigned k) {
  std::size_t bits = values.size() * (k + 1);
  for (const std::size_t value : values) bits += value >> k;
  return bits;
}

}  // namespace

unsigned best_rice(std::span<const std::size_t> values) {
  // Each step saves about half of what the one before it saved and costs as much: after the first that does not pay
  // none does.
  unsigned k = 0;
  std::size_t bits = rice_bits(values, 0);
  while (k < kMostRiceBits) {
    const std::size_t next = rice_bits(values, k + 1);
    if (next >= bits) break;
    bits = next;
    ++k;
  }
  return k;
}

void RiceWriter::put_bit(bool bit) {
  if (filled_ == 8) {
    out_.push_back(0);
    filled_ = 0;
  }
  out_.back() = static_cast<std::uint8_t>(out_.back() | static_cast<unsigned>(bit) << filled_);
  ++filled_;
}

void RiceWriter::put(std::size_t value) {
  for (std::size_t above = value >> k_; above > 0; --above) put_bit(true);
  put_bit(false);
  for (unsigned i = 0; i < k_; ++i) put_bit((value >> i & 1U) != 0);
}

std::optional<std::size_t> RiceReader::take(std::size_t most) {
  const std::size_t end = bytes_.size() * 8;
  const auto bit = [&] {
    const std::size_t value = bytes_[at_ / 8] >> at_ % 8 & 1U;
    ++at_;
    return value;
  };
  std::size_t above = 0;
  while (true) {
    if (at_ == end) return std::nullopt;
    if (bit() == 0) break;
    if (++above > most >> k_) return std::nullopt;
  }
  if (end - at_ < k_) return std::nullopt;
  std::size_t value = above << k_;
  for (unsigned i = 0; i < k_; ++i) value |= bit() << i;
  if (value > most) return std::nullopt;
  return value;
}

bool RiceReader::at_end() const {
  const std::size_t whole = (at_ + 7) / 8;
  return whole == bytes_.size() && (at_ % 8 == 0 || bytes_.back() >> at_ % 8 == 0);
}

void put_varint(std::vector<std::uint8_t>& out, std::size_t value) {
  for (; value >= 128; value >>= 7) out.push_back(static_cast<std::uint8_t>(value % 128 + 128));
  out.push_back(static_cast<std::uint8_t>(value));
}

std::optional<std::size_t> take_varint(std::span<const std::uint8_t>& bytes, std::size_t most) {
  std::uint64_t value = 0;  // std::size_t has 32 bits in the page
  for (unsigned shift = 0; !bytes.empty() && shift < 63; shift += 7) {
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    value |= std::uint64_t{byte % 128U} << shift;
    if (value > most) return std::nullopt;
    if (byte >= 128) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    return static_cast<std::size_t>(value);
  }
  return std::nullopt;
}

}  // namespace weightroom::edit
