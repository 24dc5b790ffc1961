#pragma once

namespace weightroom::nn {

// A formula that tests alone run. All of the page's program is loaded before anything is seen: it does without them.
#ifdef WEIGHTROOM_LEAN
template <class Function>
constexpr Function* reference(Function* /*formula*/) {
  return nullptr;
}
#else
template <class Function>
constexpr Function* reference(Function* formula) {
  return formula;
}
#endif

}  // namespace weightroom::nn
