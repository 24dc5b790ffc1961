#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace weightroom::io {

// What a file is taken for.
enum class FileKind {
  unknown,
  picture,          // JPEG, PNG, GIF or BMP: decode_image reads it
  browser_picture,  // WebP, AVIF, HEIC, JPEG XL, TIFF or ICO: a browser may know it
  other_picture,    // SVG, Photoshop or JPEG 2000: known by name, read by nobody here
  model,            // safetensors with a network in its header
  weights,          // safetensors with tensors alone: a PyTorch state_dict
  onnx,
  history,  // of edits, as document/history_file.h writes it
  recipe,   // of a training run: a JSON object with a "net"
  tar,
  idx_pictures,  // MNIST's form, of rank 3, gzipped or not
  idx_labels,    // and of rank 1
  labels,        // the classes' names: io/labels.h says in which forms
  gzip,          // of anything but IDX

  // What other programs read: refusal_of says what can be done with it.
  zip,
  archive,  // rar, 7z, xz, bzip2 or zstd
  pickle,   // PyTorch's .pt and .pth, of old or as a zip
  keras,    // HDF5, or a zip that ends in .keras
  tflite,
  tensorflow,  // a graph or SavedModel
  tfjs,        // model.json
  ort,         // ONNX Runtime's own form
  other_model,
  numpy,
  lfs_pointer,
  web_page,
  film,  // or sound
  document,
  text,
};

// The word a history's "format" has.
inline constexpr std::string_view kHistoryFormat = "weightroom-history";

// The one place that says what a file is: by what is in it, and where that says nothing by its name ("" where only the
// content is to count). Looks at the beginning alone, and of a gzip unpacks no more than that: a file that is damaged
// further on goes to the reader that can say what is wrong with it. Endings of names count in small letters.
[[nodiscard]] FileKind kind_of(std::string_view name, std::span<const std::byte> bytes);

// Why a file of this kind is not what was to be opened: one sentence that says what it is and what can be done with it.
// Nothing of an unknown kind.
[[nodiscard]] std::optional<Error> refusal_of(FileKind kind);

// The same of this file; `otherwise` where its kind is unknown, or one that `wanted` names.
[[nodiscard]] Error refusal_of(std::string_view name, std::span<const std::byte> bytes, Error otherwise,
                               std::initializer_list<FileKind> wanted = {});

}  // namespace weightroom::io
