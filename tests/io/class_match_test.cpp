// Whose classes are whose: the names of a set and the labels of a model.
#include "io/dataset_testing.h"

namespace weightroom::io {
namespace {

using testing::Names;

TEST(MatchLabels, ByWordOrByNumber) {
  const Names model{"Cat", "school bus", "train"};
  EXPECT_EQ(*match_labels({"cat", "train"}, model), (std::vector<int>{0, 2}));
  EXPECT_EQ(*match_labels({"school_bus"}, model), (std::vector<int>{1}));
  EXPECT_EQ(*match_labels({"0", "1", "2"}, model), (std::vector<int>{0, 1, 2}));
  EXPECT_REFUSED(match_labels({"cat", "dog"}, model), "no class 'dog'");
  EXPECT_REFUSED(match_labels({"0", "3"}, model), "no class '3'");
  EXPECT_EQ(*match_labels({"1", "0"}, {"0", "1"}), (std::vector<int>{1, 0}));
  EXPECT_EQ(*match_labels({"bl\u00E5"}, {"BLA\u030A", "bla\u030A"}), (std::vector<int>{1}));
}

TEST(MatchLabels, NumberedFoldersInTheOrderOfTheirText) {
  const Names folders{"0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"};
  Names words;
  Names numbers;
  std::vector<int> in_turn;
  for (int k = 0; k < 12; ++k) {
    words.push_back("class " + std::to_string(k));
    numbers.push_back(std::to_string(k));
    in_turn.push_back(k);
  }
  EXPECT_EQ(find_labels(folders, words), in_turn);
  EXPECT_EQ(
      matching_words(folders, false, words),
      "The folders are numbers: they were matched to the model's classes in the order of their text, as torchvision "
      "does (0, 1, 10, 11, 2 ...).");
  EXPECT_EQ(find_labels(folders, numbers), (std::vector<int>{0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9})) << "by name";
  EXPECT_EQ(matching_words(folders, false, numbers), "");
  EXPECT_EQ(find_labels({"00", "01", "02"}, {"a", "b", "c"}), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(find_labels({"1", "2", "3"}, {"a", "b", "c"}), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(find_labels({"1", "3", "99999999999999999999"}, {"a", "b", "c", "d"}), (std::vector<int>{-1, -1, -1}));
  EXPECT_EQ(find_labels({"1", "3"}, {"a", "b", "c", "d"}), (std::vector<int>{1, 3}));
  EXPECT_EQ(matching_words({"1", "3"}, false, {"a", "b", "c", "d"}),
            "The set's classes are numbers: each was taken for the model's class of that number, the first being 0.");
}

TEST(MatchLabels, WordNetNumbers) {
  const Names folders{"n01440764", "n01443537"};
  EXPECT_EQ(find_labels(folders, {"tench", "goldfish"}), (std::vector<int>{0, 1}));
  EXPECT_EQ(find_labels(folders, {"n01443537", "n01440764"}), (std::vector<int>{1, 0}));
  EXPECT_EQ(find_labels(folders, {"a", "b", "c"}), (std::vector<int>{-1, -1}));
  EXPECT_EQ(matching_words(folders, false, {"tench", "goldfish"}),
            "The folders are WordNet numbers: they were matched to the model's classes in the order of their text, as "
            "torchvision does (n01440764, n01443537).");
}

}  // namespace
}  // namespace weightroom::io
