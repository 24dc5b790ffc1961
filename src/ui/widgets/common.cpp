#include "ui/widgets/common.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <strings/common.h>

#include "ui/context.h"
#include "ui/widgets/text.h"

namespace weightroom::ui {

std::string class_label(const document::Document& document, int index) {
  const auto i = static_cast<std::size_t>(index);
  if (index < 0 || i >= document.model->labels.size()) return tr(text::common_class, {{"index", index}});
  std::string label = document.model->labels[i];
  std::ranges::replace(label, '_', ' ');  // folder names have no blanks
  return label;
}

const std::string& node_name(const document::Document& document, int node) {
  return document.graph().nodes()[static_cast<std::size_t>(node)].name;
}

std::string_view say(Text key) { return base::form_of(key, 0); }

std::string percent_done(double share) { return percent(std::floor(100.0 * share) / 100.0, 0); }

std::string top_answer(const View& view) {
  const int top = view.results().order.front();
  return class_label(view.document(), top) + "  " +
         percent(static_cast<double>(view.results().probabilities[static_cast<std::size_t>(top)]));
}

std::string weight_id(const nn::Graph& graph, nn::WeightRef ref) {
  std::string name = nn::format_weight_ref(graph, ref);
  const std::size_t bracket = name.find('[');
  const std::size_t dot = name.rfind('.', bracket);
  std::string id = name.substr(dot + 1, bracket - dot - 1) + "/" + name.substr(0, dot) + "/" + name.substr(bracket + 1);
  id.pop_back();
  for (char& ch : id) ch = ch == ',' ? '/' : ch;
  return id;
}

void choose_layer(const View& view, int node, CommandQueue& commands, std::optional<int> channel) {
  const nn::Graph& graph = view.document().graph();
  const nn::Node& layer = graph.nodes()[static_cast<std::size_t>(node)];
  commands.push(document::command::SelectLayer{layer.name});
  if (layer.weights.empty()) return;
  const nn::GraphWeight& tensor = graph.weights()[static_cast<std::size_t>(layer.weights.front())];
  const std::size_t each = tensor.shape.size() / static_cast<std::size_t>(tensor.shape[0]);
  const std::size_t first = channel ? static_cast<std::size_t>(*channel) * each : 0;
  const std::size_t count = channel ? each : tensor.shape.size();
  if (const auto& lit = view.document().selection.weight; lit) {
    const nn::GraphWeight& held = graph.weights()[static_cast<std::size_t>(lit->tensor)];
    const std::size_t row = held.shape.size() / static_cast<std::size_t>(held.shape[0]);
    if (held.node == node && (!channel || lit->element / row == static_cast<std::size_t>(*channel))) return;
  }
  nn::WeightRef best{layer.weights.front(), first};
  const std::span<const float> gradient = view.results().weight_gradient;
  if (gradient.size() == graph.weight_count()) {
    const std::span<const float> own = std::span(gradient).subspan(tensor.offset + first, count);
    const auto most = std::ranges::max_element(own, {}, [](float g) { return std::abs(g); });
    best.element += static_cast<std::size_t>(most - own.begin());
  }
  commands.push(document::command::SelectWeight{best});
}

gfx::Sprite picture_sprite(const View& view, const document::Picture& picture) {
  return view.textures.picture("picture", revision_of(picture.display.rgba), *picture.display.rgba,
                               picture.display.width, picture.display.height, picture.native_size);
}

bool first_words(const View& view, const UiState& ui) {
  return ui.first_words && view.answered() && view.document().selection.weight.has_value() && !view.document().edited();
}

}  // namespace weightroom::ui
