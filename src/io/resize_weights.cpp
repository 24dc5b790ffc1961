// The arithmetic of stb_image_resize 0.97 to the last bit, the places where rounding gives a value one neighbour more
// than its four included: recorded results stand on it.
#include "io/resize_weights.h"

#include <algorithm>
#include <cmath>

namespace weightroom::io {
namespace {

float mitchell(float x) {
  x = std::abs(x);
  if (x < 1.0F) return (16.0F + x * x * (21.0F * x - 36.0F)) / 18.0F;
  if (x < 2.0F) return (32.0F + x * (-60.0F + x * (36.0F - 7.0F * x))) / 18.0F;
  return 0.0F;
}

constexpr float kReach = 2.0F;  // of the filter, to each side
constexpr int kNeighbours = 4;

float middle(int i) { return static_cast<float>(i) + 0.5F; }
int first_within(float from) { return static_cast<int>(std::floor(static_cast<double>(from) + 0.5)); }
int last_within(float to) { return static_cast<int>(std::floor(static_cast<double>(to) - 0.5)); }

ResizeWeights enlarging(int to, float scale) {
  ResizeWeights out;
  const float reach = kReach * scale;
  for (int i = 0; i < to; ++i) {
    const float centre = middle(i) / scale;
    int first = first_within((middle(i) - reach) / scale);
    const int last = last_within((middle(i) + reach) / scale);
    while (first < last && mitchell(centre - middle(first)) == 0.0F) ++first;
    const std::size_t at = out.weights.size();
    float sum = 0.0F;
    for (int source = first; source <= last; ++source) {
      sum += out.weights.emplace_back(mitchell(centre - middle(source)));
    }
    const float share = 1.0F / sum;
    for (std::size_t w = at; w < out.weights.size(); ++w) out.weights[w] *= share;
    out.spans.push_back({first, last - first + 1, at});
  }
  return out;
}

// Of what each source value gives to its neighbours in the result. Rounding may make them five: the last one's weight
// then is the next value's first.
struct Given {
  std::vector<int> first;
  std::vector<int> last;
  std::vector<float> weights;
  [[nodiscard]] float& weight(std::size_t source, int i) {
    return weights[source * kNeighbours + static_cast<std::size_t>(i - first[source])];
  }
};

Given giving(int sources, int before, float scale) {
  Given out;
  out.weights.resize(static_cast<std::size_t>(sources) * kNeighbours + 1);
  const float reach = kReach / scale;
  for (int source = 0; source < sources; ++source) {
    const float at = middle(source - before);
    const int first = first_within((at - reach) * scale);
    int last = last_within((at + reach) * scale);
    float* weights = out.weights.data() + static_cast<std::size_t>(source) * kNeighbours;
    for (int i = first; i <= last; ++i) weights[i - first] = mitchell(middle(i) - at * scale) * scale;
    while (last >= first && weights[last - first] == 0.0F) --last;
    out.first.push_back(first);
    out.last.push_back(last);
  }
  return out;
}

// f(source) for each that gives to i; `begin` is where those of the i before began.
template <class F>
void each_giver(const Given& given, int i, std::size_t& begin, F f) {
  while (begin < given.last.size() && given.last[begin] < i) ++begin;
  for (std::size_t source = begin; source < given.first.size() && given.first[source] <= i; ++source) {
    if (i <= given.last[source]) f(source);
  }
}

void make_sums_one(Given& given, int to) {
  std::size_t begin = 0;
  for (int i = 0; i < to; ++i) {
    float sum = 0.0F;
    each_giver(given, i, begin, [&](std::size_t source) { sum += given.weight(source, i); });
    const float share = 1.0F / sum;
    each_giver(given, i, begin, [&](std::size_t source) { given.weight(source, i) *= share; });
  }
}

// Each begins with what it gives inside the result; of five, the last then has another's place, and its weight.
void drop_outside(Given& given) {
  for (std::size_t source = 0; source < given.first.size(); ++source) {
    float* weights = given.weights.data() + source * kNeighbours;
    int dropped = 0;
    while (weights[dropped] == 0.0F) ++dropped;
    dropped = std::max(dropped, -given.first[source]);
    given.first[source] += dropped;
    if (dropped < kNeighbours) std::copy(weights + dropped, weights + kNeighbours, weights);
  }
}

// The same by values of the result. A source value that gives nothing between two that do has the weight 0.
ResizeWeights gathered(Given& given, int before, int to) {
  ResizeWeights out;
  out.spans.resize(static_cast<std::size_t>(to));
  const auto each = [&](auto f) {
    for (std::size_t source = 0; source < given.first.size(); ++source) {
      for (int i = given.first[source]; i <= std::min(given.last[source], to - 1); ++i) {
        f(source, i, out.spans[static_cast<std::size_t>(i)]);
      }
    }
  };
  each([&](std::size_t source, int, ResizeWeights::Span& span) {
    const int at = static_cast<int>(source) - before;
    if (span.count == 0) span.first = at;
    span.count = at - span.first + 1;
  });
  std::size_t total = 0;
  for (ResizeWeights::Span& span : out.spans) {
    span.at = total;
    total += static_cast<std::size_t>(span.count);
  }
  out.weights.resize(total);
  each([&](std::size_t source, int i, const ResizeWeights::Span& span) {
    const int at = static_cast<int>(source) - before;
    out.weights[span.at + static_cast<std::size_t>(at - span.first)] = given.weight(source, i);
  });
  return out;
}

ResizeWeights shrinking(int from, int to, float scale) {
  const int before = static_cast<int>(std::ceil(kReach * 2.0F / scale)) / 2;
  Given given = giving(from + 2 * before, before, scale);
  make_sums_one(given, to);
  drop_outside(given);
  return gathered(given, before, to);
}

}  // namespace

ResizeWeights resize_weights(int from, int to) {
  const float scale = static_cast<float>(to) / static_cast<float>(from);
  return scale > 1.0F ? enlarging(to, scale) : shrinking(from, to, scale);
}

}  // namespace weightroom::io
