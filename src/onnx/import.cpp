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
#include "onnx/survey.h"

namespace weightroom::onnx {
namespace {

using namespace onnx;

constexpr long long kFirstOpset = 7;
constexpr long long kLastOpset = 26;

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
      "Constant", "ConstantOfShape", "Range",     "Where",   "Equal", "Mod", "Not", "Floor",
      "Ceil",     "ReduceProd",      "ReduceMin", "Greater", "Less",  "If"};
  if (!node.node().domain.empty()) return false;
  return kFolded.contains(node.op()) || find_translation(node.op()) != nullptr;
}

class Importer {
 public:
  // Takes the initialisers out of the file: they may be a hundred megabytes.
  Importer(File& file, const Input& input)
      : file_(file), builder_(input.shape, input.batch), readers_(count_readers(file)) {
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
    for (Tensor& tensor : file.initializers) keep(std::move(tensor));
  }

  [[nodiscard]] bool quantised() const { return builder_.quantised; }

  Result<nn::Folded> run() {
    const std::string& answer = answer_of(file_).name;
    if (auto done = translate_all(file_, {answer}); !done) return std::unexpected(done.error());
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
  [[nodiscard]] bool one_answer() const { return one_number_; }

 private:
  void keep(Tensor tensor) {
    const std::string name = tensor.name;
    known_[name].constant = std::move(tensor);
  }

  // The nodes of a graph that lead to `wanted`.
  Status translate_all(const Graph& graph, const std::vector<std::string>& wanted) {
    const std::vector<bool> needed = needed_nodes(graph, wanted);
    if (auto supported = refuse_unsupported(graph, needed); !supported) return supported;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (!needed[i]) continue;
      if (auto done = translate({graph.nodes[i], file_.opset}); !done) return done;
    }
    return {};
  }

  // All at once, so that nobody exports again for each of them.
  [[nodiscard]] Status refuse_unsupported(const Graph& graph, const std::vector<bool>& needed) const {
    constexpr std::size_t kMostListed = 400;  // bytes
    std::vector<std::string> names;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const NodeView node(graph.nodes[i], file_.opset);
      if (needed[i] && !is_supported(node)) names.push_back(node.words());
    }
    if (names.empty()) return {};
    return fail(text::onnx_unsupported, {{"nodes", base::list_of_some(names, kMostListed)}});
  }

  // What a node reads: nothing for an input that is left out.
  struct Read {
    std::vector<Known*> inputs;
    std::vector<const Tensor*> tensors;  // of those that are constants
    std::vector<int> readers;
    bool flows = false;  // one of them comes from the picture
  };
  Result<Read> read(const NodeView& node) {
    Read read;
    for (const std::string& name : node.node().inputs) {
      const auto at = known_.find(name);
      if (at == known_.end() && !name.empty())
        return fail(text::onnx_unknown_input, {{"node", node.words()}, {"input", io::in_quotes(name)}});
      Known* known = name.empty() ? nullptr : &at->second;
      const Tensor* tensor = known != nullptr && known->constant ? &*known->constant : nullptr;
      if (tensor != nullptr && tensor->unread) return std::unexpected(*tensor->unread);
      read.inputs.push_back(known);
      read.tensors.push_back(tensor);
      read.readers.push_back(name.empty() ? 0 : readers_.at(name));
      read.flows = read.flows || (known != nullptr && tensor == nullptr);
    }
    return read;
  }

  Status translate(const NodeView& node) {
    auto read = this->read(node);
    if (!read) return std::unexpected(read.error());
    if (node.op() == "If") return take_branch(node, *read);
    std::vector<Known> outputs;
    if (read->flows) {
      const OpRow* row = find_translation(node.op());
      if (row == nullptr) return fail(text::onnx_constants_only, {{"node", node.words()}});
      if (read->inputs[0] == nullptr) return fail(text::onnx_no_first_input, {{"node", node.words()}});
      auto made = onnx::translate(*row, {node, read->inputs, builder_, read->readers});
      if (!made) return std::unexpected(made.error());
      outputs = std::move(*made);
    } else if (auto folded = fold_constants(node, read->tensors); !folded) {
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

  // The branch of an If whose condition is known before the picture comes. It reads what stands around it.
  Status take_branch(const NodeView& node, const Read& read) {
    const auto condition =
        !read.tensors.empty() && read.tensors[0] != nullptr ? one_number(*read.tensors[0]) : std::nullopt;
    const char* name = condition && *condition != 0.0F ? "then_branch" : "else_branch";
    const auto at = node.node().attributes.find(name);
    if (!condition || at == node.node().attributes.end() || at->second.graphs.size() != 1)
      return fail(text::onnx_does_not_fit, {{"node", node.words()}, {"why", Error{text::onnx_if}}});
    const Graph& branch = at->second.graphs[0];
    for (const Tensor& tensor : branch.initializers) keep(tensor);
    std::vector<std::string> wanted;
    for (const Value& output : branch.outputs) wanted.push_back(output.name);
    if (auto done = translate_all(branch, wanted); !done) return done;
    const auto& names = node.node().outputs;
    for (std::size_t i = 0; i < std::min(names.size(), wanted.size()); ++i) {
      const auto made = known_.find(wanted[i]);
      if (made == known_.end()) return fail(text::onnx_no_answer, {{"output", io::in_quotes(wanted[i])}});
      const Known result = made->second;
      known_.insert_or_assign(names[i], result);
    }
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
  static const Beside kNothing;
  auto file = parse_onnx(bytes, options.beside != nullptr ? *options.beside : kNothing);
  if (!file) return std::unexpected(file.error());
  if (file->opset < kFirstOpset || file->opset > kLastOpset)
    return fail(text::onnx_opset, {{"opset", file->opset}, {"first", kFirstOpset}, {"last", kLastOpset}});
  if (file->outputs.empty()) return fail(text::onnx_no_output);
  if (auto ok = check_names(*file); !ok) return std::unexpected(ok.error());
  const auto input = find_input(*file, needed_nodes(*file, {answer_of(*file).name}), options);
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
  model.epsilons = std::move(net->epsilons);
  const auto classes = static_cast<std::size_t>(model.graph->class_count());
  model.labels = options.labels.empty() ? labels_of(file->metadata, classes, importer.one_answer()) : options.labels;
  if (importer.one_answer()) model.labels = two_classes(std::move(model.labels));
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
  report->guessed_crop = !reading->ours;
  report->guessed_size = input->open_size && options.size == 0;
  report->notices.insert(report->notices.end(), importer.notices().begin(), importer.notices().end());
  if (importer.quantised()) report->notices.push_back(tr(text::onnx_quantised));
  if (reading->in_bytes) report->notices.push_back(tr(text::onnx_metadata_bytes));
  if (file->outputs.size() > 1)
    report->notices.push_back(
        tr(text::onnx_outputs, {{"n", file->outputs.size()}, {"output", io::in_quotes(answer_of(*file).name)}}));
  return model;
}

}  // namespace weightroom::onnx
