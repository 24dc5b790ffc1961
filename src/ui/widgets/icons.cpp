#include "ui/widgets/icons.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace weightroom::ui {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

// A pen on a grid of 24 x 24, as icons are drawn on paper.
class Pen {
 public:
  Pen(ImDrawList& list, ImVec2 centre, float size, ImU32 colour)
      : list_(list), origin_{centre.x - size / 2, centre.y - size / 2}, unit_(size / 24.0F), colour_(colour) {}

  void line(std::initializer_list<ImVec2> points, bool closed = false) const {
    for (const ImVec2& p : points) list_.PathLineTo(at(p));
    list_.PathStroke(colour_, closed ? ImDrawFlags_Closed : ImDrawFlags_None, width());
  }
  void arc(ImVec2 centre, float radius, float from, float to) const {
    list_.PathArcTo(at(centre), radius * unit_, from, to, 24);
    list_.PathStroke(colour_, ImDrawFlags_None, width());
  }
  void circle(ImVec2 centre, float radius) const { list_.AddCircle(at(centre), radius * unit_, colour_, 32, width()); }
  void dot(ImVec2 centre, float radius) const { list_.AddCircleFilled(at(centre), radius * unit_, colour_, 24); }
  void box(ImVec2 from, ImVec2 to, float radius) const {
    list_.AddRect(at(from), at(to), colour_, radius * unit_, ImDrawFlags_None, width());
  }
  void filled_box(ImVec2 from, ImVec2 to, float radius) const {
    list_.AddRectFilled(at(from), at(to), colour_, radius * unit_);
  }
  void curve(ImVec2 a, ImVec2 b, ImVec2 c, ImVec2 d) const {
    list_.AddBezierCubic(at(a), at(b), at(c), at(d), colour_, width(), 24);
  }

 private:
  [[nodiscard]] ImVec2 at(ImVec2 p) const { return {origin_.x + p.x * unit_, origin_.y + p.y * unit_}; }
  [[nodiscard]] float width() const { return 2.0F * unit_; }
  ImDrawList& list_;
  ImVec2 origin_;
  float unit_;
  ImU32 colour_;
};

void arrows_of_history(const Pen& pen, bool redo) {
  const auto x = [redo](float v) { return redo ? 24.0F - v : v; };
  pen.line({{x(9), 5}, {x(4), 10}, {x(9), 15}});
  pen.line({{x(4), 10}, {x(14), 10}});
  pen.curve({x(14), 10}, {x(21.5F), 10}, {x(21.5F), 19}, {x(14), 19});
  pen.line({{x(14), 19}, {x(11), 19}});
}

void eye(const Pen& pen, bool closed) {
  pen.curve({2, 12}, {6, 4.5F}, {18, 4.5F}, {22, 12});
  pen.curve({2, 12}, {6, 19.5F}, {18, 19.5F}, {22, 12});
  pen.circle({12, 12}, 3);
  if (closed) pen.line({{4, 20}, {20, 4}});
}

void sun(const Pen& pen) {
  pen.circle({12, 12}, 4);
  for (int i = 0; i < 8; ++i) {
    const float a = static_cast<float>(i) * kPi / 4.0F;
    const ImVec2 d{std::cos(a), std::sin(a)};
    pen.line({{12 + 7.2F * d.x, 12 + 7.2F * d.y}, {12 + 9.6F * d.x, 12 + 9.6F * d.y}});
  }
}

void moon(const Pen& pen) {
  pen.arc({12, 12}, 8.5F, 0.12F * kPi, 1.38F * kPi);
  pen.curve({15.2F, 4.1F}, {9.5F, 6.5F}, {10.5F, 16.5F}, {19.9F, 15.1F});
}

void lock(const Pen& pen) {
  pen.box({5, 11}, {19, 21}, 2.5F);
  pen.line({{8, 11}, {8, 8}});
  pen.line({{16, 11}, {16, 8}});
  pen.arc({12, 8}, 4, kPi, 2 * kPi);
}

void page_with_arrow(const Pen& pen, bool up) {
  pen.line({{4, 15}, {4, 20}, {20, 20}, {20, 15}});
  pen.line({{12, 4}, {12, 15}});
  if (up) {
    pen.line({{7.5F, 8.5F}, {12, 4}, {16.5F, 8.5F}});
  } else {
    pen.line({{7.5F, 10.5F}, {12, 15}, {16.5F, 10.5F}});
  }
}

void picture(const Pen& pen) {
  pen.box({3, 4}, {21, 20}, 3);
  pen.dot({8.5F, 9.5F}, 1.8F);
  pen.line({{4.5F, 18.5F}, {11, 12.5F}, {15, 16}, {17.5F, 13.8F}, {20, 16}});
}

void network_icon(const Pen& pen) {
  for (const float y : {6.0F, 18.0F}) {
    pen.line({{6.5F, y}, {17.5F, 12}});
    pen.line({{6.5F, y}, {12, y == 6.0F ? 9.0F : 15.0F}});
  }
  pen.dot({5, 6}, 2.6F);
  pen.dot({5, 18}, 2.6F);
  pen.dot({19, 12}, 2.6F);
}

void reset(const Pen& pen) {
  pen.arc({12, 12}, 8, -0.75F * kPi, 0.95F * kPi);
  pen.line({{4.5F, 3}, {5, 8.2F}, {10.2F, 7.6F}});
}

void layers(const Pen& pen) {
  pen.line({{12, 3}, {21, 8}, {12, 13}, {3, 8}}, true);
  pen.line({{3, 12.5F}, {12, 17.5F}, {21, 12.5F}});
  pen.line({{3, 16.8F}, {12, 21.8F}, {21, 16.8F}});
}

void message(const Pen& pen, bool alert) {
  pen.circle({12, 12}, 9);
  if (alert) {
    pen.line({{12, 7}, {12, 13}});
    pen.dot({12, 16.6F}, 1.3F);
  } else {
    pen.line({{12, 11}, {12, 17}});
    pen.dot({12, 7.4F}, 1.3F);
  }
}

void small_signs(const Pen& pen, Icon icon) {
  switch (icon) {
    case Icon::chevron_down:
      pen.line({{6, 9.5F}, {12, 15.5F}, {18, 9.5F}});
      break;
    case Icon::chevron_right:
      pen.line({{9, 6}, {15, 12}, {9, 18}});
      break;
    case Icon::close:
      pen.line({{6, 6}, {18, 18}});
      pen.line({{18, 6}, {6, 18}});
      break;
    case Icon::check:
      pen.line({{5, 12.5F}, {10, 17.5F}, {19.5F, 7}});
      break;
    case Icon::plus:
      pen.line({{12, 5}, {12, 19}});
      pen.line({{5, 12}, {19, 12}});
      break;
    case Icon::minus:
      pen.line({{5, 12}, {19, 12}});
      break;
    case Icon::search:
      pen.circle({10.5F, 10.5F}, 6.5F);
      pen.line({{15.5F, 15.5F}, {21, 21}});
      break;
    case Icon::menu:
      for (const float y : {7.0F, 12.0F, 17.0F}) pen.line({{4, y}, {20, y}});
      break;
    case Icon::chevron_left:
      pen.line({{15, 6}, {9, 12}, {15, 18}});
      break;
    case Icon::sliders:
      for (const auto& [y, x] : {ImVec2{6, 15}, ImVec2{12, 8}, ImVec2{18, 13}}) {
        pen.line({{4, y}, {x - 2.5F, y}});
        pen.line({{x + 2.5F, y}, {20, y}});
        pen.circle({x, y}, 2.5F);
      }
      break;
    case Icon::arrow_right:
      pen.line({{4, 12}, {20, 12}});
      pen.line({{14, 6}, {20, 12}, {14, 18}});
      break;
    default:
      break;
  }
}

}  // namespace

void draw_icon(ImDrawList& list, Icon icon, ImVec2 centre, float size, ImU32 colour) {
  const Pen pen(list, centre, size, colour);
  switch (icon) {
    case Icon::none:
      break;
    case Icon::undo:
      arrows_of_history(pen, false);
      break;
    case Icon::redo:
      arrows_of_history(pen, true);
      break;
    case Icon::upload:
      page_with_arrow(pen, true);
      break;
    case Icon::download:
      page_with_arrow(pen, false);
      break;
    case Icon::eye:
      eye(pen, false);
      break;
    case Icon::eye_off:
      eye(pen, true);
      break;
    case Icon::reset:
      reset(pen);
      break;
    case Icon::lock:
      lock(pen);
      break;
    case Icon::sun:
      sun(pen);
      break;
    case Icon::moon:
      moon(pen);
      break;
    case Icon::info:
      message(pen, false);
      break;
    case Icon::alert:
      message(pen, true);
      break;
    case Icon::picture:
      picture(pen);
      break;
    case Icon::network:
      network_icon(pen);
      break;
    case Icon::layers:
      layers(pen);
      break;
    case Icon::bars:
      pen.filled_box({3, 4}, {20, 8}, 1.5F);
      pen.filled_box({3, 10}, {14, 14}, 1.5F);
      pen.filled_box({3, 16}, {9, 20}, 1.5F);
      break;
    case Icon::screen:  // on its stand
      pen.box({3, 4}, {21, 16}, 2);
      pen.line({{12, 16}, {12, 20}});
      pen.line({{8, 20}, {16, 20}});
      break;
    case Icon::compare:
      pen.box({3, 5}, {21, 19}, 3);
      pen.filled_box({3, 5}, {12, 19}, 2);
      break;
    case Icon::crop:
      pen.line({{6.5F, 2}, {6.5F, 17.5F}, {22, 17.5F}});
      pen.line({{2, 6.5F}, {17.5F, 6.5F}, {17.5F, 22}});
      break;
    case Icon::drag:
      pen.line({{12, 3}, {12, 21}});
      pen.line({{8, 7}, {12, 3}, {16, 7}});
      pen.line({{8, 17}, {12, 21}, {16, 17}});
      break;
    case Icon::target:
      pen.circle({12, 12}, 9);
      pen.circle({12, 12}, 4.5F);
      pen.dot({12, 12}, 1.5F);
      break;
    default:
      small_signs(pen, icon);
      break;
  }
}

}  // namespace weightroom::ui
