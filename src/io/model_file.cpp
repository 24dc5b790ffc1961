#include "io/model_file.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <strings/json.h>
#include <strings/model.h>

#include "base/check.h"
#include "base/limits.h"
#include "io/file_kind.h"
#include "io/graph_json.h"
#include "io/json.h"
#include "io/json_writer.h"
#include "io/label_list.h"
#include "io/model_features.h"
#include "io/model_packing.h"
#include "io/safetensors.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

std::string_view metadata(const SafetensorsFile& file, std::string_view key) {
  const auto it = file.metadata.find(key);
  return it == file.metadata.end() ? std::string_view{} : std::string_view(it->second);
}

// What a person may well try to open as a model; the plain parser's sentence would not help.
Error other_format(std::span<const std::byte> bytes, Error error) {
  constexpr std::uint64_t kMostLength = std::uint64_t{1} << 40;  // of a header
  if (bytes.size() > 8 && le64(bytes, 0) >= kMostLength && bytes[8] != std::byte{'{'}) error = {text::model_none};
  return refusal_of("", bytes, std::move(error), {FileKind::model, FileKind::weights, FileKind::onnx});
}

Status check_version(const SafetensorsFile& file) {
  const std::string_view version = metadata(file, "weightroom");
  if (version.empty()) return fail(text::model_bare, {{"n", file.tensors.size()}});
  if (version != kModelVersion)
    return fail(text::model_version, {{"version", in_quotes(version)}, {"known", kModelVersion}});
  return {};
}

Result<std::shared_ptr<const nn::Graph>> build_graph(const nn::GraphSpec& spec) {
  auto graph = nn::Graph::build(spec);
  if (!graph) return graph;
  if (auto fits = check_activations(**graph); !fits) return std::unexpected(fits.error());
  return graph;
}

Status read_triple(const Json& json, const char* key, std::array<float, 3>& out) {
  if (!json.contains(key)) return {};
  const Json& list = json[key];
  if (!list.is_array() || list.size() != 3) return fail(text::model_triple, {{"field", key}});
  for (std::size_t i = 0; i < 3; ++i) {
    if (!list[i].is_number()) return fail(text::model_triple, {{"field", key}});
    out[i] = static_cast<float>(list[i].get<double>());
    if (!std::isfinite(out[i])) return fail(text::model_triple_finite, {{"field", key}});
  }
  return {};
}

// Nothing where it does not read well: the model itself needs none of it.
nn::NormEpsilons read_epsilons(const SafetensorsFile& file) {
  nn::NormEpsilons epsilons;
  const std::string_view text = metadata(file, "epsilons");
  if (text.empty()) return epsilons;
  const auto json = parse_json_object(text, text::json_graph, 1);
  if (!json) return epsilons;
  for (const auto& [layer, value] : json->items()) {
    if (value.is_number() && value.get<double>() >= 0.0) epsilons.emplace(layer, value.get<double>());
  }
  return epsilons;
}

Result<nn::Preprocessing> read_preprocessing(const SafetensorsFile& file) {
  const std::string_view text = metadata(file, "preprocessing");
  if (text.empty()) return fail(text::model_no_preprocessing);
  return parse_preprocessing(text);
}

// Every tensor is there with the right shape before anything is allocated for it: the graph alone could claim
// gigabytes.
Status check_tensors(Tensors tensors, const nn::Graph& graph, Packings packings) {
  // A mask of zeros stands for thirty times its size: a small file could claim gigabytes.
  constexpr std::size_t kMostPacked = 25'000'000;
  if (!packings.empty() && graph.weight_count() > kMostPacked)
    return fail(text::model_many_packed, {{"n", graph.weight_count()}, {"most", kMostPacked}});
  for (const nn::GraphWeight& weight : graph.weights()) {
    if (const auto packing = packings.find(weight.name); packing != packings.end()) {
      if (auto fits = check_packed(weight, packing->second, tensors); !fits) return fits;
      for (const std::string& part : parts_of(weight.name, packing->second)) tensors.erase(part);
      packings.erase(packing);
      continue;
    }
    const auto it = tensors.find(weight.name);
    if (it == tensors.end()) return fail(text::model_lacks, {{"tensor", in_quotes(weight.name)}});
    const auto wanted = weight.shape.extents();
    const SafetensorsEntry* tensor = it->second;
    if (!has_fractions(tensor->dtype))
      return fail(text::model_whole_numbers, {{"tensor", in_quotes(weight.name)}, {"type", dtype_name(tensor->dtype)}});
    const bool same = std::ranges::equal(
        tensor->shape, wanted, [](std::uint64_t have, int want) { return have == static_cast<std::uint64_t>(want); });
    if (!same)
      return fail(
          text::model_shape,
          {{"tensor", in_quotes(weight.name)}, {"shape", shape_text(*tensor)}, {"wanted", weight.shape.text()}});
    tensors.erase(it);
  }
  if (!packings.empty()) return fail(text::model_packs_unused, {{"tensor", in_quotes(packings.begin()->first)}});
  if (tensors.empty()) return {};
  return fail(text::model_unused, {{"tensor", in_quotes(tensors.begin()->first)}});
}

// The values of one tensor of the graph.
// vector::resize() fills value by value where size counts more than speed.
void append_zeros(std::vector<float>& values, std::size_t count) {
  static const std::vector<float> zeros(std::size_t{1} << 16U);
  for (std::size_t left = count; left > 0;) {
    const std::size_t some = std::min(left, zeros.size());
    values.insert(values.end(), zeros.begin(), zeros.begin() + static_cast<std::ptrdiff_t>(some));
    left -= some;
  }
}

Status read_weight(const nn::GraphWeight& weight, const Packings& packings, const Tensors& tensors,
                   std::span<float> values) {
  if (const auto packing = packings.find(weight.name); packing != packings.end()) {
    const auto unpacked = read_packed(weight, packing->second, tensors);
    if (!unpacked) return std::unexpected(unpacked.error());
    std::ranges::copy(*unpacked, values.begin());
    return {};
  }
  values_of(*tensors.at(weight.name), values);
  const auto bad = std::ranges::find_if(values, [](float value) { return !std::isfinite(value); });
  if (bad != values.end())
    return fail(text::model_not_finite, {{"tensor", in_quotes(weight.name)}, {"index", bad - values.begin()}});
  return {};
}

std::string list_text(const std::array<float, 3>& values) {
  return "[" + float_text(values[0]) + "," + float_text(values[1]) + "," + float_text(values[2]) + "]";
}

// What every file has, and what is said of packed tensors.
FileMetadata metadata_of(const std::map<std::string, std::string>& packing) {
  FileMetadata rows{{"weightroom", std::string(kModelVersion)}};
  if (!packing.empty()) rows.emplace(kPackingKey, packing_text(packing));
  return rows;
}

// The rest, which the weights' values have no part in.
FileMetadata metadata_of(const nn::Model& model, std::string labels) {
  FileMetadata rows{{"graph", model.graph->canonical_json()},
                    {"labels", std::move(labels)},
                    {"preprocessing", preprocessing_text(model.preprocessing)},
                    {"name", model.name},
                    {"title", model.title},
                    {"provenance", model.provenance.empty() ? "{}" : model.provenance}};
  if (!model.epsilons.empty()) rows.emplace("epsilons", json_text(Json(model.epsilons)));
  if (model.gauge) rows.emplace(kGaugeKey, gauge_text(*model.gauge));
  if (model.feature_scale > 0.0F) rows.emplace(kFeatureScaleKey, float_text(model.feature_scale));
  return rows;
}

}  // namespace

Result<nn::Preprocessing> parse_preprocessing(std::string_view text) {
  nn::Preprocessing out;
  const auto json = parse_json_object(text, text::json_preprocessing, 3);
  if (!json) return std::unexpected(json.error());
  if (auto ok = read_triple(*json, "mean", out.mean); !ok) return std::unexpected(ok.error());
  if (auto ok = read_triple(*json, "std", out.std); !ok) return std::unexpected(ok.error());
  for (const float deviation : out.std) {
    if (!(deviation > 0.0F)) return fail(text::model_std_positive);
  }
  if (json->contains("order")) {
    const Json& order = (*json)["order"];
    if (order != "rgb" && order != "bgr") return fail(text::model_order);
    out.bgr = order == "bgr";
  }
  if (json->contains("invert")) {
    if (!(*json)["invert"].is_boolean()) return fail(text::model_invert);
    out.invert = (*json)["invert"].get<bool>();
  }
  if (json->contains("crop")) {
    const Json& crop = (*json)["crop"];
    if (crop.is_number()) out.crop = crop.get<float>();
    if (!crop.is_number() || !(out.crop > 0.0F && out.crop <= 1.0F)) return fail(text::model_crop);
  }
  return out;
}

Status check_activations(const nn::Graph& graph) {
  double floats = 0.0;
  for (const nn::Node& node : graph.nodes()) floats += static_cast<double>(node.output.size());
  constexpr double kMegabyte = 1 << 20;
  const double bytes = floats * sizeof(float);
  if (bytes <= static_cast<double>(base::kMostActivationBytes)) return {};
  return fail(text::model_activations, {{"megabytes", static_cast<std::uint64_t>(bytes / kMegabyte)},
                                        {"limit", base::kMostActivationBytes >> 20}});
}

ModelReading::ModelReading(std::span<const std::byte> bytes, std::string_view fallback_name)
    : bytes_(bytes), fallback_name_(fallback_name), task_(read()) {}

base::Task ModelReading::read() {
  const auto refuse = [this](const Error& error) { refusal_ = error; };
  SafetensorsReading reading(bytes_);
  while (!reading.step()) co_await base::Pause{};
  const auto file = reading.take();
  if (!file) co_return refuse(other_format(bytes_, file.error()));
  if (auto ok = check_version(*file); !ok) co_return refuse(ok.error());
  co_await base::Pause{};
  const std::string_view graph_text = metadata(*file, "graph");
  if (graph_text.empty()) co_return refuse({text::model_no_graph});
  GraphReading graph_reading(graph_text);
  while (!graph_reading.step()) co_await base::Pause{};
  const auto spec = graph_reading.take();
  if (!spec) co_return refuse(spec.error());
  co_await base::Pause{};
  const auto graph = build_graph(*spec);
  if (!graph) co_return refuse(graph.error());
  co_await base::Pause{};
  LabelList list(metadata(*file, "labels"));
  while (!list.step()) co_await base::Pause{};
  auto labels = list.take();
  if (!labels) co_return refuse(labels.error());
  if (const auto classes = (*graph)->class_count(); labels->size() != static_cast<std::size_t>(classes))
    co_return refuse({text::model_label_count, {{"n", labels->size()}, {"classes", classes}}});
  const auto preprocessing = read_preprocessing(*file);
  if (!preprocessing) co_return refuse(preprocessing.error());
  co_await base::Pause{};
  Tensors tensors;
  for (const SafetensorsEntry& tensor : file->tensors) tensors.emplace(tensor.name, &tensor);
  const auto packings = read_packings(metadata(*file, kPackingKey));
  if (!packings) co_return refuse(packings.error());
  if (auto ok = check_tensors(tensors, **graph, *packings); !ok) co_return refuse(ok.error());
  std::vector<float> weights;
  weights.reserve((*graph)->weight_count());
  constexpr std::size_t kAtOnce = 2'000'000;  // values: some milliseconds
  std::size_t read = 0;
  for (const nn::GraphWeight& weight : (*graph)->weights()) {
    CHECK(weight.offset == weights.size());
    append_zeros(weights, weight.shape.size());
    const auto values = std::span(weights).subspan(weight.offset);
    if (auto ok = read_weight(weight, *packings, tensors, values); !ok) co_return refuse(ok.error());
    const auto tensor = tensors.find(weight.name);
    rounded_ = rounded_ || (tensor != tensors.end() && tensor->second->dtype == Dtype::f64);
    read += values.size();
    if (read < kAtOnce) continue;
    read = 0;
    co_await base::Pause{};
  }
  const std::string_view name = metadata(*file, "name");
  const std::string_view title = metadata(*file, "title");
  const std::string_view provenance = metadata(*file, "provenance");
  if (!provenance.empty()) {
    if (auto json = parse_json(provenance, text::json_provenance); !json) co_return refuse(json.error());
  }
  model_.name = name.empty() ? fallback_name_ : name;
  model_.title = title.empty() ? model_.name : title;
  model_.provenance = provenance.empty() ? "{}" : provenance;
  model_.graph = *graph;
  model_.weights = std::move(weights);
  model_.labels = std::move(*labels);
  model_.preprocessing = *preprocessing;
  model_.epsilons = read_epsilons(*file);
  if (auto ok = read_gauge(metadata(*file, kGaugeKey), **graph, model_.gauge); !ok) co_return refuse(ok.error());
  if (auto ok = read_feature_scale(metadata(*file, kFeatureScaleKey), model_.feature_scale); !ok)
    co_return refuse(ok.error());
}

Result<nn::Model> ModelReading::take(std::vector<std::string>* notices) {
  if (refusal_) return std::unexpected(*refusal_);
  if (rounded_ && notices != nullptr) notices->push_back(tr(text::model_rounded));
  return std::move(model_);
}

Result<nn::Model> read_model(std::span<const std::byte> bytes, std::string_view fallback_name,
                             std::vector<std::string>* notices) {
  ModelReading reading(bytes, fallback_name);
  while (!reading.step()) {
  }
  return reading.take(notices);
}

std::string preprocessing_text(const nn::Preprocessing& p) {
  const std::string crop = p.crop == 1.0F ? "" : "\"crop\":" + float_text(p.crop) + ",";
  return "{" + crop + "\"invert\":" + (p.invert ? "true" : "false") + ",\"mean\":" + list_text(p.mean) +
         (p.bgr ? ",\"order\":\"bgr\"" : "") + ",\"std\":" + list_text(p.std) + "}";
}

std::vector<std::span<const float>> tensors_of(const nn::Model& model) {
  CHECK(model.graph != nullptr && model.weights.size() == model.graph->weight_count());
  std::vector<std::span<const float>> weights;
  for (const nn::GraphWeight& weight : model.graph->weights())
    weights.push_back(std::span<const float>(model.weights).subspan(weight.offset, weight.shape.size()));
  return weights;
}

std::vector<std::byte> write_model(const nn::Model& model, Store store) {
  return write_model(model, tensors_of(model), store);
}

std::vector<std::byte> write_model(const nn::Model& model, std::span<const std::span<const float>> weights,
                                   Store store) {
  CHECK(weights.size() == model.graph->weights().size());
  std::vector<Packed> packed;
  std::vector<SafetensorsOutput> tensors;
  std::map<std::string, std::string> packing;
  packed.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const nn::GraphWeight& weight = model.graph->weights()[i];
    CHECK(weights[i].size() == weight.shape.size());
    const PackingPlan plan = plan_weight(weight, weights[i], store);
    packed.push_back(pack(weights[i], plan));
    add_weight(weight, plan, &packed.back(), tensors, packing);
  }
  FileMetadata rows = metadata_of(packing);
  rows.merge(metadata_of(model, JsonWriter(model.labels).text()));
  return write_safetensors(std::move(tensors), rows);
}

StoredTensor stored_tensor(const nn::GraphWeight& weight, const PackingPlan& plan) {
  StoredTensor stored;
  stored.bytes = plan.sizes.bytes();
  add_weight(weight, plan, nullptr, stored.parts, stored.packing);
  return stored;
}

// The list of labels is a text within a text: what is quoted once more is the same piece by piece.
MetadataCount::MetadataCount(const nn::Model& model)
    : model_(&model), bytes_(metadata_bytes(metadata_of(model, "[]"))) {}

bool MetadataCount::step() {
  constexpr std::size_t kAtOnce = 4096;
  const auto& labels = model_->labels;
  std::string list;
  for (const std::size_t last = std::min(labels.size(), next_ + kAtOnce); next_ < last; ++next_) {
    if (next_ > 0) list += ',';
    list += JsonWriter(labels[next_]).text();
  }
  constexpr std::size_t kQuotes = 2;
  bytes_ += JsonWriter(list).text().size() - kQuotes;
  return next_ == labels.size();
}

std::size_t metadata_bytes(const nn::Model& model) {
  MetadataCount count(model);
  while (!count.step()) continue;
  return count.bytes();
}

std::size_t model_file_bytes(std::size_t metadata, std::span<const StoredTensor* const> tensors) {
  std::vector<SafetensorsOutput> parts;
  std::map<std::string, std::string> packing;
  for (const StoredTensor* tensor : tensors) {
    parts.insert(parts.end(), tensor->parts.begin(), tensor->parts.end());
    packing.insert(tensor->packing.begin(), tensor->packing.end());
  }
  return safetensors_bytes(std::move(parts), metadata_of(packing), metadata);
}

}  // namespace weightroom::io
