// The page's side: requests as bytes, and answers out of bytes.
#include <algorithm>

#include <strings/opener.h>

#include "io/model_file.h"
#include "io/picture_format.h"
#include "opener/packing.h"

namespace weightroom::opener {
namespace {

// Why there is nothing else in it.
Error refusal_in(Reader& in) {
  const std::string sentence = in.text();
  return in.whole() && !sentence.empty() ? fail(sentence).error() : damaged();
}

Result<OpenedFile> incomplete_in(Reader& in) {
  IncompleteModel model;
  model.locations = in.texts();
  model.file = file_in(in);
  const auto bytes = in.bytes();
  if (!in.whole()) return std::unexpected(damaged());
  model.file.bytes.assign(bytes.begin(), bytes.end());
  return model;
}

}  // namespace

Error damaged() { return Error{text::opener_failed}; }

Parts packed(FileToOpen file) {
  Parts parts;
  const auto put = [&parts](Writer head, std::vector<std::byte>&& bytes) {
    head.number(bytes.size());
    parts.push_back(head.take());
    parts.push_back(std::move(bytes));
  };
  Writer first(Kind::file);
  first.put(file.name);
  first.number(file.beside.size());
  parts.push_back(first.take());
  for (auto& [location, bytes] : file.beside) {
    Writer head;
    head.put(location);
    put(std::move(head), std::move(bytes));
  }
  put(Writer(), std::move(file.bytes));
  return parts;
}

Parts packed(const io::Image& to_encode) {
  Writer out(Kind::to_encode);
  out.put(to_encode);
  return {out.take()};
}

FileToOpen file_in(Reader& in) {
  FileToOpen file{.name = in.text(), .bytes = {}};
  for (std::uint64_t left = in.number(); left > 0 && in.more(); --left) {
    const std::string location = in.text();
    const auto bytes = in.bytes();
    file.beside[location].assign(bytes.begin(), bytes.end());
  }
  return file;
}

Unpacking::Unpacking(std::vector<std::byte> answer) : answer_(std::move(answer)) {
  Reader in(answer_);
  switch (in.kind()) {
    case Kind::picture: {
      const std::uint64_t width = in.number();
      const std::uint64_t height = in.number();
      const auto pixels = in.bytes();
      if (!in.whole()) break;
      begin_picture(width, height, pixels, false);
      return;
    }
    case Kind::model: {
      for (bool* guessed : guesses(report_)) *guessed = in.number() != 0;
      report_.notices = in.texts();
      const auto file = in.bytes();
      if (!in.whole()) break;
      model_.emplace(file, "");
      return;
    }
    case Kind::incomplete:
      found_ = incomplete_in(in);
      return;
    case Kind::refusal:
      found_ = std::unexpected(refusal_in(in));
      return;
    default:
      break;
  }
  found_ = std::unexpected(damaged());
}

Unpacking::Unpacking(int width, int height, std::vector<std::byte> rgba) : answer_(std::move(rgba)) {
  begin_picture(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height), answer_, true);
}

void Unpacking::begin_picture(std::uint64_t width, std::uint64_t height, std::span<const std::byte> pixels,
                              bool alpha) {
  const std::size_t each = alpha ? 4 : 3;
  if (!io::check_extent(width, height) || pixels.size() != width * height * each) {
    found_ = std::unexpected(damaged());
    return;
  }
  pixels_.emplace(Pixels{{static_cast<int>(width), static_cast<int>(height), {}},
                         {reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size()},
                         alpha});
  pixels_->image.rgb.reserve(pixels.size() / each * 3);
}

bool Unpacking::step() {
  if (!found_ && pixels_) step_picture(*pixels_);
  if (!found_ && model_) step_model();
  return found_.has_value();
}

void Unpacking::step_picture(Pixels& pixels) {
  constexpr std::size_t kSlice = std::size_t{12} << 16U;  // bytes: whole pixels of three as of four
  const auto slice = pixels.left.first(std::min(kSlice, pixels.left.size()));
  pixels.left = pixels.left.subspan(slice.size());
  auto& rgb = pixels.image.rgb;
  if (pixels.alpha) {
    io::append_over_white(slice, rgb);
  } else {
    rgb.insert(rgb.end(), slice.begin(), slice.end());
  }
  if (!pixels.left.empty()) return;
  answer_ = {};
  found_ = std::move(pixels.image);
}

void Unpacking::step_model() {
  if (!model_->step()) return;
  auto model = model_->take();
  model_.reset();
  answer_ = {};
  if (model) {
    found_ = OpenedModel{std::move(*model), std::move(report_)};
  } else {
    found_ = std::unexpected(model.error());
  }
}

Result<OpenedFile> Unpacking::take() { return std::move(*found_); }

Result<OpenedFile> unpacked_file(std::vector<std::byte> answer) {
  Unpacking unpacking(std::move(answer));
  while (!unpacking.step()) {
  }
  return unpacking.take();
}

Result<std::vector<std::byte>> unpacked_png(std::vector<std::byte> answer) {
  Reader in(answer);
  const Kind kind = in.kind();
  if (kind == Kind::refusal) return std::unexpected(refusal_in(in));
  const auto file = in.bytes();
  if (kind != Kind::png || !in.whole()) return std::unexpected(damaged());
  return std::vector(file.begin(), file.end());
}

}  // namespace weightroom::opener
