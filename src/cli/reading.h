#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "nn/model.h"
#include "onnx/import.h"

// How a model is to read pictures, where the command line says so.
namespace weightroom::cli {

struct ReadingOptions {
  std::vector<float> mean;  // one number a channel of the tensor; empty: as the model has it
  std::vector<float> std;
  int resize = 0;  // torchvision's Resize: the shorter side, of which `crop` is cut out; 0: as the model has it
  int crop = 0;    // torchvision's CenterCrop: the side of the model's input
};

// Adds --mean, --std, --resize and --crop.
void add_reading(CLI::App& command, ReadingOptions& options);

// "--mean 0.4 0.5 0.6" as one word, "--mean=0.4,0.5,0.6": of what follows only numbers belong to it, negative ones too,
// and no picture does.
[[nodiscard]] std::vector<std::string> joined_numbers(std::vector<std::string> words);

// The model, read as the options say, which come before what its file says. A sentence where they do not suit it.
[[nodiscard]] Result<nn::Model> with_reading(const nn::Model& model, const ReadingOptions& options);

// What neither file nor options say of a model's reading, in a line on stderr: what is taken in its place.
void tell_guesses(const nn::Model& model, const onnx::OpenReport& report, const ReadingOptions& options);

// A shipped model or a file, for a command that reads pictures: load_model and both of these.
[[nodiscard]] Result<nn::Model> load_reader(const std::string& name_or_file, const ReadingOptions& options);

}  // namespace weightroom::cli
