// Choices of weights written short: what is read back is what was chosen, and nothing broken is believed.
#include "edit/chosen.h"

#include <numeric>

#include "base/base64.h"
#include "base/rng.h"
#include "edit/chosen_coder.h"
#include "edit/edit_testing.h"
#include "edit/rice.h"

namespace weightroom::edit {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Choice = std::vector<bool>;  // the oracle: of each weight of the part whether it is chosen

Bytes bits_of(const Choice& choice) {
  Bytes bits((choice.size() + 7) / 8, 0);
  for (std::size_t i = 0; i < choice.size(); ++i) {
    if (choice[i]) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] + (1 << i % 8));
  }
  return bits;
}

// A part of the model of the other tests, with weights of its own.
struct Piece {
  explicit Piece(const std::string& on, std::uint64_t seed = 1)
      : region(parse_region(*net.graph, on).value()),
        values(test::random_values(net.weights.size(), seed, "chosen")),
        weights(*net.graph, values) {
    count = count_of(runs_of(*net.graph, region));
  }
  Part part() { return {*net.graph, region, weights}; }

  test::Net net = test::chain_net(3);
  Region region;
  std::vector<float> values;
  testing::Flat weights;
  std::size_t count = 0;
};

// Choices of every kind among so many weights.
std::vector<Choice> choices(std::size_t count) {
  std::vector<Choice> all{Choice(count, false), Choice(count, true)};
  for (const std::size_t every : {2U, 3U, 7U, 100U}) {
    for (const bool turned : {false, true}) {
      Choice choice(count);
      for (std::size_t i = 0; i < count; ++i) choice[i] = (i % every == 0) != turned;
      all.push_back(choice);
    }
  }
  base::Rng rng(count, "choices");
  for (const double share : {0.001, 0.02, 0.1, 0.4, 0.5, 0.9, 0.99}) {
    Choice alone(count);
    Choice clumps(count);
    bool on = false;
    for (std::size_t i = 0; i < count; ++i) {
      alone[i] = rng.uniform() < share;
      if (rng.uniform() < 0.05) on = rng.uniform() < share;
      clumps[i] = on;
    }
    all.insert(all.end(), {alone, clumps});
  }
  Choice first(count, false);
  Choice last(count, false);
  first.front() = true;
  last.back() = true;
  all.insert(all.end(), {first, last});
  return all;
}

constexpr const char* kParts[] = {"all",
                                  "conv1",
                                  "conv1.weight[1]",
                                  "conv2.weight[:,1]",
                                  "conv1.weight[0,0,0,0]",
                                  "conv2.weight[1:3,0:2];conv1.bias"};

TEST(Chosen, ReadsBackWhatWasChosen) {
  for (const char* on : kParts) {
    Piece piece(on);
    for (const Choice& choice : choices(piece.count)) {
      const Bytes bits = bits_of(choice);
      const Chosen packed = Chosen(bits, piece.count).packed(piece.part());
      ASSERT_NE(packed.form(), Chosen::Form::bits);
      const auto read = Chosen::parse(packed.text());
      ASSERT_TRUE(read.has_value()) << packed.text();
      EXPECT_EQ(*read, packed);
      EXPECT_EQ(read->text(), packed.text());
      const auto back = read->bits_of(piece.part());
      ASSERT_TRUE(back.has_value()) << on << ": " << back.error().message();
      EXPECT_EQ(*back, bits);
      // Without the weights.
      const auto alone = Chosen::parse(Chosen(bits, piece.count).text());
      ASSERT_TRUE(alone.has_value());
      EXPECT_TRUE(alone->form() == Chosen::Form::runs || alone->form() == Chosen::Form::gaps);
      EXPECT_EQ(alone->bits_of(piece.part()).value(), bits);
      EXPECT_LE(packed.bytes(), alone->bytes());
      // By the weights, whether that is the shortest or not.
      const auto decoded = decode_by_weights(code_by_weights(bits, piece.part()), piece.part(), piece.count);
      ASSERT_TRUE(decoded.has_value());
      EXPECT_EQ(*decoded, bits);
    }
  }
}

TEST(Chosen, IsNothingUntilSomethingIsChosen) {
  Piece piece("conv1");
  const Chosen nothing;
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing.text(), "");
  EXPECT_EQ(Chosen::parse("").value(), nothing);
  EXPECT_EQ(nothing.packed(piece.part()), nothing);
  EXPECT_FALSE(Chosen(Bytes(bits_of(Choice(piece.count, false))), piece.count).empty()) << "none of them is a choice";
}

// Fits each form where it is meant to.
TEST(Chosen, TakesTheShortestForm) {
  Piece piece("all");
  const auto form = [&](const auto& is_chosen) {
    Choice choice(piece.count);
    for (std::size_t i = 0; i < piece.count; ++i) choice[i] = is_chosen(i);
    return Chosen(bits_of(choice), piece.count).packed(piece.part()).form();
  };
  EXPECT_EQ(form([](std::size_t i) { return i == 77; }), Chosen::Form::gaps);
  EXPECT_EQ(form([](std::size_t i) { return i >= 20 && i < 130; }), Chosen::Form::runs);
  const auto runs = runs_of(*piece.net.graph, piece.region);
  std::vector<float> values;
  for (const edit::Run& run : runs)
    values.insert(values.end(), &piece.values[run.first], &piece.values[run.first] + run.count);
  EXPECT_EQ(form([&](std::size_t i) { return std::abs(values[i]) < 0.3F; }), Chosen::Form::weights);
}

// Where that would take long.
TEST(Chosen, IsNotForetoldAmongVeryMany) {
  test::SpecBuilder spec({2100, 1, 1});
  const auto graph = nn::Graph::build(spec.add("flatten", "flatten").linear("fc", 2000, false).spec()).value();
  std::vector<float> values(graph->weight_count());
  for (std::size_t i = 0; i < values.size(); ++i)  // scattered over -1 .. 1
    values[i] = static_cast<float>(static_cast<std::uint32_t>(i) * 2'654'435'761U >> 8U) / 8'388'608.0F - 1.0F;
  testing::Flat weights(*graph, values);
  const auto packed = [&](const std::string& on) {
    const Region region = parse_region(*graph, on).value();
    Choice choice;
    for (const edit::Run& run : runs_of(*graph, region)) {
      for (std::size_t k = run.first; k < run.first + run.count; ++k) choice.push_back(std::abs(values[k]) < 0.3F);
    }
    const Part part{*graph, region, weights};
    const Chosen chosen = Chosen(bits_of(choice), choice.size()).packed(part);
    EXPECT_EQ(chosen.bits_of(part).value(), bits_of(choice));
    return chosen.form();
  };
  EXPECT_EQ(packed("fc.weight[0:100]"), Chosen::Form::weights);
  EXPECT_NE(packed("fc"), Chosen::Form::weights);
}

// Files that were saved stay readable: the bytes of each form, written down once, and read here digit by digit.
TEST(Chosen, FormsStayAsTheyWere) {
  Piece piece("fc2.bias");
  ASSERT_EQ(piece.count, 4U);
  const auto bits = [&](const std::string& text) {
    const auto chosen = Chosen::parse(text);
    EXPECT_TRUE(chosen.has_value()) << text;
    return chosen->bits_of(piece.part());
  };
  const auto of = [](std::initializer_list<unsigned> bytes) {
    Bytes all;
    for (const unsigned byte : bytes) all.push_back(static_cast<std::uint8_t>(byte));
    return base::to_base64(all);
  };
  const Bytes second_and_third{0b0110};
  EXPECT_EQ(bits(of({0b0110})).value(), second_and_third) << "as it was before the forms had names";
  // 4 weights, k = 0: runs of 1, 2 and 1, written 1, 2 - 1 and 1 - 1: 10, 10, 0.
  EXPECT_EQ(bits("runs:" + of({4, 0, 0b00101})).value(), second_and_third);
  // k = 1: 0 and a 1; 0 and a 1; 0 and a 0.
  EXPECT_EQ(bits("runs:" + of({4, 1, 0b001010})).value(), second_and_third);
  // 4 weights, 2 chosen, k = 0: gaps of 1 and 0: 10, 0.
  EXPECT_EQ(bits("gaps:" + of({4, 2, 0, 0b001})).value(), second_and_third);
}

std::string refusal(Piece& piece, const std::string& name, const Bytes& bytes) {
  const auto chosen = Chosen::parse(name + base::to_base64(bytes));
  if (!chosen) return chosen.error().message();
  const auto bits = chosen->bits_of(piece.part());
  EXPECT_FALSE(bits.has_value()) << name;
  return bits ? "" : bits.error().message();
}

TEST(Chosen, RefusesWhatIsBroken) {
  Piece piece("fc2.bias");
  const auto broken = "The list of chosen weights is broken.";
  const auto elsewhere = "What is to be pruned was chosen for another selection.";
  const auto count = "The list of chosen weights does not say how many weights it covers.";
  EXPECT_EQ(Chosen::parse("gaps:A").error().message(), "The text is not base64.");
  EXPECT_EQ(Chosen::parse("holes:AAAA").error().message(), "The text is not base64.");
  EXPECT_EQ(refusal(piece, "gaps:", {}), count);
  EXPECT_EQ(refusal(piece, "gaps:", {0x84, 0x00, 2, 0, 1}), count) << "longer than it need be";
  EXPECT_EQ(refusal(piece, "gaps:", {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}), count);
  EXPECT_EQ(refusal(piece, "gaps:", {0x80}), count) << "it ends early";
  EXPECT_EQ(refusal(piece, "gaps:", {5, 2, 0, 1}), elsewhere);
  EXPECT_EQ(refusal(piece, "runs:", {3, 0, 0b001}), elsewhere);
  EXPECT_EQ(refusal(piece, "weights:", {3, 0, 0, 0, 0}), elsewhere);
  EXPECT_EQ(refusal(piece, "", {0, 0}), elsewhere);
  EXPECT_EQ(refusal(piece, "", {0b10000}), elsewhere) << "a bit behind the last weight";
  EXPECT_EQ(refusal(piece, "gaps:", {4}), broken);
  EXPECT_EQ(refusal(piece, "gaps:", {4, 5, 0, 0}), broken) << "more chosen than there are";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 0x82, 0x00, 0, 0}), broken) << "how many is longer than it need be";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 2, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0}), broken) << "k";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 2, 0, 0b0111}), broken) << "beyond the part";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 2, 3}), broken) << "it ends early";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 2, 0, 0b001, 0}), broken) << "it goes on";
  EXPECT_EQ(refusal(piece, "gaps:", {4, 2, 0, 0b1001}), broken) << "something is left of the last byte";
  EXPECT_EQ(refusal(piece, "runs:", {4, 0, 0b111111}), broken);
  EXPECT_EQ(refusal(piece, "runs:", {4, 3, 0}), broken) << "none, one, and no more bits";
  EXPECT_EQ(refusal(piece, "runs:", {4, 40, 0}), broken);
  EXPECT_EQ(refusal(piece, "runs:", {4}), broken);
  EXPECT_EQ(refusal(piece, "weights:", {4, 0, 0, 0}), "What is to be pruned was chosen for other weights.");
}

// One byte more, fewer or other: never believed where the weights foretell, and never out of bounds anywhere.
TEST(Chosen, ByWeightsIsReadOnTheSameWeightsAlone) {
  Piece piece("all");
  Piece other("all", 2);
  base::Rng rng(9, "damage");
  for (const Choice& choice : choices(piece.count)) {
    const Bytes bits = bits_of(choice);
    const Bytes code = code_by_weights(bits, piece.part());
    const auto decoded = [&](const Bytes& bytes) { return decode_by_weights(bytes, piece.part(), piece.count); };
    // All or none are that whatever the weights are.
    if (const auto read = decode_by_weights(code, other.part(), other.count)) EXPECT_EQ(*read, bits);
    Bytes longer = code;
    longer.push_back(0);
    EXPECT_FALSE(decoded(longer).has_value());
    EXPECT_FALSE(decoded(Bytes(code.begin(), code.end() - 1)).has_value());
    for (int i = 0; i < 8; ++i) {
      Bytes changed = code;
      const std::size_t at = rng.below(static_cast<std::uint32_t>(code.size()));
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1U << rng.below(8));
      const auto read = decoded(changed);
      // Where it is read it is another choice, written right.
      if (read) EXPECT_EQ(code_by_weights(*read, piece.part()), changed);
    }
  }
  EXPECT_FALSE(decode_by_weights({}, piece.part(), piece.count).has_value());
}

// Rice codes against a writer of strings.
TEST(Rice, CodesAreAsTheyAreDefined) {
  base::Rng rng(2, "rice");
  for (unsigned k : {0U, 1U, 3U, 8U, kMostRiceBits}) {
    std::vector<std::size_t> values;
    std::string wanted;
    for (int i = 0; i < 50; ++i) {
      values.push_back(rng.below(200));
      wanted += std::string(values.back() >> k, '1') + '0';
      for (unsigned b = 0; b < k; ++b) wanted += (values.back() >> b) % 2 == 1 ? '1' : '0';
    }
    Bytes bytes;
    RiceWriter writer(k, bytes);
    for (const std::size_t value : values) writer.put(value);
    std::string written;
    for (const std::uint8_t byte : bytes) {
      for (unsigned b = 0; b < 8; ++b) written += byte >> b & 1U ? '1' : '0';
    }
    ASSERT_LT(written.size() - wanted.size(), 8U);
    EXPECT_EQ(written, wanted + std::string(written.size() - wanted.size(), '0'));
    RiceReader reader(k, bytes);
    for (const std::size_t value : values) EXPECT_EQ(reader.take(value), value);
    EXPECT_TRUE(reader.at_end());
    RiceReader strict(k, bytes);
    if (values.front() > 0) EXPECT_FALSE(strict.take(values.front() - 1).has_value());
  }
}

TEST(Rice, BestIsTheShortest) {
  base::Rng rng(3, "rice");
  for (const std::uint32_t most : {1U, 5U, 100U, 5000U}) {
    std::vector<std::size_t> values;
    for (int i = 0; i < 100; ++i) values.push_back(rng.below(most));
    const auto bytes = [&](unsigned k) {
      Bytes out;
      RiceWriter writer(k, out);
      for (const std::size_t value : values) writer.put(value);
      return out.size();
    };
    for (unsigned k = 0; k <= kMostRiceBits; ++k) EXPECT_LE(bytes(best_rice(values)), bytes(k));
  }
}

TEST(Varint, ReadsBackAndRefusesWhatIsTooLong) {
  for (const std::size_t value : {std::size_t{0}, std::size_t{1}, std::size_t{127}, std::size_t{128},
                                  std::size_t{329'776}, std::size_t{0xFFFF'FFFF}}) {
    Bytes bytes;
    put_varint(bytes, value);
    std::span<const std::uint8_t> rest = bytes;
    EXPECT_EQ(take_varint(rest, value), value);
    EXPECT_TRUE(rest.empty());
    rest = bytes;
    if (value > 0) EXPECT_FALSE(take_varint(rest, value - 1).has_value());
    bytes.back() |= 0x80;
    bytes.push_back(0);
    rest = bytes;
    EXPECT_FALSE(take_varint(rest, value).has_value());
  }
}

}  // namespace
}  // namespace weightroom::edit
