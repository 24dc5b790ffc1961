#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/image.h"
#include "nn/dataset.h"

// Labelled sets of pictures: a folder of class folders, a tar of one, or MNIST's IDX files. Parsing needs no file
// system; open_dataset (dataset_open.cpp) is the one function here that touches it.
namespace weightroom::io {

struct SetItem {
  int label = 0;          // index into LabelledSet::class_names
  std::string name;       // "cat/n02123045_000.jpg"; "00042" in IDX files
  std::size_t index = 0;  // for PictureSource
};

struct SetSplit {
  std::string name;            // "" where the set has no split level
  std::vector<SetItem> items;  // by class, then by name, in byte order (IDX: as in the file)
};

// Where the pictures come from. Safe to read from several threads.
class PictureSource {
 public:
  PictureSource() = default;
  PictureSource(const PictureSource&) = delete;
  PictureSource& operator=(const PictureSource&) = delete;
  virtual ~PictureSource() = default;
  [[nodiscard]] virtual Result<Image> picture(std::size_t index) const = 0;
};

struct LabelledSet {
  std::vector<std::string> class_names;  // of all splits together, in byte order (IDX: by number)
  std::vector<SetSplit> splits;          // in byte order of their names; at least one, none empty
  std::shared_ptr<const PictureSource> source;
  bool native = false;  // an IDX file's: already light on dark, as the model of such a set reads them

  [[nodiscard]] Result<Image> picture(const SetItem& item) const { return source->picture(item.index); }
};

// Splits, classes and order from the paths of the pictures alone, relative to the set; `index` is the place in `paths`.
// Which folder is the class is told by depth and never by a name (a class may be called "train"): the class is the
// folder that holds the picture, the split the one above it where there is one, and a single folder above both (the
// set's own, in a tar) is passed over. Where all pictures lie in one folder above the class folders, that is the only
// split. Files that are hidden or do not end in .jpg, .jpeg, .png, .bmp or .gif are left out.
[[nodiscard]] Result<LabelledSet> arrange_set(const std::vector<std::string>& paths);

// The archive is taken over and kept whole; pictures are decoded when asked for.
[[nodiscard]] Result<LabelledSet> set_from_tar(std::vector<std::byte>&& archive);

// One split of an IDX set: (N,H,W) pictures and N labels, both gzipped or not.
struct IdxSplit {
  std::string name;  // "train", "test"
  std::vector<std::byte> images;
  std::vector<std::byte> labels;
};
// The files as they are, unpacked where they are gzipped.
[[nodiscard]] Result<std::vector<std::byte>> unpacked(std::vector<std::byte> bytes);
// The files are taken over. class_names may be empty: the labels' numbers then stand in.
[[nodiscard]] Result<LabelledSet> set_from_idx(std::vector<IdxSplit>&& splits,
                                               std::vector<std::string> class_names = {});

// The ten classes of Fashion-MNIST in the order of its labels.
[[nodiscard]] std::vector<std::string> fashion_mnist_classes();

// A folder of class folders (or of splits of them), a folder with train-images-idx3-ubyte(.gz) and the other three (the
// classes named where the folder is Debian's fashion-mnist), or a tar file.
[[nodiscard]] Result<LabelledSet> open_dataset(const std::string& path);

// "" takes the only split there is. Refuses by a sentence that lists the splits.
[[nodiscard]] Result<const SetSplit*> choose_split(const LabelledSet& set, std::string_view name);

struct LoadOptions {
  int channels = 3;  // 1 or 3
  int height = 64;
  int width = 64;
  bool invert = false;  // nn::Preprocessing::invert, for pictures of the outside world
  int threads = 1;      // does not change the result
};

// All pictures of a split, centre-cropped and resized as preprocess() does. The first picture that cannot be read is
// named in the sentence of the error.
[[nodiscard]] Result<nn::LabelledImages> load_split(const LabelledSet& set, const SetSplit& split,
                                                    const LoadOptions& options);

// For each class of a set the index of the label of a model that means it: the same word ('_' for ' ' and any case), or
// where the classes are mere numbers, the number; -1: none does. match_labels refuses by a sentence that names the
// class.
[[nodiscard]] std::vector<int> find_labels(const std::vector<std::string>& class_names,
                                           const std::vector<std::string>& model_labels);
[[nodiscard]] Result<std::vector<int>> match_labels(const std::vector<std::string>& class_names,
                                                    const std::vector<std::string>& model_labels);

}  // namespace weightroom::io
