// The most multiply-adds per cycle that the multiply instruction of an ISA can give on this core:
// independent instructions on registers, nothing else. vpdpbusd on 512 bits for AVX-512,
// vpmaddubsw on 256 bits for AVX2.
#pragma once

#include "kernels/isa.h"

namespace weq::bench {

// 0 where `isa` has no such instruction. Measured once; per second at the clock of then.
double peak_macs_per_cycle(kernels::Isa isa);
double peak_macs_per_second(kernels::Isa isa);

double run_peak_avx2(long rounds);        // multiply-adds done
double run_peak_avx512vnni(long rounds);  // likewise

}  // namespace weq::bench
