// What a model takes a picture for, and where in the picture it sees that, by the engine alone.
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include "explain/method.h"
#include "io/file.h"
#include "io/image.h"
#include "io/preprocess.h"
#include "nn/answer.h"
#include "nn/session.h"
#include "onnx/open_model.h"

using namespace weightroom;

namespace {

// The first five classes, best first: the share in per cent, a tab, the name.
void print_classes(const nn::Model& model, std::span<const float> logits) {
  const std::vector<float> shares = nn::probabilities(model.graph->answer(), logits);
  std::vector<int> order = nn::best_first(logits);
  order.resize(std::min(order.size(), std::size_t{5}));
  for (const int index : order) {
    const auto c = static_cast<std::size_t>(index);
    std::printf("%6.2f\t%s\n", 100.0 * static_cast<double>(shares[c]), model.labels[c].c_str());
  }
}

// Where the first class's Grad-CAM is strongest, in the rows and columns of its layer.
Status print_place(nn::Session& session, const nn::Model& model, std::span<const float> input) {
  const explain::MethodDef& method = *explain::find_method("grad_cam");
  if (const Status suits = explain::check_suits(method, *model.graph); !suits) return suits;
  const int best = nn::best_first(session.logits().values()).front();
  explain::MethodInput asked = explain::method_input(session, model.preprocessing, input, best);
  asked.params = *explain::checked_params(method, {});  // as they come
  explain::MapJob job(method, std::move(asked));
  while (!job.step(base::Budget::milliseconds(100.0))) {  // between two steps a program may do something else
  }
  const explain::Attribution& map = job.result().attribution;  // (1,h,w)
  const auto strongest = std::ranges::max_element(map.values) - map.values.begin();
  std::printf("Grad-CAM is strongest in row %td of %d, column %td of %d.\n", strongest / map.shape[2] + 1, map.shape[1],
              strongest % map.shape[2] + 1, map.shape[2]);
  return {};
}

Status run(const char* model_file, const char* picture_file) {
  const auto model_bytes = io::read_file(model_file);
  if (!model_bytes) return std::unexpected(model_bytes.error());
  const auto model = onnx::open_model(model_file, *model_bytes);  // safetensors of ours, or ONNX
  if (!model) return std::unexpected(model.error());

  const auto picture_bytes = io::read_file(picture_file);
  if (!picture_bytes) return std::unexpected(picture_bytes.error());
  const auto picture = io::decode_image(*picture_bytes);
  if (!picture) return std::unexpected(picture.error());
  const nn::Shape& wanted = model->graph->spec().input;  // (C,H,W)
  const auto prepared = io::preprocess(*picture, model->preprocessing, wanted[0], wanted[1], wanted[2]);
  if (!prepared) return std::unexpected(prepared.error());

  nn::Session session(model->graph, model->weights, {});
  session.set_input(prepared->input);
  session.forward();
  print_classes(*model, session.logits().values());
  return print_place(session, *model, prepared->input);
}

}  // namespace

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: classes MODEL PICTURE\n", stderr);
    return 2;
  }
  const Status done = run(words[1], words[2]);
  if (!done) std::fprintf(stderr, "classes: %s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
