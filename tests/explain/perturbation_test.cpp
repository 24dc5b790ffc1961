// Methods that hide parts of the picture against their formulas in double.
#include <numeric>

#include "oracle.h"

namespace weightroom::explain {
namespace {

TEST(AgainstOracle, Occlusion) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    const int window = 4, stride = 3;
    const Values from = baseline(plain, 1, 0);
    Values sum(plain.plane, 0.0), count(plain.plane, 0.0);
    // Windows begin every `stride` pixels until one covers the last pixel.
    for (int top = 0;; top += stride) {
      for (int left = 0;; left += stride) {
        Values hidden = plain.x;
        const auto covers = [&](std::size_t i) {
          const int y = static_cast<int>(i % plain.plane) / shape[2];
          const int x = static_cast<int>(i % plain.plane) % shape[2];
          return y >= top && y < top + window && x >= left && x < left + window;
        };
        for (std::size_t i = 0; i < hidden.size(); ++i) {
          if (covers(i)) hidden[i] = from[i];
        }
        const double lost = plain.f(plain.x) - plain.f(hidden);
        for (std::size_t i = 0; i < plain.plane; ++i) {
          if (!covers(i)) continue;
          sum[i] += lost;
          count[i] += 1.0;
        }
        if (left + window >= shape[2]) break;
      }
      if (top + window >= shape[1]) break;
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] /= count[i];
    const auto found = engine("occlusion", s, {{"window", window}, {"stride", stride}, {"baseline", 1.0}});
    expect_near(found.attribution.values, sum, 1e-4, "occlusion");
  }
}

TEST(AgainstOracle, Rise) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    constexpr int kSamples = 60;
    const Values from = plain.black();
    Rows masks;
    Values scores;
    for (int n = 0; n < kSamples; ++n) {
      base::Rng rng(4, "rise", static_cast<std::uint64_t>(n));
      Values cells;
      for (int i = 0; i < 64; ++i) cells.push_back(rng.uniform() < 0.5 ? 1.0 : 0.0);
      const int cell_y = (shape[1] + 7) / 8, cell_x = (shape[2] + 7) / 8;
      const int down = static_cast<int>(rng.below(static_cast<std::uint32_t>(cell_y)));
      const int right = static_cast<int>(rng.below(static_cast<std::uint32_t>(cell_x)));
      const Values large = enlarge(cells, 8, 8, 9 * cell_y, 9 * cell_x);
      Values mask, seen = plain.x;
      for (int y = 0; y < shape[1]; ++y) {
        for (int x = 0; x < shape[2]; ++x)
          mask.push_back(large[static_cast<std::size_t>((y + down) * 9 * cell_x + x + right)]);
      }
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = from[i] + mask[i % plain.plane] * (plain.x[i] - from[i]);
      scores.push_back(plain.f(seen));
      masks.push_back(mask);
    }
    const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / kSamples;
    Values expected(plain.plane, 0.0);
    for (std::size_t i = 0; i < plain.plane; ++i) {
      for (std::size_t n = 0; n < masks.size(); ++n) expected[i] += (scores[n] - mean) * (masks[n][i] - 0.5);
      expected[i] /= kSamples * 0.5 * 0.5;
    }
    expect_near(engine("rise", s, {{"samples", kSamples}, {"seed", 4.0}}).attribution.values, expected, 1e-3, "rise");
  }
}

// The solution of a small linear system by Gauss and Jordan, with pivots.
Values solve(std::vector<Values> a, Values b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t best = c;
    for (std::size_t r = c; r < n; ++r) best = std::fabs(a[r][c]) > std::fabs(a[best][c]) ? r : best;
    std::swap(a[c], a[best]);
    std::swap(b[c], b[best]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = a[r][c] / a[c][c];
      for (std::size_t k = 0; k < n; ++k) a[r][k] -= factor * a[c][k];
      b[r] -= factor * b[c];
    }
  }
  for (std::size_t i = 0; i < n; ++i) b[i] /= a[i][i];
  return b;
}

// Six pieces: two rows and three columns, or three and two, of a picture of 9 x 8 or 8 x 8.
int piece_of(const nn::Shape& shape, std::size_t pixel, int rows, int columns) {
  const int y = static_cast<int>(pixel) / shape[2];
  const int x = static_cast<int>(pixel) % shape[2];
  return y * rows / shape[1] * columns + x * columns / shape[2];
}

TEST(AgainstOracle, Lime) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    constexpr int kSamples = 80;
    constexpr std::size_t kPieces = 9;
    const Values from = plain.black();
    base::Rng rng(6, "lime");
    std::vector<Values> a(kPieces + 1, Values(kPieces + 1, 0.0));
    Values b(kPieces + 1, 0.0), sizes(kPieces, 0.0);
    for (std::size_t i = 0; i < plain.plane; ++i) sizes[static_cast<std::size_t>(piece_of(shape, i, 3, 3))] += 1.0;
    for (int n = 0; n < kSamples; ++n) {
      Values row{1.0};
      for (std::size_t k = 0; k < kPieces; ++k) row.push_back(n == 0 || rng.uniform() < 0.5 ? 1.0 : 0.0);
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (row[1 + static_cast<std::size_t>(piece_of(shape, i % plain.plane, 3, 3))] == 0.0) seen[i] = from[i];
      }
      // cosine of the selection and of all ones
      const double shown = std::accumulate(row.begin() + 1, row.end(), 0.0);
      const double cosine = shown == 0.0 ? 0.0 : shown / (std::sqrt(shown) * std::sqrt(static_cast<double>(kPieces)));
      const double weight = std::sqrt(std::exp(-(1 - cosine) * (1 - cosine) / (0.25 * 0.25)));
      const double score = plain.f(seen);
      for (std::size_t i = 0; i < row.size(); ++i) {
        for (std::size_t j = 0; j < row.size(); ++j) a[i][j] += weight * row[i] * row[j];
        b[i] += weight * row[i] * score;
      }
    }
    for (std::size_t i = 1; i <= kPieces; ++i) a[i][i] += 1.0;
    const Values found = solve(a, b);
    Values expected;
    for (std::size_t i = 0; i < plain.plane; ++i) {
      const auto k = static_cast<std::size_t>(piece_of(shape, i, 3, 3));
      expected.push_back(found[k + 1] / sizes[k]);
    }
    const Params params{{"pieces", kPieces}, {"samples", kSamples}, {"seed", 6.0}};
    expect_near(engine("lime", s, params).attribution.values, expected, 1e-3, "lime");
  }
}

// By its first definition: what a piece adds, averaged over every order in which the pieces may come.
TEST(AgainstOracle, ShapleyValues) {
  for (const Subject& s : subjects()) {
    const Plain plain(s);
    const nn::Shape& shape = s.net.graph->spec().input;
    const Values from = plain.black();
    constexpr std::size_t kPieces = 4;
    const auto score = [&](const std::vector<bool>& shown) {
      Values seen = plain.x;
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!shown[static_cast<std::size_t>(piece_of(shape, i % plain.plane, 2, 2))]) seen[i] = from[i];
      }
      return plain.f(seen);
    };
    std::vector<std::size_t> order{0, 1, 2, 3};
    Values added(kPieces, 0.0), sizes(kPieces, 0.0);
    double orders = 0.0;
    do {
      std::vector<bool> shown(kPieces, false);
      for (std::size_t piece : order) {
        const double before = score(shown);
        shown[piece] = true;
        added[piece] += score(shown) - before;
      }
      orders += 1.0;
    } while (std::ranges::next_permutation(order).found);
    for (std::size_t i = 0; i < plain.plane; ++i) sizes[static_cast<std::size_t>(piece_of(shape, i, 2, 2))] += 1.0;
    Values expected;
    for (std::size_t i = 0; i < plain.plane; ++i) {
      const auto k = static_cast<std::size_t>(piece_of(shape, i, 2, 2));
      expected.push_back(added[k] / orders / sizes[k]);
    }
    const Explanation found = engine("kernel_shap", s, {{"pieces", kPieces}});
    expect_near(found.attribution.values, expected, 1e-4, "kernel_shap");
    EXPECT_LE(found.completeness_error, 1e-5);
  }
}

// Sampled: with every selection of 13 to 16 pieces drawn often enough, close to the exact values; and always complete.
TEST(AgainstOracle, SampledShapleyValuesComeClose) {
  const test::Net net = test::chain_net(8);
  nn::Session session = net.session();
  const Explanation exact = run_method("kernel_shap", session, net, 1, {{"pieces", 12.0}});
  const Explanation few = run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 40.0}});
  const Explanation many = run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 20000.0}});
  for (const Explanation* found : {&exact, &few, &many}) EXPECT_LE(found->completeness_error, 1e-4);
  const Explanation other =
      run_method("kernel_shap", session, net, 1, {{"pieces", 16.0}, {"samples", 20000.0}, {"seed", 9.0}});
  double largest = 0.0, apart = 0.0;
  for (std::size_t i = 0; i < many.attribution.values.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(many.attribution.values[i])));
    apart = std::max(apart, std::fabs(static_cast<double>(many.attribution.values[i] - other.attribution.values[i])));
  }
  EXPECT_LE(apart, 0.05 * largest);
}

}  // namespace
}  // namespace weightroom::explain
