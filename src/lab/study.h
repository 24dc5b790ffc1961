#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "explain/display.h"
#include "explain/influence.h"
#include "explain/method.h"
#include "explain/one_weight.h"
#include "explain/sanity.h"
#include "explain/scores.h"

// The questions that are asked on the pages beside the layers: what is asked, as a part of the document, and what was
// found.
namespace weightroom::lab {

// What the middle of the bench shows.
enum class Page { layers, compare, trust, weights };
inline constexpr int kPages = 4;
inline constexpr const char* kPageNames[kPages] = {"layers", "compare", "trust", "weights"};

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
  bool wall = false;    // for the weight wall: as many weights of the layer as can be run
  [[nodiscard]] bool operator==(const RankingChoice&) const = default;
};

struct StudyChoice {
  Page page = Page::layers;
  CompareChoice compare;
  TrustChoice trust;
  RankingChoice ranking;
};

// ---- what was found

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
  double ms = 0.0;        // that ranking took, without the checks
  std::size_t among = 0;  // weights
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
  Comparison comparison;
  Sanity sanity;
  Faithfulness faithfulness;
  Ranking ranking;
};

}  // namespace weightroom::lab
