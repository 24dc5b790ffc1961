// The page Difference: the loaded and the edited model on the same picture, layer by layer.
#include "studies/difference.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <strings/page.h>

#include "base/math.h"
#include "base/sort.h"
#include "document/edit_state.h"
#include "explain/pass.h"

namespace weightroom::studies {
namespace {

constexpr std::size_t kPictures = 100;  // that silent channels are looked for on
constexpr std::size_t kChannels = 6;    // of the selected layer that are shown

// The least and the largest of all finite values looked at.
struct Range {
  float low = std::numeric_limits<float>::infinity();
  float high = -std::numeric_limits<float>::infinity();

  void look(std::span<const float> values) {
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
};

Histogram empty_histogram(const Range& range) {
  Histogram found;
  if (range.low > range.high) return found;
  found.low = static_cast<double>(range.low);
  found.high = static_cast<double>(range.high);
  if (range.low == range.high) {
    found.low -= 0.5;
    found.high += 0.5;
  }
  return found;
}

// How the values fall into the histogram's bins; nothing where it has none.
std::vector<double> shares_of(std::span<const float> values, const Histogram& in) {
  if (in.low >= in.high) return {};
  std::vector<double> shares(Histogram::kBins, 0.0);
  const double each = 1.0 / static_cast<double>(std::max<std::size_t>(1, values.size()));
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const double at = (static_cast<double>(value) - in.low) / (in.high - in.low);
    shares[std::min(Histogram::kBins - 1, static_cast<std::size_t>(at * Histogram::kBins))] += each;
  }
  return shares;
}

// Both of the same bins.
Histogram histogram(std::span<const float> before, std::span<const float> now) {
  Range range;
  range.look(before);
  range.look(now);
  Histogram found = empty_histogram(range);
  found.before = shares_of(before, found);
  found.now = shares_of(now, found);
  return found;
}

// Which channels of a node have given anything but 0 so far.
class Loud {
 public:
  explicit Loud(const nn::Graph& graph) : channels_(graph.nodes().size()) {
    for (int node = 1; node < static_cast<int>(graph.nodes().size()); ++node) {
      if (!document::is_activation(graph, node)) continue;
      const nn::Shape& shape = graph.nodes()[static_cast<std::size_t>(node)].output;
      channels_[static_cast<std::size_t>(node)].assign(static_cast<std::size_t>(shape[1]), false);
    }
  }
  void look(const nn::Session& session) {
    for (std::size_t node = 1; node < channels_.size(); ++node) {
      auto& loud = channels_[node];
      if (loud.empty()) continue;
      const auto values = session.activation(static_cast<int>(node)).values();
      const std::size_t each = values.size() / loud.size();
      for (std::size_t c = 0; c < loud.size(); ++c) {
        const auto part = values.subspan(c * each, each);
        loud[c] = loud[c] || std::ranges::any_of(part, [](float value) { return value != 0.0F; });
      }
    }
  }
  [[nodiscard]] std::vector<int> silent(int node) const {
    std::vector<int> found;
    const auto& loud = channels_[static_cast<std::size_t>(node)];
    for (std::size_t c = 0; c < loud.size(); ++c) {
      if (!loud[c]) found.push_back(static_cast<int>(c));
    }
    return found;
  }

 private:
  std::vector<std::vector<bool>> channels_;
};

void compare_outputs(Beside::Row& row, std::span<const float> before, std::span<const float> now) {
  double change = 0.0;
  double there = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double by = static_cast<double>(now[i]) - static_cast<double>(before[i]);
    change += by * by;
    there += static_cast<double>(before[i]) * static_cast<double>(before[i]);
    row.largest = std::max(row.largest, std::abs(by));
  }
  row.relative =
      there > 0.0 ? std::sqrt(change / there) : (change > 0.0 ? std::numeric_limits<double>::quiet_NaN() : 0.0);
  row.activations = histogram(before, now);
}

// A node's tensors together, which lie one after another: the first weight, and how many.
std::pair<std::size_t, std::size_t> weights_of(const nn::Graph& graph, int node) {
  const auto& weights = graph.nodes()[static_cast<std::size_t>(node)].weights;
  if (weights.empty()) return {0, 0};
  const nn::GraphWeight& first = graph.weights()[static_cast<std::size_t>(weights.front())];
  const nn::GraphWeight& last = graph.weights()[static_cast<std::size_t>(weights.back())];
  return {first.offset, last.offset + last.shape.size() - first.offset};
}

// The maps of the channels that changed most.
void show_channels(Beside& found, int node, std::span<const float> before, std::span<const float> now,
                   const nn::Shape& shape) {
  found.node = node;
  found.channels.clear();
  if (shape.rank() < 2) return;
  const auto count = static_cast<std::size_t>(shape[1]);
  const std::size_t each = before.size() / std::max<std::size_t>(1, count);
  found.height = shape.rank() == 4 ? shape[2] : 1;
  found.width = shape.rank() == 4 ? shape[3] : static_cast<int>(each);
  std::vector<std::pair<double, int>> order;
  for (std::size_t c = 0; c < count; ++c) {
    double largest = 0.0;
    for (std::size_t i = c * each; i < (c + 1) * each; ++i)
      largest = std::max(largest, std::abs(static_cast<double>(now[i]) - static_cast<double>(before[i])));
    order.emplace_back(-largest, static_cast<int>(c));
  }
  base::sort(order);
  order.resize(std::min(order.size(), kChannels));
  for (const auto& [largest, channel] : order) {
    const std::size_t from = static_cast<std::size_t>(channel) * each;
    Beside::Channel shown{.channel = channel, .largest = -largest};
    for (std::size_t i = from; i < from + each; ++i) {
      shown.before.push_back(before[i]);
      shown.now.push_back(now[i]);
      shown.change.push_back(now[i] - before[i]);
    }
    found.channels.push_back(std::move(shown));
  }
}

const document::PictureSet* pictures_of(const document::Document& document) {
  return document.labelled ? document.labelled.get() : nullptr;
}

std::size_t compared_pictures(const document::Document& document) {
  const document::PictureSet* set = pictures_of(document);
  return set == nullptr ? 0 : std::min(kPictures, set->images.count());
}

double difference_passes(const document::Document& document) {
  return 2.0 + 6.0 + 2.0 * static_cast<double>(compared_pictures(document));
}

// Into the rows, of the nodes from the first on. One gradient is there at a time: of a large net it takes as much as
// the weights do, and running it again takes less than room for two.
base::Task compare_gradients(nn::Session& before, nn::Session& now, int target, std::vector<Beside::Row>& rows) {
  const std::vector<float> picture(now.input().begin(), now.input().end());
  const nn::Graph& graph = now.graph();
  std::vector<Range> ranges(rows.size());
  std::vector<float> gradient;
  for (const int turn : {0, 1, 2}) {
    nn::Session& session = turn == 1 ? now : before;
    session.swap_d_weights(gradient);
    explain::TargetPass pass(session, target);
    (void)co_await pass.weight_gradient(picture);
    session.swap_d_weights(gradient);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto [first, count] = weights_of(graph, rows[i].node);
      if (count == 0) continue;
      const auto values = std::span(gradient).subspan(first, count);
      if (turn < 2) ranges[i].look(values);
      if (turn == 1) {
        rows[i].gradients = empty_histogram(ranges[i]);
        rows[i].gradients.now = shares_of(values, rows[i].gradients);
      }
      if (turn == 2) rows[i].gradients.before = shares_of(values, rows[i].gradients);
    }
    co_await base::Pause{};
  }
}

base::Task study_difference(StudyInput input, StudyResults& results) {
  const document::Document& document = input.document;
  const nn::Graph& graph = document.graph();
  const auto& picture = *document.picture->input;
  nn::Session& now = input.session;
  nn::SessionPool::Lease other;
  while (!(other = input.another(StudyInput::Of::loaded, 1))) co_await base::Pause{};
  nn::Session& before = *other;
  Beside found;
  double done = 0.0;
  const double all = difference_passes(document);

  // Silent channels first: the activations of the bench's picture are to be there at the end.
  Loud loud_before(graph);
  Loud loud_now(graph);
  const document::PictureSet* set = pictures_of(document);
  const std::size_t pictures = compared_pictures(document);
  for (std::size_t k = 0; k <= pictures; ++k) {
    // Spread evenly over the set; the bench's own picture last.
    const auto values = k < pictures ? set->input(*document.model, k * set->images.count() / pictures)
                                     : std::vector<float>(picture.begin(), picture.end());
    for (auto [session, loud] : {std::pair{&before, &loud_before}, std::pair{&now, &loud_now}}) {
      session->set_input(values);
      while (!session->forward_step()) co_await base::Pause{};
      loud->look(*session);
      results.progress = (done += 1.0) / all;
      co_await base::Pause{};
    }
  }
  found.pictures = pictures + 1;
  const auto& nodes = graph.nodes();
  for (int node = 1; node < static_cast<int>(nodes.size()); ++node) {
    Beside::Row row{.node = node};
    const auto was = before.activation(node).values();
    const auto is = now.activation(node).values();
    if (found.first < 0 && !std::ranges::equal(was, is, base::same_bits)) found.first = node;
    compare_outputs(row, was, is);
    row.silent_before = loud_before.silent(node);
    row.silent_now = loud_now.silent(node);
    if (const auto [first, count] = weights_of(graph, node); count > 0) {
      std::vector<float> scratch;
      row.weights = histogram({document.model->weights.data() + first, count},
                              document.running_weights().values(first, count, scratch));
    }
    if (node == document.selection.layer)
      show_channels(found, node, was, is, nodes[static_cast<std::size_t>(node)].output);
    found.rows.push_back(std::move(row));
    co_await base::Pause{};
  }
  base::Task gradients = compare_gradients(before, now, input.target, found.rows);
  while (!gradients.step()) co_await base::Pause{};
  found.version = ++results.version;
  results.found.edit<Beside>() = std::move(found);
}

bool same_difference(const document::Document& a, const document::Document& b) {
  return a.selection.layer == b.selection.layer && a.labelled == b.labelled;
}

void write_difference(const document::Document& document, const StudyResults& results, io::JsonWriter& json) {
  const Beside& found = results.get<Beside>();
  const auto name = [&](int node) {
    return io::JsonWriter(document.graph().nodes()[static_cast<std::size_t>(node)].name);
  };
  io::JsonWriter rows = io::JsonWriter::array();
  for (const Beside::Row& row : found.rows) {
    rows.push_back({{"layer", name(row.node)},
                    {"relative", row.relative},
                    {"largest", row.largest},
                    {"silent_before", row.silent_before},
                    {"silent_now", row.silent_now}});
  }
  io::JsonWriter channels = io::JsonWriter::array();
  for (const Beside::Channel& channel : found.channels)
    channels.push_back({{"channel", channel.channel}, {"largest", channel.largest}});
  json.put("first", found.first < 0 ? io::JsonWriter() : name(found.first));
  json.put("pictures", found.pictures);
  json.put("layers", rows);
  json.put("channels", channels);
}

}  // namespace

StudyDef difference_study() {
  return {.name = "difference",
          .part = "difference",
          .group = Group::change,
          .title = text::page_difference_title,
          .help = text::page_difference_help,
          .same_question = same_difference,
          .passes = difference_passes,
          .run = study_difference,
          .write_found = write_difference};
}

}  // namespace weightroom::studies
