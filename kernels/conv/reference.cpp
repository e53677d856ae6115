// The meaning of a convolution: the plain sum over levels. One work item is one output pixel.
#include "kernels/conv/codes.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/target.h"

namespace weq::kernels {
namespace {

int64_t weights_per_channel(const ConvShape& s) {
  return int64_t{s.kernel_h} * s.kernel_w * (s.in_c / s.groups);
}

const char* refuse(const ConvProblem&) { return nullptr; }
double cost(const ConvProblem& problem) { return 4.0 * double(problem.shape.macs()); }
size_t packed_bytes(const ConvProblem& problem) {
  return size_t(problem.shape.out_c * weights_per_channel(problem.shape));
}
void pack(const ConvProblem& problem, void* packed) {
  LevelUnpacker(problem.weights)
      .unpack(0, problem.shape.out_c * weights_per_channel(problem.shape),
              static_cast<int8_t*>(packed));
}
int64_t items(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  return int64_t{s.batch} * s.out_h * s.out_w;
}
size_t workspace_bytes(const ConvProblem& problem) {
  return size_t(problem.shape.out_c) * sizeof(int32_t);
}

// The sum of one output channel at (n, y, x).
int32_t sum_at(const ConvCall& call, const int8_t* weights, int64_t n, int64_t y, int64_t x,
               int32_t group) {
  const ConvProblem& problem = *call.problem;
  const ConvShape& s = problem.shape;
  const int32_t channels = s.in_c / s.groups;
  uint32_t acc = 0;
  for (int32_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t in_y = y * s.stride_h + int64_t{ky} * s.dilation_h - s.pad_top;
    for (int32_t kx = 0; kx < s.kernel_w; ++kx) {
      const int64_t in_x = x * s.stride_w + int64_t{kx} * s.dilation_w - s.pad_left;
      const bool inside = in_y >= 0 && in_y < s.in_h && in_x >= 0 && in_x < s.in_w;
      const uint8_t* bytes =
          inside ? call.input + ((n * s.in_h + in_y) * s.in_w + in_x) * s.in_c : problem.pad_bytes;
      bytes += int64_t{group} * channels;
      for (int32_t c = 0; c < channels; ++c) {
        acc += uint32_t(*weights++ * problem.input->level[bytes[c]]);
      }
    }
  }
  return static_cast<int32_t>(acc);
}

void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  const ConvShape& s = call.problem->shape;
  const int8_t* weights = static_cast<const int8_t*>(call.packed);
  const int64_t per_channel = weights_per_channel(s);
  int32_t* acc = static_cast<int32_t*>(workspace);
  for (int64_t item = begin; item < end; ++item) {
    const int64_t x = item % s.out_w, y = item / s.out_w % s.out_h, n = item / s.out_w / s.out_h;
    for (int32_t o = 0; o < s.out_c; ++o) {
      acc[o] = sum_at(call, weights + o * per_channel, n, y, x, o / (s.out_c / s.groups));
    }
    call.requantize->run(*call.epilogue, acc, s.out_c, 1, 0, s.out_c, conv_target(call, item, 0));
  }
}

}  // namespace

extern const ConvKernel conv_reference;
const ConvKernel conv_reference = {
    "reference", "reference",     Isa::kScalar,    refuse,    cost,  packed_bytes,
    pack,        no_gather_bytes, no_gather_items, no_gather, items, workspace_bytes,
    run};

}  // namespace weq::kernels
