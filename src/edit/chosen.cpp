#include "edit/chosen.h"

#include <algorithm>
#include <array>
#include <limits>

#include <strings/chosen.h>
#include <strings/operation.h>

#include "base/base64.h"
#include "edit/chosen_coder.h"
#include "edit/rice.h"

namespace weightroom::edit {
namespace {

constexpr std::array<std::pair<std::string_view, Chosen::Form>, 3> kForms{{
    {"runs:", Chosen::Form::runs},
    {"gaps:", Chosen::Form::gaps},
    {"weights:", Chosen::Form::weights},
}};
constexpr std::size_t kMostWeights = std::numeric_limits<std::uint32_t>::max();
// Foretelling takes about 25 ns a weight, twice that in a browser, and the page stands still meanwhile.
constexpr std::size_t kMostForetold = std::size_t{1} << 22U;

using Bytes = std::vector<std::uint8_t>;

bool bit_at(std::span<const std::uint8_t> bits, std::size_t i) { return (bits[i / 8] >> i % 8 & 1U) != 0; }
void set_bit(Bytes& bits, std::size_t i) { bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << i % 8); }

// As many bytes as `count` bits take, with zeros behind the last.
bool are_bits(std::span<const std::uint8_t> bits, std::size_t count) {
  return bits.size() == (count + 7) / 8 && (count % 8 == 0 || bits.back() >> count % 8 == 0);
}

// After the number of weights: k, then the lengths of the runs. The first may be 0; of the others, which cannot be, one
// less is written.
void write_runs(std::span<const std::uint8_t> bits, std::size_t count, Bytes& out) {
  std::vector<std::size_t> lengths;
  bool chosen = false;
  for (std::size_t i = 0; i < count; chosen = !chosen) {
    const std::size_t first = i;
    while (i < count && bit_at(bits, i) == chosen) ++i;
    lengths.push_back(i - first - (lengths.empty() ? 0 : 1));
  }
  const unsigned k = best_rice(lengths);
  out.push_back(static_cast<std::uint8_t>(k));
  RiceWriter writer(k, out);
  for (const std::size_t length : lengths) writer.put(length);
}

bool read_runs(std::span<const std::uint8_t> bytes, std::size_t count, Bytes& bits) {
  if (bytes.empty() || bytes.front() > kMostRiceBits) return false;
  RiceReader reader(bytes.front(), bytes.subspan(1));
  bool chosen = false;
  bool first = true;
  for (std::size_t i = 0; i < count; chosen = !chosen, first = false) {
    const auto length = reader.take(count - i - (first ? 0 : 1));
    if (!length) return false;
    const std::size_t end = i + *length + (first ? 0 : 1);
    for (; i < end; ++i) {
      if (chosen) set_bit(bits, i);
    }
  }
  return reader.at_end();
}

// After the number of weights: how many are chosen, k, and for each how many are not since the one before.
void write_gaps(std::span<const std::uint8_t> bits, std::size_t count, Bytes& out) {
  std::vector<std::size_t> gaps;
  std::size_t next = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!bit_at(bits, i)) continue;
    gaps.push_back(i - next);
    next = i + 1;
  }
  const unsigned k = best_rice(gaps);
  put_varint(out, gaps.size());
  out.push_back(static_cast<std::uint8_t>(k));
  RiceWriter writer(k, out);
  for (const std::size_t gap : gaps) writer.put(gap);
}

bool read_gaps(std::span<const std::uint8_t> bytes, std::size_t count, Bytes& bits) {
  const auto chosen = take_varint(bytes, count);
  if (!chosen || bytes.empty() || bytes.front() > kMostRiceBits) return false;
  RiceReader reader(bytes.front(), bytes.subspan(1));
  std::size_t at = 0;
  for (std::size_t left = *chosen; left > 0; --left) {
    const auto gap = reader.take(count - left - at);
    if (!gap) return false;
    at += *gap;
    set_bit(bits, at++);
  }
  return reader.at_end();
}

}  // namespace

Chosen::Chosen(std::vector<std::uint8_t> bits, std::size_t count)
    : form_(Form::bits), count_(count), data_(std::move(bits)) {
  CHECK(are_bits(data_, count_));
}

Result<Chosen> Chosen::parse(std::string_view text) {
  if (text.empty()) return Chosen();
  Form form = Form::bits;
  for (const auto& [name, of] : kForms) {
    if (!text.starts_with(name)) continue;
    form = of;
    text.remove_prefix(name.size());
    break;
  }
  auto bytes = base::from_base64(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (form == Form::bits) return Chosen(form, 0, std::move(*bytes));
  std::span<const std::uint8_t> rest = *bytes;
  const auto count = take_varint(rest, kMostWeights);
  if (!count) return fail(text::chosen_no_count);
  return Chosen(form, *count, Bytes(rest.begin(), rest.end()));
}

void Chosen::settle_count(std::size_t count) {
  if (form_ == Form::bits && are_bits(data_, count)) count_ = count;
}

// Runs or gaps in place of bits.
Chosen Chosen::coded() const {
  Chosen runs(Form::runs, count_, {});
  Chosen gaps(Form::gaps, count_, {});
  write_runs(data_, count_, runs.data_);
  write_gaps(data_, count_, gaps.data_);
  return runs.bytes() < gaps.bytes() ? runs : gaps;
}

std::string Chosen::text() const {
  if (form_ == Form::nothing) return "";
  if (form_ == Form::bits) return count_ > 0 ? coded().text() : base::to_base64(data_);
  Bytes bytes;
  put_varint(bytes, count_);
  bytes.insert(bytes.end(), data_.begin(), data_.end());
  const auto name = std::ranges::find(kForms, form_, &std::pair<std::string_view, Form>::second);
  return std::string(name->first) + base::to_base64(bytes);
}

Chosen Chosen::packed(const Part& part) const {
  const std::size_t count = count_of(runs_of(part.graph, part.region));
  if (form_ != Form::bits || count == 0 || !are_bits(data_, count)) return *this;
  Chosen coded = Chosen(data_, count).coded();
  if (count > kMostForetold) return coded;
  Chosen by_weights(Form::weights, count, code_by_weights(data_, part));
  return by_weights.bytes() < coded.bytes() ? by_weights : coded;
}

Result<std::vector<std::uint8_t>> Chosen::bits_of(const Part& part) const {
  const std::size_t count = count_of(runs_of(part.graph, part.region));
  const bool fits = form_ == Form::bits ? are_bits(data_, count) : form_ == Form::nothing || count_ == count;
  if (!fits) return fail(text::operation_prune_other_selection);
  if (form_ == Form::bits) return data_;
  if (form_ == Form::weights) {
    auto bits = decode_by_weights(data_, part, count);
    if (!bits) return fail(text::chosen_other_weights);
    return std::move(*bits);
  }
  Bytes bits((count + 7) / 8, 0);
  const bool read =
      form_ == Form::nothing || (form_ == Form::runs ? read_runs(data_, count, bits) : read_gaps(data_, count, bits));
  if (!read) return fail(text::chosen_broken);
  return bits;
}

}  // namespace weightroom::edit
