// Ops that move values without changing them.
#include <algorithm>

#include <strings/onnx.h>

#include "base/sort.h"
#include "onnx/ops.h"

namespace weightroom::onnx {
namespace {

using List = std::vector<long long>;

// Constant inputs as fold() takes them.
std::vector<const Tensor*> tensors(const Translation& t) {
  std::vector<const Tensor*> result;
  for (std::size_t i = 0; i < t.inputs.size(); ++i) result.push_back(t.constant(i));
  return result;
}

Result<Known> cut(const Translation& t, const Known& from, const Cut& part) {
  const int axis = from.axis(static_cast<int>(part.axis));
  const long long extent = from.shape[axis];
  if (part.start == 0 && part.step == 1 && part.count == extent) return from;
  if (axis == 0) return t.refuse(text::onnx_batch_cut);
  if (part.count < 1) return t.refuse(text::onnx_nothing_left);
  nn::Attributes attributes{{"axis", static_cast<long long>(axis)}};
  if (part.step < 1) {
    List places;
    for (long long i = 0; i < part.count; ++i) places.push_back(part.start + i * part.step);
    attributes.set("places", std::move(places));
  } else {
    attributes.set("start", part.start);
    attributes.set("end", part.start + (part.count - 1) * part.step + 1);
    if (part.step != 1) attributes.set("step", part.step);
  }
  auto known = t.add_over({from}, "slice", std::move(attributes));
  if (known) known->batch_axis = from.batch_axis;
  return known;
}

// `from` without one axis of the file's, which has extent 1.
Result<Known> without_axis(const Translation& t, const Known& from, int axis) {
  if (axis == from.batch_axis) {  // there is one picture all the same
    Known known = from;
    known.batch_axis = Known::kHidden;
    return known;
  }
  List extents;
  for (int i = 0; i < from.shape.rank(); ++i) {
    if (i != from.axis(axis)) extents.push_back(from.shape[i]);
  }
  auto known = t.reshape(from, extents);
  const bool before = from.batch_axis != Known::kHidden && axis < from.batch_axis;
  if (known) known->batch_axis = from.batch_axis - static_cast<int>(before);
  return known;
}

Translated flatten(const Translation& t) {
  const List extents = t.extents(0);
  const auto rank = static_cast<long long>(extents.size());
  const long long axis = t.node.integer("axis", 1);
  const long long at = axis < 0 ? axis + rank : axis;
  if (at < 0 || at > rank) return t.refuse(text::onnx_no_axis);
  const std::span<const long long> all(extents);
  const auto size = [](std::span<const long long> part) { return static_cast<long long>(count_of(part)); };
  return only(t.reshape_to(*t.inputs[0], List{size(all.first(static_cast<std::size_t>(at))),
                                              size(all.subspan(static_cast<std::size_t>(at)))}));
}

Translated reshape(const Translation& t) {
  Result<List> target = t.node.integers("shape");  // opset 1 to 4 wrote it there
  if (const Tensor* shape = t.constant(1)) target = whole_list(*shape);
  if (!target) return t.refuse(target.error());
  if (target->empty()) return t.refuse(text::onnx_shape_computed);
  // A shape that is written for as many pictures as the file's input has: here there is one.
  if (t.builder.batch() > 1 && target->front() == t.builder.batch()) target->front() = 1;
  const auto extents = resolve_shape(t.extents(0), *target, t.node.integer("allowzero", 0) == 1);
  if (!extents) return t.refuse(extents.error());
  return only(t.reshape_to(*t.inputs[0], *extents));
}

Translated unsqueeze(const Translation& t, const Known& from, const List& axes) {
  const auto extents = unsqueezed(from.extents(), axes);
  if (!extents) return t.refuse(extents.error());
  const auto is_new = [&](long long at) {
    return std::ranges::any_of(axes, [&](long long axis) { return normal_axis(axis, extents->size()) == at; });
  };
  // Where the batch is then; if the file has none, a new first axis is one.
  int batch = from.batch_axis == Known::kHidden && is_new(0) ? 0 : Known::kHidden;
  for (int i = 0, left = from.batch_axis; from.batch_axis != Known::kHidden && left >= 0; ++i) {
    if (is_new(i)) continue;
    if (left-- == 0) batch = i;
  }
  List ours = *extents;
  if (batch != Known::kHidden) ours.erase(ours.begin() + batch);
  ours.insert(ours.begin(), 1);
  auto known = t.reshape(from, ours);
  if (known) known->batch_axis = batch;
  return only(std::move(known));
}

Translated squeeze(const Translation& t) {
  const auto axes = axes_of(t.node, tensors(t));
  if (!axes) return std::unexpected(axes.error());
  Known at = *t.inputs[0];
  if (t.node.op() == "Unsqueeze") {
    return unsqueeze(t, at, *axes);
  }
  std::vector<int> gone;
  for (const long long value : *axes) {
    const auto axis = normal_axis(value, static_cast<std::size_t>(at.rank()));
    if (!axis || at.shape[at.axis(static_cast<int>(*axis))] != 1) return t.refuse(text::onnx_squeeze_axis);
    gone.push_back(static_cast<int>(*axis));
  }
  for (int i = 0; axes->empty() && i < at.rank(); ++i) {  // all of 1 but the batch's
    if (i != at.batch_axis && at.shape[at.axis(i)] == 1) gone.push_back(i);
  }
  base::sort(gone, std::ranges::greater{});
  for (const int axis : gone) {
    auto next = without_axis(t, at, axis);
    if (!next) return std::unexpected(next.error());
    at = std::move(*next);
  }
  return only(std::move(at));
}

Translated transpose(const Translation& t) {
  const Known& from = *t.inputs[0];
  const int rank = from.rank();
  List order = t.node.integers("perm");
  if (order.empty()) {
    for (int i = rank; i-- > 0;) order.push_back(i);
  }
  // The batch stays our first axis wherever the file puts it; the others follow in the file's order.
  List ours{0};
  int batch_axis = from.batch_axis;
  if (static_cast<int>(order.size()) != rank) return t.refuse(text::onnx_order_length);
  for (int i = 0; i < rank; ++i) {
    const long long axis = order[static_cast<std::size_t>(i)];
    if (axis < 0 || axis >= rank) return t.refuse(text::onnx_order_axis);
    if (std::ranges::count(order, axis) != 1) return t.refuse(text::onnx_order_length);
    if (axis == from.batch_axis) {
      batch_axis = i;
    } else {
      ours.push_back(from.axis(static_cast<int>(axis)));
    }
  }
  Known moved = from;
  if (!std::ranges::is_sorted(ours)) {
    auto made = t.add("transpose", {{"order", ours}});
    if (!made) return only(std::move(made));
    moved = std::move(*made);
  }
  moved.batch_axis = batch_axis;
  return only(std::move(moved));
}

Translated concat(const Translation& t) {
  auto known = t.aligned();
  if (!known) return std::unexpected(known.error());
  std::size_t first = 0;
  while (!t.flows(first)) ++first;
  const auto axis = normal_axis(t.node.integer("axis", 1), static_cast<std::size_t>((*known)[first].rank()));
  if (!axis) return t.refuse(text::onnx_no_axis);
  const bool along_batch = *axis == (*known)[first].batch_axis;
  for (std::size_t i = 0; along_batch && i < known->size(); ++i) {
    auto hidden = t.flows(i) ? t.hidden((*known)[i]) : Result<Known>((*known)[i]);
    if (!hidden) return std::unexpected(hidden.error());
    (*known)[i] = std::move(*hidden);
  }
  const Known& like = (*known)[first];
  std::vector<Known> inputs;
  for (std::size_t i = 0; i < t.inputs.size(); ++i) {
    if (t.constant(i) != nullptr && t.constant(i)->size() == 0) continue;
    auto input = t.flowing(i, (*known)[i], like);
    if (!input) return std::unexpected(input.error());
    inputs.push_back(std::move(*input));
  }
  auto joined = t.add_over(inputs, "concat", {{"axis", static_cast<long long>(like.axis(static_cast<int>(*axis)))}});
  if (joined) joined->batch_axis = like.batch_axis;
  return only(std::move(joined));
}

Translated slice(const Translation& t) {
  const auto cuts = cuts_of(t.node, tensors(t), t.extents(0));
  if (!cuts) return std::unexpected(cuts.error());
  Known at = *t.inputs[0];
  for (const Cut& part : *cuts) {
    auto next = cut(t, at, part);
    if (!next) return std::unexpected(next.error());
    at = std::move(*next);
  }
  return only(std::move(at));
}

Translated split(const Translation& t) {
  const auto axis = normal_axis(t.node.integer("axis", 0), static_cast<std::size_t>(t.inputs[0]->rank()));
  if (!axis) return t.refuse(text::onnx_no_axis);
  const long long extent = t.extents(0)[static_cast<std::size_t>(*axis)];
  List sizes = t.node.integers("split");
  if (t.node.has_input(1)) {
    const Tensor* list = t.constant(1);
    const auto given = list != nullptr ? whole_list(*list) : Result<List>(t.refuse(text::onnx_split_constant));
    if (!given) return std::unexpected(given.error());
    sizes = *given;
  }
  const auto parts = static_cast<long long>(t.node.node().outputs.size());
  if (sizes.empty()) {
    const long long even = (extent + parts - 1) / parts;  // the last one is smaller where it does not come out even
    for (long long left = extent; left > 0; left -= even) sizes.push_back(std::min(even, left));
  }
  std::vector<Known> outputs;
  long long start = 0;
  for (const long long size : sizes) {
    if (size < 1 || size > extent - start) return t.refuse(text::onnx_split_sizes);
    auto part = cut(t, *t.inputs[0], {*axis, start, 1, size});
    if (!part) return std::unexpected(part.error());
    outputs.push_back(std::move(*part));
    start += size;
  }
  if (start != extent || static_cast<long long>(outputs.size()) != parts) return t.refuse(text::onnx_split_sizes);
  return outputs;
}

Translated gather_places(const Translation& t, int axis, long long extent, List places) {
  const Known& from = *t.inputs[0];
  if (axis == from.batch_axis) return t.refuse(text::onnx_batch_cut);
  for (long long& place : places) {
    if (place < 0) place += extent;
    if (place < 0 || place >= extent) return t.refuse(text::onnx_gather_index);
  }
  auto known = t.add("slice", {{"axis", static_cast<long long>(from.axis(axis))}, {"places", std::move(places)}});
  if (known) known->batch_axis = from.batch_axis;
  return only(std::move(known));
}

// One place of an axis, which goes away: x[:, 0]. Or several, in any order.
Translated gather(const Translation& t) {
  const Tensor* index = t.constant(1);
  const auto axis = normal_axis(t.node.integer("axis", 0), static_cast<std::size_t>(t.inputs[0]->rank()));
  const bool fits = t.flows(0) && index != nullptr && index->whole && index->size() > 0 && index->extents.size() < 2;
  if (!fits || !axis) return t.refuse(text::onnx_gather);
  const long long extent = t.extents(0)[static_cast<std::size_t>(*axis)];
  if (index->size() > 1) return gather_places(t, static_cast<int>(*axis), extent, index->integers);
  const long long place = index->integers[0] < 0 ? index->integers[0] + extent : index->integers[0];
  if (place < 0 || place >= extent) return t.refuse(text::onnx_gather_index);
  auto part = cut(t, *t.inputs[0], {*axis, place, 1, 1});
  if (!part || !index->extents.empty()) return only(std::move(part));
  return only(without_axis(t, *part, static_cast<int>(*axis)));
}

// The extents of what comes from the picture are known before it comes.
Translated shape_of(const Translation& t) {
  const List extents = t.extents(0);
  const auto rank = static_cast<long long>(extents.size());
  const auto place = [rank](long long at) { return std::clamp(at < 0 ? at + rank : at, 0LL, rank); };
  const long long first = place(t.node.integer("start", 0));
  const long long last = std::max(first, place(t.node.integer("end", rank)));
  const List part(extents.begin() + static_cast<std::ptrdiff_t>(first),
                  extents.begin() + static_cast<std::ptrdiff_t>(last));
  Known known;
  known.constant = Tensor{
      .name = {}, .extents = {static_cast<long long>(part.size())}, .whole = true, .integers = part, .reals = {}};
  return std::vector<Known>{std::move(known)};
}

constexpr OpRow kLayoutRows[] = {{"Flatten", flatten, Batch::any},     {"Reshape", reshape, Batch::any},
                                 {"Squeeze", squeeze, Batch::any},     {"Unsqueeze", squeeze, Batch::any},
                                 {"Transpose", transpose, Batch::any}, {"Concat", concat, Batch::any},
                                 {"Slice", slice, Batch::any},         {"Split", split, Batch::any},
                                 {"Gather", gather, Batch::any},       {"Shape", shape_of, Batch::any}};

}  // namespace

std::span<const OpRow> layout_rows() { return kLayoutRows; }

}  // namespace weightroom::onnx
