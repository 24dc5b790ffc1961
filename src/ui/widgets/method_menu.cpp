#include "ui/widgets/method_menu.h"

#include <strings/method.h>

namespace weightroom::ui {
namespace {

bool in_one_group(const explain::MethodDef& a, const explain::MethodDef& b) {
  return a.first == b.first && (a.first || a.family == b.family);
}

}  // namespace

Option method_option(const explain::MethodDef& method, const explain::MethodDef* before) {
  Option option{.label = tr(method.plain)};
  option.beside = tr(method.title);
  option.name = method.name;
  if (before != nullptr && in_one_group(*before, method)) return option;
  if (method.first) {
    option.heading = {.label = tr(text::method_first_plain), .detail = tr(text::method_first_summary)};
  } else {
    option.heading = {.label = tr(explain::family_plain(method.family)),
                      .beside = tr(explain::family_title(method.family)),
                      .detail = tr(explain::family_summary(method.family))};
  }
  return option;
}

}  // namespace weightroom::ui
