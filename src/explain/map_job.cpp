#include "explain/method.h"

namespace weightroom::explain {

MapJob::MapJob(const MethodDef& method, MethodInput input)
    : input_(std::move(input)), task_(method.run(input_, output_)) {
  Attribution& map = output_.explanation.attribution;
  map.shape = map_shape(method, input_);
  map.values.assign(map.shape.size(), 0.0F);
  if (const Status suits = check_suits(method, input_.graph()); !suits) {
    output_.explanation.note = suits.error();
    done_ = true;
  }
}

bool MapJob::step(const base::Budget& budget) {
  while (!done_) {
    done_ = task_.step();
    if (budget.spent()) break;
  }
  return done_;
}

MethodInput method_input(nn::Session& session, const nn::Preprocessing& reading, std::span<const float> input,
                         int target) {
  MethodInput made{.session = session, .input = {input.begin(), input.end()}, .target = target};
  for (int c = 0; c < session.graph().spec().input[0]; ++c) {
    const auto i = static_cast<std::size_t>(c);
    made.black.push_back((0.0F - reading.mean[i]) / reading.std[i]);
    made.white.push_back((1.0F - reading.mean[i]) / reading.std[i]);
  }
  return made;
}

nn::Shape map_shape(const MethodDef& method, const MethodInput& input) {
  const nn::Shape& picture = input.graph().spec().input;
  if (input.of_layer >= 0) {
    const nn::Shape& output = input.graph().nodes()[static_cast<std::size_t>(input.of_layer)].output;
    return {output.c(), output.h(), output.w()};
  }
  if (method.size == MapSize::input) return picture;
  if (method.size == MapSize::pixels) return {1, picture[1], picture[2]};
  const nn::Shape& layer = input.graph().nodes()[static_cast<std::size_t>(layer_of(input.setting()))].output;
  return {1, layer.h(), layer.w()};
}

}  // namespace weightroom::explain
