#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/params.h"
#include "document/paged_weights.h"
#include "document/reading.h"
#include "nn/graph.h"
#include "studies/study.h"

namespace weightroom::ui {

namespace wall {
class Tiles;
}

// What the face remembers between frames and no document, undo or script needs to know.
struct UiState {
  // A value of a layer's output that the pointer is on.
  struct Hover {
    int node = -1;  // -1: none
    int channel = 0;
    int y = 0;
    int x = 0;
    [[nodiscard]] bool operator==(const Hover&) const = default;
  };
  Hover hover;       // in the last frame: every panel may show what belongs to it
  Hover next_hover;  // being found in this one
  Hover lens;        // where it was put on the photo; -1: nowhere

  // How the weight wall is looked at; begins anew with each layer.
  struct Wall {
    int layer = -1;
    float zoom = 0.0F;  // points along a weight; 0: everything fits
    float x = 0.0F;     // what lies in the room's corner, in weights
    float y = 0.0F;
    std::shared_ptr<wall::Tiles> tiles{};  // of a large layer
    struct Scale {
      std::uint64_t revision = 0;
      float scale = 0.0F;
    };
    std::unordered_map<std::string, Scale> scales{};  // of tensors drawn whole, by overlay and tensor
  };
  Wall wall;

  // What was found of a layer's output, by node, and of which output.
  struct Range {
    const float* values = nullptr;
    std::uint64_t version = 0;
    float largest = 0.0F;       // without sign
    std::vector<float> each{};  // the largest of each channel
    bool negative = false;
  };
  std::unordered_map<int, Range> ranges;

  // A picture of a class of one's own that is being dragged to another class; 0: none.
  std::uint64_t dragged_picture = 0;
  std::uint64_t chosen_picture = 0;  // of them, the one that was pressed last

  // The sheet on how the model reads pictures.
  struct Reading {
    bool open = false;
    std::uint64_t models = 0;                     // Lab::models_opened() when it was last brought up by itself
    std::shared_ptr<const nn::Graph> sizes_of{};  // what `sizes` were found for
    document::PossibleSizes sizes{};
    std::weak_ptr<const nn::Model> classes_of{};  // what `numbered` was found for
    bool numbered = false;                        // its classes have no names
  };
  Reading reading;

  // The page Edit: what would be done, to which part.
  struct Change {
    std::string operation = "prune";
    std::map<std::string, base::Params, std::less<>> params{};  // by operation
    int part = 4;                                               // see ui/pages/part.h
    std::string drawn{};                                        // the rectangle that was drawn on the wall, as a region
    std::string source{};                                       // remembered for operations that take a second part
    bool drawing = false;                                       // a drag on the wall draws one
    enum class Missed { nothing, moved, outside };              // by the last drag on the wall, which chose nothing
    Missed missed = Missed::nothing;
    std::optional<Missed> trying{};  // of the drag under way: told when it ends, since what is told moves the wall
  };
  Change change;

  bool whole_bench = true;  // and not the few things of a first visit
  // Where a model stood on the axis of the page Curves, and which weights and which axis that was of.
  struct CurvePlace {
    document::PagedWeights weights{};
    std::string axis{};
    std::optional<double> place{};
  };
  CurvePlace curve_loaded;
  CurvePlace curve_now;

  std::string page{};                                  // of the last frame
  std::map<studies::Group, std::string> last_pages{};  // of each group the page that was open last
  bool picture_shown = false;                          // where there are two columns: the picture, in the page's place
  int tab = 0;                                         // narrow windows: 0 picture, 1 network, 2 answer
  std::string page_followed{};                         // the page that came to the front last
  bool mapping_classes = false;                        // the table of the labelled set's classes is open
  int curve_capture = 0;                               // frames until the curve is saved as a picture
  bool curve_loss = false;                             // below the accuracy stands the loss, not the size of the file
  int size_store = 0;                // which way of storing the table of layers shows where there is room for one
  bool confusion_change = false;     // the confusion matrix shows what edits changed
  int reveal_cell = 0;               // frames in which the pictures of a cell just chosen are brought into sight
  bool all_edits = false;            // the whole list, not its end alone
  bool map_settings = false;         // the card Why? shows what it keeps behind "More"
  bool map_settings_unfold = false;  // since the last frame
  bool own_light = true;             // feature maps each on its own scale, not on its layer's
  bool compare_latched = false;      // the loaded model stays to be seen without a hand on the button
  bool presenting = false;           // for a projector: larger, without what is there to be filled in
  bool cropping = false;             // the square that the model sees is being moved
  int top_class = -1;                // that the bars were last drawn for
  bool first_words = true;           // "Drag this weight." until something was edited
  double first_words_at = -1.0;      // when they were first shown; below 0: not yet
  bool file_held = false;            // a file is held over the window
  double load_share = -1.0;          // of the file being fetched; below 0: none, or its size is unknown
  // A file being read or opened; empty words: none.
  struct Progress {
    std::string words{};
    double share = 0.0;
  };
  Progress progress;
};

}  // namespace weightroom::ui
