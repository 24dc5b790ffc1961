#include "cli/reading.h"

#include <cmath>
#include <iostream>
#include <optional>
#include <sstream>

#include "base/decimal.h"
#include "base/number.h"
#include "cli/files.h"
#include "document/reading.h"
#include "io/preprocess.h"
#include "io/text.h"

namespace weightroom::cli {
namespace {

constexpr int kMostSide = 16384;

// "0.4,0.5,0.6"; CLI11's error, which ends the program with 2, where one of them is no such number.
std::vector<float> read_numbers(const std::string& name, const std::string& text, bool positive) {
  std::vector<float> numbers;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    double value = 0.0;
    const bool number = base::read_real(part, value) && std::isfinite(static_cast<float>(value));
    if (!number || (positive && !(static_cast<float>(value) > 0.0F))) {
      throw CLI::ValidationError(name,
                                 io::in_quotes(part) + (positive ? " is no number above 0." : " is no finite number."));
    }
    numbers.push_back(static_cast<float>(value));
  }
  if (numbers.empty()) throw CLI::ValidationError(name, "A number is missing.");
  return numbers;
}

// Or what is meant as one, to be refused as one.
bool is_number(const std::string& word) {
  double value = 0.0;
  return word == "nan" || word == "inf" || word == "-inf" || base::read_real(word, value);
}

// The share of the shorter side that is read, where --resize says it. `side` is that of the model's input.
Result<std::optional<float>> crop_share(const nn::Shape& input, int resize) {
  if (resize == 0) return std::optional<float>();
  if (input[1] != input[2])
    return fail("The model reads pictures of " + std::to_string(input[2]) + " x " + std::to_string(input[1]) +
                "; --resize is for squares.");
  if (input[1] > resize)
    return fail("A square of " + std::to_string(input[1]) + " pixels cannot be cropped from a picture resized to " +
                std::to_string(resize) + ".");
  return static_cast<float>(input[1]) / static_cast<float>(resize);
}

std::string list_of(const std::array<float, 3>& numbers, int channels) {
  std::string text;
  for (int c = 0; c < channels; ++c)
    text += (c == 0 ? "" : " ") + base::number_text(numbers[static_cast<std::size_t>(c)]);
  return text;
}

}  // namespace

void add_reading(CLI::App& command, ReadingOptions& options) {
  const auto numbers = [&command](const std::string& name, std::vector<float>& to, bool positive, const char* help) {
    command
        .add_option_function<std::string>(
            name, [&to, name, positive](const std::string& text) { to = read_numbers(name, text, positive); }, help)
        ->group("Reading");
  };
  numbers("--mean", options.mean, false,
          "mean of each channel, pixels being 0 to 1: three numbers, or one\n(default: what the file says)");
  numbers("--std", options.std, true, "standard deviation of each channel, likewise");
  command
      .add_option("--resize", options.resize,
                  "the picture's shorter side before the crop, as torchvision's Resize\n(default: what the file says)")
      ->check(CLI::Range(1, kMostSide))
      ->group("Reading");
  command.add_option("--crop", options.crop, "side of the square that is cut out, as torchvision's CenterCrop")
      ->check(CLI::Range(8, 4096))
      ->group("Reading");
}

std::vector<std::string> joined_numbers(std::vector<std::string> words) {
  std::vector<std::string> joined;
  for (std::size_t i = 0; i < words.size(); ++i) {
    joined.push_back(std::move(words[i]));
    if (joined.back() != "--mean" && joined.back() != "--std") continue;
    char between = '=';
    for (; i + 1 < words.size() && is_number(words[i + 1]); ++i) {
      joined.back() += between + words[i + 1];
      between = ',';
    }
  }
  return joined;
}

Result<nn::Model> with_reading(const nn::Model& model, const ReadingOptions& options) {
  document::command::SetReading command;
  if (!options.mean.empty()) command.mean = options.mean;
  if (!options.std.empty()) command.std = options.std;
  if (options.crop > 0) command.size = options.crop;
  auto read = document::with_reading(model, command);
  if (!read) return read;
  const auto share = crop_share(read->graph->spec().input, options.resize);
  if (!share) return std::unexpected(share.error());
  if (*share) read->preprocessing.crop = **share;
  return read;
}

void tell_guesses(const nn::Model& model, const onnx::OpenReport& report, const ReadingOptions& options) {
  const nn::Shape& input = model.graph->spec().input;
  std::string line;
  if (report.guessed_reading && (options.mean.empty() || options.std.empty())) {
    const io::Scale* scale = io::scale_of(model.preprocessing, input[0]);
    line += " The file does not say how pictures become numbers: mean " + list_of(model.preprocessing.mean, input[0]) +
            " and std " + list_of(model.preprocessing.std, input[0]) +
            (scale != nullptr && scale->name == "imagenet" ? ", ImageNet's, are" : " are") +
            " assumed (--mean, --std).";
  }
  if (report.guessed_size && options.crop == 0)
    line += " The file leaves the size of pictures open: " + std::to_string(input[1]) + " is assumed (--crop).";
  // Of a file that says all the rest, silence on the crop is worth no line.
  if (!line.empty() && report.guessed_crop && options.resize == 0)
    line += " It does not say how much of a picture is read: the whole square in its middle is assumed (--resize).";
  if (!line.empty()) std::cerr << "weightroom:" << line << '\n';
}

Result<nn::Model> load_reader(const std::string& name_or_file, const ReadingOptions& options) {
  onnx::OpenReport report;
  const auto model = load_model(name_or_file, report, {.size = options.crop});
  if (!model) return model;
  auto read = with_reading(*model, options);
  if (read) tell_guesses(*read, report, options);
  return read;
}

}  // namespace weightroom::cli
