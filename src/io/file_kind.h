#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace weightroom::io {

// What a file is taken for.
enum class FileKind {
  unknown,
  picture,          // JPEG, PNG, GIF or BMP: decode_image reads it
  browser_picture,  // WebP, AVIF, HEIC, JPEG XL, TIFF or ICO: a browser may know it
  other_picture,    // SVG, Photoshop or PDF: known by name, read by nobody here
  model,            // safetensors with a network in its header
  weights,          // safetensors with tensors alone: a PyTorch state_dict
  onnx,
  history,  // of edits, as document/history_file.h writes it
  recipe,   // of a training run: a JSON object with a "net"
  tar,
  idx_pictures,  // MNIST's form, of rank 3, gzipped or not
  idx_labels,    // and of rank 1
  labels,        // the classes' names, one a line
  zip,
  pickle,  // PyTorch's .pt and .pth of old; those of today are zips
  gzip,    // of anything but IDX
};

// The word a history's "format" has.
inline constexpr std::string_view kHistoryFormat = "weightroom-history";

// The one place that says what a file is: by what is in it, and where that says nothing by its name ("" where only the
// content is to count). Looks at the beginning alone, and of a gzip unpacks no more than that: a file that is damaged
// further on goes to the reader that can say what is wrong with it. Endings of names count in small letters.
[[nodiscard]] FileKind kind_of(std::string_view name, std::span<const std::byte> bytes);

}  // namespace weightroom::io
