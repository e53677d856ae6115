// One line on stderr, `weq: FILE: layer NAME: reason; what to do`, and the exit code of its kind.
#pragma once

#include <functional>
#include <string>

namespace weq::cli {

// Prints "weq: " and `message`.
void print_error(const std::string& message);

// Runs `work` and returns its exit code; exceptions become a line and a code. `file` is named where
// the message does not name one itself.
int guarded(const std::string& file, const std::function<int()>& work);

}  // namespace weq::cli
