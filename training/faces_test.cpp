// No picture of a person may be called an animal: the hundred faces of scikit-image's subset of Labeled Faces in the
// Wild (Huang et al. 2007), which no training has seen, each answered by the shipped model as a visitor's picture is.
#include <cstring>
#include <set>

#include "program.h"

namespace weightroom::cli {
namespace {

constexpr int kFaces = 100;  // they come first; a hundred pieces of pictures without a face follow
constexpr int kSide = 25;

class FacesCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    std::filesystem::create_directories(path("assets"));
    std::filesystem::copy_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/everyday.safetensors",
                               path("assets/everyday.safetensors"));
  }

  // Grey values from 0 to 1 as doubles, row by row, after the header of a .npy file, four times as large.
  void write_faces() const {
    const auto file = io::read_file(WEIGHTROOM_PICTURES "/lfw_subset.npy");
    ASSERT_TRUE(file) << "scripts/setup fetches it";
    constexpr std::size_t kValues = 200 * kSide * kSide;
    ASSERT_GT(file->size(), kValues * sizeof(double));
    std::vector<double> values(kValues);
    std::memcpy(values.data(), file->data() + file->size() - kValues * sizeof(double), kValues * sizeof(double));
    for (int k = 0; k < kFaces; ++k) {
      io::Image face{.width = kSide, .height = kSide, .rgb = {}};
      for (int i = 0; i < kSide * kSide; ++i) {
        const double grey = values[static_cast<std::size_t>(k * kSide * kSide + i)];
        ASSERT_TRUE(grey >= 0.0 && grey <= 1.0);
        face.rgb.insert(face.rgb.end(), 3, static_cast<std::uint8_t>(grey * 255.0 + 0.5));
      }
      const auto png = io::encode_png(io::resize(face, {.x = 0, .y = 0, .side = kSide}, 4 * kSide, 4 * kSide));
      write("faces/" + std::to_string(100 + k) + ".png",
            std::string(reinterpret_cast<const char*>(png.data()), png.size()));
    }
  }
};

TEST_F(FacesCli, AtMostFiveOfAHundredFacesAreCalledAnAnimal) {
  const std::set<std::string> animals{"bear",     "big_cat", "bird", "butterfly", "cat",   "dog",
                                      "elephant", "fish",    "frog", "ladybug",   "spider"};
  ASSERT_NO_FATAL_FAILURE(write_faces());
  const auto rows = run("classify faces --model everyday --json").json();
  ASSERT_EQ(rows.size(), kFaces);
  int called = 0;
  int none = 0;
  for (const auto& row : rows) {
    const bool refused = row["none_of_these"] == true;
    none += refused ? 1 : 0;
    called += !refused && animals.contains(row["predictions"][0]["label"].get<std::string>()) ? 1 : 0;
  }
  EXPECT_LE(called, 5) << "and none of these: " << none;
  RecordProperty("none_of_these", none);
}

}  // namespace
}  // namespace weightroom::cli
