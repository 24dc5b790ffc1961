// What measures the accuracy, under a hand: how a set is come by, the line beside the sliders, the confusion matrix.
#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "../io/io_testing.h"
#include "../lab/garments.h"
#include "headless.h"
#include "ui/widgets/common.h"

namespace weightroom::ui {
namespace {

using lab::testing::Bench;
using lab::testing::Garments;
using lab::testing::run;
using lab::testing::state_of;
using nlohmann::json;
using testing::Headless;

constexpr std::array kScreens{ImVec2{1280, 800}, ImVec2{1024, 768}, ImVec2{390, 844}};

std::vector<std::string> drawn_by(Headless& face) {
  std::vector<std::string> drawn;
  face.context.drawn = &drawn;
  face.screen();
  face.context.drawn = nullptr;
  return drawn;
}

std::size_t times(const std::vector<std::string>& drawn, const std::string& words) {
  return static_cast<std::size_t>(std::ranges::count(drawn, words));
}

// As large as it is where nothing hides a part of it.
void expect_whole(Headless& face, const std::string& id, float height) {
  const auto place = face.context.rects.find(id);
  ASSERT_TRUE(place.has_value()) << id;
  EXPECT_TRUE(place->visible) << id;
  EXPECT_GE(place->to.y - place->from.y, height - 0.5F) << id;
}

TEST(WithoutASet, BothWaysAreInSightOnEveryScreen) {
  Garments bench;
  run(bench, R"({"command":"open_model","name":"everyday"})");
  for (const ImVec2 size : kScreens) {
    for (const char* page : {"accuracy", "curves"}) {
      SCOPED_TRACE(std::to_string(size.x) + " " + page);
      run(bench, json{{"command", "open_page"}, {"page", page}}.dump());
      Headless face(bench.lab, size);
      face.state.tab = 1;
      face.screen(4);
      expect_whole(face, "accuracy/garments", face.context.theme.metrics.control);
      expect_whole(face, "accuracy/folder", face.context.theme.metrics.control);
      expect_whole(face, "accuracy/choose", 20.0F);
    }
  }
}

TEST(WithoutASet, OnePressMeasuresTheGarments) {
  for (const char* page : {"accuracy", "curves"}) {
    Garments bench;
    run(bench, R"({"command":"open_model","name":"everyday"})");
    run(bench, json{{"command", "open_page"}, {"page", page}}.dump());
    Headless face(bench.lab);
    face.screen(3);
    face.click("accuracy/garments");
    bench.settle();
    const json state = state_of(bench);
    EXPECT_EQ(state["model"]["name"], "garments");
    EXPECT_EQ(state["measure"]["now"]["pictures"], 1000);
    EXPECT_EQ(state["study"]["page"], page);
  }
}

TEST(WithoutASet, AFolderIsChosenOrAFile) {
  Bench bench;
  run(bench, R"({"command":"open_page","page":"accuracy"})");
  Headless face(bench.lab);
  face.screen(3);
  // What is asked of the machine lives for the frame of the press.
  const auto press = [&](const char* id) {
    face.move_to(face.centre(id));
    face.screen();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    face.screen();
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    face.screen();
    return face.context.requests;
  };
  const Requests folder = press("accuracy/folder");
  EXPECT_TRUE(folder.choose_folder);
  EXPECT_FALSE(folder.choose_file);
  EXPECT_TRUE(press("accuracy/choose").choose_file);
  const auto says = [&](const char* words) {
    return std::ranges::any_of(drawn_by(face),
                               [&](const std::string& d) { return d.find(words) != std::string::npos; });
  };
  EXPECT_TRUE(says("one folder of pictures for each class: cat, dog, bus and so on"));
  EXPECT_TRUE(says("Or drop the folder on the page."));
  EXPECT_FALSE(says("Your changes to everyday end there."));
  face.context.folders = false;
  EXPECT_TRUE(says("Pack the folder as a zip or tar file"));
  EXPECT_FALSE(says("Or drop the folder"));
  run(bench, R"({"command":"set_weight","weight":"fc.bias[1]","value":2})");
  EXPECT_TRUE(says("Your changes to everyday end there."));
}

TEST(EditPage, AccuracyStandsBesideTheSliderAndFollows) {
  Garments bench;
  run(bench, R"({"command":"open_page","page":"edit"})");
  for (const ImVec2 size : kScreens) {
    Headless face(bench.lab, size);
    face.state.tab = 1;
    face.screen(3);
    EXPECT_TRUE(face.shows("change/measure")) << size.x;
    EXPECT_FALSE(face.shows("change/accuracy"));
  }
  Headless face(bench.lab, {1280, 1000});
  face.screen(3);
  face.click("change/measure");
  EXPECT_EQ(bench.lab.document().page, "accuracy");
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_page","page":"edit"})");
  const auto expected = [&] {
    const json measure = state_of(bench)["measure"];
    return "Accuracy " + percent(measure["unedited"]["accuracy"].get<double>()) + " → " +
           percent(measure["now"]["accuracy"].get<double>());
  };
  face.screen(3);
  const auto slider = face.context.rects.find("change/param/share");
  const auto accuracy = face.context.rects.find("change/accuracy");
  ASSERT_TRUE(slider && accuracy);
  EXPECT_GT(accuracy->from.x, slider->to.x) << "beside it";
  EXPECT_LT(accuracy->from.y, slider->to.y);
  const std::string before = expected();
  EXPECT_EQ(times(drawn_by(face), before), 1U) << before;
  // While the hand is still down, and after it.
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.9},"preview":true})");
  const std::string during = expected();
  EXPECT_NE(during, before);
  EXPECT_EQ(times(drawn_by(face), during), 1U) << during;
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.5}})");
  const std::string after = expected();
  EXPECT_NE(after, during);
  EXPECT_EQ(times(drawn_by(face), after), 1U) << after;
}

// As many classes as `everyday` has, two pictures of each.
struct ManyClasses : Bench {
  explicit ManyClasses(std::size_t classes) {
    std::vector<std::string> labels;
    for (std::size_t k = 0; k < classes; ++k)
      labels.push_back("the class " + std::string(1, static_cast<char>('a' + k)));
    files["models/everyday.safetensors"] = io::write_model(lab::testing::small_model("everyday", labels));
    run(*this, R"({"command":"open_model","name":"everyday"})");
    std::vector<io::testing::TarFile> pictures;
    int shade = 0;
    for (const std::string& label : labels) {
      for (int i = 0; i < 2; ++i) {
        io::Image image = lab::testing::test_picture();
        for (auto& value : image.rgb) value = static_cast<std::uint8_t>(value + 7 * shade);
        ++shade;
        pictures.push_back({"set/" + label + "/" + std::to_string(i) + ".png", io::encode_png(image)});
      }
    }
    EXPECT_TRUE(open_file("pictures.tar", io::testing::tar_of(pictures)).has_value());
    settle();
    run(*this, R"({"command":"open_page","page":"accuracy"})");
  }
};

TEST(Matrix, NamesStandAtBothSidesAndCellsCanBeHit) {
  for (const auto& [classes, least] : {std::pair{10U, 24.0F}, std::pair{24U, 16.0F}}) {
    ManyClasses bench(classes);
    for (const ImVec2 size : kScreens) {
      SCOPED_TRACE(std::to_string(classes) + " classes at " + std::to_string(size.x));
      Headless face(bench.lab, {size.x, 1600});
      face.state.tab = 1;
      face.screen(4);
      const auto drawn = drawn_by(face);
      for (std::size_t k = 0; k < classes; ++k) {
        const std::string& label = bench.lab.document().model->labels[k];
        const std::string id = std::to_string(k);
        ASSERT_TRUE(face.context.rects.find("column/" + id) && face.context.rects.find("row/" + id));
        EXPECT_TRUE(face.shows("row/" + id));
        EXPECT_GE(times(drawn, label), 1U) << label;
      }
      const auto cell = face.context.rects.find("cell/0/0");
      ASSERT_TRUE(cell.has_value());
      EXPECT_GE(cell->to.x - cell->from.x, least);
      EXPECT_GE(cell->to.y - cell->from.y, least);
    }
  }
}

TEST(Matrix, ScrollsSidewaysWithTheRowsNamesFixed) {
  ManyClasses bench(24);
  Headless face(bench.lab, {390, 1600});
  face.state.tab = 1;
  face.screen(4);
  EXPECT_TRUE(face.shows("column/0"));
  EXPECT_FALSE(face.shows("column/23")) << "not all of them fit";
  const auto row = face.context.rects.find("row/3");
  face.move_to(face.centre("cell/3/1"));
  face.screen();
  for (int k = 0; k < 12; ++k) {
    ImGui::GetIO().AddMouseWheelEvent(-6.0F, 0.0F);
    face.screen(2);
  }
  EXPECT_TRUE(face.shows("column/23"));
  EXPECT_FALSE(face.shows("column/0"));
  const auto still = face.context.rects.find("row/3");
  ASSERT_TRUE(row && still);
  EXPECT_EQ(still->from.x, row->from.x);
  EXPECT_EQ(still->to.x, row->to.x);
  EXPECT_TRUE(still->visible);
}

TEST(Matrix, SaysInASentenceWhatACellMeans) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_page","page":"accuracy"})");
  Headless face(bench.lab, {1280, 1400});
  face.screen(3);
  EXPECT_EQ(times(drawn_by(face), "Point at a square: it is explained here. Click it to see its pictures."), 1U);
  const json now = state_of(bench)["measure"]["now"];
  const auto count = [](const json& of, int truth, int answer) {
    for (const json& cell : of["confusion"])
      if (cell[0] == truth && cell[1] == answer) return cell[2].get<int>();
    return 0;
  };
  const auto& labels = bench.lab.document().model->labels;
  const auto label = [&](int k) { return "'" + labels[static_cast<std::size_t>(k)] + "'"; };
  constexpr int kShirt = 6;
  constexpr int kTop = 0;
  const int taken = count(now, kShirt, kTop);
  ASSERT_GT(taken, 1);
  const auto at = face.centre("cell/6/0");
  face.move_to(at);
  face.screen(2);
  const std::string wrong =
      std::to_string(taken) + " of 100 pictures of " + label(kShirt) + " are taken for " + label(kTop) + ".";
  EXPECT_EQ(times(drawn_by(face), wrong), 1U) << wrong;
  EXPECT_EQ(face.centre("cell/6/0").y, at.y) << "the cells stay where they are";
  face.move_to(face.centre("cell/6/6"));
  face.screen(2);
  const std::string right =
      std::to_string(count(now, kShirt, kShirt)) + " of 100 pictures of " + label(kShirt) + " are recognised.";
  EXPECT_EQ(times(drawn_by(face), right), 1U) << right;
  // After an edit it tells what it was.
  run(bench, R"({"command":"change","operation":"prune","on":"all","params":{"share":0.8}})");
  face.screen(2);
  const int later = count(state_of(bench)["measure"]["now"], kShirt, kShirt);
  ASSERT_NE(later, count(now, kShirt, kShirt));
  const std::string both = std::to_string(later) + " of 100 pictures of " + label(kShirt) + " are recognised. " +
                           "Before your changes: " + std::to_string(count(now, kShirt, kShirt)) + ".";
  EXPECT_EQ(times(drawn_by(face), both), 1U) << both;
}

TEST(Matrix, ACellBringsItsPicturesIntoSightAndOneOfThemItsTruth) {
  Garments bench;
  run(bench, R"({"command":"open_set","name":"garments"})");
  run(bench, R"({"command":"open_page","page":"accuracy"})");
  for (const ImVec2 size : kScreens) {
    SCOPED_TRACE(size.x);
    run(bench, R"({"command":"select_cell","truth":null})");
    run(bench, R"({"command":"open_sample","name":"bag 1"})");
    Headless face(bench.lab, size);
    face.state.tab = 1;
    face.screen(4);
    for (int k = 0; k < 30 && !face.shows("cell/6/0"); ++k) {
      face.move_to({size.x / 2, size.y * 0.6F});
      face.wheel(-1.0F);
    }
    face.click("cell/6/0");
    face.screen(6);
    const auto card = face.context.rects.find("cell_pictures");
    ASSERT_TRUE(card && card->visible);
    expect_whole(face, "cell/picture/0", 72.0F);
    EXPECT_FALSE(face.context.rects.find("answer/truth").has_value());
    face.click("cell/picture/0");
    bench.settle();
    EXPECT_EQ(state_of(bench)["picture"]["truth"], bench.lab.document().model->labels[6]);
    face.screen(3);
    EXPECT_TRUE(face.shows("answer/truth")) << "where the columns are folded, the answer comes to the front";
    EXPECT_EQ(times(drawn_by(face), "should be " + bench.lab.document().model->labels[6]), 1U);
  }
}

}  // namespace
}  // namespace weightroom::ui
