#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace weightroom::cli {

// What a subcommand does once its options are read; an error's sentence goes to stderr and the program ends with 1.
using Action = std::function<Status()>;

// Each adds one subcommand to the program and, when the user names it, puts its work into `action`.
void add_models(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_classify(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_visualise(CLI::App& app, Action& action);
void add_eval(CLI::App& app, Action& action);
void add_train(CLI::App& app, Action& action);
void add_teach(CLI::App& app, Action& action);
void add_edit(CLI::App& app, Action& action);
void add_convert(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);

}  // namespace weightroom::cli
