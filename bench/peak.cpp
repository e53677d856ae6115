#include "bench/peak.h"

#include <algorithm>

#include "bench/core_clock.h"

namespace weq::bench {
namespace {

double measured(double (*run)(long)) {
  double best = 0;
  run(1000);
  for (int i = 0; i < 15; ++i) {
    const double before = core_hertz();
    const double start = seconds();
    const double macs = run(20000);
    const double elapsed = seconds() - start;
    best = std::max(best, macs / (elapsed * std::max(before, core_hertz())));
  }
  return best;
}

}  // namespace

double peak_macs_per_cycle(kernels::Isa isa) {
#ifdef WEQ_X86
  static const double avx512 =
      isa_available(kernels::Isa::kAvx512Vnni) ? measured(run_peak_avx512vnni) : 0;
  static const double avx2 = isa_available(kernels::Isa::kAvx2) ? measured(run_peak_avx2) : 0;
  if (isa >= kernels::Isa::kAvx512Vnni) return avx512;
  if (isa >= kernels::Isa::kAvx2) return avx2;
#endif
  return 0;
}

}  // namespace weq::bench
