#pragma once

#include <vector>

#include "explain/method.h"

// Layer-wise relevance propagation (Bach et al. 2015) as a rule of a backward pass: the score is handed back from node
// to node, each input getting the share that it had in the output. In the terms of Zennit (Anders et al. 2021):
//   R_in = sum over parts of  x' W'^T (R_out / stab(z)),  z = the sum of the parts' x' W' + b',
// where x' and W' are the inputs and weights, or their positive or negative parts alone, and stab adds 1e-6 with z's
// sign (+ at 0).
namespace weightroom::explain {

enum class LrpRule {
  epsilon,     // x W
  z_plus,      // x+ W+ and x- W-: what speaks for, alone
  alpha_beta,  // twice what speaks for, less once what speaks against
  gamma,       // what speaks for counts a quarter more: of positive outputs what is positive, of negative what is not
  z_box,       // x W - low W+ - high W-: for pixels between black and white
  flat,        // every input alike
  w_square,    // every input by the square of its weight
  pass,        // R_in = R_out, of layers that keep their extents
};

struct LrpSettings {
  std::vector<LrpRule> rules{};  // of every node; read for conv2d and linear alone
  double epsilon = 1e-6;         // of the epsilon rule
  double gamma = 0.25;
  std::vector<float> low{};   // (C): what z_box takes for the least and the most that a pixel can be
  std::vector<float> high{};  // (C)
};

enum class LrpComposite { epsilon_plus, epsilon_plus_flat, epsilon_gamma_box };
// The rule of every node under a composite: convolutions by z_plus or gamma, linear layers by epsilon, the first layer
// flat or boxed.
[[nodiscard]] std::vector<LrpRule> lrp_rules(const nn::Graph& graph, LrpComposite composite);
// One rule for all convolutions and linear layers.
[[nodiscard]] std::vector<LrpRule> lrp_rules(const nn::Graph& graph, LrpRule rule);

// The backward rule, by the trait nn::Relevance of every op: convolutions and linear layers by the rule of their own;
// sums and means by their inputs' shares; a product's two factors get half each (Achtibat et al., "AttnLRP", 2024); of
// a quotient the dividend gets all, as under a norm that is held still. What moves values moves their relevance with
// them, and functions of one value hand it on as it is, as in Zennit. A batch_norm that alone reads a convolution is
// merged into it, another hands relevance on, and so do lrn (Binder et al. 2016 compare it with their own) and
// layer_norm (Ali et al. 2022; AttnLRP). A softmax between layers has no rule here: the one that AttnLRP gives does not
// keep the sum. `graph` and `session` must outlive it.
[[nodiscard]] nn::BackwardRule relevance_rule(const nn::Session& session, LrpSettings settings);

[[nodiscard]] bool has_relevance(const nn::OpDef& op);

// What must be told beside the map of a graph with norms that mix values; or empty.
[[nodiscard]] std::optional<Sentence> relevance_note(const nn::Graph& graph);

}  // namespace weightroom::explain
