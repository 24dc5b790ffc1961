#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "nn/model.h"

// What an ONNX file's metadata_props say beside the net.
namespace weightroom::onnx {

using Metadata = std::map<std::string, std::string>;

// Names of the classes: a JSON list, or one a line, under "labels", "classes", "class_names" or "names"; or numbered,
// {0: 'cat', 1: 'dog'}, as Ultralytics writes them. Empty where there are not `classes` of them, or
// with `one_number` a single one.
[[nodiscard]] std::vector<std::string> labels_of(const Metadata& metadata, std::size_t classes, bool one_number);

// Of the one name that a file may have for two classes told by one number ("hot dog"), both: "not hot dog" and itself.
[[nodiscard]] std::vector<std::string> two_classes(std::vector<std::string> labels);

// How pictures become numbers:
//   preprocessing                    as in our own files (model_file.h)
//   mean, std                        JSON lists of one number a channel, on the scale of 0 to 1, or of 0 to 255 where
//                                    any of them is above 1.5: no mean or deviation of values from 0 to 1 is
//   Image.BitmapPixelFormat          Rgb8, Bgr8, ... and
//   Image.NominalPixelRange          NominalRange_0_255, Normalized_0_1, Normalized_1_1
//                                    (https://onnx.ai/onnx/repo-docs/MetadataProps.html, of either case)
// Where the file does not say the numbers, ImageNet's for colours. A sentence for a range or a list that is none of
// these.
struct Reading {
  nn::Preprocessing preprocessing;
  bool said = false;      // by the file, the numbers at least
  bool in_bytes = false;  // its numbers were of 0 to 255, and were divided
  bool ours = false;      // by `preprocessing`, the crop too
};
[[nodiscard]] Result<Reading> reading_of(const Metadata& metadata, int channels);

}  // namespace weightroom::onnx
