#include "bench/peak.h"

#include <algorithm>

#include "bench/core_clock.h"

namespace weq::bench {
namespace {

struct Rates {
  double per_cycle = 0, per_second = 0;
};

Rates measured(double (*run)(long)) {
  Rates best;
  run(1000);
  for (int i = 0; i < 15; ++i) {
    const double before = core_hertz();
    const double start = seconds();
    const double macs = run(20000);
    const double rate = macs / (seconds() - start);
    best.per_cycle = std::max(best.per_cycle, rate / std::max(before, core_hertz()));
    best.per_second = std::max(best.per_second, rate);
  }
  return best;
}

Rates rates_of(kernels::Isa isa) {
#ifdef WEQ_X86
  static const Rates avx512 =
      isa_available(kernels::Isa::kAvx512Vnni) ? measured(run_peak_avx512vnni) : Rates();
  static const Rates avx2 = isa_available(kernels::Isa::kAvx2) ? measured(run_peak_avx2) : Rates();
  if (isa >= kernels::Isa::kAvx512Vnni) return avx512;
  if (isa >= kernels::Isa::kAvx2) return avx2;
#endif
  return {};
}

}  // namespace

double peak_macs_per_cycle(kernels::Isa isa) { return rates_of(isa).per_cycle; }
double peak_macs_per_second(kernels::Isa isa) { return rates_of(isa).per_second; }

}  // namespace weq::bench
