// Writes the tiny classifier of the command line's tests to the file named.
#include <fstream>

#include "tests/support/tiny_onnx.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ofstream file(argv[1], std::ios::binary);
  file << weq::test::tiny_classifier();
  return file.good() ? 0 : 1;
}
