// weightroom visualise: what units of a network want to see, made from noise, and measured against real pictures.
#include "explain/visualise.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/labelled_set.h"
#include "cli/progress.h"
#include "io/file.h"
#include "io/labels.h"
#include "io/text.h"
#include "lab/map_file.h"
#include "train/augment.h"

namespace weightroom::cli {
namespace {

constexpr int kPictureSide = 256;  // about; a whole multiple of the model's input

struct VisualiseOptions {
  std::string model = "everyday";
  std::string layer;     // empty: the last convolution
  int channel = -1;      // -1: all of them
  std::vector<int> at;   // row and column of one unit; empty: the mean of the map
  std::string of_class;  // in place of layer and channel
  int steps = 256;
  int images = 1;
  std::uint64_t seed = 1;
  double diversity = 0.5;
  std::string out;
  std::string against;
  std::string split;
  int count = 256;
  bool json = false;
};

// Many pictures beside each other on a grey ground.
io::Image sheet(const std::vector<io::Image>& pictures) {
  const int columns = std::min<int>(8, static_cast<int>(pictures.size()));
  const int rows = (static_cast<int>(pictures.size()) + columns - 1) / columns;
  constexpr int kGap = 4;
  const int side = pictures.front().width;
  io::Image all{columns * (side + kGap) - kGap, rows * (pictures.front().height + kGap) - kGap, {}};
  all.rgb.assign(3 * static_cast<std::size_t>(all.width) * static_cast<std::size_t>(all.height), 230);
  for (std::size_t k = 0; k < pictures.size(); ++k) {
    const int left = static_cast<int>(k) % columns * (side + kGap);
    const int top = static_cast<int>(k) / columns * (pictures[k].height + kGap);
    for (int y = 0; y < pictures[k].height; ++y) {
      const auto from = pictures[k].rgb.begin() + static_cast<std::ptrdiff_t>(3) * y * side;
      std::copy_n(from, 3 * side,
                  all.rgb.begin() +
                      static_cast<std::ptrdiff_t>(3) * ((top + y) * static_cast<std::ptrdiff_t>(all.width) + left));
    }
  }
  return all;
}

struct Aim {
  int node = 0;
  std::vector<int> channels;
  int y = -1;  // one unit of each map; -1: all of it
  int x = -1;
  [[nodiscard]] explain::Unit unit(int channel) const { return {node, channel, y, x}; }
};

// The largest value of each channel over pictures of a set, evenly taken from it.
Result<std::vector<double>> best_of_set(const VisualiseOptions& options, const nn::Model& model, const Aim& aim,
                                        int& count) {
  const nn::Shape& shape = model.graph->spec().input;
  auto set = load_set({.path = options.against,
                       .split = options.split,
                       .channels = shape[0],
                       .height = shape[1],
                       .width = shape[2],
                       .crop = model.preprocessing.crop});
  if (!set) return std::unexpected(set.error());
  const std::size_t all = set->images.count();
  const std::size_t wanted = std::min<std::size_t>(all, static_cast<std::size_t>(options.count));
  count = static_cast<int>(wanted);
  nn::Session session = open_session(model);
  const int channels = model.graph->nodes()[static_cast<std::size_t>(aim.node)].output.c();
  std::vector<double> best(static_cast<std::size_t>(channels), -1e300);
  std::vector<float> input(shape.size());
  for (std::size_t k = 0; k < wanted; ++k) {
    const auto bytes = set->images.sample(k * all / wanted);
    train::normalise(bytes, {shape[0], shape[1], shape[2]}, model.preprocessing, input);
    session.set_input(input);
    session.forward();
    for (int c = 0; c < channels; ++c) {
      auto& value = best[static_cast<std::size_t>(c)];
      value = std::max(value, explain::unit_value(session, aim.unit(c), 0));
    }
  }
  return best;
}

Result<Aim> choose_aim(const VisualiseOptions& options, const nn::Model& model) {
  const nn::Graph& graph = *model.graph;
  if (!options.of_class.empty()) {
    const auto index = io::find_class(model.labels, options.of_class);
    if (!index) return std::unexpected(index.error());
    return Aim{graph.logits(), {*index}};
  }
  int node = options.layer.empty() ? -1 : graph.find_node(options.layer);
  if (options.layer.empty()) {
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      if (nn::is_convolution(graph.nodes()[i].op)) node = static_cast<int>(i);
    }
    if (node < 0) node = graph.logits();
  }
  if (node <= 0) return fail("The model has no layer " + io::in_quotes(options.layer) + ".");
  Aim aim{explain::before_kinks(graph, node), {}};
  const nn::Shape& output = graph.nodes()[static_cast<std::size_t>(aim.node)].output;
  const int channels = output.c();
  if (!options.at.empty()) {
    aim.y = options.at[0];
    aim.x = options.at[1];
    if (aim.y < 0 || aim.x < 0 || aim.y >= output.h() || aim.x >= output.w())
      return fail("The maps of '" + graph.nodes()[static_cast<std::size_t>(node)].name + "' have " +
                  std::to_string(output.h()) + " rows and " + std::to_string(output.w()) + " columns, counted from 0.");
  }
  if (options.channel >= channels)
    return fail("'" + graph.nodes()[static_cast<std::size_t>(node)].name + "' has channels 0 to " +
                std::to_string(channels - 1) + ", no " + std::to_string(options.channel) + ".");
  for (int c = 0; c < channels; ++c) {
    if (options.channel < 0 || options.channel == c) aim.channels.push_back(c);
  }
  return aim;
}

Status run_visualise(const VisualiseOptions& options) {
  const auto model = load_model(options.model);
  if (!model) return std::unexpected(model.error());
  if (!options.out.empty() && !options.out.ends_with(".png"))
    return fail("The output " + io::in_quotes(options.out) + " must end in .png.");
  const auto aim = choose_aim(options, *model);
  if (!aim) return std::unexpected(aim.error());
  int count = 0;
  std::vector<double> best;
  if (!options.against.empty()) {
    auto found = best_of_set(options, *model, *aim, count);
    if (!found) return std::unexpected(found.error());
    best = std::move(*found);
  }
  const nn::Shape& shape = model->graph->spec().input;
  const std::string& name = model->graph->nodes()[static_cast<std::size_t>(aim->node)].name;
  const int k = std::max(1, (aim->channels.size() == 1 ? kPictureSide : 64) / std::max(shape[1], shape[2]));
  nn::Session session(model->graph, model->weights, {.batch = options.images});
  ProgressBar bar("visualising");
  std::vector<io::Image> pictures;
  Json rows = Json::array();
  int wins = 0;
  for (std::size_t i = 0; i < aim->channels.size(); ++i) {
    const int channel = aim->channels[i];
    explain::Visualised found;
    double progress = 0.0;
    auto task = explain::visualise(session, model->preprocessing, aim->unit(channel),
                                   {.steps = options.steps, .diversity = options.diversity, .seed = options.seed},
                                   found, progress);
    while (!task.step()) bar.show((static_cast<double>(i) + progress) / static_cast<double>(aim->channels.size()));
    for (const auto& picture : found.pictures)
      pictures.push_back(lab::enlarged(io::picture_of(picture, model->preprocessing, shape[0], shape[1], shape[2]), k));
    const double value = *std::ranges::max_element(found.values);
    Json row{{"layer", name}, {"channel", channel}, {"value", value}, {"noise", found.history.front()}};
    if (!best.empty()) {
      const double real = best[static_cast<std::size_t>(channel)];
      wins += value > real ? 1 : 0;
      row["best_picture"] = real;
    }
    rows.push_back(std::move(row));
  }
  bar.clear();
  if (!options.out.empty()) {
    if (auto written = io::write_file(options.out, io::encode_png(sheet(pictures))); !written) return written;
  }
  if (options.json) {
    print_json(rows);
    return {};
  }
  for (const Json& row : rows) {
    std::cout << name << " " << row["channel"].get<int>() << ": " << std::setprecision(4) << row["noise"].get<double>()
              << " -> " << row["value"].get<double>();
    if (row.contains("best_picture")) std::cout << ", best picture " << row["best_picture"].get<double>();
    std::cout << '\n';
  }
  if (!best.empty())
    std::cout << "beats the best of " << count << " pictures on " << wins << " of " << rows.size() << " channels ("
              << std::setprecision(3) << 100.0 * wins / static_cast<double>(rows.size()) << " %)\n";
  return {};
}

}  // namespace

void add_visualise(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("visualise", "Make the pictures that a network's units want to see.");
  auto options = std::make_shared<VisualiseOptions>();
  command->add_option("--model", options->model, "a shipped model's name, or a model file")->capture_default_str();
  auto* layer = command->add_option("--layer", options->layer,
                                    "layer whose channels are looked at (default: the last convolution)");
  auto* at = command->add_option("--at", options->at, "row and column of one unit (default: the mean of the map)")
                 ->expected(2);
  auto* channel =
      command->add_option("--channel", options->channel, "one of them (default: all)")->check(CLI::NonNegativeNumber);
  command->add_option("--class", options->of_class, "a class in place of a channel, by label or number")
      ->excludes(layer)
      ->excludes(channel)
      ->excludes(at);
  command->add_option("--steps", options->steps, "steps uphill")->capture_default_str()->check(CLI::Range(0, 100000));
  command->add_option("--images", options->images, "pictures of each, driven apart")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  command->add_option("--diversity", options->diversity, "how much they are driven apart")->capture_default_str();
  command->add_option("--seed", options->seed, "seed of the noise")->capture_default_str();
  command->add_option("--out", options->out, "PNG file: one picture, or a sheet of them");
  auto* against = command->add_option("--against", options->against,
                                      "labelled set whose pictures they are measured against (as eval reads them)");
  command->add_option("--split", options->split, "split of the set")->needs(against);
  command->add_option("--count", options->count, "pictures of the set, evenly taken")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->needs(against);
  command->add_flag("--json", options->json, "result as JSON on standard output");
  command->callback([options, &action] { action = [options] { return run_visualise(*options); }; });
}

}  // namespace weightroom::cli
