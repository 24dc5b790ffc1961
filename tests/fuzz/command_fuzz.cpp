#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "document/command.h"
#include "studies/study.h"

using namespace weightroom;

namespace {

std::shared_ptr<const nn::Model> small_model() {
  nn::GraphSpec spec;
  spec.input = {3, 8, 8};
  spec.nodes = {{"conv1", "conv2d", {"input"}, {{"out_channels", 4LL}, {"kernel", 3LL}}},
                {"relu1", "relu", {"conv1"}, {}},
                {"flatten", "flatten", {"relu1"}, {}},
                {"fc", "linear", {"flatten"}, {{"out_features", 3LL}}}};
  auto model = std::make_shared<nn::Model>();
  model->name = "small";
  model->graph = nn::Graph::build(spec).value();
  model->weights = nn::initial_weights(*model->graph, 1);
  model->labels = {"cat", "dog", "cup"};
  return model;
}

Result<document::Document> carry_out(const document::Document& document, const document::Command& command) {
  if (const auto* open = std::get_if<document::command::OpenPage>(&command))
    return studies::open_page(document, open->page);
  if (const auto* choose = std::get_if<document::command::Choose>(&command)) return studies::choose(document, *choose);
  return document::apply(document, command);
}

}  // namespace

// One command a line, carried out one after another. What is understood is written again as the same JSON; what is
// refused is refused in a sentence; weights stay what a model may have.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const document::Document start = document::open_document(small_model());
  document::Document document = start;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto command = document::parse_command(line, document.graph());
    if (!command) {
      CHECK(command.error().message().ends_with('.'));
      continue;
    }
    const std::string written = document::to_json(*command, document.graph());
    const auto again = document::parse_command(written, document.graph());
    CHECK(again.has_value());
    CHECK(document::to_json(*again, document.graph()) == written);
    auto next = carry_out(document, *command);
    if (!next) {
      CHECK(next.error().message().ends_with('.'));
      continue;
    }
    document = std::move(*next);
  }
  return 0;
}
