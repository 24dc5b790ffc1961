// The part of the labelled sets that knows a file system.
#include <array>
#include <filesystem>
#include <system_error>

#include <strings/dataset.h>

#include "io/dataset.h"
#include "io/file.h"
#include "io/file_kind.h"
#include "io/gzip.h"
#include "io/text.h"

namespace weightroom::io {
namespace {

namespace fs = std::filesystem;

class FolderSource final : public PictureSource {
 public:
  FolderSource(std::string root, std::vector<std::string> paths) : root_(std::move(root)), paths_(std::move(paths)) {}

  [[nodiscard]] Result<Image> picture(std::size_t index) const override {
    const auto bytes = read_file(root_ + "/" + paths_[index]);
    if (!bytes) return std::unexpected(bytes.error());
    return decode_image(*bytes);
  }

 private:
  std::string root_;
  std::vector<std::string> paths_;
};

// The path of an IDX file, packed or not; empty where there is neither.
std::string find_idx(const std::string& folder, const std::string& name) {
  std::error_code error;
  for (const char* ending : {".gz", ""}) {
    const fs::path path = fs::path(folder) / (name + ending);
    if (fs::exists(path, error)) return path.string();
  }
  return {};
}

Result<LabelledSet> open_idx(const std::string& folder) {
  std::vector<IdxSplit> splits;
  for (const auto& [split, file] : {std::pair{"train", "train"}, std::pair{"test", "t10k"}}) {
    const std::string images = find_idx(folder, std::string(file) + "-images-idx3-ubyte");
    if (images.empty()) continue;
    const std::string labels = find_idx(folder, std::string(file) + "-labels-idx1-ubyte");
    if (labels.empty()) return fail(text::dataset_no_idx_labels, {{"folder", in_quotes(folder)}, {"file", file}});
    auto image_bytes = read_file(images);
    if (!image_bytes) return std::unexpected(image_bytes.error());
    auto label_bytes = read_file(labels);
    if (!label_bytes) return std::unexpected(label_bytes.error());
    splits.push_back({split, std::move(*image_bytes), std::move(*label_bytes)});
  }
  const bool fashion = fs::path(folder + "/").lexically_normal().parent_path().filename() == "fashion-mnist";
  return set_from_idx(std::move(splits), fashion ? fashion_mnist_classes() : std::vector<std::string>{});
}

Result<LabelledSet> open_folder(const std::string& folder) {
  if (!find_idx(folder, "train-images-idx3-ubyte").empty() || !find_idx(folder, "t10k-images-idx3-ubyte").empty()) {
    return open_idx(folder);
  }
  constexpr std::size_t kMostFiles = 2'000'000;
  std::vector<std::string> paths;
  const auto options = fs::directory_options::skip_permission_denied;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, options)) {
    std::error_code error;
    if (!entry.is_regular_file(error)) continue;
    if (paths.size() == kMostFiles)
      return fail(text::dataset_many_files, {{"folder", in_quotes(folder)}, {"n", kMostFiles}});
    paths.push_back(entry.path().lexically_relative(folder).generic_string());
  }
  auto set = arrange_set(paths);
  if (set) set->source = std::make_shared<FolderSource>(folder, std::move(paths));
  return set;
}

}  // namespace

Result<LabelledSet> open_dataset(const std::string& path) {
  try {
    std::error_code error;
    if (fs::is_directory(path, error)) return open_folder(path);
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(bytes.error());
    const FileKind kind = kind_of("", *bytes);
    if (kind == FileKind::zip) return fail(text::dataset_zip, {{"path", in_quotes(path)}});
    if (kind == FileKind::gzip) return fail(text::dataset_gzip, {{"path", in_quotes(path)}});
    const auto refusal = kind == FileKind::tar ? std::nullopt : refusal_of(kind);
    if (refusal) return fail(text::dataset_other, {{"path", in_quotes(path)}, {"why", *refusal}});
    return set_from_tar(std::move(*bytes));
  } catch (const std::exception&) {
    return fail(text::dataset_unreadable, {{"path", in_quotes(path)}});
  }
}

}  // namespace weightroom::io
