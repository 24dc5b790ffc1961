#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "../io/picture_testing.h"
#include "document/picture_set.h"
#include "explain/weights.h"
#include "io/file.h"
#include "io/image.h"
#include "io/safetensors.h"
#include "nn/answer.h"
#include "studies/ranking.h"
#include "studies/study_testing.h"
#include "studies/units.h"

namespace weightroom::lab {
namespace {

using nlohmann::json;
using studies::testing::fresh;
using testing::Bench;
using testing::refusal;
using testing::run;
using testing::state_of;

TEST(Units, AreShownBesideThePicturesThatExciteThem) {
  Bench bench;
  run(bench, R"({"command":"set_units","layer":"conv2","channel":5,"steps":32,"images":2})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const document::Document& document = bench.lab.document();
  ASSERT_NE(document.pictures, nullptr) << "the samples came when they were asked for";
  EXPECT_FALSE(document.pictures->opened);
  EXPECT_EQ(document.pictures->images.count(), 70U) << "cat and coffee, whole, 9 and 25 parts of each";
  const studies::Units& found = bench.lab.engine().study().get<studies::Units>();
  EXPECT_EQ(found.made.steps, 32);
  ASSERT_EQ(found.pictures.size(), 2U);
  EXPECT_EQ(found.pictures[0].rgba->size(), 16U * 16 * 4);
  EXPECT_NE(*found.pictures[0].rgba, *found.pictures[1].rgba);
  EXPECT_GT(found.made.history.back(), found.made.history.front());
  // What is drawn tells old from new by these numbers alone.
  const std::uint64_t before = found.pictures[0].version;
  EXPECT_NE(before, found.pictures[1].version);
  run(bench, R"({"command":"set_units","seed":2})");
  EXPECT_GT(found.pictures[0].version, before);
  EXPECT_NE(found.exciting[0].shown.version, found.exciting[1].shown.version);
  ASSERT_EQ(found.exciting.size(), 8U);
  EXPECT_EQ(found.looked_through, 70U);
  EXPECT_TRUE(found.of_samples);
  // The first of them has the largest value of all.
  nn::Session session = fresh(document);
  double best = -1e30;
  for (std::size_t i = 0; i < document.pictures->images.count(); ++i) {
    session.set_input(document.pictures->input(*document.model, i));
    session.forward();
    best = std::max(best, explain::unit_value(session, found.unit, 0));
  }
  EXPECT_DOUBLE_EQ(found.exciting[0].value, best);
  EXPECT_TRUE(std::ranges::is_sorted(found.exciting, std::ranges::greater{}, &studies::Units::Exciting::value));
}

// Behind a kink half of a unit's values are all the same: what is asked for is what goes into it.
TEST(Units, AreLookedAtBeforeTheirKink) {
  Bench bench;
  run(bench, R"({"command":"set_units","layer":"relu2","channel":3,"steps":1})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const studies::Units& found = bench.lab.engine().study().get<studies::Units>();
  EXPECT_EQ(found.unit.node, bench.lab.document().graph().find_node("conv2"));
  EXPECT_EQ(found.unit.channel, 3);
  run(bench, R"({"command":"set_target","target":"bus"})");
  run(bench, R"({"command":"set_units","layer":null})");
  EXPECT_EQ(found.unit.node, bench.lab.document().graph().logits());
  EXPECT_EQ(found.unit.channel, 2) << "the class asked about";
}

TEST(Units, OneUnitOfAMapIsAskedForByItsPlace) {
  Bench bench;
  run(bench, R"({"command":"set_units","layer":"conv2","channel":3,"y":4,"x":5,"steps":16})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const studies::Units& found = bench.lab.engine().study().get<studies::Units>();
  EXPECT_EQ(found.unit, (explain::Unit{bench.lab.document().graph().find_node("conv2"), 3, 4, 5}));
  nn::Session session = fresh(bench.lab.document());
  session.set_input(found.made.pictures.at(0));
  session.forward();
  const nn::ConstTensor map = session.activation(found.unit.node);
  EXPECT_DOUBLE_EQ(found.made.values.at(0), static_cast<double>(map.data[3 * 64 + 4 * 8 + 5]));
  EXPECT_NE(refusal(bench, R"({"command":"set_units","y":8,"x":0})").find("8 rows and 8 columns"), std::string::npos);
  EXPECT_NE(refusal(bench, R"({"command":"set_units","layer":"conv1","y":3})").find("row and its column"),
            std::string::npos);
  run(bench, R"({"command":"set_units","layer":null})");
  EXPECT_EQ(found.unit.y, -1);
  EXPECT_NE(refusal(bench, R"({"command":"set_units","y":0,"x":0})").find("single unit already"), std::string::npos);
}

TEST(Units, TheSmallestChangeReallyChangesTheAnswer) {
  Bench bench;
  run(bench, R"({"command":"set_units","show":"nudge"})");
  run(bench, R"({"command":"open_page","page":"units"})");
  const studies::Units& found = bench.lab.engine().study().get<studies::Units>();
  ASSERT_TRUE(found.nudge_done);
  ASSERT_TRUE(found.nudge.found);
  nn::Session session = fresh(bench.lab.document());
  session.set_input(found.nudge.picture);
  session.forward();
  EXPECT_EQ(nn::best_first(session.logits().values())[0], found.nudge.after);
  EXPECT_EQ(found.nudge.before, bench.lab.engine().results().order[0]);
  EXPECT_NE(found.nudge.after, found.nudge.before);
  EXPECT_EQ(found.changed.rgba->size(), 16U * 16 * 4);
  // Ten times the difference around a middle grey, as bytes.
  for (std::size_t i = 0; i < 256; i += 5) {
    for (std::size_t c = 0; c < 3; ++c) {
      const double level = 127.5 + 10.0 * static_cast<double>(found.nudge.difference[c * 256 + i]);
      EXPECT_NEAR((*found.difference.rgba)[4 * i + c], std::clamp(level, 0.0, 255.0), 0.51);
    }
  }
  const json told = state_of(bench)["study"]["units"]["nudge"];
  EXPECT_TRUE(told["found"].get<bool>());
}

TEST(Ranking, IsAveragedOverPictures) {
  Bench bench;
  run(bench, R"({"command":"set_ranking","over":"pictures"})");
  run(bench, R"({"command":"open_page","page":"ranking"})");
  const document::Document& document = bench.lab.document();
  ASSERT_NE(document.pictures, nullptr);
  run(bench, R"({"command":"set_ranking","over":"coffee"})");
  const studies::Ranking& found = bench.lab.engine().study().get<studies::Ranking>();
  EXPECT_EQ(found.pictures, 35U);
  const int target = bench.lab.engine().results().target;
  // The first row's numbers: the mean over the pictures of that class.
  const auto& row = found.rows.front();
  nn::Session session = fresh(document);
  const auto weights = document.shown_weights().flat();
  double foretold = 0.0;
  double exact = 0.0;
  for (std::size_t i = 0; i < document.pictures->images.count(); ++i) {
    const auto label = static_cast<std::size_t>(document.pictures->images.labels[i]);
    if (document.pictures->images.class_names[label] != "coffee") continue;
    session.set_weights(weights);
    session.set_input(document.pictures->input(*document.model, i));
    const auto gradient = explain::weight_gradient(session, target);
    foretold -= static_cast<double>(weights[row.first]) * static_cast<double>(gradient[row.first]) / 35.0;
    const auto before = static_cast<double>(session.logits().data[target]);
    session.set_weights(std::vector<float>{0.0F}, row.first);
    session.forward();
    exact += (static_cast<double>(session.logits().data[target]) - before) / 35.0;
  }
  EXPECT_NEAR(row.predicted, foretold, 1e-5);
  EXPECT_NEAR(row.exact, exact, 1e-6);
  refusal(bench, R"({"command":"set_ranking","over":"unicorns"})");
}

TEST(Pictures, OfATarAreOpenedByTheSlice) {
  Bench bench;
  std::vector<io::testing::TarFile> files;
  for (const std::string name : {"cat/1", "cat/2", "bus/1", "bus/2", "bus/3", "cat/3"})
    files.push_back({"set/" + name + ".png", io::encode_png(testing::test_picture())});
  const auto tar = io::testing::tar_of(files);
  ASSERT_TRUE(bench.open_file("set.tar", tar).has_value());
  EXPECT_EQ(state_of(bench)["jobs"][0]["name"], "pictures");
  bench.settle();
  const auto& pictures = bench.lab.document().pictures;
  ASSERT_NE(pictures, nullptr);
  EXPECT_TRUE(pictures->opened);
  EXPECT_EQ(pictures->name, "set.tar");
  EXPECT_EQ(pictures->images.class_names, (std::vector<std::string>{"bus", "cat"}));
  EXPECT_EQ(pictures->images.count(), 6U);
  run(bench, R"({"command":"set_units","steps":1})");
  run(bench, R"({"command":"open_page","page":"units"})");
  EXPECT_EQ(bench.lab.engine().study().get<studies::Units>().looked_through, 6U);
  EXPECT_FALSE(bench.lab.engine().study().get<studies::Units>().of_samples);
  // Another size of the model's input: read anew.
  run(bench, R"({"command":"set_reading","size":24})");
  ASSERT_NE(pictures, nullptr);
  EXPECT_EQ(pictures->images.height, 24);
  const auto refused = bench.open_file("broken.tar", std::span(tar).first(700));
  EXPECT_FALSE(refused.has_value());
  EXPECT_NE(bench.lab.error().find("broken.tar"), std::string::npos);
  EXPECT_NE(bench.lab.document().pictures, nullptr);
}

TEST(Pictures, ThatCannotBeReadAreSaidAndLeftOut) {
  Bench bench;
  const io::testing::Bytes png = io::encode_png(testing::test_picture());
  const std::vector<io::testing::TarFile> files{{"set/cat/1.png", png},
                                                {"set/cat/2.png", io::testing::bytes_of("none")},
                                                {"set/bus/3.jfif", png},
                                                {"set/dog/4.webp", {}},
                                                {"set/bus/5.png", {}, '1', "set/cat/1.png"}};
  ASSERT_TRUE(bench.open_file("set.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
  EXPECT_EQ(bench.lab.error(), "");
  EXPECT_EQ(bench.lab.notice(),
            "3 of the 5 pictures of 'set.tar' are open. 2 of 5 pictures cannot be read here: damaged ('cat/2.png'), "
            "WebP (1). No picture of the class 'dog' could be read.");
  const json set = state_of(bench)["measure"]["set"];
  EXPECT_EQ(set["pictures"], 3);
  EXPECT_EQ(set["whole"], 5);
  EXPECT_EQ(set["unread"], json::parse(R"({"count":2,"kinds":[{"kind":"damaged","count":1,"pictures":["cat/2.png"]},
                                                     {"kind":"WebP","count":1,"pictures":["dog/4.webp"]}]})"));
  EXPECT_EQ(state_of(bench)["measure"]["now"]["pictures"], 3);
  // A picture that is opened is the one that was measured.
  EXPECT_EQ(bench.lab.document().labelled->images.names[2], "cat/1.png");
  run(bench, R"({"command":"open_measured","picture":2})");
  EXPECT_EQ(bench.lab.document().picture->name, "1.png");

  const auto before = bench.lab.document().labelled;
  ASSERT_TRUE(bench.open_file("none.tar", io::testing::tar_of({{"cat/1.tif", {}}, {"dog/1.tif", {}}})).has_value());
  bench.settle();
  EXPECT_EQ(bench.lab.error(), "'none.tar': None of the set's 2 pictures can be read here: TIFF.");
  EXPECT_EQ(bench.lab.document().labelled, before) << "the set that was open stays";
}

TEST(Pictures, OfAPackedTarAreRead) {
  Bench bench;
  const io::testing::Bytes png = io::encode_png(testing::test_picture());
  io::testing::Bytes tar =
      io::testing::tar_of({{"0/1.png", png}, {"1/1.png", png}, {"10/1.png", png}, {"2/1.png", png}});
  io::testing::Bytes packed = io::testing::stored_gzip(io::testing::Bytes(tar.begin(), tar.begin() + 700));
  const io::testing::Bytes rest = io::testing::stored_gzip(io::testing::Bytes(tar.begin() + 700, tar.end()));
  packed.insert(packed.end(), rest.begin(), rest.end());
  ASSERT_TRUE(bench.open_file("set.tar.gz", packed).has_value()) << bench.lab.error();
  bench.settle();
  EXPECT_EQ(bench.lab.notice(),
            "4 pictures of 'set.tar.gz' are open. The folders are numbers: they were matched to the model's classes in "
            "the order of their text, as torchvision does (0, 1, 10, 2).");
  EXPECT_EQ(bench.lab.document().class_of, (std::vector<int>{0, 1, 2, 3}));
}

// Labels from 1 to 4, pictures on their side, one of the files in two members.
TEST(Pictures, OfEmnistAreTurnedAndTheirLabelsCounted) {
  Bench bench;
  io::testing::Bytes images = io::testing::bytes_from({0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2});
  for (int i = 0; i < 16; ++i) images.push_back(static_cast<std::byte>(i * 10));
  const io::testing::Bytes labels = io::testing::bytes_from({0, 0, 8, 1, 0, 0, 0, 4, 4, 3, 2, 1});
  io::testing::Bytes packed = io::testing::stored_gzip(io::testing::Bytes(images.begin(), images.begin() + 20));
  const io::testing::Bytes rest = io::testing::stored_gzip(io::testing::Bytes(images.begin() + 20, images.end()));
  packed.insert(packed.end(), rest.begin(), rest.end());
  ASSERT_TRUE(bench.open_file("emnist-letters-test-images-idx3-ubyte.gz", packed).has_value()) << bench.lab.error();
  ASSERT_TRUE(bench.open_file("some labels", labels).has_value()) << bench.lab.error();
  bench.settle();
  EXPECT_EQ(bench.lab.notice(),
            "4 pictures of 'some labels' are open. EMNIST's pictures are stored on their side: rows and columns were "
            "swapped. The labels of the IDX files begin at 1, which was taken for the first class.");
  ASSERT_NE(bench.lab.document().labelled, nullptr);
  EXPECT_EQ(bench.lab.document().labelled->images.labels, (std::vector<int>{3, 2, 1, 0}));
  EXPECT_EQ(bench.lab.document().labelled->images.class_names, bench.lab.document().model->labels);
  run(bench, R"({"command":"open_measured","picture":0})");
  const io::Image& first = *bench.lab.document().picture->image;
  EXPECT_EQ(first.pixel(1, 0)[0], 20);
  EXPECT_EQ(first.pixel(0, 1)[0], 10);
}

// Of the splits that of testing, then that of validation: a model knows the one it was trained on.
TEST(Pictures, AreThoseItWasNotTrainedOn) {
  Bench bench;
  std::vector<io::testing::TarFile> files;
  for (const std::string name : {"train/cat/1", "train/cat/2", "train/bus/1", "val/cat/7", "val/bus/8"})
    files.push_back({"set/" + name + ".png", io::encode_png(testing::test_picture())});
  ASSERT_TRUE(bench.open_file("set.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
  ASSERT_NE(bench.lab.document().pictures, nullptr);
  EXPECT_EQ(bench.lab.document().pictures->images.names, (std::vector<std::string>{"bus/8.png", "cat/7.png"}));
}

TEST(Pictures, AreReadAsTheModelReads) {
  Bench bench;
  auto bytes = io::read_file(std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/garments.safetensors");
  ASSERT_TRUE(bytes.has_value());
  bench.files["models/garments.safetensors"] = *bytes;
  run(bench, R"({"command":"open_model","name":"garments"})");
  ASSERT_TRUE(bench.lab.document().model->preprocessing.invert) << "dark things on light ground";
  const std::vector<io::testing::TarFile> files{{"set/shirt/1.png", io::encode_png(testing::test_picture())},
                                                {"set/bag/1.png", io::encode_png(testing::test_picture())}};
  ASSERT_TRUE(bench.open_file("set.tar", io::testing::tar_of(files)).has_value());
  bench.settle();
  run(bench, R"({"command":"set_units","steps":1})");
  run(bench, R"({"command":"open_page","page":"units"})");  // which asks for the pictures whenever they are gone
  const auto inverted = bench.lab.document().pictures->images.pixels;
  ASSERT_EQ(inverted.size(), 2U * 28 * 28);
  run(bench, R"({"command":"set_reading","invert":false})");
  ASSERT_NE(bench.lab.document().pictures, nullptr);
  const auto plain = bench.lab.document().pictures->images.pixels;
  ASSERT_EQ(plain.size(), inverted.size());
  for (std::size_t i = 0; i < plain.size(); ++i) ASSERT_EQ(plain[i] + inverted[i], 255) << i;
}

TEST(SaveMap, WritesWhatIsShown) {
  Bench bench;
  run(bench, R"({"command":"set_method","method":"gradient_x_input"})");
  run(bench, R"({"command":"save_map","as":"numbers"})");
  run(bench, R"({"command":"save_map","as":"picture"})");
  ASSERT_EQ(bench.saved.size(), 2U);
  EXPECT_EQ(bench.saved[0].first, "everyday-gradient_x_input.safetensors");
  const auto file = io::parse_safetensors(bench.saved[0].second);
  ASSERT_TRUE(file.has_value());
  const auto* attribution = file->find("attribution");
  ASSERT_NE(attribution, nullptr);
  EXPECT_EQ(attribution->shape, (std::vector<std::uint64_t>{3, 16, 16}));
  const auto image = io::decode_image(bench.saved[1].second);
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->width, 320);
  refusal(bench, R"({"command":"save_map","as":"song"})");
}

}  // namespace
}  // namespace weightroom::lab
