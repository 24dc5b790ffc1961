#include "document/picture_set.h"

#include <gtest/gtest.h>

#include "lab/bench_model.h"

namespace weightroom::document {
namespace {

using lab::testing::small_model;
using lab::testing::test_picture;

// Pictures as files of one kind each, but for the last, which is none.
class FilesSource final : public io::PictureSource {
 public:
  FilesSource() : png_(io::encode_png(test_picture())), none_(20) {}
  [[nodiscard]] Result<io::Image> picture(std::size_t index) const override { return io::decode_image(file(index)); }
  [[nodiscard]] std::vector<std::byte> file(std::size_t index) const override { return index < 3 ? png_ : none_; }

 private:
  std::vector<std::byte> png_;
  std::vector<std::byte> none_;
};

std::shared_ptr<const io::LabelledSet> four_files() {
  io::LabelledSet set;
  set.class_names = {"cat", "dog"};
  set.source = std::make_shared<FilesSource>();
  set.splits = {{"", {{0, "cat/a.png", 0}, {0, "cat/b.png", 1}, {1, "dog/c.png", 2}, {1, "dog/d.png", 3}}}};
  return std::make_shared<const io::LabelledSet>(std::move(set));
}

std::shared_ptr<const PictureSet> all_of(SetLoader& loader) {
  while (!loader.step(base::Budget::unlimited())) {
  }
  return loader.take();
}

// One that answers later, out of the loader's sight, and only for every other file.
TEST(SetLoader, WaitsForADecoderAndTakesTheSamePictures) {
  SetLoader at_once("set", four_files(), small_model());
  const auto wanted = all_of(at_once);
  ASSERT_EQ(wanted->images.count(), 3U);
  ASSERT_EQ(wanted->unread.count(), 1U);

  std::vector<std::function<void()>> late;
  const auto decode = [&](const std::string& name, const std::vector<std::byte>& file, const auto& done) {
    if (name == "cat/b.png") return false;
    late.push_back([file, done] { done(io::decode_image(file)); });
    return true;
  };
  SetLoader loader("set", four_files(), small_model(), decode);
  std::size_t answered = 0;
  while (!loader.step(base::Budget::unlimited())) {
    ASSERT_EQ(late.size(), answered + 1) << "one is asked for at a time";
    EXPECT_FALSE(loader.step(base::Budget::unlimited())) << "and waited for";
    ASSERT_EQ(late.size(), answered + 1);
    late[answered++]();
  }
  EXPECT_EQ(answered, 3U);
  const auto found = loader.take();
  EXPECT_EQ(found->images.pixels, wanted->images.pixels);
  EXPECT_EQ(found->images.names, wanted->images.names);
  EXPECT_EQ(found->places, wanted->places);
  EXPECT_EQ(found->unread.count(), 1U);
}

TEST(SetLoader, AnAnswerAfterItsEndIsDropped) {
  std::function<void(Result<io::Image>)> late;
  {
    SetLoader loader(
        "set", four_files(), small_model(),
        [&](const std::string&, const std::vector<std::byte>&, std::function<void(Result<io::Image>)> done) {
          late = std::move(done);
          return true;
        });
    EXPECT_FALSE(loader.step(base::Budget::unlimited()));
  }
  late(test_picture());
}

}  // namespace
}  // namespace weightroom::document
