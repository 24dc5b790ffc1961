#include "teach/project.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace weightroom::teach {
namespace {

const nn::Shape kInput{3, 8, 8};

// Of one colour, wider than high.
io::Image plain(std::uint8_t red) {
  io::Image image{12, 10, {}};
  for (int i = 0; i < 120; ++i) image.rgb.insert(image.rgb.end(), {red, 90, 30});
  return image;
}
std::shared_ptr<const KeptPicture> kept(std::uint8_t red) { return keep_picture("card.png", plain(red), kInput); }

Project with_pictures(const std::vector<std::vector<std::uint8_t>>& reds) {
  Project project = empty_project();
  while (project.classes.size() < reds.size()) project = add_class(std::move(project), "").value();
  for (std::size_t c = 0; c < reds.size(); ++c) {
    for (const std::uint8_t red : reds[c]) project = add_picture(std::move(project), c, kept(red)).value();
  }
  return project;
}

TEST(Project, KeepsASquareOfAtMost224PixelsAndNothingElse) {
  io::Image image{600, 400, {}};
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 600; ++x)
      image.rgb.insert(image.rgb.end(),
                       {static_cast<std::uint8_t>(x / 3), static_cast<std::uint8_t>(y / 2), std::uint8_t{128}});
  }
  const auto picture = keep_picture("photo.jpg", image, kInput);
  const auto again = io::decode_image(picture->file);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->width, 224);
  EXPECT_EQ(again->height, 224);
  // Its middle is the photo's.
  EXPECT_NEAR(again->pixel(112, 112)[0], 100, 3);
  EXPECT_NEAR(again->pixel(112, 112)[1], 100, 3);
  const std::string bytes(reinterpret_cast<const char*>(picture->file.data()), picture->file.size());
  for (const char* word : {"Exif", "GPS", "photo"}) EXPECT_EQ(bytes.find(word), std::string::npos) << word;
  const auto small = keep_picture("card.png", plain(1), kInput);
  EXPECT_EQ(io::decode_image(small->file)->width, 10) << "never enlarged";
  EXPECT_EQ(io::decode_image(keep_picture("large", image, {3, 300, 300})->file)->width, 300)
      << "no less than the net reads";
}

TEST(Project, PicturesOfOneTakeStayTogether) {
  Project project = with_pictures({{10, 200, 10}, {60}});
  EXPECT_EQ(project.classes[0].take_count(), 2) << "the first came twice";
  const auto features = [](const TaughtPicture& picture) {
    static std::vector<float> row;
    const auto image = io::decode_image(picture.kept->file);
    row = {static_cast<float>(image->rgb[0]), 1.0F};
    return std::span<const float>(row);
  };
  ProjectExamples of = examples_of(project, features, 2, 100.0);
  EXPECT_EQ(of.examples.takes, (std::vector<int>{0, 1, 0, 0}));
  EXPECT_EQ(of.ids, (std::vector<std::uint64_t>{1, 2, 3, 4}));
  // As good as equal to the network is one take, whatever the files are.
  of = examples_of(with_pictures({{10, 12, 200}, {60}}), features, 2, 100.0);
  EXPECT_EQ(of.examples.takes, (std::vector<int>{0, 0, 1, 0}));
  // Without a scale of the base's: the root of the mean square length.
  of = examples_of(project, features, 2, 0.0);
  double squares = 0.0;
  for (std::size_t i = 0; i < of.examples.count(); ++i)
    for (const double z : of.examples.row(i)) squares += z * z;
  EXPECT_NEAR(squares / static_cast<double>(of.examples.count()), 1.0, 1e-12);
}

TEST(Project, ClassesWithoutPicturesAreLeftOutOfTheExamples) {
  const Project project = with_pictures({{10}, {}, {200}});
  EXPECT_EQ(project.shown_classes(), (std::vector<std::size_t>{0, 2}));
  const std::vector<float> row{1.0F, 2.0F};
  const auto of = examples_of(project, [&](const TaughtPicture&) { return std::span<const float>(row); }, 2, 1.0);
  EXPECT_EQ(of.examples.classes, 2);
  EXPECT_EQ(of.examples.labels, (std::vector<int>{0, 1}));
}

TEST(Project, HoldsTwoThousandPicturesAndNoMore) {
  Project project = empty_project();
  const auto picture = kept(3);
  for (std::size_t i = 0; i < kMostPictures; ++i) project = add_picture(std::move(project), i % 2, picture).value();
  const auto more = add_picture(project, 0, picture);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().message(), "2,000 pictures are as many as this page holds. Save, or remove some.");
  EXPECT_EQ(warnings(project).size(), 3U) << "one picture in both, and each class has only that";
}

}  // namespace
}  // namespace weightroom::teach
