#include "io/model_packing.h"

#include <strings/json.h>
#include <strings/packing.h>

#include "base/check.h"
#include "io/json.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr const char* kMask = "#mask";
constexpr const char* kScale = "#scale";
constexpr const char* kZero = "#zero";

// What joins one layer to the next; biases and what a norm measured are few and stay as they are.
bool joins_layers(const nn::GraphWeight& weight) { return weight.trainable && weight.shape.rank() >= 2; }

PackAs pack_as(const nn::GraphWeight& weight, Store store) {
  switch (store) {
    case Store::full:
      return PackAs::full;
    case Store::half:
      return PackAs::half;
    case Store::int8:
    case Store::int4:
      return joins_layers(weight) ? PackAs::quantised : PackAs::exact;
    case Store::smallest:
      return PackAs::smallest;
    case Store::plain:
      break;
  }
  return PackAs::exact;
}

std::size_t channels_of(const nn::GraphWeight& weight) { return static_cast<std::size_t>(weight.shape[0]); }

std::vector<std::uint64_t> shape_of(const nn::GraphWeight& weight) {
  std::vector<std::uint64_t> shape;
  for (const int extent : weight.shape.extents()) shape.push_back(static_cast<std::uint64_t>(extent));
  return shape;
}

bool is_plain(const Packing& packing) { return packing.bits > 8 && !packing.sparse; }
// Whole bytes in the shape of the tensor: what other programs too may read.
bool keeps_shape(const Packing& packing) { return packing.bits == 8 && !packing.sparse; }

Dtype dtype_of(const Packing& packing) {
  if (packing.bits == 8) return packing.affine ? Dtype::u8 : Dtype::i8;
  return packing.bits == 32 ? Dtype::f32 : packing.bits == 16 ? Dtype::f16 : Dtype::u8;
}

SafetensorsOutput raw(std::string name, Dtype dtype, std::vector<std::uint64_t> shape,
                      std::span<const std::byte> bytes) {
  return {.name = std::move(name), .dtype = dtype, .shape = std::move(shape), .values = {}, .bytes = bytes};
}

// Of a key that says no more than which tensor it is.
std::unexpected<Error> refuse_packed(Text key, const std::string& name) {
  return fail(key, {{"tensor", in_quotes(name)}});
}

// A part of a weight: there, of this type, and a row of whatever length it has; unpack() knows what that must be.
Result<std::span<const std::byte>> part(const std::string& name, Dtype dtype, const Tensors& tensors) {
  const auto it = tensors.find(name);
  if (it == tensors.end()) return refuse_packed(text::packing_lacks, name);
  if (it->second->dtype != dtype)
    return fail(text::packing_type,
                {{"tensor", in_quotes(name)}, {"type", dtype_name(it->second->dtype)}, {"wanted", dtype_name(dtype)}});
  return it->second->bytes;
}

Result<Packing> read_packing(const std::string& name, const Json& row) {
  Packing packing;
  const auto flag = [&](const char* key) { return row.contains(key) && row[key].is_boolean(); };
  const bool good = row.is_object() && row.size() == 4 && row.contains("bits") && row["bits"].is_number_integer() &&
                    flag("affine") && flag("sparse") && row.contains("per") &&
                    (row["per"] == "channel" || row["per"] == "tensor");
  if (!good) return refuse_packed(text::packing_described, name);
  const auto bits = row["bits"].get<std::int64_t>();
  packing = {.bits = static_cast<int>(bits),
             .affine = row["affine"].get<bool>(),
             .by_channel = row["per"] == "channel",
             .sparse = row["sparse"].get<bool>()};
  const bool floats = bits == 16 || bits == 32;
  if (!floats && (bits < 1 || bits > 8)) return fail(text::packing_bits, {{"tensor", in_quotes(name)}, {"bits", bits}});
  if (floats && (packing.affine || packing.by_channel)) return refuse_packed(text::packing_float_scale, name);
  return packing;
}

// What a packed tensor's line under "packing" and the lines of its further parts take at most, beside those of a plain
// one: of few weights that is more than packing spares.
std::size_t header_bytes(const nn::GraphWeight& weight, const Packing& packing) {
  constexpr std::size_t kLine = 100;
  if (is_plain(packing)) return 0;
  const std::size_t parts = parts_of(weight.name, packing).size();  // its values' line stands in both
  return parts * (kLine + weight.name.size());
}

}  // namespace

WeightPlanner::WeightPlanner(const nn::GraphWeight& weight, std::span<const float> values, Store store)
    : weight_(&weight), planner_(values, channels_of(weight), pack_as(weight, store), store == Store::int4 ? 4 : 8) {
  if (store == Store::smallest) plain_.emplace(values, channels_of(weight), PackAs::exact);
}

bool WeightPlanner::step() {
  if (done_) return true;
  if (!planner_.step() || (plain_ && !plain_->step())) return false;
  done_ = true;
  plan_ = planner_.take();
  if (!plain_) return true;
  PackingPlan plain = plain_->take();
  const std::size_t bytes = plan_.sizes.bytes() + header_bytes(*weight_, plan_.packing);
  if (bytes >= plain.sizes.bytes()) plan_ = std::move(plain);
  return true;
}

PackingPlan plan_weight(const nn::GraphWeight& weight, std::span<const float> values, Store store) {
  WeightPlanner planner(weight, values, store);
  while (!planner.step()) continue;
  return planner.take();
}

void add_weight(const nn::GraphWeight& weight, const PackingPlan& plan, const Packed* packed,
                std::vector<SafetensorsOutput>& tensors, std::map<std::string, std::string>& packing) {
  static const Packed kNone;
  const Packed& parts = packed != nullptr ? *packed : kNone;
  const Packing& how = plan.packing;
  const PackedSizes& sizes = plan.sizes;
  const std::uint64_t each = dtype_bytes(dtype_of(how));
  const bool shaped = is_plain(how) || keeps_shape(how);
  tensors.push_back(raw(weight.name, dtype_of(how),
                        shaped ? shape_of(weight) : std::vector<std::uint64_t>{sizes.values / each}, parts.values));
  if (is_plain(how)) return;
  packing[weight.name] = std::string("{\"affine\":") + (how.affine ? "true" : "false") +
                         ",\"bits\":" + std::to_string(how.bits) + ",\"per\":\"" +
                         (how.by_channel ? "channel" : "tensor") + "\",\"sparse\":" + (how.sparse ? "true" : "false") +
                         "}";
  if (how.sparse) tensors.push_back(raw(weight.name + kMask, Dtype::u8, {sizes.mask}, parts.mask));
  if (sizes.scales > 0) {
    tensors.push_back(
        {.name = weight.name + kScale, .dtype = Dtype::f32, .shape = {sizes.scales}, .values = parts.scales});
  }
  if (sizes.zeros > 0) tensors.push_back(raw(weight.name + kZero, Dtype::u8, {sizes.zeros}, parts.zeros));
}

std::string packing_text(const std::map<std::string, std::string>& packing) {
  std::string text = "{";
  for (const auto& [name, row] : packing) text += (text.size() > 1 ? "," : "") + json_text(name) + ":" + row;
  return text + "}";
}

Result<Packings> read_packings(std::string_view metadata) {
  Packings packings;
  if (metadata.empty()) return packings;
  const auto json = parse_json_object(metadata, text::json_packing, 3);
  if (!json) return std::unexpected(json.error());
  for (const auto& [name, row] : json->items()) {
    const auto packing = read_packing(name, row);
    if (!packing) return std::unexpected(packing.error());
    packings.emplace(name, *packing);
  }
  return packings;
}

std::vector<std::string> parts_of(const std::string& name, const Packing& packing) {
  std::vector<std::string> parts{name};
  if (packing.sparse) parts.push_back(name + kMask);
  if (packing.bits <= 8) parts.push_back(name + kScale);
  if (packing.bits <= 8 && packing.affine) parts.push_back(name + kZero);
  return parts;
}

Status check_packed(const nn::GraphWeight& weight, const Packing& packing, const Tensors& tensors) {
  const auto values = part(weight.name, dtype_of(packing), tensors);
  if (!values) return std::unexpected(values.error());
  const std::uint64_t count = weight.shape.size();
  if (packing.sparse) {
    const auto mask = part(weight.name + kMask, Dtype::u8, tensors);
    if (!mask) return std::unexpected(mask.error());
    if (mask->size() != (count + 7) / 8) return refuse_packed(text::packing_mask, weight.name);
  } else if (values->size() != (count * static_cast<std::uint64_t>(packing.bits) + 7) / 8) {
    return refuse_packed(text::packing_size, weight.name);
  }
  return {};
}

Result<std::vector<float>> read_packed(const nn::GraphWeight& weight, const Packing& packing, const Tensors& tensors) {
  Packed packed;
  packed.packing = packing;
  const auto take = [&](const std::string& name, Dtype dtype, std::vector<std::byte>& out) -> Status {
    const auto bytes = part(name, dtype, tensors);
    if (!bytes) return std::unexpected(bytes.error());
    out.assign(bytes->begin(), bytes->end());
    return {};
  };
  if (auto ok = take(weight.name, dtype_of(packing), packed.values); !ok) return std::unexpected(ok.error());
  if (keeps_shape(packing) && tensors.at(weight.name)->shape != shape_of(weight))
    return fail(text::packing_shape, {{"tensor", in_quotes(weight.name)}, {"wanted", weight.shape.text()}});
  if (packing.sparse) {
    if (auto ok = take(weight.name + kMask, Dtype::u8, packed.mask); !ok) return std::unexpected(ok.error());
  }
  if (packing.bits <= 8) {
    if (auto scales = part(weight.name + kScale, Dtype::f32, tensors); !scales) return std::unexpected(scales.error());
    packed.scales = values_of(*tensors.at(weight.name + kScale));
  }
  if (packing.bits <= 8 && packing.affine) {
    if (auto ok = take(weight.name + kZero, Dtype::u8, packed.zeros); !ok) return std::unexpected(ok.error());
  }
  auto values = unpack(packed, weight.shape.size(), static_cast<std::size_t>(weight.shape[0]));
  if (!values) return fail(text::packing_unreadable, {{"tensor", in_quotes(weight.name)}, {"why", values.error()}});
  return values;
}

}  // namespace weightroom::io
