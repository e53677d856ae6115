#include "kernels/conv_depthwise/depthwise.h"

#include <algorithm>

#include "kernels/conv/codes.h"

namespace weq::kernels {
namespace {

struct Plan {
  Plan(const ConvShape& s, int32_t block_channels)
      : block(block_channels),
        blocks((s.out_c + block - 1) / block),
        taps(int64_t{depthwise_layers(s.kernel_h)} * s.kernel_w),
        rows(int64_t{s.batch} * s.out_h),
        rows_per_item(std::max(1, kDepthwiseTile / s.out_w)),
        pieces((s.out_w + kDepthwiseTile - 1) / kDepthwiseTile) {
    row_groups = (rows + rows_per_item - 1) / rows_per_item;
  }
  size_t start_bytes() const { return size_t(blocks) * size_t(block) * sizeof(int32_t); }
  size_t block_bytes(DepthwiseLayout layout) const {
    return size_t(taps) * size_t(block) * (layout == DepthwiseLayout::kWords ? 8 : 4);
  }

  int32_t block;
  int64_t blocks, taps, rows;
  int32_t rows_per_item, pieces;  // pieces of an output row
  int64_t row_groups = 0;
};

int32_t columns_of(const ConvShape& s, int32_t pixels) {
  return (pixels - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
}

int32_t strip_pixels(const ConvShape& s) { return std::min(s.out_w, kDepthwiseTile); }

size_t quad_bytes(const ConvShape& s, int32_t block) {
  return size_t(depthwise_layers(s.kernel_h)) * size_t(columns_of(s, strip_pixels(s))) *
         size_t(block) * 4;
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

EpilogueTarget target_at(const ConvCall& call, int64_t at) {
  EpilogueTarget target;
  target.stride = target.residual_stride = call.problem->shape.out_c;
  if (call.residual != nullptr) target.residual = call.residual + at;
  for (int i = 0; i < 2; ++i) {
    if (call.bytes[i] != nullptr) target.bytes[i] = call.bytes[i] + at;
  }
  if (call.units != nullptr) target.units = call.units + at;
  return target;
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
    int8_t* weights = bytes + plan.start_bytes() + size_t(c / block) * plan.block_bytes(layout);
    int64_t sum = 0;
    for (int32_t y = 0; y < s.kernel_h; ++y) {
      for (int32_t x = 0; x < s.kernel_w; ++x) {
        const int8_t level = levels.next();
        sum += level;
        put(plan, layout, weights, int64_t{y / 4} * s.kernel_w + x, c % block, y % 4, level);
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
  return size_t(kDepthwiseTile) * size_t(block) * sizeof(int32_t) +
         quad_bytes(problem.shape, block);
}

void depthwise_run(const ConvCall& call, int32_t block, DepthwiseLayout layout, int64_t begin,
                   int64_t end, void* workspace, DepthwiseFn sum) {
  const ConvShape& s = call.problem->shape;
  const Plan plan(s, block);
  const WindowedInput input = windowed_input(call);
  int32_t* acc = static_cast<int32_t*>(workspace);
  const int8_t* weights = static_cast<const int8_t*>(call.packed) + plan.start_bytes();
  DepthwiseStrip strip;
  strip.row_step = s.dilation_h * input.row;
  strip.column = s.in_c;
  strip.kernel_h = s.kernel_h;
  strip.kernel_w = s.kernel_w;
  strip.stride_w = s.stride_w;
  strip.dilation_w = s.dilation_w;
  strip.quads = reinterpret_cast<uint8_t*>(acc + kDepthwiseTile * block);
  for (int64_t item = begin; item < end; ++item) {
    const int64_t b = item / plan.pieces / plan.row_groups;
    const int64_t first_row = item / plan.pieces % plan.row_groups * plan.rows_per_item;
    const int64_t last_row = std::min(first_row + plan.rows_per_item, plan.rows);
    const int32_t piece = static_cast<int32_t>(item % plan.pieces);
    const int32_t x = s.out_w * piece / plan.pieces;
    const int32_t channel = static_cast<int32_t>(b) * block;
    strip.pixels = s.out_w * (piece + 1) / plan.pieces - x;
    strip.columns = columns_of(s, strip.pixels);
    strip.channels = std::min(s.out_c - channel, block);
    strip.weights = weights + size_t(b) * plan.block_bytes(layout);
    strip.start = static_cast<const int32_t*>(call.packed) + channel;
    strip.acc = acc;
    for (int64_t row = first_row; row < last_row; ++row) {
      const int64_t y = row % s.out_h;
      strip.input = input.data + row / s.out_h * input.image + y * s.stride_h * input.row +
                    int64_t{x} * s.stride_w * s.in_c + channel;
      sum(strip);
      strip.acc += ptrdiff_t{strip.pixels} * block;
    }
    const int32_t pixels = static_cast<int32_t>(last_row - first_row) * strip.pixels;
    call.requantize->run(*call.epilogue, acc, block, pixels, channel, strip.channels,
                         target_at(call, (first_row * s.out_w + x) * s.out_c + channel));
  }
}

double depthwise_cost(const ConvProblem& problem, int32_t block, double per_column, double per_quad,
                      double per_output) {
  const ConvShape& s = problem.shape;
  const Plan plan(s, block);
  const double strips = double(plan.rows) * double(plan.blocks);
  const double pixels = strips * s.out_w;
  const double columns = strips * columns_of(s, s.out_w) * depthwise_layers(s.kernel_h);
  return columns * per_column + pixels * double(plan.taps) * per_quad +
         pixels * block * per_output + 80.0 * double(depthwise_items(problem, block)) +
         double(border_bytes(problem)) / 16.0;
}

}  // namespace weq::kernels
