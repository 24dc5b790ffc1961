#pragma once

#include <string>

#include "cli/answer.h"
#include "explain/method.h"

// What `explain --list` says of the methods.
namespace weightroom::cli {

// A method's parameters, which are complete: words where they have them, whole numbers without a point.
[[nodiscard]] Json params_of(const explain::MethodDef& method, const explain::Params& params);

// Every method with what it costs on the model, its parameters and its summary, on standard output.
[[nodiscard]] Status list_methods(const std::string& model, bool as_json);

}  // namespace weightroom::cli
