#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/image.h"
#include "io/unread.h"
#include "nn/dataset.h"

// Labelled sets of pictures: a folder of class folders, a tar of one, or MNIST's IDX files. Parsing needs no file
// system; open_dataset (dataset_open.cpp) is the one function here that touches it. Nothing that looks like a picture
// is left out without a word: what cannot be read is told by an Unread, what was decided about the rest by `notices`.
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
  // The file that decode_image makes the picture of; empty: it is in no file of its own.
  [[nodiscard]] virtual std::vector<std::byte> file(std::size_t /*index*/) const { return {}; }
  // What is in the way of one that cannot be read, as Unread::Kind has it; empty: nothing but damage.
  [[nodiscard]] virtual std::string obstacle(std::size_t /*index*/) const { return {}; }
};

struct LabelledSet {
  std::vector<std::string> class_names;  // of all splits together, in byte order (IDX: by number)
  std::vector<SetSplit> splits;          // in byte order of their names; at least one, none empty
  std::shared_ptr<const PictureSource> source;
  bool native = false;               // an IDX file's: already light on dark, as the model of such a set reads them
  std::vector<std::string> notices;  // sentences about how it was read

  [[nodiscard]] Result<Image> picture(const SetItem& item) const { return source->picture(item.index); }
};

// Splits, classes and order from the paths of the pictures alone, relative to the set; `index` is the place in `paths`.
// Which folder is the class is told by depth and not by a name (a class may be called "train"): the class is the folder
// that holds the picture, the split the one above it where there is one, and a single folder above both (the set's own,
// in a tar) is passed over. Where all pictures lie in one folder above the class folders, that is the only split. Where
// all lie in folders called alike ("cat/images/1.jpg") the class is above them. Where some lie deeper than others, the
// class is the folder of those that lie least deep, and the others belong to the class that they are below; those
// beside the class folders are left out. Names of classes are composed (io/composed.h). Passed over are files without
// the ending of a picture, and those that are hidden or lie in __MACOSX or @eaDir.
[[nodiscard]] Result<LabelledSet> arrange_set(const std::vector<std::string>& paths);

// Which pictures a folder or an archive is opened for: those of its classes, or all, whatever folders they lie in: of
// one class without a name, each under its own path, in byte order. IDX files are the same either way.
enum class Grouping { classes, none };
[[nodiscard]] Result<LabelledSet> arrange_pictures(const std::vector<std::string>& paths);

// The archive is taken over and kept whole; pictures are decoded when asked for. It may hold IDX files in place of
// pictures (io/idx_files.h says what the split is for).
[[nodiscard]] Result<LabelledSet> set_from_tar(std::vector<std::byte>&& archive, std::string_view split = {},
                                               Grouping grouping = Grouping::classes);

// The same of a zip, whose files may be deflated; those that are encrypted or packed in another way count as unread.
[[nodiscard]] Result<LabelledSet> set_from_zip(std::vector<std::byte>&& archive, std::string_view split = {},
                                               Grouping grouping = Grouping::classes);

// One split of an IDX set: (N,H,W) pictures and N labels, both gzipped or not.
struct IdxSplit {
  std::string name;  // "train", "test"
  std::vector<std::byte> images;
  std::vector<std::byte> labels;
  bool transposed = false;  // EMNIST's: rows and columns are swapped
};
// The files as they are, unpacked where they are gzipped.
[[nodiscard]] Result<std::vector<std::byte>> unpacked(std::vector<std::byte> bytes);
// The files are taken over. class_names may be empty: the labels' numbers then stand in, from 1 on where that is the
// smallest.
[[nodiscard]] Result<LabelledSet> set_from_idx(std::vector<IdxSplit>&& splits,
                                               std::vector<std::string> class_names = {});

// The ten classes of Fashion-MNIST in the order of its labels.
[[nodiscard]] std::vector<std::string> fashion_mnist_classes();

// A folder of class folders (or of splits of them), a folder with IDX files (as idx_set finds them, at any depth; the
// classes are named where the path says "fashion" and "mnist"), a tar or zip file, or a tar that is gzipped. Of a
// folder symbolic links are followed as long as they stay in it.
[[nodiscard]] Result<LabelledSet> open_dataset(const std::string& path, std::string_view split = {},
                                               Grouping grouping = Grouping::classes);

// "" takes the only split there is. Refuses by a sentence that lists the splits.
[[nodiscard]] Result<const SetSplit*> choose_split(const LabelledSet& set, std::string_view name);

struct LoadOptions {
  int channels = 3;  // 1 or 3
  int height = 64;
  int width = 64;
  float crop = 1.0F;    // as nn::Preprocessing has it
  bool invert = false;  // nn::Preprocessing::invert, for pictures of the outside world
  int threads = 1;      // does not change the result
};

struct LoadedSplit {
  nn::LabelledImages images;
  Unread unread;
};
// All pictures of a split that can be read, centre-cropped and resized as preprocess() does. Refuses by a sentence
// where none can.
[[nodiscard]] Result<LoadedSplit> load_split(const LabelledSet& set, const SetSplit& split, const LoadOptions& options);

// For each class of a set the index of the label of a model that means it; -1: none does. The same word counts ('_' for
// ' ', any case of A to Z, composed or not). Names that are mere numbers, or WordNet's ("n01440764"), and not all
// labels themselves, are taken in their order where the model has as many classes (of folders, that of their text, as
// torchvision's ImageFolder has it), other numbers for the places that they say. match_labels refuses by a sentence
// that names the class; matching_words says which rule was taken, where it was not by name.
[[nodiscard]] std::vector<int> find_labels(const std::vector<std::string>& class_names,
                                           const std::vector<std::string>& model_labels);
[[nodiscard]] Result<std::vector<int>> match_labels(const std::vector<std::string>& class_names,
                                                    const std::vector<std::string>& model_labels);
[[nodiscard]] std::string matching_words(const std::vector<std::string>& class_names, bool native,
                                         const std::vector<std::string>& model_labels);

}  // namespace weightroom::io
