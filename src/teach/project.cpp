#include "teach/project.h"

#include <algorithm>
#include <map>
#include <set>

#include <strings/teach.h>

#include "base/check.h"
#include "base/hash.h"
#include "io/preprocess.h"
#include "io/text.h"
#include "teach/sums.h"
#include "train/features.h"

namespace weightroom::teach {
namespace {

constexpr int kJpegQuality = 90;

Status check_class(const Project& project, std::size_t of_class) {
  if (of_class < project.classes.size()) return {};
  return fail(text::teach_no_class, {{"n", project.classes.size()}, {"class", of_class + 1}});
}

Status check_name(const Project& project, const std::string& name, std::size_t but = SIZE_MAX) {
  if (name.find_first_not_of(' ') == std::string::npos) return fail(text::teach_name_empty);
  if (name.size() > kMostClassName) return fail(text::teach_name_long, {{"most", kMostClassName}});
  for (std::size_t c = 0; c < project.classes.size(); ++c) {
    if (c != but && project.classes[c].name == name) return fail(text::teach_name_taken, {{"name", name}});
  }
  return {};
}

std::string next_name(const Project& project) {
  for (std::size_t n = project.classes.size() + 1;; ++n) {
    std::string name = tr(text::teach_class_n, {{"number", n}});
    if (std::ranges::find(project.classes, name, &TaughtClass::name) == project.classes.end()) return name;
  }
}

// The first two classes that have a picture in common, for each such pair once.
void find_twins(const Project& project, std::vector<Error>& found) {
  std::map<std::string_view, std::size_t> class_of;  // by a picture's hash
  std::set<std::pair<std::size_t, std::size_t>> told;
  for (std::size_t c = 0; c < project.classes.size(); ++c) {
    for (const TaughtPicture& picture : project.classes[c].pictures) {
      const std::size_t first = class_of.emplace(picture.kept->sha256, c).first->second;
      if (first != c && told.emplace(first, c).second)
        found.push_back(
            {text::teach_in_both, {{"class", project.classes[first].name}, {"other", project.classes[c].name}}});
    }
  }
}

}  // namespace

std::shared_ptr<const KeptPicture> keep_picture(std::string name, const io::Image& image, const nn::Shape& input) {
  const io::Square square = io::centre_square(image);
  const int side = std::min(square.side, std::max({kKeptSide, input[1], input[2]}));
  KeptPicture kept{std::move(name), io::encode_jpeg(io::resize(image, square, side, side), kJpegQuality), {}};
  base::Sha256 hash;
  hash.update(kept.file);
  kept.sha256 = hash.finish_hex();
  return std::make_shared<const KeptPicture>(std::move(kept));
}

std::vector<std::uint8_t> input_of(const KeptPicture& picture, const nn::Model& model) {
  const auto image = io::decode_image(picture.file);
  CHECK(image.has_value());  // our own encoder wrote it, or it was decoded once before it was kept
  const nn::Shape& input = model.graph->spec().input;
  std::vector<std::uint8_t> bytes =
      io::input_bytes(*image, io::centre_square(*image, model.preprocessing.crop), input[0], input[1], input[2]);
  if (model.preprocessing.invert) {
    for (std::uint8_t& value : bytes) value = static_cast<std::uint8_t>(255 - value);
  }
  return bytes;
}

std::vector<std::uint8_t> thumbnail(const KeptPicture& picture, int side) {
  const auto image = io::decode_image(picture.file);
  CHECK(image.has_value());
  const io::Image small = io::resize(*image, io::centre_square(*image), side, side);
  std::vector<std::uint8_t> rgba;
  rgba.reserve(small.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < small.rgb.size(); i += 3)
    rgba.insert(rgba.end(), {small.rgb[i], small.rgb[i + 1], small.rgb[i + 2], std::uint8_t{255}});
  return rgba;
}

int TaughtClass::take_count() const {
  std::vector<int> takes;
  for (const TaughtPicture& picture : pictures) takes.push_back(picture.take);
  std::ranges::sort(takes);
  return static_cast<int>(std::ranges::unique(takes).begin() - takes.begin());
}

std::size_t Project::picture_count() const {
  std::size_t count = 0;
  for (const TaughtClass& row : classes) count += row.pictures.size();
  return count;
}

std::vector<std::size_t> Project::shown_classes() const {
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    if (!classes[c].pictures.empty()) shown.push_back(c);
  }
  return shown;
}

Result<Project::Place> Project::find(std::uint64_t id) const {
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto& pictures = classes[c].pictures;
    const auto at = std::ranges::find(pictures, id, &TaughtPicture::id);
    if (at != pictures.end()) return Place{c, static_cast<std::size_t>(at - pictures.begin())};
  }
  return fail(text::teach_no_picture, {{"picture", id}});
}

Project empty_project() {
  Project project;
  for (int n = 0; n < 2; ++n) project.classes.push_back({next_name(project), {}});
  return project;
}

Result<Project> add_class(Project project, std::string name) {
  if (project.classes.size() == kMostClasses) return fail(text::teach_many_classes, {{"most", kMostClasses}});
  if (name.empty()) name = next_name(project);
  if (auto allowed = check_name(project, name); !allowed) return std::unexpected(allowed.error());
  project.classes.push_back({std::move(name), {}});
  return project;
}

Result<Project> rename_class(Project project, std::size_t of_class, const std::string& name) {
  if (auto known = check_class(project, of_class); !known) return std::unexpected(known.error());
  if (auto allowed = check_name(project, name, of_class); !allowed) return std::unexpected(allowed.error());
  project.classes[of_class].name = name;
  return project;
}

Result<Project> remove_class(Project project, std::size_t of_class) {
  if (auto known = check_class(project, of_class); !known) return std::unexpected(known.error());
  project.classes.erase(project.classes.begin() + static_cast<std::ptrdiff_t>(of_class));
  return project;
}

Result<Project> add_picture(Project project, std::size_t of_class, std::shared_ptr<const KeptPicture> picture) {
  if (auto known = check_class(project, of_class); !known) return std::unexpected(known.error());
  if (project.picture_count() == kMostPictures) return fail(text::teach_many_pictures, {{"n", kMostPictures}});
  auto& pictures = project.classes[of_class].pictures;
  const auto twin =
      std::ranges::find_if(pictures, [&](const auto& other) { return other.kept->sha256 == picture->sha256; });
  const int take = twin == pictures.end() ? project.next_take++ : twin->take;
  pictures.push_back({project.next_id++, take, std::move(picture)});
  return project;
}

Result<Project> move_picture(Project project, std::uint64_t id, std::size_t to_class) {
  if (auto known = check_class(project, to_class); !known) return std::unexpected(known.error());
  const auto place = project.find(id);
  if (!place) return std::unexpected(place.error());
  if (place->of_class == to_class) return project;
  auto& from = project.classes[place->of_class].pictures;
  const auto at = from.begin() + static_cast<std::ptrdiff_t>(place->picture);
  project.classes[to_class].pictures.push_back(*at);
  from.erase(at);
  return project;
}

Result<Project> remove_picture(Project project, std::uint64_t id) {
  const auto place = project.find(id);
  if (!place) return std::unexpected(place.error());
  auto& from = project.classes[place->of_class].pictures;
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(place->picture));
  return project;
}

std::vector<Error> warnings(const Project& project) {
  std::vector<Error> found;
  const auto& classes = project.classes;
  const bool learns = project.shown_classes().size() >= 2;
  if (!learns) found.emplace_back(text::teach_two_needed);
  for (const TaughtClass& row : classes) {
    if (row.pictures.empty() && learns) found.push_back({text::teach_left_out, {{"class", row.name}}});
  }
  find_twins(project, found);
  for (const TaughtClass& row : classes) {
    if (row.pictures.size() > 2 && row.take_count() == 1)
      found.push_back({text::teach_almost_same, {{"class", row.name}}});
  }
  return found;
}

ProjectExamples examples_of(const Project& project, const FeaturesOf& features, std::size_t width, double scale) {
  constexpr double kEqual = 0.05;
  const std::vector<std::size_t> shown = project.shown_classes();
  std::vector<float> all;
  ProjectExamples out;
  for (const std::size_t c : shown) {
    for (const TaughtPicture& picture : project.classes[c].pictures) {
      const auto row = features(picture);
      CHECK(row.size() == width);
      all.insert(all.end(), row.begin(), row.end());
      out.ids.push_back(picture.id);
    }
  }
  if (scale <= 0.0) scale = train::feature_scale(all, width);
  Examples& examples = out.examples;
  examples = {
      .classes = static_cast<int>(shown.size()), .width = width, .z = {}, .labels = {}, .takes = {}, .scale = scale};
  std::vector<double> z(width);
  for (std::size_t label = 0, i = 0; label < shown.size(); ++label) {
    const std::size_t first = i;
    std::vector<int> takes;  // of the project, by the number they have in the class
    for (const TaughtPicture& picture : project.classes[shown[label]].pictures) {
      for (std::size_t j = 0; j < width; ++j) z[j] = static_cast<double>(all[i * width + j]) / scale;
      auto take = static_cast<std::size_t>(std::ranges::find(takes, picture.take) - takes.begin());
      // As good as the same picture is the same take.
      for (std::size_t k = first; k < i && take == takes.size(); ++k) {
        if (square_distance(examples.row(k), z) < kEqual * kEqual) take = static_cast<std::size_t>(examples.takes[k]);
      }
      if (take == takes.size()) takes.push_back(picture.take);
      examples.add(z, static_cast<int>(label), static_cast<int>(take));
      ++i;
    }
  }
  return out;
}

}  // namespace weightroom::teach
