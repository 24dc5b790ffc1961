// Where --out leads: a file is replaced as a whole, behind a link the file is, a pipe is written into.
#include <cstring>

#include "program.h"

namespace weightroom::cli {
namespace {

class Out : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_model("assets/small.safetensors");
    ASSERT_EQ(run("convert assets/small.safetensors --out plain.safetensors").code, 0) << text("stderr.txt");
  }
  int shell(const std::string& line) const { return std::system(("cd '" + folder_.string() + "' && " + line).c_str()); }
  [[nodiscard]] std::string to(const std::string& out) const {
    return "WEIGHTROOM_ASSETS=assets '" + std::string(WEIGHTROOM_BINARY_DIR) +
           "/weightroom' convert assets/small.safetensors --out " + out + " >said.txt 2>&1";
  }
};

TEST_F(Out, BehindALinkTheFileIsReplaced) {
  std::filesystem::create_directories(path("elsewhere"));
  write("elsewhere/old.safetensors", "old");
  std::filesystem::create_symlink("elsewhere/old.safetensors", path("link.safetensors"));
  std::filesystem::create_symlink("elsewhere/new.safetensors", path("dangling.safetensors"));
  for (const char* name : {"link", "dangling"}) {
    ASSERT_EQ(shell(to(name + std::string(".safetensors"))), 0) << text("said.txt");
    EXPECT_TRUE(std::filesystem::is_symlink(path(name + std::string(".safetensors")))) << name;
    EXPECT_EQ(bytes(name + std::string(".safetensors")), bytes("plain.safetensors")) << name;
  }
  EXPECT_EQ(bytes("elsewhere/old.safetensors"), bytes("plain.safetensors"));
  EXPECT_EQ(bytes("elsewhere/new.safetensors"), bytes("plain.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(path("elsewhere/old.safetensors.part")));
}

TEST_F(Out, APipeIsWrittenInto) {
  ASSERT_EQ(shell("mkfifo pipe.safetensors"), 0);
  ASSERT_EQ(shell("(timeout 30 cat pipe.safetensors >got & " + to("pipe.safetensors") + " && wait)"), 0)
      << text("said.txt");
  EXPECT_TRUE(std::filesystem::is_fifo(path("pipe.safetensors")));
  EXPECT_EQ(bytes("got"), bytes("plain.safetensors"));
}

TEST_F(Out, StandardOutputIsAFileLikeAnother) {
  base::Rng rng(2, "input");
  std::vector<float> values(192);
  for (float& value : values) value = static_cast<float>(rng.normal());
  ASSERT_TRUE(io::write_file(path("x.safetensors"),
                             io::write_safetensors({{"input", io::Dtype::f32, {1, 3, 8, 8}, values}}, {})));
  const std::string program =
      "WEIGHTROOM_ASSETS=assets '" + std::string(WEIGHTROOM_BINARY_DIR) + "/weightroom' run small --json ";
  ASSERT_EQ(shell(program + "--input x.safetensors --out y.safetensors >/dev/null"), 0);
  ASSERT_EQ(shell("(" + program + "--input x.safetensors --out /dev/stderr >/dev/null) 2>&1 | cat >got"), 0);
  EXPECT_EQ(bytes("got"), bytes("y.safetensors"));
}

TEST_F(Out, AFolderThatIsNotThereIsSaid) {
  const Outcome none = run("convert assets/small.safetensors --out nowhere/x.safetensors");
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("'nowhere/x.safetensors'"), std::string::npos) << none.err;
  std::filesystem::create_directories(path("folder.safetensors"));
  EXPECT_EQ(run("convert assets/small.safetensors --out folder.safetensors").code, 1);
  EXPECT_TRUE(std::filesystem::is_directory(path("folder.safetensors")));
}

// NumPy's format, version 1.0 (numpy.lib.format): the header's length, a dictionary, then the values row by row.
TEST_F(Out, MapsAreWrittenForOtherPrograms) {
  write_picture("picture.png", 1, 7, 20);
  ASSERT_EQ(run("explain picture.png --model small --target top --method gradient --out m.safetensors --out m.npy "
                "--out m.csv")
                .code,
            0)
      << text("stderr.txt");
  const auto raw = bytes("m.safetensors");
  const auto file = io::parse_safetensors(raw);
  const std::vector<float> attribution = io::values_of(*file->find("attribution"));
  const std::vector<float> map = io::values_of(*file->find("map"));

  const std::string npy = text("m.npy");
  ASSERT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t length = static_cast<unsigned char>(npy[8]) + 256U * static_cast<unsigned char>(npy[9]);
  EXPECT_EQ((10 + length) % 64, 0U);
  const std::string header = npy.substr(10, length);
  EXPECT_EQ(header.substr(0, header.find('}') + 1), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8, 8), }");
  EXPECT_EQ(header.back(), '\n');
  ASSERT_EQ(npy.size(), 10 + length + 4 * attribution.size());
  EXPECT_EQ(std::memcmp(npy.data() + 10 + length, attribution.data(), 4 * attribution.size()), 0);

  // The map's rows; read back they are the same floats.
  std::istringstream csv(text("m.csv"));
  std::vector<float> read;
  int lines = 0;
  for (std::string line; std::getline(csv, line); ++lines) {
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) read.push_back(std::stof(cell));
  }
  EXPECT_EQ(lines, 8);
  EXPECT_EQ(read, map);
  const Outcome other = run("explain picture.png --model small --out m.txt");
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.err.find(".npy"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace weightroom::cli
