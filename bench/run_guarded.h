// What the programs' main functions share: the command line, and errors as messages and exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace weq::bench {

// 0 done, 2 wrong usage, 3 bad input, 4 no resources: those of the command line.
int run_guarded(CLI::App* app, int argc, char** argv, const std::function<void()>& run);

}  // namespace weq::bench
