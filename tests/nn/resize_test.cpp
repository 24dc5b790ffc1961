// Where a resize looks: in whole numbers, in which the middle of two places is the middle.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "nn/session.h"
#include "support/nets.h"

namespace weightroom::nn {
namespace {

// The place that each of `out` takes of a column of `in` numbers, which are their own places.
std::vector<int> taken(int in, int out, const char* place, const char* round) {
  test::SpecBuilder spec({1, in, 1});
  spec.add("resize", "resize",
           {{"size", std::vector<long long>{out, 1}}, {"place", std::string(place)}, {"round", std::string(round)}});
  Session session = test::random_net(spec.add("flatten", "flatten").spec(), 1).session();
  std::vector<float> column(static_cast<std::size_t>(in));
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = static_cast<float>(i);
  session.set_input(column);
  session.forward();
  std::vector<int> places;
  for (const float value : session.logits().values()) places.push_back(static_cast<int>(value));
  return places;
}

int floor_of(int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

TEST(Resize, ItsPlacesAreExactWhereTheSizesSayThem) {
  for (int in = 1; in <= 24; ++in) {
    for (int out = 1; out <= 24; ++out) {
      for (const bool half_pixel : {false, true}) {
        const char* place = half_pixel ? "half_pixel" : "asymmetric";
        const auto up = taken(in, out, place, "up");
        const auto down = taken(in, out, place, "down");
        const auto floor = taken(in, out, place, "floor");
        for (int o = 0; o < out; ++o) {
          // The place is over / under: o in / out, or ((2 o + 1) in - out) / (2 out).
          const int over = half_pixel ? (2 * o + 1) * in - out : 2 * o * in;
          const int under = 2 * out;
          const auto k = static_cast<std::size_t>(o);
          const auto inside = [in](int i) { return std::clamp(i, 0, in - 1); };
          ASSERT_EQ(up[k], inside(floor_of(2 * over + under, 2 * under))) << in << ' ' << out << ' ' << o << place;
          ASSERT_EQ(down[k], inside(-floor_of(under - 2 * over, 2 * under))) << in << ' ' << out << ' ' << o << place;
          ASSERT_EQ(floor[k], inside(floor_of(over, under))) << in << ' ' << out << ' ' << o << place;
        }
      }
    }
  }
}

}  // namespace
}  // namespace weightroom::nn
