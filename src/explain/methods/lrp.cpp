// lrp: layer-wise relevance propagation (Bach et al. 2015): the score is handed back layer by layer, to each input its
// share. relevance.h has the rules.
#include <algorithm>

#include "explain/costs.h"
#include "explain/pass.h"
#include "explain/relevance.h"

namespace weightroom::explain {
namespace {

base::Task run(const MethodInput& input, MethodOutput& output) {
  const nn::Graph& graph = input.graph();
  const int given = input.count("rule");
  LrpSettings settings;
  settings.rules = given == 0 ? lrp_rules(graph, static_cast<LrpComposite>(input.count("composite")))
                              : lrp_rules(graph, static_cast<LrpRule>(given - 1));
  settings.epsilon = input.param("epsilon");
  settings.gamma = input.param("gamma");
  settings.low = input.black;
  settings.high = input.white;
  TargetPass pass(input.session, input.target);
  const float score = co_await pass.logit(input.input);
  const nn::BackwardRule rule = relevance_rule(input.session, settings);
  const auto relevance = co_await pass.input_gradient(input.input, &rule, score);
  Explanation& found = output.explanation;
  found.attribution.values.assign(relevance.begin(), relevance.end());
  found.note = relevance_note(graph);
}

Status suits(const nn::Graph& graph) { return check_rules(graph, "LRP", has_relevance); }

double passes(const Setting& setting) {
  const int rule = setting.count("rule");
  if (rule == 1) return kGradient + 1.0;  // the epsilon rule weighs once
  const bool four = rule == 3 || rule == 4 || (rule == 0 && setting.count("composite") == 2);
  return kGradient + (four ? 7.0 : 3.0);
}

bool idle(const Setting& setting, std::string_view param) {
  const int rule = setting.count("rule");
  if (param == "composite") return rule != 0;
  if (param != "gamma") return false;
  const bool by_composite = static_cast<LrpComposite>(setting.count("composite")) == LrpComposite::epsilon_gamma_box;
  return rule == 0 ? !by_composite : static_cast<LrpRule>(rule - 1) != LrpRule::gamma;
}

}  // namespace

MethodDef lrp_method() {
  return {
      .name = "lrp",
      .title = "LRP",
      .summary = "Hands the score back from layer to layer: each input gets the share that it had in the sum.",
      .paper = "Bach, Binder, Montavon, Klauschen, Müller, Samek: Pixel-wise explanations, 2015",
      .family = Family::propagation,
      .params = {choice_param("composite", "which rule for which layer",
                              {"epsilon_plus", "epsilon_plus_flat", "epsilon_gamma_box"}),
                 choice_param("rule", "one rule for all layers instead",
                              {"by_layer", "epsilon", "z_plus", "alpha_beta", "gamma", "z_box", "flat", "w_square"}),
                 {.name = "epsilon",
                  .summary = "what keeps the epsilon rule from dividing by nothing",
                  .minimum = 1e-9,
                  .maximum = 10.0,
                  .fallback = 1e-6,
                  .logarithmic = true},
                 {"gamma", "how much more the gamma rule lets the stronger side count", 0.0, 10.0, 0.25, false}},
      .axioms = {.dummy = true},
      .single_pass = true,
      .passes = passes,
      .idle = idle,
      .suits = suits,
      .run = run};
}

}  // namespace weightroom::explain
