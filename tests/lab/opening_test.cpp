#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <strings/files.h>

#include "lab/bench_model.h"

namespace weightroom::lab {
namespace {

using testing::Bench;
using testing::small_model;
using testing::test_picture;
using Bytes = std::vector<std::byte>;

// An opener that answers when it likes.
struct LateBench : Bench {
  LateBench() {
    lab.use_opener([this](opener::FileToOpen file, std::function<void(Result<opener::OpenedFile>)> done) {
      late.push_back([file = std::move(file), done = std::move(done)] { done(opener::open_any(file)); });
    });
  }
  std::vector<std::function<void()>> late;
};

TEST(Opening, WhatIsOpenStaysUntilTheOpenerAnswers) {
  LateBench bench;
  const auto before = testing::state_of(bench);
  ASSERT_TRUE(bench.open_file("mine.safetensors", io::write_model(small_model("mine"))));
  EXPECT_EQ(bench.lab.file_opening(), "mine.safetensors");
  const auto meanwhile = testing::state_of(bench);
  EXPECT_EQ(meanwhile["model"], before["model"]);
  EXPECT_EQ(meanwhile["jobs"][0]["name"], "load mine.safetensors");
  bench.late.at(0)();
  EXPECT_EQ(testing::state_of(bench)["model"], before["model"]) << "in the next step";
  bench.settle();
  EXPECT_EQ(bench.lab.file_opening(), "");
  EXPECT_EQ(bench.lab.document().model->name, "mine");
}

TEST(Opening, ALateRefusalIsReportedAndNothingElseChanges) {
  LateBench bench;
  const auto before = testing::state_of(bench);
  const Bytes whole = io::encode_png(test_picture());
  ASSERT_TRUE(bench.open_file("a.png", std::span(whole).first(60)));
  EXPECT_EQ(bench.lab.error(), "");
  bench.late.at(0)();
  bench.settle();
  EXPECT_THAT(bench.lab.error(), ::testing::StartsWith("'a.png': "));
  EXPECT_EQ(testing::state_of(bench)["picture"], before["picture"]);
}

TEST(Opening, ALaterWishForAPictureWins) {
  LateBench bench;
  ASSERT_TRUE(bench.open_file("slow.png", io::encode_png(test_picture())));
  testing::run(bench, R"({"command":"open_sample","name":"coffee"})");
  bench.late.at(0)();
  bench.settle();
  EXPECT_EQ(bench.lab.document().picture->name, "coffee");
}

TEST(Opening, APictureThatTheBrowserDecodesIsOnItsWayUntilItIsThere) {
  Bench bench;
  const auto before = testing::state_of(bench);
  const Lab::PictureTaker take = bench.lab.await_picture("mine.avif");
  EXPECT_EQ(testing::state_of(bench)["jobs"][0]["name"], "load mine.avif");
  EXPECT_EQ(testing::state_of(bench)["picture"], before["picture"]);
  take(Lab::DecodedPicture{{3, 2, std::vector<std::uint8_t>(18, 90)}, "Decoded."});
  EXPECT_TRUE(bench.lab.loading().empty());
  EXPECT_EQ(bench.lab.file_opening(), "");
  EXPECT_EQ(bench.lab.document().picture->name, "mine.avif");
  EXPECT_EQ(bench.lab.document().picture->image->width, 3);
}

// What is drawn of a large one is made in slices; until then the one before it stays.
TEST(Opening, ALargePictureIsMadeReadyInSlices) {
  Bench bench;
  const auto before = testing::state_of(bench)["picture"];
  const auto large = [](std::uint8_t value) {
    return io::Image{3000, 2001, std::vector<std::uint8_t>(std::size_t{3000} * 2001 * 3, value)};
  };
  bench.lab.await_picture("large.avif")(Lab::DecodedPicture{large(90), "Decoded."});
  EXPECT_EQ(testing::state_of(bench)["picture"], before);
  EXPECT_EQ(bench.lab.loading(), std::vector<std::string>{"large.avif"});
  int steps = 0;
  for (; testing::state_of(bench)["picture"] == before; ++steps) (void)bench.lab.step(base::Budget::milliseconds(0.0));
  EXPECT_GT(steps, 1);
  EXPECT_TRUE(bench.lab.loading().empty());
  EXPECT_EQ(bench.lab.notice(), "Decoded.");
  const document::Picture& picture = *bench.lab.document().picture;
  EXPECT_EQ(picture.name, "large.avif");
  EXPECT_EQ(picture.display.width, 1500);
  EXPECT_EQ(picture.display.height, 1000);
  EXPECT_EQ(picture.display.rgba->size(), std::size_t{4} * 1500 * 1000);
  EXPECT_EQ(picture.display.rgba->at(4 * 1500 * 999), 90);
  EXPECT_EQ(picture.display.rgba->back(), 255);
  // Asked for again, and another one before it is ready: that one counts.
  bench.settle();
  testing::run(bench, R"({"command":"open_sample","name":"coffee"})");
  bench.settle();
  testing::run(bench, R"({"command":"open_sample","name":"large.avif"})");
  bench.lab.await_picture("small.avif")(Lab::DecodedPicture{{1, 1, {9, 9, 9}}, ""});
  bench.settle();
  EXPECT_EQ(bench.lab.document().picture->name, "small.avif");
  EXPECT_TRUE(bench.lab.loading().empty());
}

TEST(Opening, APictureThatTheBrowserCannotDecodeIsReported) {
  Bench bench;
  const auto before = testing::state_of(bench);
  bench.lab.await_picture("mine.avif")(fail(text::files_no_memory_left));
  EXPECT_THAT(bench.lab.error(), ::testing::StartsWith("'mine.avif': "));
  EXPECT_TRUE(bench.lab.loading().empty());
  const Lab::PictureTaker late = bench.lab.await_picture("slow.avif");
  testing::run(bench, R"({"command":"open_sample","name":"coffee"})");
  late(Lab::DecodedPicture{{1, 1, {90, 90, 90}}, ""});
  bench.settle();
  EXPECT_EQ(bench.lab.document().picture->name, "coffee") << "asked for meanwhile";
}

// Several pictures that were dropped are all there to go back to.
TEST(Opening, OwnPicturesAreOfferedByTheirNames) {
  Bench bench;
  for (const char* name : {"a.png", "b.png", "c.png"})
    ASSERT_TRUE(bench.open_file(name, io::encode_png(test_picture())));
  EXPECT_EQ(testing::state_of(bench)["own_pictures"], (std::vector<std::string>{"c.png", "b.png", "a.png"}));
  testing::run(bench, R"({"command":"open_sample","name":"a.png"})");
  EXPECT_EQ(bench.lab.document().picture->name, "a.png");
  EXPECT_EQ(*bench.lab.document().picture->image, test_picture());
  EXPECT_NE(testing::refusal(bench, R"({"command":"open_sample","name":"d.png"})"), "");
}

}  // namespace
}  // namespace weightroom::lab
