#include <algorithm>
#include <array>

#include <strings/file_kind.h>

#include "io/file_kind.h"

namespace weightroom::io {
namespace {

constexpr std::array kWhatTheyAre{
    text::file_kind_picture,  // unknown: not asked for
    text::file_kind_picture,  text::file_kind_picture,     text::file_kind_picture,    text::file_kind_model,
    text::file_kind_weights,  text::file_kind_model,       text::file_kind_history,    text::file_kind_recipe,
    text::file_kind_tar,      text::file_kind_idx,         text::file_kind_idx,        text::file_kind_labels,
    text::file_kind_gzip,     text::file_kind_zip,         text::file_kind_archive,    text::file_kind_pickle,
    text::file_kind_keras,    text::file_kind_tflite,      text::file_kind_tensorflow, text::file_kind_tfjs,
    text::file_kind_ort,      text::file_kind_other_model, text::file_kind_numpy,      text::file_kind_lfs_pointer,
    text::file_kind_web_page, text::file_kind_film,        text::file_kind_document,   text::file_kind_text,
};
static_assert(kWhatTheyAre.size() == static_cast<std::size_t>(FileKind::text) + 1);

}  // namespace

std::optional<Error> refusal_of(FileKind kind) {
  if (kind == FileKind::unknown) return std::nullopt;
  return Error{kWhatTheyAre[static_cast<std::size_t>(kind)]};
}

Error refusal_of(std::string_view name, std::span<const std::byte> bytes, Error otherwise,
                 std::initializer_list<FileKind> wanted) {
  const FileKind kind = kind_of(name, bytes);
  if (std::ranges::find(wanted, kind) != wanted.end()) return otherwise;
  return refusal_of(kind).value_or(std::move(otherwise));
}

}  // namespace weightroom::io
