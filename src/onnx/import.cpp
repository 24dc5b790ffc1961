#include "onnx/import.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <strings/labels.h>
#include <strings/onnx.h>

#include "base/language.h"
#include "io/model_file.h"
#include "io/preprocess.h"
#include "io/text.h"
#include "nn/graph.h"
#include "onnx/answer.h"
#include "onnx/metadata.h"
#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

using namespace onnx;

constexpr long long kFirstOpset = 7;
constexpr long long kLastOpset = 21;
constexpr int kUsualSize = 224;
constexpr int kMostSide = 4096;

// What the one input of the file wants: (C,H,W), and whether channels come last there.
struct Input {
  std::string name;
  nn::Shape shape;
  bool channels_last = false;
};

Result<Input> find_input(const File& file, const OnnxOptions& options) {
  std::set<std::string> constants;
  for (const Tensor& tensor : file.initializers) constants.insert(tensor.name);
  const Value* found = nullptr;
  for (const Value& value : file.inputs) {
    if (constants.contains(value.name)) continue;  // before IR version 4 weights are inputs too
    if (found != nullptr)
      return fail(text::onnx_many_inputs,
                  {{"first", io::in_quotes(found->name)}, {"second", io::in_quotes(value.name)}});
    found = &value;
  }
  if (found == nullptr) return fail(text::onnx_no_input);
  const auto& extents = found->extents;
  if (extents.size() != 4)
    return fail(text::onnx_input_rank, {{"input", io::in_quotes(found->name)}, {"axes", extents.size()}});
  const auto colours = [](long long extent) { return extent == 1 || extent == 3; };
  Input input{found->name, {}, !colours(extents[1]) && colours(extents[3])};
  const long long channels = input.channels_last ? extents[3] : (extents[1] < 0 ? 3 : extents[1]);
  if (!colours(channels)) return fail(text::onnx_input_channels, {{"channels", channels}});
  const auto side = [&](long long extent) {
    if (extent > 0) return extent;
    return static_cast<long long>(options.size > 0 ? options.size : kUsualSize);
  };
  const long long height = side(extents[input.channels_last ? 1 : 2]);
  const long long width = side(extents[input.channels_last ? 2 : 3]);
  if (height > kMostSide || width > kMostSide) return fail(text::onnx_input_size, {{"most", kMostSide}});
  input.shape = {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)};
  return input;
}

// A node of op Constant: its tensor.
Result<Tensor> constant_of(const NodeView& node) {
  for (const auto& [name, attribute] : node.node().attributes) {
    if (attribute.tensors.size() == 1) return attribute.tensors[0];
    Tensor tensor;
    const bool list = name.ends_with("s");
    if (name.starts_with("value_int")) {
      tensor.whole = true;
      tensor.integers = attribute.integers;
    } else if (name.starts_with("value_float")) {
      tensor.reals = attribute.reals;
    } else {
      continue;
    }
    if (list) tensor.extents = {static_cast<long long>(tensor.size())};
    if (list || tensor.size() == 1) return tensor;
  }
  return fail(text::onnx_no_numbers, {{"node", node.words()}});
}

bool is_supported(const NodeView& node) {
  static const std::set<std::string> kFolded = {
      "Constant", "ConstantOfShape", "Range", "Expand", "Where", "Equal", "Mod", "Not", "Floor", "Ceil"};
  if (!node.node().domain.empty()) return false;
  return kFolded.contains(node.op()) || find_translation(node.op()) != nullptr;
}

class Importer {
 public:
  // Takes the initialisers out of the file: they may be a hundred megabytes.
  Importer(File& file, const Input& input) : file_(file), builder_(input.shape) {
    Known picture;
    picture.node = "input";
    picture.shape = {1, input.shape[0], input.shape[1], input.shape[2]};
    if (input.channels_last) {
      auto turned =
          builder_.add("channels_last", "transpose", {picture}, {{"order", std::vector<long long>{0, 2, 3, 1}}});
      CHECK(turned.has_value());
      picture = std::move(*turned);
    }
    known_.insert_or_assign(input.name, std::move(picture));
    for (Tensor& tensor : file.initializers) {
      const std::string name = tensor.name;
      known_[name].constant = std::move(tensor);
    }
    for (const Node& node : file.nodes) {
      for (const std::string& name : node.inputs) ++readers_[name];
    }
  }

  Result<nn::Folded> run() {
    const std::string& answer = file_.outputs[0].name;
    const std::vector<bool> needed = needed_nodes(answer);
    if (auto supported = refuse_unsupported(needed); !supported) return std::unexpected(supported.error());
    for (std::size_t i = 0; i < file_.nodes.size(); ++i) {
      if (!needed[i]) continue;
      if (auto done = translate({file_.nodes[i], file_.opset}); !done) return std::unexpected(done.error());
    }
    const auto at = known_.find(answer);
    if (at == known_.end()) return fail(text::onnx_no_answer, {{"output", io::in_quotes(answer)}});
    if (at->second.constant) return fail(text::onnx_constant_answer);
    if (at->second.node == "input") return fail(text::onnx_input_answer);
    auto found = find_answer(builder_, at->second);
    if (!found) return std::unexpected(found.error());
    notices_ = std::move(found->notices);
    one_number_ = found->one_number;
    return builder_.finish(found->last);
  }
  // What was made of the answer; after run().
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
  [[nodiscard]] bool one_number() const { return one_number_; }

 private:
  // Which nodes lead to the answer.
  [[nodiscard]] std::vector<bool> needed_nodes(const std::string& answer) const {
    std::vector<bool> needed(file_.nodes.size(), false);
    std::set<std::string> wanted{answer};
    for (std::size_t i = file_.nodes.size(); i-- > 0;) {
      const Node& node = file_.nodes[i];
      needed[i] = std::ranges::any_of(node.outputs, [&](const std::string& name) { return wanted.contains(name); });
      if (needed[i]) wanted.insert(node.inputs.begin(), node.inputs.end());
    }
    return needed;
  }

  // All at once, so that nobody exports again for each of them.
  [[nodiscard]] Status refuse_unsupported(const std::vector<bool>& needed) const {
    constexpr std::size_t kMostListed = 400;  // bytes
    std::vector<std::string> names;
    for (std::size_t i = 0; i < file_.nodes.size(); ++i) {
      const NodeView node(file_.nodes[i], file_.opset);
      if (needed[i] && !is_supported(node)) names.push_back(node.words());
    }
    if (names.empty()) return {};
    return fail(text::onnx_unsupported, {{"nodes", base::list_of_some(names, kMostListed)}});
  }

  Status translate(const NodeView& node) {
    std::vector<Known*> inputs;
    std::vector<const Tensor*> tensors;
    std::vector<int> readers;
    bool flows = false;
    for (const std::string& name : node.node().inputs) {
      const auto at = known_.find(name);
      if (at == known_.end() && !name.empty())
        return fail(text::onnx_unknown_input, {{"node", node.words()}, {"input", io::in_quotes(name)}});
      inputs.push_back(name.empty() ? nullptr : &at->second);
      tensors.push_back(inputs.back() != nullptr && at->second.constant ? &*at->second.constant : nullptr);
      readers.push_back(name.empty() ? 0 : readers_.at(name));
      flows = flows || (inputs.back() != nullptr && tensors.back() == nullptr);
    }
    std::vector<Known> outputs;
    if (flows) {
      const OpRow* row = find_translation(node.op());
      if (row == nullptr) return fail(text::onnx_constants_only, {{"node", node.words()}});
      if (inputs[0] == nullptr) return fail(text::onnx_no_first_input, {{"node", node.words()}});
      auto made = onnx::translate(*row, {node, inputs, builder_, readers});
      if (!made) return std::unexpected(made.error());
      outputs = std::move(*made);
    } else if (auto folded = fold_constants(node, tensors); !folded) {
      return std::unexpected(folded.error());
    } else {
      for (Tensor& tensor : *folded) {
        computed_ += tensor.size();
        outputs.emplace_back().constant = std::move(tensor);
      }
      if (computed_ > kMostComputed) return fail(text::onnx_constants_large, {{"node", node.words()}});
    }
    const auto& names = node.node().outputs;
    for (std::size_t i = 0; i < std::min(names.size(), outputs.size()); ++i)
      known_.insert_or_assign(names[i], std::move(outputs[i]));
    return {};
  }

  static Result<std::vector<Tensor>> fold_constants(const NodeView& node, std::span<const Tensor* const> tensors) {
    if (node.op() == "Constant") {
      auto tensor = constant_of(node);
      if (!tensor) return std::unexpected(tensor.error());
      return std::vector<Tensor>{std::move(*tensor)};
    }
    auto folded = fold(node, tensors);
    if (!folded) return fail(text::onnx_no_constants, {{"node", node.words()}});
    return std::move(*folded);
  }

  const File& file_;
  Builder builder_;
  // Of all constants that are computed rather than read: a few small nodes can double one again and again.
  static constexpr std::size_t kMostComputed = onnx::kMaxFile / 2;
  std::size_t computed_ = 0;  // values
  std::map<std::string, Known> known_;
  std::map<std::string, int> readers_;
  std::vector<std::string> notices_;
  bool one_number_ = false;
};

}  // namespace

Result<nn::Model> import_onnx(std::span<const std::byte> bytes, std::string_view name, const OnnxOptions& options,
                              OpenReport* report) {
  auto file = parse_onnx(bytes);
  if (!file) return std::unexpected(file.error());
  if (file->opset < kFirstOpset || file->opset > kLastOpset)
    return fail(text::onnx_opset, {{"opset", file->opset}, {"first", kFirstOpset}, {"last", kLastOpset}});
  if (file->outputs.empty()) return fail(text::onnx_no_output);
  const auto input = find_input(*file, options);
  if (!input) return std::unexpected(input.error());
  Importer importer(*file, *input);
  auto net = importer.run();
  if (!net) return std::unexpected(net.error());
  const bool norms = std::ranges::any_of(
      net->graph->nodes(), [](const nn::Node& node) { return node.op != nullptr && node.op->name == "batch_norm"; });
  if (norms) net = nn::fold_batch_norm(*net->graph, net->weights, nn::OtherNorms::keep);
  if (!net) return std::unexpected(net.error());
  if (auto fits = io::check_activations(*net->graph); !fits) return std::unexpected(fits.error());
  for (const float weight : net->weights) {
    if (!std::isfinite(weight)) return fail(text::onnx_weight_not_finite);
  }
  nn::Model model;
  model.name = name;
  model.title = file->producer.empty()
                    ? tr(text::onnx_title, {{"opset", file->opset}})
                    : tr(text::onnx_title_by, {{"producer", file->producer.substr(0, 40)}, {"opset", file->opset}});
  model.graph = net->graph;
  model.weights = std::move(net->weights);
  const auto classes = static_cast<std::size_t>(model.graph->class_count());
  model.labels = options.labels.empty() ? labels_of(file->metadata, classes, importer.one_number()) : options.labels;
  if (importer.one_number()) model.labels = two_classes(std::move(model.labels));
  const bool unnamed = model.labels.empty();
  if (unnamed) {
    for (std::size_t k = 0; k < classes; ++k)
      model.labels.push_back(tr(text::labels_numbered, {{"number", std::to_string(k)}}));
  }
  if (model.labels.size() != classes)
    return fail(text::onnx_label_count, {{"classes", classes}, {"n", model.labels.size()}});
  const auto reading = reading_of(file->metadata, input->shape[0]);
  if (!reading) return std::unexpected(reading.error());
  model.preprocessing = reading->preprocessing;
  model.provenance = "{}";
  if (report == nullptr) return model;
  report->guessed_labels = unnamed;
  report->guessed_reading = !reading->said;
  report->notices.insert(report->notices.end(), importer.notices().begin(), importer.notices().end());
  if (file->outputs.size() > 1)
    report->notices.push_back(
        tr(text::onnx_outputs, {{"n", file->outputs.size()}, {"output", io::in_quotes(file->outputs[0].name)}}));
  return model;
}

}  // namespace weightroom::onnx
