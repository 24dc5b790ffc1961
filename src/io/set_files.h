#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset.h"

// What a folder and a tar have in common on their way to a labelled set.
namespace weightroom::io {

// Files by their places in a list of paths.
class FileSource : public PictureSource {
 public:
  // The first `most` bytes of it, all of it where it has no more.
  [[nodiscard]] virtual Result<std::vector<std::byte>> begin(std::size_t index, std::size_t most) const = 0;
};

// IDX files where their names say so, else pictures in class folders, else IDX files of any name.
[[nodiscard]] Result<LabelledSet> set_of_files(const std::vector<std::string>& paths,
                                               std::shared_ptr<const FileSource> files, std::string_view split,
                                               Grouping grouping, std::vector<std::string> class_names);

// Of links that lead nowhere those that no picture is counted for: said in a notice of the set.
void note_lost_links(const std::vector<std::string>& links, LabelledSet& set);

// The name of a picture's format that decode_image does not read; empty: it does, or knows of none.
[[nodiscard]] std::string unread_format(std::span<const std::byte> bytes);

}  // namespace weightroom::io
