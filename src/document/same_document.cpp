// same(): whether a command has left everything that is seen of a document as it was.
#include <algorithm>
#include <cstring>

#include "document/document.h"

namespace weightroom::document {
namespace {

bool same_bits(const PagedWeights& a, const PagedWeights& b) {
  if (a.same(b)) return true;
  if (a.size() != b.size()) return false;
  for (std::size_t p = 0; p < a.page_count(); ++p) {
    const auto page = a.page(p);
    if (!a.shares_page(b, p) && std::memcmp(page.data(), b.page(p).data(), page.size_bytes()) != 0) return false;
  }
  return true;
}

// The commands of two steps that say the same and change the same weights alike may be written differently.
bool same_step(const std::shared_ptr<const Step>& a, const std::shared_ptr<const Step>& b) {
  return a == b || (a->words == b->words && a->changed == b->changed && a->first == b->first && a->edits == b->edits);
}

bool same_edits(const EditState& a, const EditState& b) {
  return a.off == b.off && std::ranges::equal(a.steps, b.steps, same_step) && same_bits(a.weights, b.weights);
}

bool same_image(const io::Image& a, const io::Image& b) {
  return a.width == b.width && a.height == b.height && a.rgb == b.rgb;
}

// What is drawn of a picture and what the model gets of it follow from these.
bool same_picture(const std::optional<Picture>& a, const std::optional<Picture>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->name == b->name && a->truth == b->truth && a->native_size == b->native_size && a->crop == b->crop &&
         (a->input == b->input || *a->input == *b->input) && (a->image == b->image || same_image(*a->image, *b->image));
}

}  // namespace

bool same(const nn::Model& a, const nn::Model& b) {
  return a.graph == b.graph && a.weights.data() == b.weights.data() && a.name == b.name && a.title == b.title &&
         a.labels == b.labels && a.preprocessing == b.preprocessing && a.provenance == b.provenance;
}

bool same(const Document& a, const Document& b) {
  return (a.model == b.model || same(*a.model, *b.model)) && same_edits(a.edit, b.edit) &&
         same_picture(a.picture, b.picture) && same_picture(a.second, b.second) && a.pictures == b.pictures &&
         a.labelled == b.labelled && a.class_of == b.class_of && a.project == b.project && a.base == b.base &&
         a.target == b.target && a.map == b.map && a.selection == b.selection && a.view == b.view && a.page == b.page &&
         a.choices == b.choices;
}

}  // namespace weightroom::document
