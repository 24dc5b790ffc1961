// Files and what came of them as bytes: for a copy of the program that shares no memory with this one.
#include <cstring>
#include <limits>

#include <strings/lab.h>

#include "io/model_file.h"
#include "lab/open_file.h"

namespace weightroom::lab {
namespace {

enum class Kind : std::uint8_t { file, to_encode, refusal, picture, model, png };

// Numbers in the byte order of the machine, which is one and the same.
class Writer {
 public:
  Writer() = default;
  explicit Writer(Kind kind) { bytes_.push_back(static_cast<std::byte>(kind)); }
  void number(std::uint64_t value) { append({reinterpret_cast<const std::byte*>(&value), sizeof(value)}); }
  void put(std::span<const std::byte> bytes) {
    number(bytes.size());
    append(bytes);
  }
  void put(std::string_view text) { put(std::as_bytes(std::span(text))); }
  void put(const io::Image& image) {
    number(static_cast<std::uint64_t>(image.width));
    number(static_cast<std::uint64_t>(image.height));
    put(std::as_bytes(std::span(image.rgb)));
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  std::vector<std::byte> bytes_;
};

// What is not there reads as zero and spoils the whole.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}
  [[nodiscard]] Kind kind() {
    const auto first = take(1);
    return first.empty() ? Kind::refusal : static_cast<Kind>(first[0]);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (const auto bytes = take(sizeof(value)); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(value));
    return value;
  }
  std::span<const std::byte> bytes() { return take(number()); }
  std::string text() {
    const auto from = bytes();
    return {reinterpret_cast<const char*>(from.data()), from.size()};
  }
  io::Image image() {
    constexpr std::uint64_t kMost = 1U << 20;
    const std::uint64_t width = number();
    const std::uint64_t height = number();
    const auto pixels = bytes();
    whole_ = whole_ && width <= kMost && height <= kMost && pixels.size() == width * height * 3;
    if (!whole_) return {};
    const auto* first = reinterpret_cast<const std::uint8_t*>(pixels.data());
    return {static_cast<int>(width), static_cast<int>(height), {first, first + pixels.size()}};
  }
  // Nothing was missing so far, and something is left.
  [[nodiscard]] bool more() const { return whole_ && !left_.empty(); }
  // Nothing was missing, and nothing is left.
  [[nodiscard]] bool whole() const { return whole_ && left_.empty(); }

 private:
  std::span<const std::byte> take(std::uint64_t size) {
    whole_ = whole_ && size <= left_.size();
    if (!whole_) return {};
    const auto taken = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(static_cast<std::size_t>(size));
    return taken;
  }
  std::span<const std::byte> left_;
  bool whole_ = true;
};

std::vector<std::byte> refused(const std::string& sentence) {
  Writer out(Kind::refusal);
  out.put(sentence);
  return out.take();
}

Error damaged() { return Error{text::lab_opener_failed}; }

// Why there is nothing else in it.
Error refusal_in(Reader& in) {
  const std::string sentence = in.text();
  return in.whole() && !sentence.empty() ? fail(sentence).error() : damaged();
}

std::vector<std::byte> packed_answer(io::Image image) {
  Writer out(Kind::picture);
  out.put(image);
  return out.take();
}

// The way to write a model that reads fastest: plain floats, as the graph has them.
std::vector<std::byte> packed_answer(OpenedModel opened) {
  Writer out(Kind::model);
  out.number(opened.report.guessed_reading ? 1 : 0);
  out.number(opened.report.guessed_labels ? 1 : 0);
  out.number(opened.report.notices.size());
  for (const std::string& notice : opened.report.notices) out.put(notice);
  const std::vector<std::byte> file = io::write_model(opened.model);
  opened.model = {};  // before its weights are there a third time
  out.put(file);
  return out.take();
}

Result<OpenedFile> model_in(Reader& in) {
  OpenedModel opened;
  opened.report.guessed_reading = in.number() != 0;
  opened.report.guessed_labels = in.number() != 0;
  for (std::uint64_t left = in.number(); left > 0 && in.more(); --left) opened.report.notices.push_back(in.text());
  const auto file = in.bytes();
  if (!in.whole()) return std::unexpected(damaged());
  auto model = io::read_model(file, "");
  if (!model) return std::unexpected(model.error());
  opened.model = std::move(*model);
  return opened;
}

}  // namespace

// The file itself comes last, so that it can stay where it is when it is read.
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

std::vector<std::byte> open_packed(std::vector<std::byte> request) {
  Reader in(request);
  const Kind kind = in.kind();
  if (kind == Kind::to_encode) {
    const io::Image image = in.image();
    if (!in.whole()) return refused(damaged().message());
    Writer out(Kind::png);
    out.put(io::encode_png(image));
    return out.take();
  }
  if (kind != Kind::file) return refused(damaged().message());
  FileToOpen file{.name = in.text(), .bytes = {}};
  for (std::uint64_t left = in.number(); left > 0 && in.more(); --left) {
    const std::string location = in.text();
    const auto bytes = in.bytes();
    file.beside[location].assign(bytes.begin(), bytes.end());
  }
  const std::size_t size = in.bytes().size();
  if (!in.whole()) return refused(damaged().message());
  request.erase(request.begin(), request.end() - static_cast<std::ptrdiff_t>(size));
  file.bytes = std::move(request);
  auto opened = open_now(std::move(file));
  if (!opened) return refused(opened.error().message());
  return std::visit([](auto& what) { return packed_answer(std::move(what)); }, *opened);
}

Result<OpenedFile> unpacked_file(std::vector<std::byte> answer) {
  Reader in(answer);
  const Kind kind = in.kind();
  if (kind == Kind::model) return model_in(in);
  if (kind == Kind::refusal) return std::unexpected(refusal_in(in));
  if (kind != Kind::picture) return std::unexpected(damaged());
  io::Image image = in.image();
  if (!in.whole()) return std::unexpected(damaged());
  return image;
}

Result<std::vector<std::byte>> unpacked_png(std::vector<std::byte> answer) {
  Reader in(answer);
  const Kind kind = in.kind();
  if (kind == Kind::refusal) return std::unexpected(refusal_in(in));
  const auto file = in.bytes();
  if (kind != Kind::png || !in.whole()) return std::unexpected(damaged());
  return std::vector(file.begin(), file.end());
}

}  // namespace weightroom::lab
