#include "train/checkpoint.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/hash.h"

namespace weightroom::train {
namespace {

constexpr std::string_view kMagic = "WRCKPT1\n";
constexpr std::size_t kDigestBytes = 32;

class Writer {
 public:
  void raw(std::span<const std::byte> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) out_.push_back(static_cast<std::byte>((value >> (8 * i)) & 255U));
  }
  void text(std::string_view text) {
    number(text.size());
    raw(std::as_bytes(std::span(text)));
  }
  void floats(std::span<const float> values) {
    number(values.size());
    for (const float value : values) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      for (int i = 0; i < 4; ++i) out_.push_back(static_cast<std::byte>((bits >> (8 * i)) & 255U));
    }
  }
  [[nodiscard]] std::vector<std::byte>& bytes() { return out_; }

 private:
  std::vector<std::byte> out_;
};

// Reads past the end give zeros and a false ok(): asked once, at the end.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (!take(8)) return 0;
    for (std::size_t i = 0; i < 8; ++i) value |= std::to_integer<std::uint64_t>(taken_[i]) << (8 * i);
    return value;
  }
  std::string text() {
    if (!take(number())) return {};
    return {reinterpret_cast<const char*>(taken_.data()), taken_.size()};
  }
  std::vector<float> floats() {
    const std::uint64_t count = number();
    if (count > left_.size() / 4 || !take(count * 4)) {
      ok_ = false;
      return {};
    }
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint32_t bits = 0;
      for (std::size_t k = 0; k < 4; ++k) bits |= std::to_integer<std::uint32_t>(taken_[4 * i + k]) << (8 * k);
      values[i] = std::bit_cast<float>(bits);
    }
    return values;
  }
  [[nodiscard]] bool more() const { return ok_ && !left_.empty(); }
  [[nodiscard]] bool done() const { return ok_ && left_.empty(); }

 private:
  bool take(std::uint64_t count) {
    if (count > left_.size()) {
      ok_ = false;
      return false;
    }
    taken_ = left_.first(static_cast<std::size_t>(count));
    left_ = left_.subspan(static_cast<std::size_t>(count));
    return true;
  }
  std::span<const std::byte> left_;
  std::span<const std::byte> taken_;
  bool ok_ = true;
};

std::array<std::uint8_t, kDigestBytes> digest(std::span<const std::byte> bytes) {
  base::Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

// At an epoch's end there are none, and none are written.
bool has_sums(const TrainerState& state) { return state.loss != 0.0 || state.right != 0; }

}  // namespace

std::vector<std::byte> write_checkpoint(const TrainerState& state, std::string_view identity) {
  Writer out;
  out.raw(std::as_bytes(std::span(kMagic)));
  out.text(identity);
  out.number(static_cast<std::uint64_t>(state.epoch));
  out.number(static_cast<std::uint64_t>(state.step));
  out.number(std::bit_cast<std::uint64_t>(state.best_accuracy));
  out.number(static_cast<std::uint64_t>(state.best_epoch));
  for (const auto* values :
       {&state.weights, &state.moments.first, &state.moments.second, &state.average, &state.best}) {
    out.floats(*values);
  }
  if (has_sums(state)) {
    out.number(std::bit_cast<std::uint64_t>(state.loss));
    out.number(static_cast<std::uint64_t>(state.right));
  }
  const auto sum = digest(out.bytes());
  out.raw(std::as_bytes(std::span(sum)));
  return std::move(out.bytes());
}

Result<TrainerState> read_checkpoint(std::span<const std::byte> bytes, std::string_view identity) {
  const auto magic = std::as_bytes(std::span(kMagic));
  if (bytes.size() < magic.size() + kDigestBytes || !std::ranges::equal(bytes.first(magic.size()), magic)) {
    return fail("This is no checkpoint of a training run.");
  }
  const auto body = bytes.first(bytes.size() - kDigestBytes);
  const auto sum = digest(body);
  if (!std::ranges::equal(bytes.last(kDigestBytes), std::as_bytes(std::span(sum)))) {
    return fail("The checkpoint is damaged: its bytes do not match their checksum.");
  }
  Reader in(body.subspan(magic.size()));
  if (in.text() != identity) return fail("The checkpoint is of another run: its recipe, seed or data differ.");
  TrainerState state;
  state.epoch = static_cast<int>(in.number());
  state.step = static_cast<long long>(in.number());
  state.best_accuracy = std::bit_cast<double>(in.number());
  state.best_epoch = static_cast<int>(in.number());
  for (auto* values : {&state.weights, &state.moments.first, &state.moments.second, &state.average, &state.best}) {
    *values = in.floats();
  }
  if (in.more()) {
    state.loss = std::bit_cast<double>(in.number());
    state.right = static_cast<long long>(in.number());
  }
  if (!in.done()) return fail("The checkpoint is damaged: its fields do not add up.");
  return state;
}

}  // namespace weightroom::train
