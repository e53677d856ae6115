// fuzz_seeds FOLDER: writes the seeds of the corpus.
#include <cstdio>

#include "tests/support/operator_zoo.h"
#include "tests/support/test_net.h"

namespace {

bool write(const std::string& path, const weq::test::FileBytes& file) {
  std::FILE* out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) return false;
  const bool whole = std::fwrite(file.data(), 1, file.size(), out) == file.size();
  return std::fclose(out) == 0 && whole;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  const std::string folder = argv[1];
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const std::string number = std::to_string(seed) + ".weq";
    if (!write(folder + "/net" + number, weq::test::TestNet(seed).builder.finish()) ||
        !write(folder + "/zoo" + number, weq::test::OperatorZoo(seed).builder.finish())) {
      std::fprintf(stderr, "fuzz_seeds: cannot write into %s\n", folder.c_str());
      return 1;
    }
  }
  return 0;
}
