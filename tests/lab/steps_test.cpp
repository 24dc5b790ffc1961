// What state().edits[] says of a step beside its words: by names that no language changes.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "lab/bench_model.h"

namespace weightroom::lab {
namespace {

using testing::Bench;
using testing::run;
using testing::state_of;

struct Row {
  const char* command;
  const char* step;  // {"operation", "on", "params"}
};

TEST(Steps, SayOperationPartAndParameters) {
  const Row rows[] = {
      {R"({"command":"set_weight","weight":"conv1.weight[0,0,1,1]","value":0.5})",
       R"({"operation":"set","on":"conv1.weight[0,0,1,1]","params":{"value":0.5}})"},
      {R"({"command":"transform_weight","weight":"conv1.weight[0,0,1,2]","operation":"negate"})",
       R"({"operation":"negate","on":"conv1.weight[0,0,1,2]","params":{}})"},
      {R"({"command":"change","operation":"quantise","on":"conv2","params":{"bits":4,"per":"channel"}})",
       R"({"operation":"quantise","on":"conv2","params":{"bits":4,"mode":"symmetric","per":"channel"}})"},
      {R"({"command":"change","operation":"copy","on":"conv1.weight[1]","from":"conv1.weight[2]"})",
       R"({"operation":"copy","on":"conv1.weight[1]","params":{"from":"conv1.weight[2]"}})"},
      {R"({"command":"switch","layer":"conv1","channel":3,"on":false})",
       R"({"operation":"switch_off","on":"conv1","params":{"channel":3}})"},
      {R"({"command":"switch","layer":"relu1","on":false})",
       R"({"operation":"switch_off","on":"relu1","params":{"channel":null}})"},
      {R"({"command":"switch","layer":"relu1","on":true})",
       R"({"operation":"switch_on","on":"relu1","params":{"channel":null}})"},
      {R"({"command":"reset","scope":"weight","weight":"conv1.weight[0,0,1,1]"})",
       R"({"operation":"reset","on":"conv1.weight[0,0,1,1]","params":{}})"},
      {R"({"command":"reset","scope":"layer","weight":"conv2"})", R"({"operation":"reset","on":"conv2","params":{}})"},
      {R"({"command":"reset","scope":"all"})", R"({"operation":"reset","on":"all","params":{}})"},
  };
  Bench bench;
  std::size_t count = 0;
  for (const Row& row : rows) {
    run(bench, row.command);
    const auto edits = state_of(bench)["edits"];
    ASSERT_EQ(edits.size(), ++count) << row.command;
    const auto expected = nlohmann::json::parse(row.step);
    for (const char* field : {"operation", "on", "params"})
      EXPECT_EQ(edits.back()[field], expected[field]) << row.command;
  }
}

}  // namespace
}  // namespace weightroom::lab
