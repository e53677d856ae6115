#include "kernels/conv_depthwise/depthwise.h"

#include <algorithm>

#include "kernels/conv/codes.h"
#include "kernels/conv/target.h"

namespace weq::kernels {
namespace {

constexpr int32_t kItemPixels = 64;  // so that sums and quads of an item fit the first-level cache
constexpr int32_t kStripPixels = 32;

struct Plan {
  Plan(const ConvShape& s, int32_t block_channels)
      : block(block_channels),
        layers((s.kernel_h + 3) / 4),
        shifts(s.dilation_h == 1 || s.kernel_h == 1 ? (4 * layers - s.kernel_h) / s.stride_h + 1
                                                    : 1),
        pixels(std::min(s.out_w, std::min(kStripPixels, kItemPixels / shifts))),
        blocks((s.out_c + block - 1) / block),
        taps(int64_t{layers} * s.kernel_w),
        rows(int64_t{s.batch} * s.out_h),
        pieces((s.out_w + pixels - 1) / pixels) {
    rows_per_item = pieces > 1 ? shifts : std::max(1, kItemPixels / pixels / shifts) * shifts;
    row_groups = (rows + rows_per_item - 1) / rows_per_item;
  }
  size_t start_bytes() const { return size_t(blocks) * size_t(block) * sizeof(int32_t); }
  size_t shift_bytes(DepthwiseLayout layout) const {
    return size_t(taps) * size_t(block) * (layout == DepthwiseLayout::kWords ? 8 : 4);
  }
  size_t block_bytes(DepthwiseLayout layout) const { return size_t(shifts) * shift_bytes(layout); }

  int32_t block;
  int32_t layers, shifts, pixels;  // pixels: of a strip, at most
  int64_t blocks, taps, rows;
  int32_t pieces;  // of an output row
  int32_t rows_per_item = 1;
  int64_t row_groups = 0;
};

int32_t columns_of(const ConvShape& s, int32_t pixels) {
  return (pixels - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
}

size_t acc_count(const Plan& plan) {
  return size_t(plan.rows_per_item) * size_t(plan.pixels) * size_t(plan.block);
}

void put(const Plan& plan, DepthwiseLayout layout, int8_t* weights, int64_t tap, int32_t channel,
         int32_t row, int8_t level) {
  if (layout == DepthwiseLayout::kBytes) {
    weights[(tap * plan.block + channel) * 4 + row] = level;
    return;
  }
  int8_t* to = weights + ((tap * 2 + row % 2) * plan.block + channel) * 4 + row / 2 * 2;
  to[0] = level;
  to[1] = static_cast<int8_t>(level < 0 ? -1 : 0);
}

}  // namespace

const char* depthwise_refuse(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (s.groups != s.in_c || s.out_c != s.in_c) return "not depthwise";
  return problem.input->byte_is_level ? nullptr : "the input holds code bytes, not level bytes";
}

size_t depthwise_packed_bytes(const ConvProblem& problem, int32_t block, DepthwiseLayout layout) {
  const Plan plan(problem.shape, block);
  return plan.start_bytes() + size_t(plan.blocks) * plan.block_bytes(layout);
}

void depthwise_pack(const ConvProblem& problem, int32_t block, DepthwiseLayout layout,
                    void* packed) {
  const ConvShape& s = problem.shape;
  const Plan plan(s, block);
  int8_t* bytes = static_cast<int8_t*>(packed);
  std::fill(bytes, bytes + depthwise_packed_bytes(problem, block, layout), int8_t{0});
  int32_t* start = static_cast<int32_t*>(packed);
  LevelReader levels(problem.weights, 0);
  for (int32_t c = 0; c < s.out_c; ++c) {
    int8_t* of_block = bytes + plan.start_bytes() + size_t(c / block) * plan.block_bytes(layout);
    int64_t sum = 0;
    for (int32_t y = 0; y < s.kernel_h; ++y) {
      for (int32_t x = 0; x < s.kernel_w; ++x) {
        const int8_t level = levels.next();
        sum += level;
        for (int32_t shift = 0; shift < plan.shifts; ++shift) {
          const int32_t row = y + shift * s.stride_h;
          put(plan, layout, of_block + size_t(shift) * plan.shift_bytes(layout),
              int64_t{row / 4} * s.kernel_w + x, c % block, row % 4, level);
        }
      }
    }
    start[c] = static_cast<int32_t>(-sum * problem.input->offset);
  }
}

int64_t depthwise_items(const ConvProblem& problem, int32_t block) {
  const Plan plan(problem.shape, block);
  return plan.blocks * plan.row_groups * plan.pieces;
}

size_t depthwise_workspace_bytes(const ConvProblem& problem, int32_t block) {
  const Plan plan(problem.shape, block);
  return acc_count(plan) * sizeof(int32_t) +
         size_t(plan.layers) * size_t(columns_of(problem.shape, plan.pixels)) * size_t(block) * 4;
}

void depthwise_run(const ConvCall& call, int32_t block, DepthwiseLayout layout, int64_t begin,
                   int64_t end, void* workspace, DepthwiseFn sum) {
  const ConvShape& s = call.problem->shape;
  const Plan plan(s, block);
  const WindowedInput input = windowed_input(call);
  int32_t* acc = static_cast<int32_t*>(workspace);
  const int8_t* weights = static_cast<const int8_t*>(call.packed) + plan.start_bytes();
  DepthwiseStrips strips;
  strips.row_step = (s.kernel_h == 1 ? 1 : s.dilation_h) * input.row;
  strips.column = s.in_c;
  strips.layers = plan.layers;
  strips.kernel_w = s.kernel_w;
  strips.stride_w = s.stride_w;
  strips.dilation_w = s.dilation_w;
  strips.shift_bytes = static_cast<ptrdiff_t>(plan.shift_bytes(layout));
  strips.quads = reinterpret_cast<uint8_t*>(acc + acc_count(plan));
  for (int64_t item = begin; item < end; ++item) {
    const int64_t b = item / plan.pieces / plan.row_groups;
    const int64_t first_row = item / plan.pieces % plan.row_groups * plan.rows_per_item;
    const int64_t last_row = std::min(first_row + plan.rows_per_item, plan.rows);
    const int32_t piece = static_cast<int32_t>(item % plan.pieces);
    const int32_t x = static_cast<int32_t>(int64_t{s.out_w} * piece / plan.pieces);
    const int32_t channel = static_cast<int32_t>(b) * block;
    strips.pixels = static_cast<int32_t>(int64_t{s.out_w} * (piece + 1) / plan.pieces) - x;
    strips.columns = columns_of(s, strips.pixels);
    strips.channels = std::min(s.out_c - channel, block);
    strips.weights = weights + size_t(b) * plan.block_bytes(layout);
    strips.start = static_cast<const int32_t*>(call.packed) + channel;
    strips.acc = acc;
    for (int64_t row = first_row; row < last_row; row += strips.shifts) {
      const int64_t y = row % s.out_h;
      strips.shifts = static_cast<int32_t>(
          std::min(std::min<int64_t>(plan.shifts, s.out_h - y), last_row - row));
      strips.rows = s.kernel_h + (strips.shifts - 1) * s.stride_h;
      strips.input = input.data + row / s.out_h * input.image + y * s.stride_h * input.row +
                     int64_t{x} * s.stride_w * s.in_c + channel;
      sum(strips);
      strips.acc += ptrdiff_t{strips.shifts} * strips.pixels * block;
    }
    // Whole rows follow each other in the output, pieces of rows do not.
    const int32_t rows = static_cast<int32_t>(last_row - first_row);
    const int32_t runs = plan.pieces == 1 ? 1 : rows;
    for (int32_t i = 0; i < runs; ++i) {
      call.requantize->run(*call.epilogue, acc + ptrdiff_t{i} * strips.pixels * block, block,
                           rows / runs * strips.pixels, channel, strips.channels,
                           conv_target(call, (first_row + i) * s.out_w + x, channel));
    }
  }
}

double depthwise_cost(const ConvProblem& problem, int32_t block, double per_column, double per_quad,
                      double per_output) {
  const ConvShape& s = problem.shape;
  const Plan plan(s, block);
  const double strips = double(plan.rows) * double(plan.blocks);
  const double pixels = strips * s.out_w;
  const double columns = strips / plan.shifts * columns_of(s, s.out_w) * plan.layers;
  return columns * per_column + pixels * double(plan.taps) * per_quad +
         pixels * block * per_output + 80.0 * double(depthwise_items(problem, block)) +
         double(border_bytes(problem)) / 16.0;
}

}  // namespace weq::kernels
