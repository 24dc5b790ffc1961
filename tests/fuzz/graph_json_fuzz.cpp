#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "io/graph_json.h"

using namespace weightroom;

// A graph that can be built is written in its canonical form and read again: the same form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto spec = io::parse_graph_spec({reinterpret_cast<const char*>(data), size});
  if (!spec) {
    CHECK(spec.error().message().ends_with('.'));
    return 0;
  }
  const auto graph = nn::Graph::build(*spec);
  if (!graph) return 0;
  const std::string canonical = (*graph)->canonical_json();
  const auto again = io::parse_graph_spec(canonical);
  CHECK(again.has_value());
  const auto rebuilt = nn::Graph::build(*again);
  CHECK(rebuilt.has_value());
  CHECK((*rebuilt)->canonical_json() == canonical);
  return 0;
}
