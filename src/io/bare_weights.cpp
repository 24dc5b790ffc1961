#include "io/bare_weights.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <strings/model.h>
#include <strings/weights.h>

#include "base/language.h"
#include "io/file_kind.h"
#include "io/safetensors.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

constexpr double kEpsilon = 1e-5;  // torch.nn.BatchNorm2d
constexpr std::size_t kMostFaults = 4;
constexpr std::size_t kTensorsListed = 100;  // bytes

// The file's tensors by name, and who has been asked for.
class TensorStore {
 public:
  explicit TensorStore(const SafetensorsFile& file) {
    for (const SafetensorsEntry& tensor : file.tensors) tensors_.emplace(tensor.name, &tensor);
  }
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }
  [[nodiscard]] const SafetensorsEntry* peek(const std::string& name) const {
    const auto at = tensors_.find(prefix_ + name);
    return at == tensors_.end() ? nullptr : at->second;
  }
  const SafetensorsEntry* take(const std::string& name) {
    const SafetensorsEntry* tensor = peek(name);
    if (tensor != nullptr) taken_.insert(tensor->name);
    return tensor;
  }
  // Quoted.
  [[nodiscard]] std::vector<std::string> left_over() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) {
      // How many batches a norm has seen: a count, no weight.
      if (!taken_.contains(name) && !name.ends_with("num_batches_tracked")) names.push_back(in_quotes(name));
    }
    return names;
  }
  [[nodiscard]] bool took_f64() const {
    return std::ranges::any_of(taken_,
                               [this](const std::string& name) { return tensors_.at(name)->dtype == Dtype::f64; });
  }
  // What stands before one of the graph's names most often: "", "module.", "model.backbone.", ...
  [[nodiscard]] std::string commonest_prefix(const nn::Graph& graph) const {
    std::set<std::string_view> wanted;
    for (const nn::GraphWeight& weight : graph.weights()) wanted.insert(weight.name);
    std::map<std::string, std::size_t> found{{"", 0}};
    for (const auto& [name, tensor] : tensors_) {
      for (std::size_t at = 0; at < name.size(); at = std::min(name.size(), name.find('.', at)) + 1) {
        if (wanted.contains(std::string_view(name).substr(at))) ++found[name.substr(0, at)];
      }
    }
    return std::ranges::max_element(found, {}, [](const auto& prefix) { return prefix.second; })->first;
  }

 private:
  std::map<std::string, const SafetensorsEntry*, std::less<>> tensors_;
  std::set<std::string> taken_;
  std::string prefix_;
};

// Equal but for extents of 1 at the end: a linear layer may be written as a convolution of 1 x 1 and the other way
// round.
bool same_shape(const SafetensorsEntry& tensor, const nn::Shape& shape) {
  std::span<const std::uint64_t> have = tensor.shape;
  std::span<const int> want = shape.extents();
  while (!have.empty() && have.back() == 1) have = have.first(have.size() - 1);
  while (!want.empty() && want.back() == 1) want = want.first(want.size() - 1);
  return std::ranges::equal(have, want, [](std::uint64_t h, int w) { return h == static_cast<std::uint64_t>(w); });
}

// How the norm after a layer of this name is called: "conv1" and "bn1" or "norm1", "features.0.0" and "features.0.1".
std::vector<std::string> norm_names(const std::string& layer) {
  const std::size_t dot = layer.rfind('.');
  const std::string parent = dot == std::string::npos ? "" : layer.substr(0, dot + 1);
  const std::string last = layer.substr(parent.size());
  std::vector<std::string> names;
  int number = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), number);
  if (error == std::errc{} && end == last.data() + last.size() && number < 100'000)
    names.push_back(parent + std::to_string(number + 1));
  if (const std::size_t at = last.find("conv"); at != std::string::npos) {
    for (const char* word : {"bn", "norm", "batchnorm", "batch_norm"})
      names.push_back(parent + last.substr(0, at) + word + last.substr(at + 4));
  }
  return names;
}

class Fitting {
 public:
  Fitting(const SafetensorsFile& file, const nn::Graph& graph, const nn::NormEpsilons& epsilons)
      : store_(file), graph_(graph), epsilons_(epsilons), weights_(graph.weight_count()) {}

  Result<std::vector<float>> run(std::vector<std::string>* notices) {
    store_.set_prefix(store_.commonest_prefix(graph_));
    for (const nn::Node& node : graph_.nodes()) {
      if (!node.weights.empty() && !fold(node)) {
        for (const int weight : node.weights) fill(graph_.weights()[static_cast<std::size_t>(weight)]);
      }
    }
    if (!faults_.empty()) return std::unexpected(complaint());
    for (const nn::GraphWeight& weight : graph_.weights()) {
      for (const float value : values(weight)) {
        if (!std::isfinite(value)) return fail(text::weights_not_finite, {{"tensor", in_quotes(weight.name)}});
      }
    }
    if (notices != nullptr && store_.took_f64()) notices->push_back(tr(text::model_rounded));
    if (const auto left = store_.left_over(); notices != nullptr && !left.empty()) {
      notices->push_back(
          tr(text::weights_left_over, {{"n", left.size()}, {"tensors", base::list_of_some(left, kTensorsListed)}}));
    }
    return std::move(weights_);
  }

 private:
  [[nodiscard]] std::span<float> values(const nn::GraphWeight& weight) {
    return std::span(weights_).subspan(weight.offset, weight.shape.size());
  }

  void fill(const nn::GraphWeight& weight) {
    const SafetensorsEntry* tensor = store_.take(weight.name);
    if (tensor == nullptr) {
      faults_.emplace_back(text::weights_absent, Arguments{{"tensor", in_quotes(weight.name)}});
    } else if (!same_shape(*tensor, weight.shape)) {
      faults_.emplace_back(text::weights_shape, Arguments{{"tensor", in_quotes(weight.name)},
                                                          {"shape", shape_text(*tensor)},
                                                          {"wanted", weight.shape.text()}});
    } else if (!has_fractions(tensor->dtype)) {
      faults_.emplace_back(text::weights_whole_numbers,
                           Arguments{{"tensor", in_quotes(weight.name)}, {"type", dtype_name(tensor->dtype)}});
    } else {
      values_of(*tensor, values(weight));
    }
  }

  // A layer with a bias that the file gives as a kernel and a norm; false where it is none.
  bool fold(const nn::Node& node) {
    if (!nn::is_weighted_sum(node.op) || node.weights.size() != 2) return false;
    const nn::GraphWeight& kernel = graph_.weights()[static_cast<std::size_t>(node.weights[0])];
    const nn::GraphWeight& bias = graph_.weights()[static_cast<std::size_t>(node.weights[1])];
    for (const std::string& name : norm_names(node.name)) {
      const auto norm = norm_of(name, bias.shape);
      const SafetensorsEntry* tensor = norm ? store_.peek(kernel.name) : nullptr;
      if (tensor == nullptr || !same_shape(*tensor, kernel.shape) || !has_fractions(tensor->dtype)) continue;
      const SafetensorsEntry* before = store_.take(bias.name);
      if (before != nullptr && (!same_shape(*before, bias.shape) || !has_fractions(before->dtype))) continue;
      const std::vector<float> unfolded = values_of(*store_.take(kernel.name));
      const nn::NormValues values_of_norm{values_of(*norm->weight), values_of(*norm->bias), values_of(*norm->mean),
                                          values_of(*norm->variance), epsilon_of(node.name)};
      for (const char* role : {"weight", "bias", "running_mean", "running_var"}) (void)store_.take(name + "." + role);
      nn::fold_norm(unfolded, before == nullptr ? std::vector<float>{} : values_of(*before), values_of_norm,
                    values(kernel), values(bias));
      return true;
    }
    return false;
  }

  [[nodiscard]] double epsilon_of(const std::string& layer) const {
    const auto at = epsilons_.find(layer);
    return at == epsilons_.end() ? kEpsilon : at->second;
  }

  struct Norm {
    const SafetensorsEntry* weight;
    const SafetensorsEntry* bias;
    const SafetensorsEntry* mean;
    const SafetensorsEntry* variance;
  };
  [[nodiscard]] std::optional<Norm> norm_of(const std::string& name, const nn::Shape& channels) const {
    if (graph_.find_weight(name + ".running_mean") >= 0) return std::nullopt;  // the graph has it as a layer of its own
    const Norm norm{store_.peek(name + ".weight"), store_.peek(name + ".bias"), store_.peek(name + ".running_mean"),
                    store_.peek(name + ".running_var")};
    for (const SafetensorsEntry* tensor : {norm.weight, norm.bias, norm.mean, norm.variance}) {
      if (tensor == nullptr || !same_shape(*tensor, channels) || !has_fractions(tensor->dtype)) return std::nullopt;
    }
    return norm;
  }

  // The first faults, each a sentence, and what the file has in their place.
  [[nodiscard]] Error complaint() const {
    std::string all;
    const auto add = [&](const std::string& sentence) { all += (all.empty() ? "" : " ") + sentence; };
    for (std::size_t i = 0; i < std::min(faults_.size(), kMostFaults); ++i) add(faults_[i].said());
    if (faults_.size() > kMostFaults) add(tr(text::weights_more_faults, {{"n", faults_.size() - kMostFaults}}));
    if (const auto left = store_.left_over(); !left.empty())
      add(tr(text::weights_others, {{"tensors", base::list_of_some(left, kTensorsListed)}}));
    return {text::weights_misfit, {{"faults", all}}};
  }

  TensorStore store_;
  const nn::Graph& graph_;
  const nn::NormEpsilons& epsilons_;
  std::vector<float> weights_;
  std::vector<Sentence> faults_;
};

}  // namespace

Result<std::vector<float>> fit_weights(std::span<const std::byte> bytes, const nn::Graph& graph,
                                       std::vector<std::string>* notices, const nn::NormEpsilons& epsilons) {
  const auto file = parse_safetensors(bytes);
  if (!file) return std::unexpected(refusal_of("", bytes, file.error(), {FileKind::model, FileKind::weights}));
  return Fitting(*file, graph, epsilons).run(notices);
}

}  // namespace weightroom::io
