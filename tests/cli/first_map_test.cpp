// What `explain` shows where nobody has chosen a method.
#include <gtest/gtest.h>

#include "nn/session.h"
#include "program.h"

namespace weightroom::cli {
namespace {

using FirstMap = ProgramTest;

TEST_F(FirstMap, IsGradCamWhereTheNetHasALayerForIt) {
  (void)write_model("assets/small.safetensors");
  write_picture("picture.png", 1, 7, 20);
  ASSERT_EQ(run("edit --model small --set fc.bias[2]=0.75 --out biased.safetensors").code, 0) << text("stderr.txt");
  const std::string line = "explain picture.png --model biased.safetensors --target top";
  const Outcome outcome = run(line + " --json");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = outcome.json();
  EXPECT_EQ(json["method"], "grad_cam");
  EXPECT_EQ(json["layer"], "relu2");
  EXPECT_EQ(json["shape"], (nlohmann::json{1, 4, 4}));
  EXPECT_TRUE(json["adds_up"].get<bool>());
  EXPECT_NEAR(json["sum"].get<double>(), json["target"]["logit"].get<double>() - 0.75, 1e-4);
  EXPECT_NE(run(line).out.find("16 places: added up, they give the score (logit) less its bias."), std::string::npos);
  EXPECT_NE(run(line + " --layer conv2").out.find("16 places.\n"), std::string::npos)
      << "before the ReLU nothing adds up";
  EXPECT_FALSE(run(line + " --method gradient --json").json()["adds_up"].get<bool>());
  // A net without maps has the gradient.
  nn::Model flat = write_model("flat.safetensors");
  flat.graph = *nn::Graph::build(*train::parse_architecture("flatten; fc", {3, 8, 8}, 3));
  flat.weights = nn::initial_weights(*flat.graph, 5);
  ASSERT_TRUE(io::write_file(path("flat.safetensors"), io::write_model(flat)));
  const Outcome without = run("explain picture.png --model flat.safetensors --json");
  ASSERT_EQ(without.code, 0) << without.err;
  EXPECT_EQ(without.json()["method"], "gradient");
}

}  // namespace
}  // namespace weightroom::cli
