// The commands of `weq`. Each adds itself to the parser and is called when it was chosen.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace weq::cli {

// Exit codes that scripts rely on.
enum ExitCode : int {
  kDone = 0,
  kAnswerIsNo = 1,  // the command ran; a threshold was missed or a file is damaged
  kWrongUsage = 2,
  kBadInput = 3,        // file, model or data
  kOutOfResources = 4,  // memory or disk
};

// Sets `*command` to the work of the subcommand that the arguments choose; it returns the exit
// code.
using Command = std::function<int()>;
void add_convert(CLI::App& app, Command* command);
void add_run(CLI::App& app, Command* command);
void add_eval(CLI::App& app, Command* command);
void add_compare(CLI::App& app, Command* command);
void add_bench(CLI::App& app, Command* command);
void add_inspect(CLI::App& app, Command* command);
void add_validate(CLI::App& app, Command* command);

// Parses, runs, reports: all of main().
int run(int argc, char** argv);

}  // namespace weq::cli
