// A method that has no rule for an op of the model is refused by name.
#include <gmock/gmock.h>

#include "program.h"

namespace weightroom::cli {
namespace {

using RefusedMethod = ProgramTest;

TEST_F(RefusedMethod, IsOneSentence) {
  nn::Model model = write_model("plain.safetensors");
  nn::GraphSpec spec = model.graph->spec();
  spec.nodes.insert(spec.nodes.end() - 1, {"gate", "softmax", spec.nodes.back().inputs, {}});
  spec.nodes.back().inputs = {"gate"};
  model.graph = nn::Graph::build(spec).value();
  ASSERT_TRUE(io::write_file(path("gated.safetensors"), io::write_model(model)));
  write_picture("picture.png", 1, 3);
  const std::string explain = "explain picture.png --json --method lrp --out map.png --model ";
  EXPECT_EQ(run(explain + "plain.safetensors").code, 0);
  std::filesystem::remove(path("map.png"));
  EXPECT_THAT(refusal(explain + "gated.safetensors"),
              testing::HasSubstr("LRP has no rule for 'gate' (softmax): choose another method for this model."));
  EXPECT_FALSE(std::filesystem::exists(path("map.png")));
}

}  // namespace
}  // namespace weightroom::cli
