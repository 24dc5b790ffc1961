#include "train/arch.h"

#include <charconv>
#include <map>

#include <strings/recipe.h>

namespace weightroom::train {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

struct Layer {
  std::string text;  // as written, for sentences
  std::string word;
  int number = 0;  // 0: not given
  std::map<std::string, int, std::less<>> options;

  [[nodiscard]] int option(std::string_view name, int fallback) const {
    const auto found = options.find(name);
    return found == options.end() ? fallback : found->second;
  }
};

struct LayerRule {
  std::string_view word;
  std::string_view options;  // letters that may stand before '='
  bool needs_number;
  bool takes_number;
};

constexpr LayerRule kRules[] = {
    {"conv", "kspdga", true, true}, {"relu", "", false, false}, {"pool", "s", false, true},
    {"avgpool", "s", false, true},  {"gap", "", false, false},  {"flatten", "", false, false},
    {"fc", "", false, true},
};

bool read_whole(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// The next word of `text`, taken from it; empty at its end.
std::string_view take_word(std::string_view& text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return text = {};
  const std::size_t last = std::min(text.find_first_of(kBlanks, first), text.size());
  const std::string_view word = text.substr(first, last - first);
  text.remove_prefix(last);
  return word;
}

Status read_option(const LayerRule& rule, std::string_view word, Layer& layer) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  if (name.size() != 1 || rule.options.find(name) == std::string_view::npos)
    return fail(text::recipe_layer_option, {{"layer", layer.text}, {"option", name}});
  const std::string_view value = word.substr(equals + 1);
  int number = 0;
  if (name == "p" && value == "same") return {};
  if (!read_whole(value, number) || number < (name == "p" || name == "a" ? 0 : 1))
    return fail(text::recipe_layer_number, {{"layer", layer.text}, {"option", name}});
  layer.options.insert_or_assign(std::string(name), number);
  return {};
}

Result<Layer> read_layer(std::string_view text) {
  Layer layer;
  const std::size_t first = text.find_first_not_of(kBlanks);
  layer.text = std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
  layer.word = std::string(take_word(text));
  const LayerRule* rule = nullptr;
  for (const LayerRule& candidate : kRules) {
    if (candidate.word == layer.word) rule = &candidate;
  }
  if (rule == nullptr) return fail(text::recipe_layer_unknown, {{"layer", layer.text}});
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    if (word.find('=') != std::string_view::npos) {
      if (auto read = read_option(*rule, word, layer); !read) return std::unexpected(read.error());
    } else if (layer.number != 0 || !rule->takes_number || !read_whole(word, layer.number) || layer.number < 1) {
      return fail(rule->takes_number ? text::recipe_layer_one_number : text::recipe_layer_no_number,
                  {{"layer", layer.text}, {"word", word}});
    }
  }
  if (rule->needs_number && layer.number == 0) return fail(text::recipe_layer_channels, {{"layer", layer.text}});
  return layer;
}

class Builder {
 public:
  Builder(const nn::Shape& input, int classes) : classes_(classes) { spec_.input = input; }

  Status add(const Layer& layer, bool last) {
    if (layer.word == "conv") return add_conv(layer);
    if (layer.word == "pool" || layer.word == "avgpool") {
      const int kernel = layer.number == 0 ? 2 : layer.number;
      nn::Attributes attributes{{"kernel", static_cast<long long>(kernel)}};
      attributes.set("stride", static_cast<long long>(layer.option("s", kernel)));
      const bool max = layer.word == "pool";
      push((max ? "pool" : "avgpool") + std::to_string(max ? ++pools_ : ++average_pools_),
           max ? "max_pool" : "avg_pool", std::move(attributes));
      return {};
    }
    if (layer.word == "relu") {
      push("relu" + std::to_string(convs_), "relu", {});
      return {};
    }
    if (layer.word == "gap") {
      push("gap", "global_avg_pool", {});
      return {};
    }
    if (layer.word == "flatten") {
      add_flatten();
      return {};
    }
    add_linear(layer, last);
    return {};
  }

  nn::GraphSpec take() { return std::move(spec_); }

 private:
  void push(const std::string& name, const std::string& op, nn::Attributes attributes) {
    spec_.nodes.push_back({name, op, {spec_.nodes.empty() ? "input" : spec_.nodes.back().name}, std::move(attributes)});
  }

  Status add_conv(const Layer& layer) {
    const int kernel = layer.option("k", 3);
    const int dilation = layer.option("d", 1);
    if (!layer.options.contains("p") && kernel % 2 == 0) return fail(text::recipe_layer_even, {{"layer", layer.text}});
    const std::string number = std::to_string(++convs_);
    nn::Attributes attributes{{"bias", 0LL}};
    attributes.set("out_channels", static_cast<long long>(layer.number));
    attributes.set("kernel", static_cast<long long>(kernel));
    attributes.set("stride", static_cast<long long>(layer.option("s", 1)));
    attributes.set("padding", static_cast<long long>(layer.option("p", dilation * (kernel - 1) / 2)));
    // Left out at their usual value: the graph is read by people too.
    if (dilation != 1) attributes.set("dilation", static_cast<long long>(dilation));
    if (layer.option("g", 1) != 1) attributes.set("groups", static_cast<long long>(layer.option("g", 1)));
    push("conv" + number, "conv2d", std::move(attributes));
    push("bn" + number, "batch_norm", {});
    if (layer.option("a", 1) != 0) push("relu" + number, "relu", {});
    return {};
  }

  void add_flatten() {
    if (flat_) return;
    push("flatten", "flatten", {});
    flat_ = true;
  }

  void add_linear(const Layer& layer, bool last) {
    add_flatten();
    ++linears_;
    const std::string number = last && linears_ == 1 ? "" : std::to_string(linears_);
    const int outputs = layer.number == 0 ? classes_ : layer.number;
    push("fc" + number, "linear", nn::Attributes{{"out_features", static_cast<long long>(outputs)}});
    if (!last) push("fc_relu" + number, "relu", {});
  }

  nn::GraphSpec spec_;
  int classes_;
  int convs_ = 0;
  int pools_ = 0;
  int average_pools_ = 0;
  int linears_ = 0;
  bool flat_ = false;
};

}  // namespace

Result<nn::GraphSpec> parse_architecture(std::string_view text, const nn::Shape& input, int classes) {
  std::vector<Layer> layers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(";|"), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.find_first_not_of(kBlanks) == std::string_view::npos) continue;
    auto layer = read_layer(part);
    if (!layer) return std::unexpected(layer.error());
    layers.push_back(std::move(*layer));
  }
  if (layers.empty()) return fail(text::recipe_no_layers);
  Builder builder(input, classes);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (auto added = builder.add(layers[i], i + 1 == layers.size()); !added) return std::unexpected(added.error());
  }
  return builder.take();
}

}  // namespace weightroom::train
