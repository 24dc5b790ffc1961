#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "nn/graph.h"

namespace weightroom::io {

// The inverse of nn::Graph::canonical_json, of any spacing and order of names:
//   {"input":[C,H,W],"nodes":[{"name":"conv1","op":"conv2d","inputs":["input"],"attributes":{"stride":[1,1]}}]}
// "attributes" may be left out. Only the form is checked here, each fault by a sentence that names the node and the
// attribute; whether it makes a network is for nn::Graph::build to say.
[[nodiscard]] Result<nn::GraphSpec> parse_graph_spec(std::string_view json);
// The same in slices: thousands of nodes take longer than a frame. The text must stay.
class GraphReading {
 public:
  explicit GraphReading(std::string_view json);
  ~GraphReading();

  bool step();                                 // true once all is read, or refused
  [[nodiscard]] Result<nn::GraphSpec> take();  // once, at the end

 private:
  struct Parsed;  // the text as JSON: no header that is installed names that package

  Status begin();
  Status read_nodes();

  std::string_view text_;
  std::unique_ptr<Parsed> parsed_;
  nn::GraphSpec spec_;
  bool begun_ = false;
  Status refusal_;
};

}  // namespace weightroom::io
