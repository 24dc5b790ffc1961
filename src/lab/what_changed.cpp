#include "lab/what_changed.h"

#include <algorithm>
#include <cmath>

namespace weightroom::lab {
namespace {

std::vector<float> means_of(nn::ConstTensor output) {
  const auto channels = static_cast<std::size_t>(output.shape.c());
  const std::size_t each = output.size() / channels;
  std::vector<float> means;
  means.reserve(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    double sum = 0.0;
    for (const float value : output.values().subspan(c * each, each)) sum += std::fabs(static_cast<double>(value));
    means.push_back(static_cast<float>(sum / static_cast<double>(each)));
  }
  return means;
}

// The channel whose mean differs most, as a share of the layer's largest.
int most_changed(const std::vector<float>& before, const std::vector<float>& now) {
  std::size_t most = 0;
  for (std::size_t c = 1; c < now.size(); ++c) {
    if (std::fabs(now[c] - before[c]) > std::fabs(now[most] - before[most])) most = c;
  }
  return static_cast<int>(most);
}

// The first layer one of whose weights differs from the loaded one; -1: none does.
int first_edited(const document::Document& document) {
  const document::PagedWeights& now = document.running_weights();
  const document::PagedWeights& loaded = document.loaded;
  for (std::size_t p = 0; p < now.page_count(); ++p) {
    if (now.shares_page(loaded, p)) continue;
    const auto differs = std::ranges::mismatch(now.page(p), loaded.page(p)).in1;
    if (differs == now.page(p).end()) continue;
    const std::size_t at = p * document::PagedWeights::kPage + static_cast<std::size_t>(differs - now.page(p).begin());
    for (const nn::GraphWeight& tensor : document.graph().weights()) {
      if (at >= tensor.offset && at < tensor.offset + tensor.shape.size()) return tensor.node;
    }
  }
  return -1;
}

// Of the nodes behind `node` the first one with weights that reads from it, on whatever way.
int next_reader(const nn::Graph& graph, int node) {
  std::vector<bool> reached(graph.nodes().size(), false);
  reached[static_cast<std::size_t>(node)] = true;
  for (std::size_t i = static_cast<std::size_t>(node) + 1; i < graph.nodes().size(); ++i) {
    const nn::Node& reader = graph.nodes()[i];
    reached[i] = std::ranges::any_of(reader.inputs, [&](int from) { return reached[static_cast<std::size_t>(from)]; });
    if (reached[i] && reader.op->traits.weighted_sum) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

ChannelMeans channel_means(const nn::Session& session) {
  constexpr std::size_t kMost = 4'000'000;  // values: some milliseconds
  const nn::Graph& graph = session.graph();
  std::size_t values = 0;
  for (const nn::Node& node : graph.nodes()) values += node.output.size();
  ChannelMeans means;
  if (values > kMost) return means;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i)
    means.push_back(means_of(session.activation(static_cast<int>(i))));
  return means;
}

std::optional<WhatChanged> what_changed(const document::Document& document, const nn::Session& session,
                                        const ChannelMeans& unedited, int from, int to) {
  if (from == to || unedited.empty()) return std::nullopt;
  WhatChanged found{.from = from, .to = to};
  found.node = first_edited(document);
  if (found.node < 0) return std::nullopt;
  const auto node = static_cast<std::size_t>(found.node);
  const std::vector<float> now = means_of(session.activation(found.node));
  found.channel = most_changed(unedited[node], now);
  found.before = unedited[node][static_cast<std::size_t>(found.channel)];
  found.now = now[static_cast<std::size_t>(found.channel)];
  found.reader = next_reader(document.graph(), found.node);
  if (found.reader < 0) return found;
  const auto reader = static_cast<std::size_t>(found.reader);
  found.reader_channel = most_changed(unedited[reader], means_of(session.activation(found.reader)));
  return found;
}

}  // namespace weightroom::lab
