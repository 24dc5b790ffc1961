// What Textures hands out without a display: the layout of a sheet, and what it keeps and drops.
#include "gfx/textures.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace weightroom::gfx {
namespace {

constexpr std::array kScale{1.0F};
const MapStyle kStyle{.ground = Ground::light, .smooth = false, .scales = kScale};

TEST(Textures, ASheetHoldsEveryMapOnceWithinTheTexture) {
  Textures textures;
  for (int count : {1, 2, 5, 16, 96, 128}) {
    const std::vector<float> values(static_cast<std::size_t>(count) * 6 * 9, 0.5F);
    const Sheet sheet = textures.sheet("maps" + std::to_string(count), 1, values, count, 9, 6, kStyle);
    EXPECT_EQ(sheet.count, count);
    for (int i = 0; i < count; ++i) {
      const Sprite a = sheet.sprite(i);
      EXPECT_GT(a.uv0.x, 0.0F);
      EXPECT_LT(a.uv1.x, 1.0F);
      EXPECT_LT(a.uv1.y, 1.0F);
      for (int j = 0; j < i; ++j) {
        const Sprite b = sheet.sprite(j);
        const bool apart = a.uv0.x > b.uv1.x || b.uv0.x > a.uv1.x || a.uv0.y > b.uv1.y || b.uv0.y > a.uv1.y;
        EXPECT_TRUE(apart) << i << " and " << j << " of " << count;
      }
    }
  }
}

TEST(Textures, AKeyKeepsItsTextureAndKeysDoNotShareOne) {
  Textures textures;
  const std::array<float, 4> values{1, 2, 3, 4};
  const Sprite a = textures.heatmap("a", 1, values, 2, 2, kStyle);
  const Sprite b = textures.heatmap("b", 1, values, 2, 2, kStyle);
  EXPECT_TRUE(a);
  EXPECT_NE(a.id, b.id);
  EXPECT_EQ(a.id, textures.heatmap("a", 2, values, 2, 2, kStyle).id);
}

TEST(Textures, DropsWhatNobodyAskedForInAWhile) {
  Textures textures;
  const std::array<float, 1> values{1};
  const std::array<std::uint8_t, 4> pixel{1, 2, 3, 255};
  (void)textures.heatmap("once", 1, values, 1, 1, kStyle);
  for (int frame = 0; frame < 2 * Textures::kKeepFrames; ++frame) {
    textures.begin_frame();
    (void)textures.picture("always", 1, pixel, 1, 1, false);
    textures.upload();
  }
  EXPECT_EQ(textures.entries(), 1U);
}

}  // namespace
}  // namespace weightroom::gfx
