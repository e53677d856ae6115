// For tests of error messages: the exception's type, and parts of its words.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace weq::test {

// Runs `work`, which must throw `Error` with a message that holds every one of `parts`.
template <class Error, class Work>
void expect_error(Work&& work, std::initializer_list<const char*> parts) {
  try {
    work();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const char* part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << "no \"" << part << "\" in: " << message;
    }
    return;
  }
  ADD_FAILURE() << "no error where one was expected: " << *parts.begin();
}

}  // namespace weq::test
