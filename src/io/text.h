#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weightroom::io {

// A name out of a file, fit to stand in a sentence: quoted, at most 60 bytes (cut between characters), control
// characters as '?'.
[[nodiscard]] std::string in_quotes(std::string_view name);

// Whether a character of one byte stands in a JSON string as it is.
[[nodiscard]] constexpr bool stands_in_json(char c) { return c >= ' ' && c <= 0x7F && c != '"' && c != '\\'; }

// "models/mine.onnx": "mine.onnx", and what a model of that file is called: "mine". Slashes of either kind.
[[nodiscard]] std::string base_name(std::string_view path);
[[nodiscard]] std::string model_name_of(std::string_view path);

// 8 bytes and the like, least significant first. The caller has checked that they are there.
[[nodiscard]] std::uint16_t le16(std::span<const std::byte> bytes, std::size_t at);
[[nodiscard]] std::uint32_t le32(std::span<const std::byte> bytes, std::size_t at);
[[nodiscard]] std::uint64_t le64(std::span<const std::byte> bytes, std::size_t at);
[[nodiscard]] std::uint16_t be16(std::span<const std::byte> bytes, std::size_t at);
[[nodiscard]] std::uint32_t be32(std::span<const std::byte> bytes, std::size_t at);
[[nodiscard]] std::uint8_t u8(std::span<const std::byte> bytes, std::size_t at);

// Whether `bytes` has `text` at `at`; false where it ends before.
[[nodiscard]] bool has_at(std::span<const std::byte> bytes, std::size_t at, std::string_view text);

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace weightroom::io
