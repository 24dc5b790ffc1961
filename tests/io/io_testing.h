#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

// Small builders that the tests of io share.
namespace weightroom::io::testing {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// N as the eight bytes that open a safetensors file, then `rest`.
inline Bytes with_length(std::uint64_t n, std::string_view rest) {
  Bytes out;
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<std::byte>(n >> (8 * i) & 0xFFU));
  const Bytes more = bytes_of(rest);
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

inline Bytes safetensors(std::string_view header, std::size_t data_bytes) {
  return with_length(header.size(), std::string(header) + std::string(data_bytes, '\0'));
}

// A ustar archive of the files, in order.
struct TarFile {
  std::string path;
  Bytes bytes;
  char type = '0';
  std::string link = {};
};

// Sets the checksum of the header at `at` anew, after a test has changed a field.
inline void fix_checksum(Bytes& tar, std::size_t at) {
  for (std::size_t i = 148; i < 156; ++i) tar[at + i] = std::byte{' '};
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned>(tar[at + i]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  for (std::size_t i = 0; i < 7; ++i) tar[at + 148 + i] = static_cast<std::byte>(digits[i]);
}

inline Bytes tar_of(const std::vector<TarFile>& files) {
  Bytes tar;
  const auto put = [&](std::size_t at, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) tar[at + i] = static_cast<std::byte>(text[i]);
  };
  for (const TarFile& file : files) {
    const std::size_t at = tar.size();
    tar.resize(at + 512 + (file.bytes.size() + 511) / 512 * 512);
    put(at, std::string_view(file.path).substr(0, 100));
    put(at + 100, "0000644");
    char size[13];
    std::snprintf(size, sizeof size, "%011zo", file.bytes.size());
    put(at + 124, size);
    put(at + 136, "00000000000");
    tar[at + 156] = static_cast<std::byte>(file.type);
    put(at + 157, file.link);
    put(at + 257, std::string_view("ustar\00000", 8));
    put(at + 512, text_of(file.bytes));
    fix_checksum(tar, at);
  }
  tar.resize(tar.size() + 1024);
  return tar;
}

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? std::string("(no error)") : result.error().message();
}

// A sentence for people: starts large, ends with a full stop, and says the words.
inline void expect_sentence(const std::string& message, std::string_view words) {
  EXPECT_THAT(message, ::testing::HasSubstr(std::string(words)));
  ASSERT_FALSE(message.empty());
  EXPECT_TRUE(message.back() == '.') << message;
}

}  // namespace weightroom::io::testing

// The result is an error whose sentence holds the words.
#define EXPECT_REFUSED(result, words) \
  ::weightroom::io::testing::expect_sentence(::weightroom::io::testing::message_of(result), words)
