// The corpus of the fuzz target for choices: right ones of each form and part, and some that are broken. Written by
//   WEIGHTROOM_WRITE_SEEDS=1 build/native/tests/edit_test --gtest_filter=ChosenSeeds.*
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/rng.h"
#include "edit/chosen_coder.h"
#include "edit/rice.h"
#include "fuzz/chosen_parts.h"

namespace weightroom::edit {
namespace {

using Bytes = std::vector<std::uint8_t>;

const std::filesystem::path kCorpus = WEIGHTROOM_SOURCE_DIR "/tests/fuzz/corpus/chosen";

// Bits of a part by one of several patterns.
Bytes pattern(std::size_t count, int which) {
  Bytes bits((count + 7) / 8, 0);
  base::Rng rng(static_cast<std::uint64_t>(which), "seeds");
  for (std::size_t i = 0; i < count; ++i) {
    const double share[] = {0.0, 1.0, 0.5, 0.05, 0.95, 0.4};
    const bool on = which == 5 ? i / 9 % 2 == 0 : rng.uniform() < share[which];
    if (on) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1U << i % 8);
  }
  return bits;
}

// The bytes behind a form's name.
Bytes payload(const std::string& text) {
  const std::size_t colon = text.find(':');
  return base::from_base64(std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1)).value();
}

std::map<std::string, Bytes> seeds() {
  fuzz::ChosenParts parts;
  std::map<std::string, Bytes> all;
  const auto add = [&](const std::string& name, std::size_t form, std::size_t part, const Bytes& bytes) {
    Bytes seed{static_cast<std::uint8_t>(part | form << 2U)};
    seed.insert(seed.end(), bytes.begin(), bytes.end());
    all[name] = seed;
  };
  for (std::size_t part = 0; part < fuzz::kChosenParts.size(); ++part) {
    for (int which = 0; which < 6; ++which) {
      const std::string name = std::to_string(part) + "_" + std::to_string(which);
      const std::size_t count = parts.count(part);
      const Bytes bits = pattern(count, which);
      add("bits_" + name, 0, part, bits);
      const std::string coded = Chosen(bits, count).text();
      add((coded.starts_with("runs") ? "runs_" : "gaps_") + name, coded.starts_with("runs") ? 1 : 2, part,
          payload(coded));
      Bytes by_weights;
      put_varint(by_weights, count);
      const Bytes code = code_by_weights(bits, parts.part(part));
      by_weights.insert(by_weights.end(), code.begin(), code.end());
      add("weights_" + name, 3, part, by_weights);
    }
  }
  // Of fc.bias, three weights.
  add("broken_count", 2, 2, {0x83, 0x00, 1, 0, 0});
  add("broken_k", 1, 2, {3, 99, 0});
  add("broken_beyond", 2, 2, {3, 2, 0, 0b0111});
  add("broken_many", 2, 2, {3, 9, 0, 0});
  add("broken_rest", 1, 2, {3, 0, 0b1110111});
  add("broken_end", 3, 2, {3, 1, 2, 3});
  return all;
}

TEST(ChosenSeeds, AreInTheCorpus) {
  const auto all = seeds();
  EXPECT_GE(all.size(), 50U);
  if (std::getenv("WEIGHTROOM_WRITE_SEEDS") != nullptr) {
    std::filesystem::create_directories(kCorpus);
    for (const auto& [name, bytes] : all)
      std::ofstream(kCorpus / name, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  for (const auto& [name, bytes] : all) {
    std::ifstream file(kCorpus / name, std::ios::binary);
    ASSERT_TRUE(file) << name;
    EXPECT_EQ(Bytes(std::istreambuf_iterator<char>(file), {}), bytes) << name;
  }
}

}  // namespace
}  // namespace weightroom::edit
