// The page's side: requests as bytes, and answers out of bytes.
#include <strings/opener.h>

#include "io/model_file.h"
#include "opener/packing.h"

namespace weightroom::opener {
namespace {

// Why there is nothing else in it.
Error refusal_in(Reader& in) {
  const std::string sentence = in.text();
  return in.whole() && !sentence.empty() ? fail(sentence).error() : damaged();
}

Result<OpenedFile> picture_in(Reader& in) {
  io::Image image = in.image();
  if (!in.whole()) return std::unexpected(damaged());
  return image;
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
    case Kind::picture:
      found_ = picture_in(in);
      return;
    case Kind::model: {
      for (bool* guessed : guesses(report_)) *guessed = in.number() != 0;
      report_.notices = in.texts();
      const auto file = in.bytes();
      if (in.whole()) {
        model_.emplace(file, "");
      } else {
        found_ = std::unexpected(damaged());
      }
      return;
    }
    case Kind::incomplete:
      found_ = incomplete_in(in);
      return;
    case Kind::refusal:
      found_ = std::unexpected(refusal_in(in));
      return;
    default:
      found_ = std::unexpected(damaged());
  }
}

bool Unpacking::step() {
  if (found_) return true;
  if (!model_->step()) return false;
  auto model = model_->take();
  model_.reset();
  answer_ = {};
  if (model) {
    found_ = OpenedModel{std::move(*model), std::move(report_)};
  } else {
    found_ = std::unexpected(model.error());
  }
  return true;
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
