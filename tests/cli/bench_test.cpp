// bench: what it times is there, and threads change no bit.
#include <set>

#include "nn/registry.h"
#include "program.h"

namespace weightroom::cli {
namespace {

class BenchCli : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_model("assets/small.safetensors");
  }
};

TEST_F(BenchCli, TimesAModel) {
  const Outcome timed = run("bench --model small --runs 3 --json");
  ASSERT_EQ(timed.code, 0) << timed.err;
  for (const char* field :
       {"forward_ms", "input_gradient_ms", "all_gradients_ms", "step_ms", "edit_ms", "held_bytes"}) {
    EXPECT_GE(timed.json()[field].get<double>(), 0.0) << field;
  }
  const auto shared = run("bench --model small --runs 3 --threads 2 --json").json();
  EXPECT_EQ(shared["threads"], 2);
  EXPECT_EQ(shared["digest"], timed.json()["digest"]);
}

TEST_F(BenchCli, TimesEveryOpThatComputes) {
  const Outcome timed = run("bench --ops --runs 1 --json");
  ASSERT_EQ(timed.code, 0) << timed.err;
  const auto answer = timed.json();
  std::set<std::string> met;
  for (const auto& row : answer["ops"]) {
    met.insert(row["op"].get<std::string>());
    for (const char* field : {"forward_ns", "input_gradient_ns", "all_gradients_ns", "forward_of_relu"})
      EXPECT_GT(row[field].get<double>(), 0.0) << row["op"] << ' ' << field;
  }
  for (const nn::OpDef& op : nn::ops()) EXPECT_EQ(met.contains(std::string(op.name)), !op.constant) << op.name;
}

}  // namespace
}  // namespace weightroom::cli
