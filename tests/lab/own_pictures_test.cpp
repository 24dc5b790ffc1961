#include "lab/own_pictures.h"

#include <gtest/gtest.h>

namespace weightroom::lab {
namespace {

OwnPictures::Picture picture(int side) {
  return std::make_shared<const io::Image>(io::Image{
      side, side, std::vector<std::uint8_t>(static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3)});
}

TEST(OwnPictures, OneOfANameTheLastOneFirst) {
  OwnPictures own;
  own.keep("a", picture(1));
  own.keep("b", picture(2));
  own.keep("a", picture(3));
  EXPECT_EQ(own.names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(own.find("a")->width, 3);
  EXPECT_EQ(own.find("c"), nullptr);
}

TEST(OwnPictures, SoManyAtMost) {
  OwnPictures own;
  for (int i = 0; i < 30; ++i) own.keep(std::to_string(i), picture(1));
  EXPECT_EQ(own.names().size(), OwnPictures::kMost);
  EXPECT_EQ(own.names().front(), "29");
  EXPECT_EQ(own.find("5"), nullptr);
  EXPECT_NE(own.find("6"), nullptr);
}

TEST(OwnPictures, SoLargeAtMostButTheLastStays) {
  OwnPictures own;
  own.keep("small", picture(10));
  own.keep("large", picture(4000));
  own.keep("larger", picture(4500));
  EXPECT_EQ(own.names(), (std::vector<std::string>{"larger"}));
  own.keep("small", picture(10));
  EXPECT_EQ(own.names(), (std::vector<std::string>{"small", "larger"}));
  own.keep("whole room", picture(6000));
  EXPECT_EQ(own.names(), (std::vector<std::string>{"whole room"}));
}

}  // namespace
}  // namespace weightroom::lab
