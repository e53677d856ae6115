#include "kernels/isa.h"

#include <cstring>

#ifdef WEQ_X86
#include <cpuid.h>
#endif

namespace weq::kernels {
namespace {

constexpr const char* kNames[kIsaCount] = {"scalar", "avx2", "avxvnni", "avx512vnni", "avx512vbmi"};

struct Available {
  bool isa[kIsaCount] = {true, false, false, false, false};
};

#ifdef WEQ_X86
// What the operating system saves on a context switch: XCR0.
unsigned saved_state() {
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

bool all(unsigned word, unsigned bits) { return (word & bits) == bits; }

Available detect() {
  Available found;
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kOsXsave = 1U << 27, kAvx = 1U << 28;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !all(c, kOsXsave | kAvx)) return found;
  const unsigned state = saved_state();
  constexpr unsigned kYmmState = 0x6, kZmmState = 0xe6;
  if (!all(state, kYmmState) || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
  const unsigned subleaves = a;
  constexpr unsigned kAvx2 = 1U << 5;
  if (!all(b, kAvx2)) return found;
  found.isa[static_cast<int>(Isa::kAvx2)] = true;
  if (all(state, kZmmState)) {
    constexpr unsigned kF = 1U << 16, kDq = 1U << 17, kBw = 1U << 30, kVl = 1U << 31;
    constexpr unsigned kVnni = 1U << 11, kVbmi = 1U << 1, kVbmi2 = 1U << 6, kVpopcntdq = 1U << 14;
    const bool vnni = all(b, kF | kDq | kBw | kVl) && all(c, kVnni);
    found.isa[static_cast<int>(Isa::kAvx512Vnni)] = vnni;
    found.isa[static_cast<int>(Isa::kAvx512Vbmi)] = vnni && all(c, kVbmi | kVbmi2 | kVpopcntdq);
  }
  constexpr unsigned kAvxVnni = 1U << 4;
  if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
    found.isa[static_cast<int>(Isa::kAvxVnni)] = all(a, kAvxVnni);
  }
  return found;
}
#else
Available detect() { return {}; }
#endif

const Available& available() {
  static const Available found = detect();
  return found;
}

}  // namespace

const char* isa_name(Isa isa) { return kNames[static_cast<int>(isa)]; }

bool isa_from_name(const char* name, Isa* isa) {
  for (int i = 0; i < kIsaCount; ++i) {
    if (std::strcmp(name, kNames[i]) == 0) {
      *isa = static_cast<Isa>(i);
      return true;
    }
  }
  return false;
}

const char* isa_names() { return "scalar, avx2, avxvnni, avx512vnni, avx512vbmi"; }

bool isa_available(Isa isa) { return available().isa[static_cast<int>(isa)]; }

Isa best_isa() {
  for (int i = kIsaCount - 1; i > 0; --i) {
    if (available().isa[i]) return static_cast<Isa>(i);
  }
  return Isa::kScalar;
}

bool isa_usable(Isa needed, Isa limit) { return needed <= limit && isa_available(needed); }

}  // namespace weq::kernels
