#include "bench/peak.h"

namespace weq::bench {

double run_peak_avx2(long rounds) {
  for (long i = 0; i < rounds; ++i) {
    asm volatile(
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm2\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm3\n\t"
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm4\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm5\n\t"
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm6\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm7\n\t"
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm8\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm9\n\t"
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm10\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm11\n\t"
        "vpmaddubsw %%ymm0, %%ymm1, %%ymm12\n\tvpmaddubsw %%ymm0, %%ymm1, %%ymm13\n\t" ::
            : "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
              "xmm12", "xmm13");
  }
  return double(rounds) * 12 * 32;
}

}  // namespace weq::bench
