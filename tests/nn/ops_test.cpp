// Every op of the registry, in every case it lists: what an op must do to be one.
#include <algorithm>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/language.h"
#include "nn/op_cases.h"
#include "nn/op_harness.h"
#include "nn/planes.h"
#include "nn/registry.h"

namespace weightroom::nn {
namespace {

using testing::cast_all;
using testing::Gradients;
using testing::largest;
using testing::OpRun;
using testing::Problem;
using testing::Values;

struct Row {
  const OpDef* op;
  std::size_t index;
  bool training;
};

// GoogleTest prints parameters into the names ctest goes by: bytes of a pointer would differ from run to run.
void PrintTo(const Row& row, std::ostream* out) { *out << row.op->name << " case " << row.index; }

std::vector<Row> all_rows(bool training) {
  std::vector<Row> rows;
  for (const OpDef& op : ops()) {
    for (std::size_t i = 0; i < op_cases(op.name).good.size(); ++i) rows.push_back({&op, i, training});
  }
  return rows;
}

// Of ops that have samples at all.
std::vector<Row> sample_rows() {
  std::vector<Row> rows = all_rows(false);
  std::erase_if(rows, [](const Row& row) { return row.op->constant; });
  return rows;
}

std::string row_name(const ::testing::TestParamInfo<Row>& info) {
  return std::string(info.param.op->name) + "_case" + std::to_string(info.param.index);
}

class EveryCase : public ::testing::TestWithParam<Row> {
 protected:
  [[nodiscard]] static const OpDef& op() { return *GetParam().op; }
  [[nodiscard]] static Problem problem() {
    return {op(), op_cases(op().name).good[GetParam().index], GetParam().training};
  }
};

// Batch statistics are of the batch, so what holds of one sample alone holds outside training.
class EveryInferenceCase : public EveryCase {};

// The functional's value in double, as the plain formula has it.
double functional_value(const Problem& p, const Values<double>& inputs, const Values<double>& weights,
                        const std::vector<double>& r) {
  OpRun<double> run(p, inputs, weights);
  run.forward(p.op->plain_double);
  double sum = 0.0;
  for (std::size_t i = 0; i < r.size(); ++i) sum += r[i] * run.output[i];
  return sum;
}

// Compares an analytic gradient with central differences of the functional, at up to 300 places of
// one tensor. `values` is the tensor inside what `value` reads.
template <class Value>
void expect_gradient(const std::vector<float>& gradient, std::vector<double>& values, const std::string& what,
                     const Value& value) {
  constexpr double kStep = 1e-6;
  constexpr std::size_t kMostPlaces = 300;
  const std::size_t stride = (values.size() + kMostPlaces - 1) / kMostPlaces;
  std::vector<double> measured;
  std::vector<double> claimed;
  for (std::size_t i = 0; i < values.size(); i += stride) {
    const double kept = values[i];
    values[i] = kept + kStep;
    const double above = value();
    values[i] = kept - kStep;
    const double below = value();
    values[i] = kept;
    measured.push_back((above - below) / (2.0 * kStep));
    claimed.push_back(static_cast<double>(gradient[i]));
  }
  // The floor keeps a gradient that is 0 everywhere (a softmax of one class) from being measured
  // against itself.
  const double tolerance = 1e-3 * std::max(largest(measured), 1e-3);
  for (std::size_t k = 0; k < measured.size(); ++k) {
    ASSERT_NEAR(claimed[k], measured[k], tolerance) << what << ", element " << k * stride;
  }
}

TEST_P(EveryCase, BackwardAgreesWithFiniteDifferences) {
  const Problem p = problem();
  const auto functional = p.functional();
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  OpRun<float> run(p, inputs, weights);
  run.forward(p.op->forward);
  Gradients gradients(p);
  testing::run_backward(run, cast_all<float>(functional), gradients);

  Values<double> x = p.inputs;
  Values<double> w = p.weights;
  const auto value = [&] { return functional_value(p, x, w, functional); };
  for (std::size_t i = 0; i < x.size(); ++i)
    expect_gradient(gradients.inputs[i], x[i], "input " + std::to_string(i), value);
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (p.inference.weights[i].trainable)
      expect_gradient(gradients.weights[i], w[i], std::string(p.inference.weights[i].role), value);
  }
}

TEST_P(EveryCase, FastAgreesWithPlainAndWritesAllOfItsOutput) {
  const Problem p = problem();
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  OpRun<float> fast(p, inputs, weights);
  fast.forward(p.op->forward);
  OpRun<float> plain(p, inputs, weights);
  plain.forward(p.op->plain);
  OpRun<double> wide(p, p.inputs, p.weights);
  wide.forward(p.op->plain_double);
  const double tolerance = 1e-5 * largest(plain.output);
  for (std::size_t i = 0; i < plain.output.size(); ++i) {
    ASSERT_FALSE(std::isnan(plain.output[i])) << "plain left " << i;
    ASSERT_FALSE(std::isnan(fast.output[i])) << "fast left " << i;
    ASSERT_NEAR(fast.output[i], plain.output[i], tolerance) << i;
    ASSERT_NEAR(plain.output[i], wide.output[i], tolerance) << i;
  }
}

TEST_P(EveryCase, BackwardAddsToWhatIsThere) {
  const Problem p = problem();
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  OpRun<float> run(p, inputs, weights);
  run.forward(p.op->forward);
  Gradients fresh(p);
  testing::run_backward(run, d_output, fresh);
  constexpr float kThere = 3.0F;
  Gradients added(p, kThere);
  testing::run_backward(run, d_output, added);
  const auto expect_sum = [](const std::vector<float>& sum, const std::vector<float>& part, const std::string& what) {
    const double tolerance = 1e-5 * std::max(largest(part), 1.0);
    for (std::size_t i = 0; i < part.size(); ++i)
      ASSERT_NEAR(sum[i], kThere + part[i], tolerance) << what << ", element " << i;
  };
  for (std::size_t i = 0; i < inputs.size(); ++i)
    expect_sum(added.inputs[i], fresh.inputs[i], "input " + std::to_string(i));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (fresh.weights_wanted[i])
      expect_sum(added.weights[i], fresh.weights[i], std::string(p.inference.weights[i].role));
  }
}

TEST_P(EveryCase, BackwardWritesAllThatIsFresh) {
  const Problem p = problem();
  if (!p.op->writes_fresh) return;
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  OpRun<float> run(p, inputs, weights);
  run.forward(p.op->forward);
  Gradients added(p);
  testing::run_backward(run, d_output, added);
  Gradients written(p);
  std::ranges::fill(written.inputs[0], std::numeric_limits<float>::quiet_NaN());
  testing::run_backward(run, d_output, written, true);
  EXPECT_EQ(written.inputs[0], added.inputs[0]);
  EXPECT_EQ(written.weights, added.weights);
}

// The op's own threads, and where planes are handed out, one thread a few of them.
TEST_P(EveryCase, BitsDoNotDependOnTheNumberOfThreads) {
  const Problem p = problem();
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  const bool by_planes = goes_by_planes(*p.op, p.shapes, p.inference.output);
  OpRun<float> alone(p, inputs, weights);
  alone.forward(p.op->forward);
  for (int threads : {2, 3, 5}) {
    for (const bool fresh : {false, true}) {
      if (fresh && !p.op->writes_fresh) continue;
      Gradients expected(p, 0.5F);
      testing::run_backward(alone, d_output, expected, fresh);
      OpRun<float> shared(p, inputs, weights);
      shared.set_threads(threads);
      Gradients gradients(p, 0.5F);
      if (by_planes) {
        forward_by_planes(*p.op, shared.forward_args());
        const auto backward = [&](const BackwardArgs& args) { backward_by_planes(*p.op, args); };
        testing::run_backward_as(backward, shared, d_output, gradients, fresh);
      } else {
        shared.forward(p.op->forward);
        testing::run_backward(shared, d_output, gradients, fresh);
      }
      EXPECT_EQ(shared.output, alone.output) << threads;
      EXPECT_EQ(gradients.inputs, expected.inputs) << threads;
      EXPECT_EQ(gradients.weights, expected.weights) << threads;
    }
  }
}

// One pass in several calls, more of them than there is work for too.
TEST_P(EveryCase, BitsDoNotDependOnCuts) {
  const Problem p = problem();
  const bool by_planes = goes_by_planes(*p.op, p.shapes, p.inference.output);
  if (!by_planes && !p.op->cuts) return;  // always runs whole
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  OpRun<float> whole(p, inputs, weights);
  whole.forward(p.op->forward);
  const auto in_cuts = [&](auto args, int count, const auto& run) {
    for (int at = 0; at < count; ++at) {
      args.cut = {at, count};
      run(args);
    }
  };
  for (const int count : {2, 3, 8, 61}) {
    for (const int threads : {1, 3}) {
      for (const bool fresh : {false, true}) {
        if (fresh && !p.op->writes_fresh) continue;
        Gradients expected(p, 0.5F);
        testing::run_backward(whole, d_output, expected, fresh);
        OpRun<float> cut(p, inputs, weights);
        cut.set_threads(threads);
        in_cuts(cut.forward_args(), count,
                [&](const ForwardArgs& args) { by_planes ? forward_by_planes(*p.op, args) : p.op->forward(args); });
        Gradients gradients(p, fresh ? std::numeric_limits<float>::quiet_NaN() : 0.5F);
        if (fresh) gradients.weights = Gradients(p, 0.5F).weights;
        const auto backward = [&](const BackwardArgs& all) {
          in_cuts(all, count, [&](const BackwardArgs& args) {
            by_planes ? backward_by_planes(*p.op, args) : p.op->backward(args);
          });
        };
        testing::run_backward_as(backward, cut, d_output, gradients, fresh);
        EXPECT_EQ(cut.output, whole.output) << count << " cuts, " << threads << " threads";
        EXPECT_EQ(gradients.inputs, expected.inputs) << count << " cuts, " << threads << " threads";
        EXPECT_EQ(gradients.weights, expected.weights) << count << " cuts, " << threads << " threads";
      }
    }
  }
}

TEST_P(EveryCase, BackwardLeavesOutWhatIsNotWanted) {
  const Problem p = problem();
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  OpRun<float> run(p, inputs, weights);
  run.forward(p.op->forward);
  Gradients all(p);
  testing::run_backward(run, d_output, all);

  // Each tensor alone has the same bits as with the others; with none wanted nothing is touched.
  const std::size_t count = inputs.size() + weights.size();
  for (std::size_t only = 0; only <= count; ++only) {
    Gradients some(p);
    for (std::size_t i = 0; i < inputs.size(); ++i) some.inputs_wanted[i] = i == only;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      some.weights_wanted[i] = inputs.size() + i == only && p.inference.weights[i].trainable;
    }
    testing::run_backward(run, d_output, some);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_EQ(some.inputs[i], i == only ? all.inputs[i] : std::vector<float>(all.inputs[i].size())) << "input " << i;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_EQ(some.weights[i], inputs.size() + i == only ? all.weights[i] : std::vector<float>(all.weights[i].size()))
          << "weight " << i;
    }
  }
}

// `p` with its sample n alone.
Problem sample_of(const Problem& p, int n) {
  OpCase row{p.attributes, p.shapes};
  for (Shape& shape : row.inputs) shape.set(0, 1);
  Problem one(*p.op, row, p.training);
  one.weights = p.weights;
  for (std::size_t i = 0; i < p.inputs.size(); ++i) {
    const auto size = static_cast<std::ptrdiff_t>(p.shapes[i].sample_size());
    one.inputs[i].assign(p.inputs[i].begin() + n * size, p.inputs[i].begin() + (n + 1) * size);
  }
  return one;
}

TEST_P(EveryInferenceCase, BitsOfASampleDoNotDependOnItsBatch) {
  constexpr int kBatch = 3;
  OpCase row = op_cases(op().name).good[GetParam().index];
  for (Shape& shape : row.inputs) shape.set(0, kBatch);
  const Problem p(op(), row, false);
  const auto inputs = cast_all<float>(p.inputs);
  const auto weights = cast_all<float>(p.weights);
  const auto d_output = cast_all<float>(p.functional());
  OpRun<float> batch(p, inputs, weights);
  batch.forward(p.op->forward);
  Gradients d_batch(p);
  testing::run_backward(batch, d_output, d_batch);

  for (int n = 0; n < kBatch; ++n) {
    const Problem one = sample_of(p, n);
    const auto one_input = cast_all<float>(one.inputs);
    OpRun<float> single(one, one_input, weights);
    single.forward(p.op->forward);
    const std::size_t size = single.output.size();
    const float* expected = batch.output.data() + static_cast<std::size_t>(n) * size;
    EXPECT_EQ(std::memcmp(single.output.data(), expected, size * sizeof(float)), 0) << "output of sample " << n;

    Gradients d_single(one);
    const auto* seed = d_output.data() + static_cast<std::size_t>(n) * size;
    testing::run_backward(single, {seed, seed + size}, d_single);
    for (std::size_t i = 0; i < d_single.inputs.size(); ++i) {
      const auto& d = d_single.inputs[i];
      const float* d_expected = d_batch.inputs[i].data() + static_cast<std::size_t>(n) * d.size();
      EXPECT_EQ(std::memcmp(d.data(), d_expected, d.size() * sizeof(float)), 0)
          << "gradient of input " << i << ", sample " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Inference, EveryCase, ::testing::ValuesIn(all_rows(false)), row_name);
INSTANTIATE_TEST_SUITE_P(Training, EveryCase, ::testing::ValuesIn(all_rows(true)), row_name);
INSTANTIATE_TEST_SUITE_P(Inference, EveryInferenceCase, ::testing::ValuesIn(sample_rows()), row_name);

class EveryOp : public ::testing::TestWithParam<const OpDef*> {};

std::vector<const OpDef*> all_ops() {
  std::vector<const OpDef*> result;
  for (const OpDef& op : ops()) result.push_back(&op);
  return result;
}

TEST_P(EveryOp, SaysWhatItIs) {
  const OpDef& op = *GetParam();
  EXPECT_EQ(find_op(op.name), &op);
  EXPECT_FALSE(op.onnx_name.empty());
  EXPECT_EQ(base::name_of(op.summary), "op." + std::string(op.name) + "_summary");
  EXPECT_TRUE(tr(op.summary).ends_with('.')) << tr(op.summary);
  EXPECT_TRUE(op.infer && op.forward && op.backward && op.plain && op.plain_double);
  EXPECT_FALSE(op_cases(op.name).good.empty());
  EXPECT_FALSE(op_cases(op.name).bad.empty());
  for (const OpCase& row : op_cases(op.name).good) {
    if (op.input_count != OpDef::kAnyCount) EXPECT_EQ(static_cast<int>(row.inputs.size()), op.input_count);
  }
}

TEST_P(EveryOp, RefusesItsBadCasesByASentence) {
  const OpDef& op = *GetParam();
  const std::vector<OpCase> bad = op_cases(op.name).bad;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto refused = op.infer(bad[i].attributes, bad[i].inputs);
    ASSERT_FALSE(refused.has_value()) << op.name << " accepted bad case " << i;
    const std::string sentence = refused.error().message();
    EXPECT_GT(sentence.size(), 20U) << sentence;
    EXPECT_TRUE(sentence.ends_with('.')) << sentence;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(sentence[0]))) << sentence;
  }
}

std::string hex_of_all_cases(const OpDef& op) {
  base::Sha256 hash;
  for (const OpCase& row : op_cases(op.name).good) {
    for (bool training : {false, true}) {
      const Problem p(op, row, training);
      const auto inputs = cast_all<float>(p.inputs);
      const auto weights = cast_all<float>(p.weights);
      OpRun<float> run(p, inputs, weights);
      run.forward(op.forward);
      Gradients gradients(p);
      testing::run_backward(run, cast_all<float>(p.functional()), gradients);
      hash.update(run.output);
      for (const auto& d : gradients.inputs) hash.update(d);
      for (const auto& d : gradients.weights) hash.update(d);
    }
  }
  return hash.finish_hex().substr(0, 16);
}

// The same bits on every machine, compiler and number of lanes: they are compared with recorded
// ones. An op that is meant to round differently from now on gets the digest that the failure
// prints.
TEST_P(EveryOp, HasTheRecordedBits) {
  const OpDef& op = *GetParam();
  std::ifstream file(WEIGHTROOM_SOURCE_DIR "/tests/golden/op_digests.json");
  ASSERT_TRUE(file.is_open()) << "tests/golden/op_digests.json is missing";
  const auto recorded = nlohmann::json::parse(file);
  EXPECT_EQ(recorded.value(std::string(op.name), ""), hex_of_all_cases(op));
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryOp, ::testing::ValuesIn(all_ops()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST(Registry, FindsNothingUnderAnUnknownName) { EXPECT_EQ(find_op("sigmoid_of_everything"), nullptr); }

}  // namespace
}  // namespace weightroom::nn
