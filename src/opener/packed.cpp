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

Result<OpenedFile> model_in(Reader& in) {
  OpenedModel opened;
  for (bool* guessed : guesses(opened.report)) *guessed = in.number() != 0;
  opened.report.notices = in.texts();
  const auto file = in.bytes();
  if (!in.whole()) return std::unexpected(damaged());
  auto model = io::read_model(file, "");
  if (!model) return std::unexpected(model.error());
  opened.model = std::move(*model);
  return opened;
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

Result<OpenedFile> unpacked_file(std::vector<std::byte> answer) {
  Reader in(answer);
  switch (in.kind()) {
    case Kind::picture:
      return picture_in(in);
    case Kind::model:
      return model_in(in);
    case Kind::incomplete:
      return incomplete_in(in);
    case Kind::refusal:
      return std::unexpected(refusal_in(in));
    default:
      return std::unexpected(damaged());
  }
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
