// fuzz_seeds FOLDER: writes the seeds of the corpus.
#include <cstdio>

#include "tests/support/test_net.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const weq::test::FileBytes file = weq::test::TestNet(seed).builder.finish();
    const std::string path = std::string(argv[1]) + "/net" + std::to_string(seed) + ".weq";
    std::FILE* out = std::fopen(path.c_str(), "wb");
    if (out == nullptr || std::fwrite(file.data(), 1, file.size(), out) != file.size()) {
      std::fprintf(stderr, "fuzz_seeds: cannot write %s\n", path.c_str());
      return 1;
    }
    std::fclose(out);
  }
  return 0;
}
