#include "explain/segments.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <strings/choice.h>
#include <strings/param.h>

namespace weightroom::explain {
namespace {

// Rows and columns of a grid of about `wanted` cells, as square as they come.
std::pair<int, int> grid_of(int height, int width, int wanted) {
  const int cells = std::clamp(wanted, 1, height * width);
  int rows = static_cast<int>(std::lround(std::sqrt(static_cast<double>(cells) * height / width)));
  rows = std::clamp(rows, 1, std::min(height, cells));
  const int columns = std::clamp(cells / rows, 1, width);
  return {rows, columns};
}

void count_sizes(Segments& segments) {
  segments.sizes.assign(static_cast<std::size_t>(segments.count), 0);
  for (int piece : segments.of) ++segments.sizes[static_cast<std::size_t>(piece)];
}

class Slic {
 public:
  Slic(std::span<const float> picture, const nn::Shape& shape, int wanted)
      : picture_(picture), channels_(shape[0]), height_(shape[1]), width_(shape[2]) {
    const auto [rows, columns] = grid_of(height_, width_, wanted);
    step_ = std::max(static_cast<double>(height_) / rows, static_cast<double>(width_) / columns);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        Centre centre{(row + 0.5) * height_ / rows - 0.5, (column + 0.5) * width_ / columns - 0.5, {}};
        const std::size_t at = pixel(static_cast<int>(centre.y), static_cast<int>(centre.x));
        for (int c = 0; c < channels_; ++c) centre.colour.push_back(value(c, at));
        centres_.push_back(std::move(centre));
      }
    }
    of_.assign(plane(), 0);
  }

  Segments run() {
    constexpr int kRounds = 10;
    for (int round = 0; round < kRounds; ++round) {
      assign();
      move_centres();
    }
    return connected();
  }

 private:
  struct Centre {
    double y;
    double x;
    std::vector<double> colour;
  };

  [[nodiscard]] std::size_t plane() const {
    return static_cast<std::size_t>(height_) * static_cast<std::size_t>(width_);
  }
  [[nodiscard]] std::size_t pixel(int y, int x) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  [[nodiscard]] double value(int c, std::size_t at) const {
    return static_cast<double>(picture_[static_cast<std::size_t>(c) * plane() + at]);
  }

  // Each pixel to the nearest centre within two steps: distance of colours, and of places in steps, which weighs as
  // much as half a deviation of a normalised picture.
  void assign() {
    constexpr double kCompactness = 0.5;
    std::vector<double> nearest(plane(), std::numeric_limits<double>::infinity());
    for (std::size_t k = 0; k < centres_.size(); ++k) {
      const Centre& centre = centres_[k];
      const int top = std::max(0, static_cast<int>(centre.y - step_));
      const int bottom = std::min(height_, static_cast<int>(centre.y + step_) + 2);
      const int left = std::max(0, static_cast<int>(centre.x - step_));
      const int right = std::min(width_, static_cast<int>(centre.x + step_) + 2);
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) {
          const std::size_t at = pixel(y, x);
          double distance = 0.0;
          for (int c = 0; c < channels_; ++c) {
            const double d = value(c, at) - centre.colour[static_cast<std::size_t>(c)];
            distance += d * d;
          }
          const double dy = (y - centre.y) / step_;
          const double dx = (x - centre.x) / step_;
          distance += kCompactness * (dy * dy + dx * dx);
          if (distance >= nearest[at]) continue;
          nearest[at] = distance;
          of_[at] = static_cast<int>(k);
        }
      }
    }
  }

  void move_centres() {
    std::vector<Centre> sums(centres_.size(),
                             {0.0, 0.0, std::vector<double>(static_cast<std::size_t>(channels_), 0.0)});
    std::vector<double> counts(centres_.size(), 0.0);
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        const std::size_t at = pixel(y, x);
        const auto k = static_cast<std::size_t>(of_[at]);
        sums[k].y += y;
        sums[k].x += x;
        for (int c = 0; c < channels_; ++c) sums[k].colour[static_cast<std::size_t>(c)] += value(c, at);
        counts[k] += 1.0;
      }
    }
    for (std::size_t k = 0; k < centres_.size(); ++k) {
      if (counts[k] == 0.0) continue;
      centres_[k].y = sums[k].y / counts[k];
      centres_[k].x = sums[k].x / counts[k];
      for (std::size_t c = 0; c < centres_[k].colour.size(); ++c) centres_[k].colour[c] = sums[k].colour[c] / counts[k];
    }
  }

  // Pieces that hang together, numbered in reading order; what is smaller than a quarter of a cell joins the piece that
  // it was met next to.
  [[nodiscard]] Segments connected() const {
    Segments out;
    out.of.assign(plane(), -1);
    const auto least = static_cast<std::size_t>(step_ * step_ / 4.0);
    std::vector<std::size_t> stack;
    std::vector<std::size_t> piece;
    for (std::size_t start = 0; start < plane(); ++start) {
      if (out.of[start] >= 0) continue;
      const int beside = start % static_cast<std::size_t>(width_) > 0 ? out.of[start - 1]
                         : start > 0                                  ? out.of[start - static_cast<std::size_t>(width_)]
                                                                      : -1;
      piece.clear();
      stack.assign(1, start);
      out.of[start] = out.count;
      while (!stack.empty()) {
        const std::size_t at = stack.back();
        stack.pop_back();
        piece.push_back(at);
        const auto y = static_cast<int>(at / static_cast<std::size_t>(width_));
        const auto x = static_cast<int>(at % static_cast<std::size_t>(width_));
        const auto visit = [&](int to_y, int to_x) {
          if (to_y < 0 || to_y >= height_ || to_x < 0 || to_x >= width_) return;
          const std::size_t to = pixel(to_y, to_x);
          if (out.of[to] >= 0 || of_[to] != of_[start]) return;
          out.of[to] = out.count;
          stack.push_back(to);
        };
        visit(y - 1, x);
        visit(y + 1, x);
        visit(y, x - 1);
        visit(y, x + 1);
      }
      if (piece.size() < least && beside >= 0) {
        for (std::size_t at : piece) out.of[at] = beside;
      } else {
        ++out.count;
      }
    }
    count_sizes(out);
    return out;
  }

  std::span<const float> picture_;
  int channels_;
  int height_;
  int width_;
  double step_ = 1.0;
  std::vector<Centre> centres_;
  std::vector<int> of_;
};

}  // namespace

Segments grid_segments(const nn::Shape& picture, int wanted) {
  const int height = picture[1];
  const int width = picture[2];
  const auto [rows, columns] = grid_of(height, width, wanted);
  Segments out;
  out.count = rows * columns;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) out.of.push_back(y * rows / height * columns + x * columns / width);
  }
  count_sizes(out);
  return out;
}

Segments slic_segments(std::span<const float> picture, const nn::Shape& shape, int wanted) {
  CHECK(picture.size() == shape.size());
  return Slic(picture, shape, wanted).run();
}

std::vector<ParamSpec> segment_params(double pieces) {
  return {{"pieces", text::param_pieces, text::param_pieces_help, 1.0, 256.0, pieces, true},
          choice_param("segments", text::param_segments, text::param_segments_help,
                       {{"grid", text::choice_grid}, {"slic", text::choice_slic}})};
}

Segments segments_of(const MethodInput& input) {
  const nn::Shape& shape = input.graph().spec().input;
  const int pieces = input.count("pieces");
  return input.count("segments") == 0 ? grid_segments(shape, pieces) : slic_segments(input.input, shape, pieces);
}

void hide(const MethodInput& input, std::span<const float> baseline, const Segments& segments,
          const std::vector<bool>& shown, std::vector<float>& out) {
  const std::size_t plane = segments.of.size();
  out.resize(input.input.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool seen = shown[static_cast<std::size_t>(segments.of[i % plane])];
    out[i] = seen ? input.input[i] : baseline[i];
  }
}

void spread(const Segments& segments, std::span<const double> numbers, std::vector<float>& values) {
  for (std::size_t i = 0; i < segments.of.size(); ++i) {
    const auto piece = static_cast<std::size_t>(segments.of[i]);
    values[i] = static_cast<float>(numbers[piece] / static_cast<double>(segments.sizes[piece]));
  }
}

}  // namespace weightroom::explain
