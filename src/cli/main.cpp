// The command line. Exit codes: 0 done, 1 bad input (one sentence on stderr says what), 2 wrong usage.
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "base/version.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/reading.h"
#include "cli/terminal.h"

namespace {

constexpr int kDone = 0;
constexpr int kBadInput = 1;
constexpr int kUsage = 2;

int run(int argc, char** argv) {
  using namespace weightroom;
  cli::set_program_path(argv[0]);
  CLI::App app("Weightroom: look into a small image classifier, ask why, and change one weight.", "weightroom");
  app.set_version_flag("--version", std::string("weightroom ") + base::version());
  app.require_subcommand(1);
  cli::Action action;
  for (auto* add :
       {cli::add_models, cli::add_inspect, cli::add_classify, cli::add_explain, cli::add_visualise, cli::add_eval,
        cli::add_train, cli::add_teach, cli::add_edit, cli::add_convert, cli::add_run, cli::add_bench}) {
    add(app, action);
  }
  if (argc > 1 && argv[1][0] != '-') {
    std::string names;
    bool known = false;
    for (const CLI::App* command : app.get_subcommands({})) {
      names += (names.empty() ? "" : ", ") + command->get_name();
      known = known || command->get_name() == argv[1];
    }
    if (!known) {
      std::cerr << "weightroom: There is no command '" << argv[1] << "'; there are " << names << ".\n";
      return kUsage;
    }
  }
  try {
    std::vector<std::string> words = cli::joined_numbers({argv + 1, argv + argc});
    std::ranges::reverse(words);  // as CLI11 takes them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;  // --help and --version come here too
  }
  const Status done = action();
  if (done) return kDone;
  std::cerr << "weightroom: " << done.error().message() << '\n';
  return kBadInput;
}

}  // namespace

int main(int argc, char** argv) {
  // Names and titles out of files go to the terminal as text, in whatever they stand.
  const weightroom::cli::PlainStream out(std::cout);
  const weightroom::cli::PlainStream err(std::cerr);
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::cerr << "weightroom: There is not enough memory for this.\n";
  } catch (const std::exception& error) {
    std::cerr << "weightroom: " << error.what() << '\n';
  }
  return kBadInput;
}
