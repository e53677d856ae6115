#include <dnnl.hpp>

#include "converters/ir/errors.h"
#include "converters/report/latency.h"
#include "kernels/isa.h"

namespace weq::convert {

std::string float_isa_name() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    default:
      return "avx512_core_amx";
  }
}

void cap_float_isa(const std::string& isa) {
  if (isa.empty()) return;
  kernels::Isa cap;
  if (!kernels::isa_from_name(isa.c_str(), &cap)) {
    throw UsageError("--isa " + isa + " is not known; valid names: " + kernels::isa_names());
  }
  dnnl::cpu_isa limit = dnnl::cpu_isa::all;
  switch (cap) {
    case kernels::Isa::kScalar:
      limit = dnnl::cpu_isa::sse41;
      break;
    case kernels::Isa::kAvx2:
      limit = dnnl::cpu_isa::avx2;
      break;
    case kernels::Isa::kAvxVnni:
      limit = dnnl::cpu_isa::avx2_vnni;
      break;
    case kernels::Isa::kAvx512Vnni:
    case kernels::Isa::kAvx512Vbmi:
      limit = dnnl::cpu_isa::avx512_core_vnni;
      break;
  }
  // Refused once a primitive exists, or in a build of oneDNN without the choice: then it stays as
  // it is, and float_isa_name() says so.
  static_cast<void>(dnnl::set_max_cpu_isa(limit));
}

}  // namespace weq::convert
