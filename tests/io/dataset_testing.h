#pragma once

#include <string>
#include <vector>

#include "io/dataset.h"
#include "io/picture_testing.h"

// Small labelled sets, and what is asked of them.
namespace weightroom::io::testing {

// A flat grey picture of the given level.
inline Bytes flat(int level, int size = 8) {
  Image image{size, size,
              std::vector<std::uint8_t>(static_cast<std::size_t>(size * size * 3), static_cast<std::uint8_t>(level))};
  return encode_png(image);
}

inline std::vector<std::string> split_names(const LabelledSet& set) {
  std::vector<std::string> names;
  for (const SetSplit& split : set.splits) names.push_back(split.name);
  return names;
}

inline std::vector<std::string> item_names(const SetSplit& split) {
  std::vector<std::string> names;
  for (const SetItem& item : split.items) names.push_back(item.name);
  return names;
}

using Names = std::vector<std::string>;

inline Bytes idx_images(int count, int side) {
  Bytes out = bytes_from({0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, side, 0, 0, 0, side});
  for (int i = 0; i < count; ++i)
    out.insert(out.end(), static_cast<std::size_t>(side * side), static_cast<std::byte>(i * 10));
  return out;
}
inline Bytes idx_labels(std::initializer_list<int> labels) {
  Bytes out = bytes_from({0, 0, 8, 1, 0, 0, 0, static_cast<int>(labels.size())});
  for (const int label : labels) out.push_back(static_cast<std::byte>(label));
  return out;
}

// What is said of the pictures of a split that could not be read, and how many could.
inline std::string unread_words(const LabelledSet& set, int threads = 1) {
  const auto loaded =
      load_split(set, set.splits[0], {.channels = 1, .height = 8, .width = 8, .invert = false, .threads = threads});
  if (!loaded) return loaded.error().message();
  EXPECT_EQ(loaded->images.names.size(), loaded->images.count());
  EXPECT_EQ(loaded->images.pixels.size(), loaded->images.count() * 64);
  return std::to_string(loaded->images.count()) + ": " + loaded->unread.words(loaded->images);
}

}  // namespace weightroom::io::testing
