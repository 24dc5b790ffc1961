// The other side: from a request in bytes to an answer in bytes.
#include "io/model_file.h"
#include "opener/packing.h"

namespace weightroom::opener {
namespace {

std::vector<std::byte> refused(const Error& error) {
  Writer out(Kind::refusal);
  out.put(error.message());
  return out.take();
}

std::vector<std::byte> answer(io::Image image) {
  Writer out(Kind::picture);
  out.put(image);
  return out.take();
}

// The way to write a model that reads fastest: plain floats, as the graph has them.
std::vector<std::byte> answer(OpenedModel opened) {
  Writer out(Kind::model);
  for (const bool* guessed : guesses(opened.report)) out.number(*guessed ? 1 : 0);
  out.put(opened.report.notices);
  const std::vector<std::byte> file = io::write_model(opened.model);
  opened.model = {};  // before its weights are there a third time
  out.put(file);
  return out.take();
}

std::vector<std::byte> answer(IncompleteModel model) {
  Writer out(Kind::incomplete);
  out.put(model.locations);
  out.put(model.file.name);
  out.number(model.file.beside.size());
  for (const auto& [location, bytes] : model.file.beside) {
    out.put(location);
    out.put(bytes);
  }
  out.put(model.file.bytes);
  return out.take();
}

std::vector<std::byte> encoded(Reader& in) {
  const io::Image image = in.image();
  if (!in.whole() || image.rgb.empty()) return refused(damaged());
  Writer out(Kind::png);
  out.put(io::encode_png(image));
  return out.take();
}

}  // namespace

std::vector<std::byte> answer_packed(std::vector<std::byte> request) {
  Reader in(request);
  const Kind kind = in.kind();
  if (kind == Kind::to_encode) return encoded(in);
  if (kind != Kind::file) return refused(damaged());
  FileToOpen file = file_in(in);
  const std::size_t size = in.bytes().size();
  if (!in.whole()) return refused(damaged());
  request.erase(request.begin(), request.end() - static_cast<std::ptrdiff_t>(size));
  file.bytes = std::move(request);
  auto opened = open_any(std::move(file));
  if (!opened) return refused(opened.error());
  return std::visit([](auto& what) { return answer(std::move(what)); }, *opened);
}

}  // namespace weightroom::opener
