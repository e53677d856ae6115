// The instruction sets a kernel may be written for, in ascending order, and the one this process
// uses. No other file asks the CPU or the environment.
#pragma once

namespace weq::kernels {

enum class Isa : int { kScalar = 0, kAvx2, kAvxVnni, kAvx512Vnni, kAvx512Vbmi };
inline constexpr int kIsaCount = 5;

// "scalar", "avx2", "avxvnni", "avx512vnni", "avx512vbmi": the names of WEQ_FORCE_ISA and --isa.
const char* isa_name(Isa isa);

// The ISA called `name`, or false when there is none of that name.
bool isa_from_name(const char* name, Isa* isa);

// All valid names in one string, for error messages.
const char* isa_names();

// True when this CPU and this build can run code of `isa`.
bool isa_available(Isa isa);

// The highest available ISA. Does not look at the environment.
Isa best_isa();

// True when code written for `needed` may run under the cap `limit`: needed <= limit, and
// available. (avxvnni is not part of every AVX-512 machine, so availability is asked apart.)
bool isa_usable(Isa needed, Isa limit);

}  // namespace weq::kernels
