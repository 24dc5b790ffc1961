#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/job.h"
#include "io/dataset.h"
#include "nn/dataset.h"
#include "nn/model.h"

// Several pictures at once: what units are tried on, and what weights are averaged over.
namespace weightroom::document {

struct PictureSet {
  std::string name;                   // "pets.tar"; "the samples"
  bool opened = false;                // by the visitor; else crops of the samples that come with the program
  std::size_t whole = 0;              // pictures of the set, of which these are some
  nn::LabelledImages images;          // at the model's extents
  io::Unread unread;                  // of those that were to be taken
  std::vector<std::uint32_t> places;  // of each picture in the split of the set, where a SetLoader took it

  // Where picture i lies in the set that these were taken from by a SetLoader.
  [[nodiscard]] const io::SetItem& item(const io::LabelledSet& set, std::size_t i) const;
  // Picture i as the model reads it, (C,H,W).
  [[nodiscard]] std::vector<float> input(const nn::Model& model, std::size_t i) const;
  // How many there are of each class.
  [[nodiscard]] std::vector<int> class_counts() const;
};

// The most pictures of a set that are taken, evenly from all of it, to measure accuracy on; and of these, to see what
// units like: little to wait for.
inline constexpr std::size_t kMostMeasured = 10'000;
inline constexpr std::size_t kMostMeasuredBytes = std::size_t{96} << 20U;
inline constexpr std::size_t kMostPictures = 512;
// No more than `most` of them, evenly.
[[nodiscard]] std::shared_ptr<const PictureSet> some_of(const std::shared_ptr<const PictureSet>& set, std::size_t most);

// Who decodes a picture's file, and calls back once, at once or later; false: nobody but io::decode_image,
// and the file is left as it is.
using Decoder =
    std::function<bool(const std::string& name, std::vector<std::byte>& file, std::function<void(Result<io::Image>)>)>;

// Reads an opened set picture by picture. Of several splits the one for measuring: "test", "val", else the first.
class SetLoader {
 public:
  SetLoader(std::string name, std::shared_ptr<const io::LabelledSet> set, const nn::Model& model, Decoder decoder = {});
  // True once all is read that can be; where that is nothing error() is the sentence.
  bool step(const base::Budget& budget);
  [[nodiscard]] double progress() const;
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] std::shared_ptr<const PictureSet> take() {
    return std::make_shared<const PictureSet>(std::move(found_));
  }

 private:
  std::shared_ptr<const io::LabelledSet> set_;
  const io::SetSplit* split_;
  float crop_ = 1.0F;
  bool invert_ = false;
  std::size_t wanted_ = 0;
  std::size_t tried_ = 0;
  void take(std::size_t place, const Result<io::Image>& picture);
  [[nodiscard]] bool ask(const io::SetItem& item);
  Decoder decoder_;
  // Of the decoder, which may outlive the loader.
  struct Asked {
    std::optional<Result<io::Image>> answer;
  };
  std::shared_ptr<Asked> asked_;  // for the picture that is being tried
  PictureSet found_;
  std::optional<Error> error_;
};

// Of each photograph the whole and squares cut out of it, large and small; small grey samples as they are.
struct SamplePicture {
  std::string name;  // "cat", "shirt 2"
  std::shared_ptr<const io::Image> image;
  bool native = false;  // of the model's own set
};
[[nodiscard]] std::shared_ptr<const PictureSet> crops_of(const std::vector<SamplePicture>& samples,
                                                         const nn::Model& model);

}  // namespace weightroom::document
