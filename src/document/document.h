#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/by_type.h"
#include "document/edit_state.h"
#include "document/picture_set.h"
#include "explain/method.h"
#include "io/image.h"
#include "nn/model.h"
#include "nn/weight_ref.h"
#include "teach/project.h"

namespace weightroom::document {

// The square of a picture that the model gets to see, in the picture's pixels.
using Crop = io::Square;

// A picture made small enough to be drawn: no side is longer than 1,536 pixels.
struct Display {
  std::shared_ptr<const std::vector<std::uint8_t>> rgba;  // (height, width, 4)
  int width = 0;
  int height = 0;
};

// In slices of some milliseconds, which a small picture needs one of.
class DisplayMaking {
 public:
  explicit DisplayMaking(std::shared_ptr<const io::Image> image);
  bool step();                   // true once it is done
  [[nodiscard]] Display take();  // once, at the end
  [[nodiscard]] const std::shared_ptr<const io::Image>& image() const { return image_; }

 private:
  std::shared_ptr<const io::Image> image_;
  int side_ = 1;  // of the square of pixels that becomes one
  int width_ = 0;
  int height_ = 0;
  int row_ = 0;
  std::vector<std::uint8_t> rgba_;
};

// The picture on the bench. Its parts are shared and never change.
struct Picture {
  std::string name;     // file or sample name
  std::string truth{};  // of a labelled set's picture the right class, by its name; empty: nobody has said it
  std::shared_ptr<const io::Image> image;                         // as uploaded, upright
  Display display;                                                // of it
  std::shared_ptr<const std::vector<std::uint8_t>> seen_display;  // `seen` as (H,W,4) RGBA
  bool native_size = false;  // a sample of the model's own set, already in its shape: not cropped
  Crop crop;
  std::shared_ptr<const std::vector<float>> input;  // (C,H,W), normalised
  std::shared_ptr<const io::Image> seen;            // what the model sees, before normalising: H x W
};

// What the weight wall shows; loss and ablation are worked out as a study (studies/study.h).
enum class Overlay { value, gradient, weight_x_gradient, change, loss, ablation };
inline constexpr int kOverlays = 6;
inline constexpr const char* kOverlayNames[kOverlays] = {"value",  "gradient", "weight_x_gradient",
                                                         "change", "loss",     "ablation"};

struct MapChoice {
  std::string method;      // of a new document explain::default_method
  explain::Params params;  // complete: explain::checked_params
  int layer = -1;          // node for the CAM family; -1: the default
  [[nodiscard]] bool operator==(const MapChoice&) const = default;
};

struct Selection {
  int layer = 0;                        // node whose weights the wall shows
  std::optional<nn::WeightRef> weight;  // the selected weight
  int channel = -1;                     // enlarged feature map of `channel_node`; -1: none
  int channel_node = -1;
  std::optional<std::pair<int, int>> cell;  // of the confusion matrix: the right class, the one answered
  [[nodiscard]] bool operator==(const Selection&) const = default;
};

struct ViewChoice {
  Overlay overlay = Overlay::value;
  bool map = true;  // saliency over the picture
  double opacity = 0.65;
  bool seen = false;     // the picture as the model sees it
  bool compare = false;  // held: everything shows the unedited model
  [[nodiscard]] bool operator==(const ViewChoice&) const = default;
};

// Everything a visitor can change, as one value: copies share the heavy parts.
struct Document {
  std::shared_ptr<const nn::Model> model;                    // as loaded: the baseline
  PagedWeights loaded;                                       // the baseline's weights
  std::shared_ptr<const std::vector<float>> largest_loaded;  // of each tensor, without sign
  EditState edit;
  bool previewing = false;  // the weights are those of a drag under way, of which no step has come yet
  std::optional<Picture> picture;
  std::optional<Picture> second;                  // remembered, for methods that compare two pictures
  std::shared_ptr<const PictureSet> pictures;     // several, for what is asked of more than one; null until asked for
  std::shared_ptr<const PictureSet> labelled;     // what accuracy is measured on; null: nothing
  std::vector<int> class_of;                      // for each class of `labelled` the model's, or -1: it does not count
  std::shared_ptr<const teach::Project> project;  // classes of the visitor's own; null: none
  std::shared_ptr<const nn::Model> base;          // what `model` was taught them on; null: it was not, or is not to be
  int target = -1;                                // class index; -1: follow the unedited model's top class
  MapChoice map;
  Selection selection;
  ViewChoice view;
  std::string page = "layers";  // that is open (studies/study.h)
  Choices choices;              // of the pages, each a type of its own
  std::uint64_t revision = 0;   // the Lab's count, grown only where the document is another one: same()

  template <class T>
  [[nodiscard]] const T& choice() const {
    return choices.get<T>();
  }
  [[nodiscard]] const nn::Graph& graph() const { return *model->graph; }
  [[nodiscard]] float weight(nn::WeightRef ref) const { return edit.weights[nn::flat_index(graph(), ref)]; }
  [[nodiscard]] float loaded_weight(nn::WeightRef ref) const { return model->weights[nn::flat_index(graph(), ref)]; }
  // The weights that are shown: the loaded ones while they are compared. And those that the network runs with, which
  // are 0 where a channel is off; and the nodes whose activation function is off.
  [[nodiscard]] const PagedWeights& shown_weights() const { return view.compare ? loaded : edit.weights; }
  [[nodiscard]] const PagedWeights& running_weights() const { return view.compare ? loaded : edit.running; }
  [[nodiscard]] std::vector<int> bypassed() const { return view.compare ? std::vector<int>{} : off_activations(edit); }
  [[nodiscard]] bool edited() const { return !edit.steps.empty(); }
};

// Multiply-adds of a network whose pass takes about a frame: of a larger one less is worked out at a time.
inline constexpr double kLargeNetwork = 300e6;
// The same of layers: each takes a while, however little it has to do.
inline constexpr std::size_t kManyLayers = 1000;
[[nodiscard]] inline bool is_large(const nn::Graph& graph) {
  return graph.multiply_adds() > kLargeNetwork || graph.nodes().size() > kManyLayers;
}

// Whether both are of one model, as far as what was worked out of it goes: the same layers and the same loaded weights,
// whatever they are called. Other weights of the same layers are another model.
[[nodiscard]] bool same_model(const Document& a, const Document& b);

// Whether two documents show the same, whatever their revisions: each of their fields by its value, down to the bits of
// weights and pixels, and steps by what they say and do. Only models and sets of pictures are compared by where they
// came from, since one that is opened is another beginning, even out of the same file: models by the graph and weights
// that their copies share, besides all that can be said about them (labels, how they read pictures). Whether a drag is
// under way shows in nothing and does not count. Cheap: shared parts are taken for equal unseen.
[[nodiscard]] bool same(const Document& a, const Document& b);
[[nodiscard]] bool same(const nn::Model& a, const nn::Model& b);

// What the document's network runs with, for a session that has the loaded weights.
void run_as(nn::Session& session, const Document& document);

// A fresh document of a model: its first layer selected, the default map.
[[nodiscard]] Document open_document(std::shared_ptr<const nn::Model> model);

// The crop that a visitor chose; none where it is the one that this model, whose picture it is, reads by itself.
[[nodiscard]] std::optional<Crop> chosen_crop(const Picture& picture, const nn::Model& model);

// Puts a picture on the bench: crop (the model's own square where none is given) and preprocessing for the model.
[[nodiscard]] Picture make_picture(const nn::Model& model, std::string name, std::shared_ptr<const io::Image> image,
                                   bool native_size, std::optional<Crop> crop = std::nullopt);
// The same of one that `done` has made ready to be drawn.
[[nodiscard]] Picture make_picture(const nn::Model& model, std::string name, DisplayMaking done, bool native_size);
// The same picture, read once more: by another model, or in another square.
[[nodiscard]] Picture read_again(const nn::Model& model, const Picture& picture, std::optional<Crop> crop);

// A slider of this tensor's weights spans -r .. +r: three times its largest loaded weight, to two digits.
[[nodiscard]] float slider_range(const Document& document, int tensor);

// fp32 number as people read it: up to three decimals, a true minus sign.
[[nodiscard]] std::string number_text(float value);

}  // namespace weightroom::document
