#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/image.h"
#include "nn/dataset.h"
#include "nn/model.h"
#include "teach/base.h"
#include "teach/examples.h"

// The classes that somebody teaches, with the pictures of each. A value: every change is another project, and all share
// the pictures.
namespace weightroom::teach {

inline constexpr std::size_t kMostPictures = 2000;
inline constexpr std::size_t kMostClassName = 60;  // bytes

// A picture as it is kept: a square JPEG that our own encoder wrote, so that it holds nothing but its pixels (a phone
// writes where it was), and the only source of what the network reads.
struct KeptPicture {
  std::string name;             // of the file that it came from
  std::vector<std::byte> file;  // JPEG
  std::string sha256;           // of it: 64 digits
};
// The centred square of a picture, no larger than kKeptSide or the network's own side, where that is more.
inline constexpr int kKeptSide = 224;
[[nodiscard]] std::shared_ptr<const KeptPicture> keep_picture(std::string name, const io::Image& image,
                                                              const nn::Shape& input);
// (C,H,W) bytes as the network reads it.
[[nodiscard]] std::vector<std::uint8_t> input_of(const KeptPicture& picture, const nn::Model& model);

// (side, side, 4) to be shown small; some milliseconds.
[[nodiscard]] std::vector<std::uint8_t> thumbnail(const KeptPicture& picture, int side);

struct TaughtPicture {
  std::uint64_t id = 0;  // never used twice in a project
  int take = 0;          // those of one recording, or the same picture twice, are one take
  std::shared_ptr<const KeptPicture> kept;
  [[nodiscard]] bool operator==(const TaughtPicture&) const = default;
};

struct TaughtClass {
  std::string name;
  std::vector<TaughtPicture> pictures;
  [[nodiscard]] bool operator==(const TaughtClass&) const = default;
  [[nodiscard]] int take_count() const;
};

struct Project {
  std::vector<TaughtClass> classes;
  std::uint64_t next_id = 1;
  int next_take = 1;
  [[nodiscard]] bool operator==(const Project&) const = default;

  [[nodiscard]] std::size_t picture_count() const;
  // Those that have pictures, in order: the classes of the head.
  [[nodiscard]] std::vector<std::size_t> shown_classes() const;
  // Class and place of the picture with this id.
  struct Place {
    std::size_t of_class;
    std::size_t picture;
  };
  [[nodiscard]] Result<Place> find(std::uint64_t id) const;
};

// "Class 1" and "Class 2" without pictures.
[[nodiscard]] Project empty_project();

// Each gives the project after it, or a sentence: a class that there is not, a name that is empty, too long or taken,
// more classes or pictures than a project holds.
[[nodiscard]] Result<Project> add_class(Project project, std::string name);  // empty: the next "Class N"
[[nodiscard]] Result<Project> rename_class(Project project, std::size_t of_class, const std::string& name);
[[nodiscard]] Result<Project> remove_class(Project project, std::size_t of_class);
// A take of its own, unless its class has the very same picture already.
[[nodiscard]] Result<Project> add_picture(Project project, std::size_t of_class,
                                          std::shared_ptr<const KeptPicture> picture);
[[nodiscard]] Result<Project> move_picture(Project project, std::uint64_t id, std::size_t to_class);
[[nodiscard]] Result<Project> remove_picture(Project project, std::uint64_t id);

// What it is worth saying about the pictures, in sentences.
[[nodiscard]] std::vector<Error> warnings(const Project& project);

// Examples for a head of the shown classes, with the ids of their pictures in the same order. `features` has those of
// the picture with an id: (D), what goes into the base's last layer. `scale` 0: the root of their mean square length.
struct ProjectExamples {
  Examples examples;
  std::vector<std::uint64_t> ids;
};
using FeaturesOf = std::function<std::span<const float>(const TaughtPicture&)>;
[[nodiscard]] ProjectExamples examples_of(const Project& project, const FeaturesOf& features, std::size_t width,
                                          double scale);

}  // namespace weightroom::teach
