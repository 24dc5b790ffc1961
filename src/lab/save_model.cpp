#include "lab/save_model.h"

#include <algorithm>

#include <strings/lab.h>
#include <strings/list.h>

#include "base/language.h"
#include "io/model_file.h"
#include "io/text.h"
#include "onnx/export.h"

namespace weightroom::lab {

Result<std::vector<std::byte>> saved_model(const nn::Model& model, std::span<const std::span<const float>> weights,
                                           std::span<const int> off, std::string_view as) {
  if (as == "onnx") return onnx::write_onnx(model, weights, off);
  const auto* const name = std::ranges::find(io::kStoreNames, as.empty() ? io::kStoreNames[0] : as,
                                             [](const char* n) { return std::string_view(n); });
  if (name != std::end(io::kStoreNames))
    return io::write_model(model, weights, static_cast<io::Store>(name - io::kStoreNames));
  std::vector<std::string> names(std::begin(io::kStoreNames), std::end(io::kStoreNames));
  names.emplace_back("onnx");
  return fail(text::lab_model_as, {{"names", base::list_of(names, text::list_or)}, {"as", io::in_quotes(as)}});
}

Result<std::vector<std::byte>> edited_file(const document::Document& document, std::string_view as) {
  const auto& tensors = document.graph().weights();
  std::vector<std::vector<float>> changed(tensors.size());
  std::vector<std::span<const float>> weights;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    weights.push_back(document.edit.running.values(tensors[i].offset, tensors[i].shape.size(), changed[i]));
  return saved_model(*document.model, weights, document.bypassed(), as);
}

}  // namespace weightroom::lab
