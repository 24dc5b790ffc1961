#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include <imgui.h>

struct ImGuiWindow;

namespace weightroom::ui {

// The way of the Tab key through the controls, and out of them at both ends (WCAG 2.1.2, 2.4.3). Dear ImGui's own goes
// round the columns and never leaves; ours goes from control to control, whatever window of ImGui's each stands in.
struct TabOrder {
  struct Stop {
    ImGuiID item = 0;
    ImGuiWindow* window = nullptr;
    ImGuiID scope = 0;
    ImVec2 from;
    ImVec2 to;
    int group = 0;          // of which Tab stops at one; 0: of none
    int rank = 0;           // lower comes first
    std::size_t place = 0;  // as drawn
    bool entry = false;     // where its group is entered
  };
  std::vector<Stop> stops;                   // of this frame, as they are drawn
  std::vector<Stop> last_stops;              // of the frame before, in their order
  std::unordered_map<int, ImGuiID> left_at;  // where each group was last stood in
  int group = 0;                             // of what is drawn now
  int groups = 0;                            // of this frame
  int rank = 0;
  bool begun = false;        // a hand has been on some control: ImGui itself begins at the first one
  bool ends_typing = false;  // the focus has left a field
  int step = 0;              // within the group, asked for in this frame
  int presses = 0;           // of the Tab key, followed so far: forward less backward
  // The focus has gone to the page, and then come from it, at the beginning (1) or from behind (-1): once so many
  // presses are followed.
  struct Passed {
    int after = 0;
    bool left = false;
    int entered = 0;
  };
  std::optional<Passed> passed{};
};

// What is drawn while it lives is one stop of the Tab key; the arrows go from one to the next within it.
class TabGroup {
 public:
  TabGroup();
  ~TabGroup();
  TabGroup(const TabGroup&) = delete;
  TabGroup& operator=(const TabGroup&) = delete;

 private:
  int before_;
};

// What is drawn while it lives has this place in the order; 0 is that of what says nothing.
class TabRank {
 public:
  explicit TabRank(int rank);
  ~TabRank();
  TabRank(const TabRank&) = delete;
  TabRank& operator=(const TabRank&) = delete;

 private:
  int before_;
};

void begin_tab_order(TabOrder& order);  // before the first control of a frame
void note_tab_stop(ImGuiID item, ImVec2 from, ImVec2 to);
void enter_group_here();      // its group is entered at the last item
void move_tab_focus();        // after the last control of a frame
void focus_beside(int step);  // the item before (-1) or after (1) the focused one of its group
// How many stops the Tab key has left that way; where there is none it goes on in the page.
[[nodiscard]] int tab_stops_left(const TabOrder& order, bool backward);
[[nodiscard]] int tab_stops(const TabOrder& order);

}  // namespace weightroom::ui
