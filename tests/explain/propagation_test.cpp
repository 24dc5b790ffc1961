// LRP and DeepLIFT against their formulas in double, on matrices.
#include <functional>

#include "oracle.h"

namespace weightroom::explain {
namespace {

// LRP in matrix form, each rule written out; a batch norm's matrix is multiplied into that of the convolution before
// it.
class MatrixLrp {
 public:
  enum class Rule { epsilon, z_plus, alpha_beta, gamma, z_box, flat, w_square };

  MatrixLrp(const Plain& plain, std::function<Rule(const nn::Node&, bool first)> choose)
      : plain_(plain), choose_(std::move(choose)), values_(plain.net.forward(plain.x)) {}

  Values run() {
    const double score =
        values_[static_cast<std::size_t>(graph().logits())][static_cast<std::size_t>(plain_.subject.target)];
    return plain_.net.backward(values_, plain_.subject.target, score,
                               [&](const auto& step) { return hand_back(step); });
  }

 private:
  [[nodiscard]] const nn::Graph& graph() const { return *plain_.subject.net.graph; }
  static double stab(double z) { return z + (z >= 0.0 ? 1e-6 : -1e-6); }
  static double plus(double v) { return std::max(v, 0.0); }
  static double minus(double v) { return std::min(v, 0.0); }

  Rows hand_back(const MatrixNet::Step& step) {
    const std::string_view op = step.of.op->name;
    const Values& x = values_[static_cast<std::size_t>(step.of.inputs[0])];
    if (op == "relu" || op == "batch_norm") return {step.got};
    if (op == "max_pool" || op == "flatten") return plain_.net.calculus(step);
    if (op == "add") {
      const Values& y = values_[static_cast<std::size_t>(step.of.inputs[1])];
      Rows out{Values(x.size()), Values(x.size())};
      for (std::size_t i = 0; i < x.size(); ++i) {
        out[0][i] = x[i] * step.got[i] / stab(x[i] + y[i]);
        out[1][i] = y[i] * step.got[i] / stab(x[i] + y[i]);
      }
      return out;
    }
    const bool layer = op == "conv2d" || op == "linear";
    const Affine m = merged(step.node);
    if (!layer) return {epsilon(m, x, step.got)};
    switch (choose_(step.of, step.of.inputs[0] == 0)) {
      case Rule::epsilon:
        return {epsilon(m, x, step.got)};
      case Rule::z_plus:
        return {signed_part(m, x, step.got, false)};
      case Rule::alpha_beta: {
        Values out = signed_part(m, x, step.got, false);
        const Values against = signed_part(m, x, step.got, true);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = 2.0 * out[i] - against[i];
        return {out};
      }
      case Rule::gamma:
        return {gamma(m, x, step.got)};
      case Rule::z_box:
        return {z_box(m, x, step.got)};
      case Rule::flat:
        return {square_or_flat(m, x, step.got, true)};
      case Rule::w_square:
        return {square_or_flat(m, x, step.got, false)};
    }
    return {};
  }

  // The batch norm that alone follows a convolution.
  Affine merged(int node) const {
    Affine m = *plain_.net.affine(node);
    const auto& nodes = graph().nodes();
    if (nodes[static_cast<std::size_t>(node)].op->name != "conv2d") return m;
    int reader = -1;
    int readers = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (std::ranges::find(nodes[i].inputs, node) == nodes[i].inputs.end()) continue;
      reader = static_cast<int>(i);
      ++readers;
    }
    if (readers != 1 || nodes[static_cast<std::size_t>(reader)].op->name != "batch_norm") return m;
    const Affine& norm = *plain_.net.affine(reader);  // diagonal
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const double scale = norm.at(o, o);
      for (std::size_t i = 0; i < m.inputs; ++i) m.matrix[o * m.inputs + i] *= scale;
      m.bias[o] = m.bias[o] * scale + norm.bias[o];
    }
    return m;
  }

  static Values epsilon(const Affine& m, const Values& x, const Values& r) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double z = m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) z += m.at(o, i) * x[i];
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += m.at(o, i) * x[i] * r[o] / stab(z);
    }
    return out;
  }
  // Products of one sign alone: those above zero, or below.
  static Values signed_part(const Affine& m, const Values& x, const Values& r, bool below) {
    const auto part = [below](double v) { return below ? minus(v) : plus(v); };
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double z = part(m.bias[o]);
      for (std::size_t i = 0; i < m.inputs; ++i) z += part(m.at(o, i) * x[i]);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += part(m.at(o, i) * x[i]) * r[o] / stab(z);
    }
    return out;
  }
  // z = sum of x w + 0.25 of those products that have the output's own sign, and of such a bias.
  static Values gamma(const Affine& m, const Values& x, const Values& r) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      double real = m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) real += m.at(o, i) * x[i];
      if (real == 0.0) continue;
      const auto raised = [&](double v) { return v + 0.25 * (real > 0.0 ? plus(v) : minus(v)); };
      double z = raised(m.bias[o]);
      for (std::size_t i = 0; i < m.inputs; ++i) z += raised(m.at(o, i) * x[i]);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += raised(m.at(o, i) * x[i]) * r[o] / stab(z);
    }
    return out;
  }
  Values z_box(const Affine& m, const Values& x, const Values& r) const {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const auto share = [&](std::size_t i) {
        const double low = plain_.subject.black[i / plain_.plane];
        const double high = plain_.subject.white[i / plain_.plane];
        return m.at(o, i) * x[i] - low * plus(m.at(o, i)) - high * minus(m.at(o, i));
      };
      double z = 0.0;
      for (std::size_t i = 0; i < m.inputs; ++i) z += share(i);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += share(i) * r[o] / stab(z);
    }
    return out;
  }
  // Whether an input is connected with an output at all is where its weight is not zero.
  static Values square_or_flat(const Affine& m, const Values&, const Values& r, bool flat) {
    Values out(m.inputs, 0.0);
    for (std::size_t o = 0; o < m.outputs; ++o) {
      const auto share = [&](std::size_t i) {
        const double w = m.at(o, i);
        return flat ? (std::fabs(w) > 1e-12 ? 1.0 : 0.0) : w * w;
      };
      double z = flat ? 0.0 : m.bias[o] * m.bias[o];
      for (std::size_t i = 0; i < m.inputs; ++i) z += share(i);
      for (std::size_t i = 0; i < m.inputs; ++i) out[i] += share(i) * r[o] / stab(z);
    }
    return out;
  }

  const Plain& plain_;
  std::function<Rule(const nn::Node&, bool)> choose_;
  Rows values_;
};

TEST(AgainstOracle, Relevance) {
  using Rule = MatrixLrp::Rule;
  const auto conv = [](const nn::Node& node) { return node.op->name == "conv2d"; };
  struct Case {
    Params params;
    std::function<Rule(const nn::Node&, bool)> choose;
  };
  const auto all = [](Rule rule) { return [rule](const nn::Node&, bool) { return rule; }; };
  const std::vector<Case> cases{
      {{}, [&](const nn::Node& n, bool) { return conv(n) ? Rule::z_plus : Rule::epsilon; }},
      {{{"composite", 1.0}},
       [&](const nn::Node& n, bool first) { return first     ? Rule::flat
                                                   : conv(n) ? Rule::z_plus
                                                             : Rule::epsilon; }},
      {{{"composite", 2.0}},
       [&](const nn::Node& n, bool first) { return !conv(n) ? Rule::epsilon
                                                   : first  ? Rule::z_box
                                                            : Rule::gamma; }},
      {{{"rule", 1.0}}, all(Rule::epsilon)},
      {{{"rule", 2.0}}, all(Rule::z_plus)},
      {{{"rule", 3.0}}, all(Rule::alpha_beta)},
      {{{"rule", 4.0}}, all(Rule::gamma)},
      {{{"rule", 5.0}}, [](const nn::Node&, bool first) { return first ? Rule::z_box : Rule::epsilon; }},
      {{{"rule", 6.0}}, all(Rule::flat)},
      {{{"rule", 7.0}}, all(Rule::w_square)}};
  for (const Subject& s : subjects()) {
    if (has_op(s.net, "softmax")) continue;  // refused: rules_test.cpp
    const Plain plain(s);
    for (std::size_t c = 0; c < cases.size(); ++c) {
      const Values expected = MatrixLrp(plain, cases[c].choose).run();
      expect_near(engine("lrp", s, cases[c].params).attribution.values, expected, 2e-3, "case " + std::to_string(c));
    }
  }
}

// Without biases nothing is lost on the way, whichever rule that conserves is taken.
TEST(Relevance, IsConservedWithoutBiases) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const test::Net net = test::chain_net(seed, false);
    nn::Session session = net.session();
    session.forward();
    const double score = static_cast<double>(session.logits().data[1]);
    for (const double rule : {1.0, 6.0, 7.0}) {
      const Explanation found = run_method("lrp", net, 1, {{"rule", rule}, {"epsilon", 1e-9}});
      double sum = 0.0;
      for (float value : found.attribution.values) sum += static_cast<double>(value);
      EXPECT_NEAR(sum, score, 1e-3 * std::fabs(score)) << rule;
    }
  }
}

TEST(AgainstOracle, DeepLift) {
  for (const Subject& s : subjects()) {
    if (has_op(s.net, "softmax")) continue;
    const Plain plain(s);
    for (const int kind : {0, 1, 2, 3}) {
      const Values from = baseline(plain, kind, 0);
      const auto here = plain.net.forward(plain.x);
      const auto there = plain.net.forward(from);
      const auto rule = [&](const MatrixNet::Step& step) -> Rows {
        const auto source = static_cast<std::size_t>(step.of.inputs[0]);
        const auto node = static_cast<std::size_t>(step.node);
        const Values& x = here[source];
        const Values& b = there[source];
        if (step.of.op->name == "relu") {
          const Values slopes = plain.net.calculus(step)[0];
          Values out(x.size());
          for (std::size_t i = 0; i < x.size(); ++i) {
            const double in = x[i] - b[i];
            out[i] = std::fabs(in) < 1e-6 ? slopes[i] : step.got[i] * (here[node][i] - there[node][i]) / in;
          }
          return {out};
        }
        if (step.of.op->name == "max_pool") {
          Values moved(x.size(), 0.0);
          const auto won = plain.net.winners(step.node, x);
          for (std::size_t i = 0; i < won.size(); ++i) {
            const double most = std::max(here[node][i], there[node][i]);
            moved[won[i]] += step.got[i] * (most - there[node][i]);
            // All that are as large at the baseline, in equal shares.
            const auto tied = plain.net.tied(step.node, b, i, 1e-4);
            for (std::size_t at : tied)
              moved[at] += step.got[i] * (here[node][i] - most) / static_cast<double>(tied.size());
          }
          const Values slopes = plain.net.calculus(step)[0];
          for (std::size_t i = 0; i < x.size(); ++i) {
            const double in = x[i] - b[i];
            moved[i] = std::fabs(in) < 1e-6 ? slopes[i] : moved[i] / in;
          }
          return {moved};
        }
        return plain.net.calculus(step);
      };
      Values expected = plain.net.backward(here, s.target, 1.0, rule);
      for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= plain.x[i] - from[i];
      const Explanation found = engine("deep_lift", s, {{"baseline", kind}});
      expect_near(found.attribution.values, expected, 1e-3, "baseline " + std::to_string(kind));
      EXPECT_LE(found.completeness_error, 1e-4);
    }
  }
}

// One hidden layer of ReLUs: the same as integrated gradients.
TEST(DeepLift, OfOneHiddenLayerIsIntegratedGradients) {
  test::SpecBuilder spec({1, 4, 5});
  spec.add("flatten", "flatten").linear("fc1", 12).add("relu", "relu").linear("fc2", 3);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const test::Net net = test::random_net(spec.spec(), seed);
    const auto expected = run_method("integrated_gradients", net, 1, {{"mode", 1.0}}).attribution.values;
    expect_near(run_method("deep_lift", net, 1).attribution.values, widen(expected), 1e-5, "seed");
  }
}

// A unit whose inputs cancel hands on its slope: each input counts, although nothing comes of both.
TEST(DeepLift, OfAUnitAtRestTakesTheSlope) {
  test::SpecBuilder spec({1, 1, 2});
  spec.add("flatten", "flatten").linear("fc1", 1).add("relu", "relu").linear("fc2", 2);
  test::Net net = test::random_net(spec.spec(), 1);
  net.weights = {1.0F, 1.0F, 0.25F, 3.0F, 2.0F, 0.0F, 0.0F};  // fc1 and its bias, fc2 and its
  net.input = {0.5F, -0.5F};
  const auto found = run_method("deep_lift", net, 1);
  EXPECT_EQ(found.attribution.values, (std::vector<float>{1.0F, -1.0F}));
  net.weights[2] = -0.25F;  // off at both
  EXPECT_EQ(run_method("deep_lift", net, 1).attribution.values, (std::vector<float>{0.0F, 0.0F}));
}

}  // namespace
}  // namespace weightroom::explain
