// Direct convolution by vpdpbusd on 256-bit vectors, for machines with AVX-VNNI.
#include "kernels/conv_direct/avx2_body.h"

namespace weq::kernels {
namespace {

// Sums of 4 products in 32 bits, never out of range.
struct QuadProducts {
  static constexpr size_t kPixels = 6;
  static constexpr int32_t kStepsOfQuad = 1, kBits = 32;
  static void add(__m256i& sum, __m256i x, __m256i w) {
    asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(x), "x"(w));
  }
  static __m256i finish(__m256i sum) { return sum; }
};

constexpr DirectLayout kLayout = DirectLayout::kVectorBytes;

double cost(const ConvProblem& problem) { return direct_cost(problem, kLayout, 60.0, 1.0); }
size_t packed_bytes(const ConvProblem& problem) { return direct_packed_bytes(problem, kLayout); }
void pack(const ConvProblem& problem, void* packed) { direct_pack(problem, kLayout, packed); }
int64_t items(const ConvProblem& problem) { return direct_items(problem, kLayout); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  direct_run(call, kLayout, begin, end, workspace, run_tile<QuadProducts>, INT32_MAX);
}

}  // namespace

extern const ConvKernel conv_direct_avxvnni;
const ConvKernel conv_direct_avxvnni = {"direct_avxvnni",
                                        "direct",
                                        Isa::kAvxVnni,
                                        direct_refuse,
                                        cost,
                                        packed_bytes,
                                        pack,
                                        border_bytes,
                                        border_items,
                                        border_gather,
                                        items,
                                        direct_workspace_bytes,
                                        run};

}  // namespace weq::kernels
