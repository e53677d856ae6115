#include "kernels/conv_stream/stream.h"
#include "kernels/conv/target.h"

#include <algorithm>
#include <cstring>

#include "kernels/conv/border.h"
#include "kernels/conv/bounds.h"
#include "kernels/conv/codes.h"
#include "kernels/conv/target.h"

namespace weq::kernels {
namespace {

struct Plan {
  explicit Plan(const ConvProblem& problem)
      : rows(int64_t{problem.shape.batch} * problem.shape.out_h * problem.shape.out_w),
        k(int64_t{problem.shape.kernel_h} * problem.shape.kernel_w * problem.shape.in_c),
        steps((k + kStreamStep - 1) / kStreamStep),
        blocks((problem.shape.out_c + kStreamBlock - 1) / kStreamBlock) {
    const int32_t count = problem.weights.level_count;
    width = count <= 2 ? 1 : count <= 4 ? 2 : count <= 8 ? 3 : count <= 16 ? 4 : 8;
  }
  size_t step_bytes() const { return size_t(width) * 64; }
  size_t block_bytes() const { return size_t(steps) * step_bytes(); }
  size_t start_bytes() const { return size_t(blocks) * kStreamBlock * sizeof(int32_t); }

  int64_t rows, k, steps, blocks;
  int32_t width = 8;
};

// Writes one code (or, at 8 bits, one level) of vector `v` of a step, byte `i`.
void put(int32_t width, uint8_t* step, int32_t v, int32_t i, int32_t code) {
  const auto set = [&](int32_t vector, int32_t shift, int32_t bits) {
    step[vector * 64 + i] = static_cast<uint8_t>(step[vector * 64 + i] | bits << shift);
  };
  if (width != 3) {
    const int32_t share = 8 / width;
    set(v / share, v % share * width, code & 255);
  } else if (v < 6) {
    set(v / 2, v % 2 * 3, code);
  } else {
    set(v - 6, 6, code & 3);
    set(2, v, code >> 2);
  }
}

// Packs one channel and returns the sum of its levels.
int64_t pack_channel(const Plan& plan, const ConvWeights& weights, LevelReader* codes,
                     int32_t channel, uint8_t* block) {
  int64_t sum = 0;
  for (int64_t k = 0; k < plan.k; ++k) {
    const int32_t code = codes->next_code();
    const int8_t level = weights.levels[code];
    sum += level;
    const int32_t in_step = static_cast<int32_t>(k % kStreamStep);
    put(plan.width, block + size_t(k / kStreamStep) * plan.step_bytes(),
        in_step / 4 * 4 + channel / 16, channel % 16 * 4 + in_step % 4,
        plan.width == 8 ? level : code);
  }
  return sum;
}

// Copies of the last bytes of each row, zeros behind them.
void make_tails(const Plan& plan, const uint8_t* input, uint8_t* tails) {
  const int64_t whole = plan.k / kStreamStep * kStreamStep;
  std::memset(tails, 0, size_t(kStreamRows) * kStreamStep);
  for (int64_t r = 0; r < plan.rows; ++r) {
    std::memcpy(tails + r * kStreamStep, input + r * plan.k + whole, size_t(plan.k - whole));
  }
}

}  // namespace

const char* stream_refuse(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (s.groups != 1) return "grouped";
  if (int64_t{s.batch} * s.out_h * s.out_w > kStreamRows) return "too many rows";
  if (needs_border(s)) return "padded";
  const bool pixels = s.kernel_h == 1 && s.kernel_w == 1 && s.in_h == s.out_h && s.in_w == s.out_w;
  const bool whole = s.kernel_h == s.in_h && s.kernel_w == s.in_w && s.out_h == 1 && s.out_w == 1;
  if (!pixels && !whole) return "the window is neither a pixel nor the whole input";
  return problem.input->byte_is_level ? nullptr : "the input holds code bytes, not level bytes";
}

int64_t stream_flush(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (s.kernel_h == 1 || s.kernel_w * s.in_c % 4 == 0) return problem.bounds.sum16_flush;
  const int64_t max_byte = int64_t{problem.input->max_level} + problem.input->offset;
  const int64_t largest = 2 * max_byte * problem.bounds.max_abs_weight;
  return largest == 0 ? kMaxSum16Flush : 32767 / largest;
}

size_t stream_packed_bytes(const ConvProblem& problem) {
  const Plan plan(problem);
  return plan.start_bytes() + 64 + size_t(plan.blocks) * plan.block_bytes();
}

void stream_pack(const ConvProblem& problem, void* packed) {
  const Plan plan(problem);
  uint8_t* bytes = static_cast<uint8_t*>(packed);
  std::memset(bytes, 0, stream_packed_bytes(problem));
  int32_t* start = static_cast<int32_t*>(packed);
  if (plan.width < 8) {
    int8_t* levels = reinterpret_cast<int8_t*>(bytes + plan.start_bytes());
    for (int32_t i = 0; i < 64; ++i) {
      const int32_t code = i & ((1 << plan.width) - 1);
      levels[i] = code < problem.weights.level_count ? problem.weights.levels[code] : int8_t{0};
    }
  }
  LevelReader codes(problem.weights, 0);
  for (int32_t c = 0; c < problem.shape.out_c; ++c) {
    uint8_t* block =
        bytes + plan.start_bytes() + 64 + size_t(c / kStreamBlock) * plan.block_bytes();
    const int64_t sum = pack_channel(plan, problem.weights, &codes, c % kStreamBlock, block);
    start[c] = static_cast<int32_t>(-sum * problem.input->offset);
  }
}

int64_t stream_items(const ConvProblem& problem) { return Plan(problem).blocks; }

size_t stream_workspace_bytes(const ConvProblem&) {
  return size_t(kStreamRows) * (kStreamBlock * sizeof(int32_t) + kStreamStep);
}

void stream_run(const ConvCall& call, const StreamKernels& kernels, int64_t begin, int64_t end,
                void* workspace) {
  const ConvProblem& problem = *call.problem;
  const Plan plan(problem);
  const uint8_t* packed = static_cast<const uint8_t*>(call.packed);
  uint8_t* tails =
      static_cast<uint8_t*>(workspace) + size_t(kStreamRows) * kStreamBlock * sizeof(int32_t);
  make_tails(plan, call.input, tails);
  StreamBlock block;
  block.levels = reinterpret_cast<const int8_t*>(packed + plan.start_bytes());
  block.steps = plan.k / kStreamStep;
  block.acc = static_cast<int32_t*>(workspace);
  block.flush = stream_flush(problem);
  for (int64_t r = 0; r < plan.rows; ++r) {
    block.rows[r] = call.input + r * plan.k;
    if (plan.steps > block.steps) block.tails[r] = tails + r * kStreamStep;
  }
  const int32_t channels = problem.shape.out_c, rows = static_cast<int32_t>(plan.rows);
  const StreamFn run = kernels.of_width[plan.width][rows - 1];
  for (int64_t item = begin; item < end; ++item) {
    const int32_t channel = static_cast<int32_t>(item) * kStreamBlock;
    block.weights = packed + plan.start_bytes() + 64 + size_t(item) * plan.block_bytes();
    block.start = static_cast<const int32_t*>(call.packed) + channel;
    run(block);
    call.requantize->run(*call.epilogue, block.acc, kStreamBlock, rows, channel,
                         std::min(channels - channel, kStreamBlock), conv_target(call, 0, channel));
  }
}

double stream_cost(const ConvProblem& problem, const double (&step_cycles)[9], double row_cycles) {
  const Plan plan(problem);
  return double(plan.blocks) * double(plan.steps) *
             (step_cycles[plan.width] + row_cycles * double(plan.rows - 1)) +
         150.0 * double(plan.blocks);
}

}  // namespace weq::kernels
