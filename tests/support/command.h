// Runs a program through the shell and keeps what it said.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/support/temp_folder.h"

namespace weq::test {

struct Outcome {
  int code;  // -1: killed by a signal
  std::string out, err;
};

// `before` stands before the program: environment, ulimit. `tail` after it: arguments,
// redirections.
inline Outcome run_command(const TempFolder& folder, const std::string& program,
                           const std::string& tail, const std::string& before = "") {
  const std::string out = folder.file("stdout"), err = folder.file("stderr");
  const std::string line = "cd '" + folder.path() + "' && { " + before + " '" + program + "' " +
                           tail + "; } > '" + out + "' 2> '" + err + "'";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, bytes_of_file(out), bytes_of_file(err)};
}

}  // namespace weq::test
