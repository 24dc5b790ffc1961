#include "opener/open_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "lab/bench_model.h"
#include "onnx/export.h"

namespace weightroom::opener {
namespace {

using lab::testing::small_model;
using lab::testing::test_picture;
using Bytes = std::vector<std::byte>;

Bytes joined(const Parts& parts) {
  Bytes whole;
  for (const Bytes& part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

// What somebody who shares no memory makes of it.
Result<OpenedFile> open_elsewhere(FileToOpen file) {
  return unpacked_file(answer_packed(joined(packed(std::move(file)))));
}

TEST(OpenFile, APictureIsTheSameFromElsewhere) {
  const auto opened = open_elsewhere({"a.png", io::encode_png(test_picture())});
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(std::get<io::Image>(*opened), test_picture());
}

// Slice by slice, each of which lays whole pixels over white.
TEST(OpenFile, WhatABrowserDecodedIsLaidOverWhite) {
  constexpr int kWidth = 700;
  constexpr int kHeight = 601;
  Bytes rgba(std::size_t{kWidth} * kHeight * 4);
  for (std::size_t i = 0; i < rgba.size(); ++i) rgba[i] = static_cast<std::byte>(i * 7919 % 256);
  std::vector<std::uint8_t> want;
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    const auto alpha = std::to_integer<int>(rgba[i + 3]);
    for (std::size_t c = 0; c < 3; ++c)
      want.push_back(
          static_cast<std::uint8_t>((std::to_integer<int>(rgba[i + c]) * alpha + 255 * (255 - alpha) + 127) / 255));
  }
  Unpacking unpacking(kWidth, kHeight, rgba);
  int steps = 1;
  while (!unpacking.step()) ++steps;
  EXPECT_GT(steps, 1);
  const auto opened = unpacking.take();
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(std::get<io::Image>(*opened), (io::Image{kWidth, kHeight, want}));
  for (const auto& [width, height] : {std::pair{kWidth, kHeight + 1}, {-1, -1}, {0, 0}}) {
    Unpacking other(width, height, rgba);
    ASSERT_TRUE(other.step());
    EXPECT_FALSE(other.take());
  }
}

TEST(OpenFile, AModelIsTheSameFromElsewhere) {
  nn::Model model = small_model("mine");
  model.preprocessing.bgr = true;
  model.epsilons = {{"conv1", 0.001F}};
  const auto opened = open_elsewhere({"mine.safetensors", io::write_model(model)});
  ASSERT_TRUE(opened) << opened.error().message();
  const nn::Model& there = std::get<OpenedModel>(*opened).model;
  EXPECT_EQ(io::write_model(there), io::write_model(model));
  EXPECT_EQ(there.graph->canonical_json(), model.graph->canonical_json());
}

// With what the file left open, and with notices.
TEST(OpenFile, AnOnnxModelIsTheSameFromElsewhere) {
  const auto onnx = onnx::write_onnx(small_model("net"));
  const auto here = open_any({"net.onnx", onnx});
  const auto there = open_elsewhere({"net.onnx", onnx});
  ASSERT_TRUE(here && there);
  const auto& a = std::get<OpenedModel>(*here);
  const auto& b = std::get<OpenedModel>(*there);
  EXPECT_EQ(io::write_model(a.model), io::write_model(b.model));
  EXPECT_EQ(a.report.notices, b.report.notices);
  EXPECT_EQ(a.report.guessed_reading, b.report.guessed_reading);
  EXPECT_EQ(a.report.guessed_labels, b.report.guessed_labels);
}

TEST(OpenFile, ARefusalIsTheSameSentenceFromElsewhere) {
  const std::string text = "<!doctype html><html>";
  const auto bytes = std::as_bytes(std::span(text));
  const Bytes file(bytes.begin(), bytes.end());
  const auto here = open_any({"net.onnx", file});
  const auto there = open_elsewhere({"net.onnx", file});
  ASSERT_FALSE(here || there);
  EXPECT_EQ(here.error().message(), there.error().message());
}

TEST(OpenFile, PixelsAreWrittenAsTheSamePng) {
  const auto png = unpacked_png(answer_packed(joined(packed(test_picture()))));
  ASSERT_TRUE(png) << png.error().message();
  EXPECT_EQ(*png, io::encode_png(test_picture()));
}

TEST(OpenFile, AnImageWithoutPixelsIsRefused) {
  EXPECT_FALSE(unpacked_png(answer_packed(joined(packed(io::Image{0, 5, {}})))));
}

// Every beginning of a request or an answer, and bytes at random: refused, never read beyond their end.
TEST(OpenFile, DamagedRequestsAndAnswersAreRefused) {
  const Bytes request = joined(packed(FileToOpen{"a.png", io::encode_png(test_picture())}));
  const Bytes answer = answer_packed(request);
  for (std::size_t size = 0; size < request.size(); ++size) {
    const auto opened =
        unpacked_file(answer_packed({request.begin(), request.begin() + static_cast<std::ptrdiff_t>(size)}));
    ASSERT_FALSE(opened) << size;
    EXPECT_THAT(opened.error().message(), ::testing::HasSubstr("could not be opened"));
  }
  for (std::size_t size = 0; size < answer.size(); ++size)
    ASSERT_FALSE(unpacked_file({answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
  base::Rng rng(5, "noise");
  for (int i = 0; i < 2000; ++i) {
    Bytes noise(rng.below(60));
    for (std::byte& byte : noise) byte = static_cast<std::byte>(rng.below(256));
    if (!noise.empty()) noise[0] = static_cast<std::byte>(i % 6);
    (void)unpacked_png(noise);
    (void)unpacked_file(answer_packed(std::move(noise)));
  }
}

TEST(OpenFile, TellsWhatTakesLongByItsHead) {
  EXPECT_TRUE(opens_quickly("a.png", io::encode_png(test_picture())));
  io::Image large{1200, 1000, std::vector<std::uint8_t>(3 * 1200 * 1000, 7)};
  EXPECT_FALSE(opens_quickly("a.png", io::encode_png(large)));
  EXPECT_FALSE(opens_quickly("a.jpg", io::encode_jpeg(large, 20)));
  EXPECT_TRUE(opens_quickly("a.jpg", io::encode_jpeg(test_picture(), 90)));
  EXPECT_TRUE(opens_quickly("m.safetensors", io::write_model(small_model())));
  EXPECT_FALSE(opens_quickly("m.onnx", onnx::write_onnx(small_model()))) << "a small file may ask for much";
}

}  // namespace
}  // namespace weightroom::opener
