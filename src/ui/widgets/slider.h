#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <imgui.h>

namespace weightroom::ui {

// What a hand did to a value in this frame: a drag under way only previews; letting go, typing, a key or the wheel
// commits.
struct Change {
  bool preview = false;
  bool commit = false;
  [[nodiscard]] explicit operator bool() const { return preview || commit; }
};

// A stretch of a track with a colour and a name of its own.
struct TrackPart {
  double from = 0.0;
  double to = 0.0;
  ImU32 colour = 0;
  std::string_view label{};  // drawn where there is room for it; noted as "id/label" in any case
};

struct SliderOptions {
  double minimum = 0.0;
  double maximum = 1.0;
  bool integer = false;
  std::string shown{};  // the value in words, at the right end of the label; empty: the number itself
  std::string_view help{};
  bool signed_ = false;  // filled from zero, in the colours of the diverging scale
  bool live = false;     // the value follows every preview: key steps too are previews, and commit when they rest
  bool compact = false;  // one line: the track with the value at its right, no label
  float width = 0.0F;    // 0: as wide as the room
  std::span<const TrackPart> parts{};  // the track is painted with these, from end to end
  std::optional<double> notch{};       // a mark at this value
};

// Label and value on one line, the track below (or all on one, see compact), as wide as the room. Arrow keys step by a
// hundredth of the range while focused, with Shift by a tenth.
[[nodiscard]] Change slider(std::string_view id, std::string_view label, double& value,
                            const SliderOptions& options = {});

}  // namespace weightroom::ui
