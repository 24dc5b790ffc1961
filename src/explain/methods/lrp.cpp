// lrp: layer-wise relevance propagation (Bach et al. 2015): the score is handed back layer by layer, to each input its
// share. relevance.h has the rules.
#include <algorithm>

#include <strings/choice.h>
#include <strings/method.h>
#include <strings/param.h>

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
  Explanation& found = output.explanation;
  std::span<const float> relevance;
  if (input.of_layer < 0) {
    relevance = co_await pass.input_gradient(input.input, &rule, score);
  } else {
    relevance = (co_await pass.activation_gradient(input.input, input.of_layer, &rule, score)).gradient.values();
  }
  found.attribution.values.assign(relevance.begin(), relevance.end());
  found.note = relevance_note(graph);
}

Status suits(const nn::Graph& graph) { return check_rules(graph, text::method_lrp_title, has_relevance); }

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
  return {.name = "lrp",
          .title = text::method_lrp_title,
          .plain = text::method_lrp_plain,
          .summary = text::method_lrp_summary,
          .paper = "Bach, Binder, Montavon, Klauschen, Müller, Samek: Pixel-wise explanations, 2015",
          .family = Family::propagation,
          .params = {choice_param("composite", text::param_composite, text::param_composite_help,
                                  {{"epsilon_plus", text::choice_epsilon_plus},
                                   {"epsilon_plus_flat", text::choice_epsilon_plus_flat},
                                   {"epsilon_gamma_box", text::choice_epsilon_gamma_box}}),
                     choice_param("rule", text::param_rule, text::param_rule_help,
                                  {{"by_layer", text::choice_by_layer},
                                   {"epsilon", text::choice_epsilon},
                                   {"z_plus", text::choice_z_plus},
                                   {"alpha_beta", text::choice_alpha_beta},
                                   {"gamma", text::choice_gamma},
                                   {"z_box", text::choice_z_box},
                                   {"flat", text::choice_flat},
                                   {"w_square", text::choice_w_square}}),
                     {.name = "epsilon",
                      .title = text::param_epsilon,
                      .summary = text::param_epsilon_help,
                      .minimum = 1e-9,
                      .maximum = 10.0,
                      .fallback = 1e-6,
                      .logarithmic = true},
                     {"gamma", text::param_gamma, text::param_gamma_help, 0.0, 10.0, 0.25, false}},
          .axioms = {.dummy = true},
          .takes_layer = true,
          .single_pass = true,
          .passes = passes,
          .idle = idle,
          .suits = suits,
          .run = run};
}

}  // namespace weightroom::explain
