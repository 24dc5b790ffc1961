#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "opener/open_file.h"

// Files and what came of them as bytes: for a program that shares no memory with this one.
namespace weightroom::opener {

enum class Kind : std::uint8_t { file, to_encode, refusal, picture, model, incomplete, png };

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
  void put(const std::vector<std::string>& texts) {
    number(texts.size());
    for (const std::string& text : texts) put(text);
  }
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
  std::vector<std::string> texts() {
    std::vector<std::string> all;
    for (std::uint64_t left = number(); left > 0 && more(); --left) all.push_back(text());
    return all;
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

[[nodiscard]] Error damaged();

[[nodiscard]] inline std::array<bool*, 4> guesses(onnx::OpenReport& report) {
  return {&report.guessed_reading, &report.guessed_labels, &report.guessed_crop, &report.guessed_size};
}

// A file in front of its bytes, which stand at the end so that they can stay where they are when it is read: its name,
// and the files beside it.
[[nodiscard]] FileToOpen file_in(Reader& in);

}  // namespace weightroom::opener
