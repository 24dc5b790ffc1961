#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/set_files.h"

namespace weightroom::io {

// Whether a name is one of MNIST's kind, in any of its spellings: train-images-idx3-ubyte, t10k-labels.idx1-ubyte,
// emnist-letters-test-images-idx3-ubyte.gz.
[[nodiscard]] bool is_idx_name(std::string_view path);
// EMNIST's pictures are stored with rows and columns swapped, and nothing in the file says so.
[[nodiscard]] bool is_emnist_name(std::string_view path);

// The set that IDX files among these make: those whose name says so, or where `by_content` those that are such files.
// Pictures and labels belong together by the rest of their names, or where only one of each is left; the split is
// "train", "test" or "val" by the name. Of several families (EMNIST's letters, digits ...) that of the split. Nothing
// where there are no such files. Refuses by a sentence: pictures without labels, what set_from_idx and choose_split do.
[[nodiscard]] Result<std::optional<LabelledSet>> idx_set(const std::vector<std::string>& paths, const FileSource& files,
                                                         std::string_view split, bool by_content,
                                                         std::vector<std::string> class_names = {});

}  // namespace weightroom::io
