// The other subcommands: exit codes, fields of the JSON, a sentence for each bad input.
#include <cmath>

#include "nn/session.h"
#include "program.h"
#include "support/version.h"

namespace weightroom::cli {
namespace {

class Cli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped()) return;
    model_ = write_model("assets/small.safetensors");
    write_picture("picture.png", 1, 7, 20);
  }

  // Tensor `input` of one or more samples.
  void write_input(const std::string& name, std::vector<std::uint64_t> shape, float first = 0.5F) const {
    std::size_t size = 1;
    for (const std::uint64_t extent : shape) size *= static_cast<std::size_t>(extent);
    std::vector<float> values(size);
    base::Rng rng(2, "input");
    for (float& value : values) value = static_cast<float>(rng.normal());
    values[0] = first;
    EXPECT_TRUE(io::write_file(path(name), io::write_safetensors({{"input", io::Dtype::f32, shape, values}}, {})));
  }

  nn::Model model_;
};

TEST_F(Cli, ExplainListsItsMethodsAndTakesTheirParameters) {
  const auto list = run("explain --list --json --model small").json();
  ASSERT_EQ(list.size(), 24U);
  std::size_t parameters = 0;
  for (const auto& row : list) {
    EXPECT_GT(row["passes"].get<double>(), 0.0) << row["method"];
    EXPECT_EQ(row["axioms"].size(), 4U);
    EXPECT_EQ(row["axioms"]["complete"], row["complete"]) << row["method"];
    ASSERT_EQ(row["parameters"].size(), row["params"].size()) << row["method"];
    for (const auto& parameter : row["parameters"]) {
      EXPECT_EQ(parameter["default"], row["params"][parameter["name"].get<std::string>()])
          << row["method"] << parameter;
      EXPECT_NE(parameter.contains("choices"), parameter.contains("minimum")) << parameter;
      ++parameters;
    }
  }
  EXPECT_GT(parameters, 20U);
  EXPECT_NE(run("explain --list --model small").out.find("--baseline black  (black, mean"), std::string::npos);
  const std::string explain = "explain picture.png --model small --json --method ";
  const auto found = run(explain + "integrated_gradients --steps 7 --baseline blurred").json();
  EXPECT_EQ(found["params"]["steps"], 7.0);
  EXPECT_EQ(found["params"]["baseline"], "blurred");
  EXPECT_EQ(run(explain + "integrated_gradients --param steps=7 --param baseline=blurred").json()["sum"], found["sum"]);
  EXPECT_EQ(run(explain + "integrated_gradients --baseline purple").code, 1);
  EXPECT_NE(run(explain + "integrated_gradients --baseline purple").err.find("black, mean, blurred"),
            std::string::npos);
  EXPECT_NE(run(explain + "gradient --steps 7").err.find("no parameter 'steps'"), std::string::npos);
  EXPECT_NE(run(explain + "deep_lift --baseline picture").err.find("--other"), std::string::npos);
  write_picture("other.png", 2, 20, 20);
  const auto from_other = run(explain + "deep_lift --baseline picture --other other.png");
  ASSERT_EQ(from_other.code, 0) << from_other.err;
  EXPECT_LE(from_other.json()["completeness_error"].get<double>(), 1e-3);
  EXPECT_NE(run(explain + "deep_lift --baseline picture --other missing.png").code, 0);
}

TEST_F(Cli, UsageIsExitCodeTwo) {
  EXPECT_EQ(run("").code, 2);
  EXPECT_EQ(run("fly").code, 2);
  EXPECT_EQ(run("classify").code, 2);
  EXPECT_EQ(run("classify picture.png --nonsense").code, 2);
  EXPECT_EQ(run("edit small --prune 0.5").code, 2);
  EXPECT_EQ(run("edit small --prune 1.5 --out x.safetensors").code, 2);
  EXPECT_EQ(run("run small").code, 2);
  EXPECT_EQ(run("train --out x").code, 2);
  EXPECT_EQ(run("explain").code, 2);
  EXPECT_EQ(run("explain picture.png --input x.safetensors --model small").code, 2);
  EXPECT_EQ(run("bench --runs 0 --model small").code, 2);
  const Outcome help = run("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"models", "inspect", "classify", "explain", "eval", "train", "edit", "run", "bench"}) {
    EXPECT_NE(help.out.find(word), std::string::npos) << word;
    EXPECT_EQ(run(std::string(word) + " --help").code, 0) << word;
  }
}

TEST_F(Cli, SaysTheVersionOfTheProject) {
  ASSERT_NE(test::project_version(), "");
  EXPECT_EQ(run("--version").out, "weightroom " + test::project_version() + "\n");
}

TEST_F(Cli, ModelsAreFoundByName) {
  const Outcome listed = run("models --json");
  ASSERT_EQ(listed.code, 0) << listed.err;
  bool found = false;
  for (const auto& row : listed.json()["models"]) {
    if (row["name"] != "small") continue;
    found = true;
    EXPECT_EQ(row["fingerprint"], nn::fingerprint(*model_.graph, model_.weights));
    EXPECT_EQ(row["input"], nlohmann::json({3, 8, 8}));
  }
  EXPECT_TRUE(found);
  EXPECT_NE(run("models").out.find("small: A small model"), std::string::npos);
  EXPECT_NE(refusal("classify picture.png --model nothing").find("There is no model 'nothing': there are "),
            std::string::npos);
  EXPECT_EQ(refusal("inspect nothing.safetensors"), "weightroom: There is no file 'nothing.safetensors'.\n");
}

TEST_F(Cli, InspectListsTheLayers) {
  const Outcome inspected = run("inspect assets/small.safetensors --json");
  ASSERT_EQ(inspected.code, 0) << inspected.err;
  const auto json = inspected.json();
  EXPECT_EQ(json["fingerprint"], nn::fingerprint(*model_.graph, model_.weights));
  EXPECT_EQ(json["weights"], model_.weights.size());
  EXPECT_EQ(json["multiply_adds"], static_cast<long long>(model_.graph->multiply_adds()));
  ASSERT_EQ(json["layers"].size(), model_.graph->nodes().size() - 1);
  const auto& conv = json["layers"][0];
  EXPECT_EQ(conv["name"], "conv1");
  EXPECT_EQ(conv["op"], "conv2d");
  EXPECT_EQ(conv["shape"], nlohmann::json({1, 4, 8, 8}));
  EXPECT_EQ(conv["weights"], 4 * 3 * 9 + 4);
  std::size_t weights = 0;
  for (const auto& layer : json["layers"]) weights += layer["weights"].get<std::size_t>();
  EXPECT_EQ(weights, model_.weights.size());
  EXPECT_NE(run("inspect small").out.find("conv2d"), std::string::npos);
}

TEST_F(Cli, ClassifyGivesAllClassesBestFirst) {
  const Outcome classified = run("classify picture.png --model small --json");
  ASSERT_EQ(classified.code, 0) << classified.err;
  const auto json = classified.json();
  EXPECT_EQ(json["model"], "small");
  EXPECT_EQ(json["fingerprint"], nn::fingerprint(*model_.graph, model_.weights));
  ASSERT_EQ(json["predictions"].size(), 3U);
  double sum = 0.0;
  double last = 1.0;
  for (const auto& row : json["predictions"]) {
    EXPECT_EQ(row["label"], model_.labels[row["index"].get<std::size_t>()]);
    const double probability = row["probability"].get<double>();
    EXPECT_LE(probability, last);
    EXPECT_TRUE(row["logit"].is_number());
    last = probability;
    sum += probability;
  }
  EXPECT_NEAR(sum, 1.0, 1e-6);
  EXPECT_GE(json["ms"].get<double>(), 0.0);
  EXPECT_NE(run("classify picture.png --model small").out.find(" %  "), std::string::npos);
}

TEST_F(Cli, ClassifyRefusesBadPictures) {
  EXPECT_EQ(refusal("classify missing.png --model small"), "weightroom: There is no file 'missing.png'.\n");
  write("empty.jpg", "");
  EXPECT_EQ(refusal("classify empty.jpg --model small"),
            "weightroom: 'empty.jpg': The picture file is empty (0 bytes).\n");
  write("text.jpg", "this is a letter");
  EXPECT_NE(refusal("classify text.jpg --model small").find("not a picture"), std::string::npos);
  write("cut.png", text("picture.png").substr(0, text("picture.png").size() / 2));
  EXPECT_NE(refusal("classify cut.png --model small").find("cut short"), std::string::npos);
  // A PNG header that claims 20,000 x 20,000 pixels.
  std::string huge = text("picture.png");
  huge.replace(16, 8, std::string("\x00\x00\x4E\x20\x00\x00\x4E\x20", 8));
  write("huge.png", huge);
  EXPECT_EQ(run("classify huge.png --model small").code, 1);
  write("bad.safetensors", "nonsense");
  EXPECT_NE(refusal("classify picture.png --model bad.safetensors").find("'bad.safetensors': "), std::string::npos);
}

TEST_F(Cli, RunWritesLogitsAndGradients) {
  write_input("x.safetensors", {2, 3, 8, 8});
  ASSERT_EQ(run("run small --input x.safetensors --output y.safetensors --grad top").code, 0) << text("stderr.txt");
  const auto raw = bytes("y.safetensors");
  const auto file = io::parse_safetensors(raw);
  ASSERT_TRUE(file);
  const auto input_bytes = bytes("x.safetensors");
  const auto values = io::values_of(*io::parse_safetensors(input_bytes)->find("input"));

  nn::Session session(model_.graph, {.batch = 2});
  session.set_weights(model_.weights);
  session.set_input(values);
  session.forward();
  const auto logits = session.logits().values();
  EXPECT_EQ(io::values_of(*file->find("logits")), std::vector<float>(logits.begin(), logits.end()));
  EXPECT_EQ(file->find("logits")->shape, (std::vector<std::uint64_t>{2, 3}));
  const auto seed = nn::one_hot(2, 3, 2);
  nn::BackwardRequest request;
  request.d_from = seed;
  request.weights = true;
  session.backward(request);
  const auto gradient = session.d_activation(0).values();
  EXPECT_EQ(io::values_of(*file->find("grad.input")), std::vector<float>(gradient.begin(), gradient.end()));
  for (const nn::GraphWeight& weight : model_.graph->weights()) {
    const io::SafetensorsEntry* entry = file->find("grad." + weight.name);
    ASSERT_NE(entry, nullptr) << weight.name;
    const auto written = io::values_of(*entry);
    for (std::size_t i = 0; i < written.size(); ++i) {
      EXPECT_NEAR(written[i], session.d_weights()[weight.offset + i], 1e-4F) << weight.name << ' ' << i;
    }
  }
  ASSERT_EQ(run("run small --input x.safetensors --output z.safetensors").code, 0);
  const auto plain = bytes("z.safetensors");
  const auto values_only = io::parse_safetensors(plain);
  EXPECT_EQ(values_only->tensors.size(), 2U);
  // Those of each sample are the softmax of its logits.
  const auto z = io::values_of(*values_only->find("logits"));
  const auto p = io::values_of(*values_only->find("probabilities"));
  for (std::size_t n = 0; n < 2; ++n) {
    double sum = 0.0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(static_cast<double>(z[3 * n + c]));
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(p[3 * n + c], std::exp(static_cast<double>(z[3 * n + c])) / sum, 1e-6) << n << ' ' << c;
  }
}

TEST_F(Cli, RunRefusesByASentence) {
  const std::string base = "run small --output y.safetensors --input ";
  write_input("wide.safetensors", {1, 3, 8, 9});
  EXPECT_EQ(refusal(base + "wide.safetensors"),
            "weightroom: The tensor 'input' has the shape (1,3,8,9); the model takes (N,3,8,8).\n");
  write_input("nan.safetensors", {1, 3, 8, 8}, std::nanf(""));
  EXPECT_NE(refusal(base + "nan.safetensors").find("not a finite number"), std::string::npos);
  EXPECT_NE(refusal(base + "assets/small.safetensors").find("has no tensor 'input'"), std::string::npos);
  EXPECT_NE(refusal(base + "picture.png").find("'picture.png': "), std::string::npos);
  write_input("x.safetensors", {1, 3, 8, 8});
  EXPECT_NE(refusal(base + "x.safetensors --grad zebra").find("no class 'zebra'; it has low, middle, top"),
            std::string::npos);
  EXPECT_NE(refusal(base + "x.safetensors --grad 3").find("no class number 3"), std::string::npos);
}

TEST_F(Cli, ExplainWritesTensorsAndAnOverlay) {
  for (const char* method : {"gradient", "gradient_x_input", "smoothgrad", "integrated_gradients"}) {
    const Outcome explained = run("explain picture.png --model small --target top --method " + std::string(method) +
                                  " --out m.safetensors --out m.png --json");
    ASSERT_EQ(explained.code, 0) << explained.err;
    EXPECT_EQ(explained.json()["method"], method);
    EXPECT_EQ(explained.json()["target"]["index"], 2);
    const auto raw = bytes("m.safetensors");
    const auto file = io::parse_safetensors(raw);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->find("attribution")->shape, (std::vector<std::uint64_t>{3, 8, 8}));
    EXPECT_EQ(file->find("map")->shape, (std::vector<std::uint64_t>{8, 8}));
    const auto png = io::decode_image(bytes("m.png"));
    ASSERT_TRUE(png);
    EXPECT_EQ(png->width % 8, 0);
  }
  ASSERT_EQ(run("explain picture.png --model small --method grad_cam --layer conv1 --out m.safetensors").code, 0);
  const auto raw = bytes("m.safetensors");
  EXPECT_EQ(io::parse_safetensors(raw)->find("map")->shape, (std::vector<std::uint64_t>{8, 8}));
  // A layer's plane, though it is as large as the input.
  EXPECT_EQ(io::parse_safetensors(raw)->find("attribution")->shape, (std::vector<std::uint64_t>{8, 8}));
  ASSERT_EQ(run("explain picture.png --model small --method grad_cam --layer conv2 --out m.safetensors").code, 0);
  const auto small = bytes("m.safetensors");
  EXPECT_EQ(io::parse_safetensors(small)->find("attribution")->shape, (std::vector<std::uint64_t>{4, 4}));
}

TEST_F(Cli, ExplainTakesNamesOfOtherProgramsAndALayerInPlaceOfThePicture) {
  const std::string base = "explain picture.png --model small --target top --json --out m.npy --method ";
  const auto sum_of = [&](const std::string& more) { return run(base + more).json()["sum"]; };
  EXPECT_TRUE(sum_of("gradient_x_input").is_number());
  EXPECT_EQ(sum_of("InputXGradient"), sum_of("gradient_x_input"));
  EXPECT_EQ(sum_of("grad-cam"), sum_of("grad_cam"));
  EXPECT_EQ(sum_of("NoiseTunnel"), sum_of("gradient --noise smoothgrad"));
  const auto layer = run(base + "LayerGradientXActivation --layer conv2").json();
  EXPECT_EQ(layer["method"], "gradient_x_input");
  EXPECT_EQ(layer["layer"], "conv2");
  EXPECT_EQ(layer["shape"], nlohmann::json({5, 4, 4}));
  EXPECT_NE(text("m.npy").find("'shape': (5, 4, 4)"), std::string::npos);
  EXPECT_EQ(run(base + "gradient").json()["layer"], nullptr);
}

TEST_F(Cli, GradCamMayShowOnlyWhatSpeaksForTheClass) {
  const std::string base = "explain picture.png --model small --method grad_cam --layer conv2 --out m.safetensors";
  const auto map_of = [&](const std::string& more) {
    EXPECT_EQ(run(base + more).code, 0) << text("stderr.txt");
    const auto raw = bytes("m.safetensors");
    return io::values_of(*io::parse_safetensors(raw)->find("attribution"));
  };
  auto both = map_of("");
  EXPECT_TRUE(std::ranges::any_of(both, [](float v) { return v < 0.0F; }));
  for (float& value : both) value = std::max(value, 0.0F);
  EXPECT_EQ(map_of(" --param positive_only=1"), both);
}

void expect_nine_digits(const nlohmann::json& json) {
  if (json.is_structured()) {
    for (const auto& part : json) expect_nine_digits(part);
  } else if (json.is_number_float()) {
    char text[40];
    std::snprintf(text, sizeof(text), "%.9g", json.get<double>());
    EXPECT_EQ(json.get<double>(), std::strtod(text, nullptr)) << json;
  }
}

TEST_F(Cli, VisualiseMakesWhatUnitsWantToSee) {
  const std::string garments = std::string(WEIGHTROOM_SOURCE_DIR) + "/assets/garments.safetensors";
  const Outcome made =
      run("visualise --model '" + garments + "' --class 3 --steps 32 --images 2 --out sheet.png --json");
  ASSERT_EQ(made.code, 0) << made.err;
  const auto rows = made.json();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_GT(rows[0]["value"].get<double>(), rows[0]["noise"].get<double>());
  const auto sheet = io::decode_image(*io::read_file((folder_ / "sheet.png").string()));
  ASSERT_TRUE(sheet.has_value());
  EXPECT_GT(sheet->width, 2 * sheet->height - 20);
  // The same command gives the same picture.
  const auto first = *io::read_file((folder_ / "sheet.png").string());
  ASSERT_EQ(run("visualise --model '" + garments + "' --class 3 --steps 32 --images 2 --out again.png").code, 0);
  EXPECT_EQ(first, *io::read_file((folder_ / "again.png").string()));
  EXPECT_NE(run("visualise --model '" + garments + "' --layer nowhere").err.find("no layer 'nowhere'"),
            std::string::npos);
  EXPECT_NE(run("visualise --model '" + garments + "' --layer conv1 --channel 999").err.find("channels 0 to"),
            std::string::npos);
  const std::string one = "visualise --model '" + garments + "' --layer conv1 --channel 0 --steps 1 --json";
  const std::string at = run(one + " --at 3 4").out;
  EXPECT_NE(at, run(one).out) << "one unit is not the mean of its map";
  EXPECT_EQ(at, run(one + " --at 3 4").out);
  EXPECT_NE(run(one + " --at 3 99").err.find("rows and"), std::string::npos);
  EXPECT_EQ(run("visualise --model '" + garments + "' --class 3 --at 0 0").code, 2);
  EXPECT_EQ(run("visualise --model '" + garments + "' --out sheet.gif").code, 1);
  EXPECT_EQ(run("visualise --split val").code, 2);
}

TEST_F(Cli, FractionsHaveNineDigits) {
  write_set(0, 3);
  for (const char* line : {"classify picture.png --model small --json", "eval set --model small --json",
                           "explain picture.png --model small --method integrated_gradients --json"}) {
    SCOPED_TRACE(line);
    const Outcome outcome = run(line);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    expect_nine_digits(outcome.json());
  }
}

TEST_F(Cli, ExplainTakesATensorInPlaceOfAPicture) {
  write_input("x.safetensors", {1, 3, 8, 8});
  ASSERT_EQ(run("run small --input x.safetensors --output y.safetensors --grad 1").code, 0);
  ASSERT_EQ(run("explain --input x.safetensors --model small --method gradient --target 1 --out m.safetensors --out "
                "m.png")
                .code,
            0)
      << text("stderr.txt");
  const auto run_bytes = bytes("y.safetensors");
  const auto map_bytes = bytes("m.safetensors");
  EXPECT_EQ(io::values_of(*io::parse_safetensors(run_bytes)->find("grad.input")),
            io::values_of(*io::parse_safetensors(map_bytes)->find("attribution")));
}

TEST_F(Cli, ExplainRefusesByASentence) {
  const std::string base = "explain picture.png --model small ";
  EXPECT_NE(
      refusal(base + "--method magic").find("There is no method 'magic'; there are grad_cam, occlusion, gradient, "),
      std::string::npos);
  EXPECT_NE(refusal(base + "--target zebra").find("no class 'zebra'"), std::string::npos);
  EXPECT_NE(refusal(base + "--method lime --layer conv1")
                .find("'lime' takes no layer; besides the CAM family these do: gradient, gradient_x_input, smoothgrad, "
                      "smoothgrad_squared, vargrad, integrated_gradients, gradient_shap, blur_ig, guided_backprop, "
                      "deconvnet, lrp, deep_lift."),
            std::string::npos);
  EXPECT_NE(refusal(base + "--layer fc").find("the layers are conv1, "), std::string::npos);
  EXPECT_NE(refusal(base + "--method integrated_gradients --mode exact --layer conv1").find("by quadrature alone"),
            std::string::npos);
  EXPECT_EQ(refusal(base + "--method EigenCAM"),
            "weightroom: There is no method 'EigenCAM' here; the nearest is grad_cam.\n");
  EXPECT_EQ(refusal(base + "--method LayerDeepLift"),
            "weightroom: The method 'LayerDeepLift' explains a layer: name it by --layer.\n");
  EXPECT_NE(refusal(base + "--method grad_cam --layer fc").find("the layers are conv1, "), std::string::npos);
  EXPECT_NE(refusal(base + "--param 5").find("A parameter is written like"), std::string::npos);
  EXPECT_EQ(run(base + "--method smoothgrad --param samples=many").code, 1);
  EXPECT_EQ(run(base + "--method smoothgrad --param samples=-3").code, 1);
  EXPECT_EQ(run(base + "--method smoothgrad --param unknown=3").code, 1);
  EXPECT_NE(refusal(base + "--out map.txt").find("must end in .safetensors"), std::string::npos);
  write_input("two.safetensors", {2, 3, 8, 8});
  EXPECT_NE(refusal("explain --input two.safetensors --model small").find("holds 2 samples"), std::string::npos);
}

}  // namespace
}  // namespace weightroom::cli
