#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "explain/display.h"
#include "explain/influence.h"
#include "explain/method.h"
#include "explain/nudge.h"
#include "explain/one_weight.h"
#include "explain/sanity.h"
#include "explain/scores.h"
#include "explain/visualise.h"

// The questions that are asked on the pages beside the layers: what is asked, as a part of the document, and what was
// found.
namespace weightroom::document {

// What the middle of the bench shows.
enum class Page { layers, edit, accuracy, size, curves, difference, compare, trust, weights, units };
inline constexpr int kPages = 10;
inline constexpr const char* kPageNames[kPages] = {"layers",     "edit",    "accuracy", "size",    "curves",
                                                   "difference", "compare", "trust",    "weights", "units"};
// Whether there is something to work out on a page, which may be started and stopped; and whether it has the wall.
inline constexpr bool is_study(Page page) { return page >= Page::curves; }
inline constexpr bool has_wall(Page page) { return page == Page::layers || page == Page::edit; }

// How the accuracy on the labelled set depends on what is edited.
enum class CurveKind {
  weight,  // the lit weight's value
  share,   // the share of a part's weights that is pruned, smallest first
  bits,    // of a part's weights, quantised
  plane,   // the values of two weights
};
inline constexpr const char* kCurveNames[] = {"weight", "share", "bits", "plane"};
struct CurveChoice {
  CurveKind kind = CurveKind::weight;
  std::string on = "all";                 // the part that is pruned or quantised (edit/region.h)
  std::optional<nn::WeightRef> second{};  // of a plane; the lit weight is the first
  [[nodiscard]] bool operator==(const CurveChoice&) const = default;
};

// Maps side by side.
struct CompareChoice {
  bool targets = false;  // the bench's method for several classes; false: several methods for the bench's target
  std::vector<std::string> methods{"gradient", "integrated_gradients", "smoothgrad",
                                   "grad_cam", "guided_backprop",      "lrp"};
  std::vector<int> classes{};  // empty: the most probable ones
  bool one_scale = false;
  [[nodiscard]] bool operator==(const CompareChoice&) const = default;
};

// How far maps can be trusted.
struct TrustChoice {
  bool faithfulness = false;  // do they find what counts; false: do they depend on what was learnt
  std::vector<std::string> methods{"gradient", "grad_cam", "guided_backprop"};
  explain::Shuffle shuffle = explain::Shuffle::cascading;
  explain::Removal removal = explain::Removal::deletion;  // whose curves are drawn; all are worked out
  int seed = 1;
  [[nodiscard]] bool operator==(const TrustChoice&) const = default;
};

// Which weights count.
enum class RankBy { contribution, ablation, loss, exact };
inline constexpr const char* kRankNames[] = {"contribution", "ablation", "loss", "exact"};
inline constexpr const char* kRemovalNames[] = {"deletion", "insertion", "pixel_flipping", "road"};
inline constexpr const char* kGrainNames[] = {"weight", "kernel", "channel"};
struct RankingChoice {
  bool flips = false;  // the single weights that change the answer
  RankBy by = RankBy::contribution;
  explain::Grain grain = explain::Grain::weight;
  bool layer = false;   // the selected layer alone
  bool biases = false;  // they too
  std::string over{};   // empty: the picture on the bench; "*": all of Document::pictures; else those of a class
  bool wall = false;    // for the weight wall: as many weights of the layer as can be run
  [[nodiscard]] bool operator==(const RankingChoice&) const = default;
};

// What a unit wants to see, and what the smallest change of the picture is that changes the answer.
struct UnitsChoice {
  bool nudge = false;
  int node = -1;  // -1: the target's logit
  int channel = 0;
  int y = -1;  // one unit of the channel's map; -1: all of it
  int x = -1;
  int images = 1;
  int steps = 256;
  int seed = 1;
  explain::NudgeNorm norm = explain::NudgeNorm::largest;
  explain::NudgeSearch search = explain::NudgeSearch::pgd;
  int toward = -1;
  [[nodiscard]] bool operator==(const UnitsChoice&) const = default;
};

struct StudyChoice {
  Page page = Page::layers;
  CurveChoice curve;
  CompareChoice compare;
  TrustChoice trust;
  RankingChoice ranking;
  UnitsChoice units;
};

// ---- what was found

struct Curves {
  CurveKind kind = CurveKind::weight;
  std::string what{};                  // the weight, or the part
  std::string second{};                // of a plane
  std::vector<nn::WeightRef> moved{};  // the weights that x and y are values of; none where x is of a part
  std::vector<double> x{};
  std::vector<double> y{};  // of a plane: the second weight's values
  // One a value of x, or (y,x); NaN: not measured yet.
  std::vector<double> accuracy{};
  std::vector<double> loss{};
  std::vector<double> bytes{};  // of the smallest file; empty where weights stay as many as they are
  std::size_t pictures = 0;
  bool lacks_set = false;     // there is no labelled set to measure on
  bool lacks_weight = false;  // no weight is lit, or no second one is chosen
};

// How often values fall into equal parts of low .. high, with the loaded weights and with those in use.
struct Histogram {
  static constexpr std::size_t kBins = 48;
  double low = 0.0;
  double high = 0.0;
  std::vector<double> before{};  // shares of all values
  std::vector<double> now{};
};

// The loaded and the edited model on the picture, layer by layer.
struct Beside {
  struct Row {
    int node = 0;
    double relative = 0.0;  // root mean square of the change, in those of what was there; NaN where that is 0
    double largest = 0.0;   // change of a value
    // Channels of an activation function that give 0 everywhere, on every picture looked at.
    std::vector<int> silent_before{};
    std::vector<int> silent_now{};
    Histogram activations{};
    Histogram weights{};    // empty of nodes without
    Histogram gradients{};  // of the target's logit by these weights
  };
  std::vector<Row> rows{};   // every node but the input
  int first = -1;            // the first node whose output has any other bit; -1: none
  std::size_t pictures = 1;  // that silent channels were looked for on
  // The selected layer's channels that changed most, and their maps (H,W).
  struct Channel {
    int channel = 0;
    double largest = 0.0;
    std::vector<float> before{};
    std::vector<float> now{};
    std::vector<float> change{};
  };
  int node = -1;
  int height = 0;
  int width = 0;
  std::vector<Channel> channels{};
  std::uint64_t version = 0;  // another number for each content
};

struct Comparison {
  struct Tile {
    const explain::MethodDef* method = nullptr;
    int target = 0;
    double progress = 0.0;
    explain::DisplayMap map{};  // of the input's size; empty values: not begun
    explain::Explanation explanation{};
    std::uint64_t version = 0;  // another number for each content
    double ms = 0.0;
  };
  std::vector<Tile> tiles;
  // (n,n) Spearman's rank correlations of the tiles; NaN where one of the two is not done.
  std::vector<double> likeness;
};

struct Sanity {
  struct Row {
    const explain::MethodDef* method = nullptr;
    explain::DisplayMap trained{};            // the map before anything was shuffled
    std::vector<explain::SanityRow> steps{};  // the last layer first
    std::vector<explain::DisplayMap> maps{};  // of the steps
    std::uint64_t version = 0;
  };
  std::vector<int> layers;  // nodes, the last first
  std::vector<Row> rows;
};

struct Faithfulness {
  struct Row {
    std::string name;  // of the method, "random" or "edges"
    std::string title;
    const explain::MethodDef* method = nullptr;  // nullptr: a map that knows nothing of the network
    explain::Attribution attribution{};
    std::vector<float> map{};    // (H,W)
    explain::Curve curves[4]{};  // by explain::Removal
    double infidelity = std::numeric_limits<double>::quiet_NaN();
    double sensitivity = std::numeric_limits<double>::quiet_NaN();
    double sparseness = std::numeric_limits<double>::quiet_NaN();
  };
  std::vector<Row> rows;
};

struct Ranking {
  explain::Influence influence;
  std::vector<explain::Ranked> rows;
  bool checked = false;  // every row's `exact` is there
  bool of_wall = false;  // the rows are weights of the selected layer, in the order they are run in
  std::vector<explain::Flip> flips;
  bool flips_done = false;
  double ms = 0.0;           // that ranking took, without the checks
  std::size_t among = 0;     // weights
  std::size_t pictures = 1;  // that it is the mean of
};

// A picture as it is drawn.
struct Shown {
  int width = 0;
  int height = 0;
  std::shared_ptr<const std::vector<std::uint8_t>> rgba{};
  std::uint64_t version = 0;  // another number for each content
};
struct Units {
  explain::Unit unit;
  explain::Visualised made;
  std::vector<Shown> pictures;  // those made
  // The pictures that excite the unit most, the first most of all.
  struct Exciting {
    std::string name;
    double value = 0.0;
    Shown shown;
  };
  std::vector<Exciting> exciting;
  std::size_t looked_through = 0;
  bool of_samples = false;  // crops of the samples, for want of an open set
  std::string set;
  explain::Nudge nudge;
  bool nudge_done = false;
  Shown difference;  // ten times, grey where nothing was changed
  Shown changed;
};

enum class StudyState {
  none,     // the page asks nothing
  waiting,  // it would take long, and waits to be started
  running,
  stopped,
  done,
};

struct StudyResults {
  StudyState state = StudyState::none;
  double progress = 0.0;
  double passes = 0.0;        // that the whole of it takes, about
  std::uint64_t version = 0;  // another number for each content of what follows
  Curves curves;
  Beside beside;
  Comparison comparison;
  Sanity sanity;
  Faithfulness faithfulness;
  Ranking ranking;
  Units units;
};

}  // namespace weightroom::document
