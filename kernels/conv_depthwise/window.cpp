#include "kernels/conv_depthwise/window.h"

#include <algorithm>
#include <cstring>

#include "kernels/conv/codes.h"
#include "kernels/conv/target.h"

namespace weq::kernels {
namespace {

constexpr int64_t kBandBytes = 512 * 1024;  // of input

struct Plan {
  Plan(const ConvShape& s, int32_t widest)
      : size(s.kernel_h),
        stride(s.stride_h),
        layers(window_layers(size)),
        shifts(window_shifts(size, stride)),
        block(widest),
        blocks((s.out_c + widest - 1) / widest),
        last_width(s.out_c - (blocks - 1) * widest > 32 ? widest : 32),
        pieces((s.out_w + kWindowPixels - 1) / kWindowPixels),
        groups((s.out_h + shifts - 1) / shifts) {
    const int64_t group_bytes = int64_t{shifts} * stride * s.in_w * s.in_c;
    band_groups = static_cast<int32_t>(
        std::min<int64_t>(groups, std::max<int64_t>(1, kBandBytes / group_bytes)));
    bands = (groups + band_groups - 1) / band_groups;
  }
  int32_t width_of(int32_t b) const { return b + 1 < blocks ? block : last_width; }
  int64_t products() const { return int64_t{layers} * size * shifts; }  // of a vector
  size_t block_bytes(int32_t width, WindowLayout layout) const {
    return size_t(4 * products()) * size_t(width) * (layout == WindowLayout::kWords ? 2 : 1);
  }
  size_t start_bytes() const { return size_t(blocks) * size_t(block) * sizeof(int32_t); }
  int32_t columns_of(int32_t pixels) const { return (pixels - 1) * stride + size; }

  int32_t size, stride, layers, shifts, block, blocks, last_width, pieces, groups;
  int32_t band_groups = 1, bands = 1;  // groups of `shifts` output rows
};

// Place of a weight in its block, in elements.
size_t place(const Plan& plan, WindowLayout layout, int32_t width, int32_t channel, int32_t row,
             int32_t column, int32_t shift) {
  const int32_t vector = channel % 16 / 4, lane = channel / 16 * 4 + channel % 4;
  const int64_t product =
      ((int64_t{vector} * plan.layers + row / 4) * plan.size + column) * plan.shifts + shift;
  if (layout == WindowLayout::kBytes) return size_t(product * width + 4 * lane + row % 4);
  return size_t(product * width + row % 2 * (width / 2) + 2 * lane + row % 4 / 2);
}

void put(WindowLayout layout, int8_t* block, size_t at, int8_t level) {
  if (layout == WindowLayout::kBytes) {
    block[at] = level;
  } else {
    block[2 * at] = level;
    block[2 * at + 1] = static_cast<int8_t>(level < 0 ? -1 : 0);
  }
}

// Where an item lies. Items run over images, bands, blocks, groups of a band and pieces.
class Place {
 public:
  Place(const Plan& plan, int64_t item) : plan_(plan) {
    piece = static_cast<int32_t>(item % plan.pieces);
    item /= plan.pieces;
    const int64_t image_items = int64_t{plan.groups} * plan.blocks;
    image = static_cast<int32_t>(item / image_items);
    item %= image_items;
    const int64_t band_items = int64_t{plan.band_groups} * plan.blocks;
    first_ = static_cast<int32_t>(item / band_items) * plan.band_groups;
    item %= band_items;
    block = static_cast<int32_t>(item / band_groups());
    group = first_ + static_cast<int32_t>(item % band_groups());
  }
  void advance() {
    if (++piece < plan_.pieces) return;
    piece = 0;
    if (++group < first_ + band_groups()) return;
    group = first_;
    if (++block < plan_.blocks) return;
    block = 0;
    first_ += band_groups();
    if (first_ == plan_.groups) {
      first_ = 0;
      ++image;
    }
    group = first_;
  }

  int32_t block, group, image, piece;

 private:
  int32_t band_groups() const { return std::min(plan_.band_groups, plan_.groups - first_); }
  const Plan& plan_;
  int32_t first_;  // group of the band
};

bool in_registers(const Epilogue& e) {
  if (e.outputs != 1 || e.residual_factor != 0 || e.pre_shift != 0) return false;
  const Thresholds& t = e.output[0];
  return t.form == ThresholdForm::kGrid || (t.form == ThresholdForm::kLinear && t.store_is_code);
}

// The order of the vectors: four channels at a time.
void reorder(const int32_t* from, int32_t width, int32_t* to) {
  for (int32_t v = 0; v < 4; ++v) {
    for (int32_t lane = 0; lane < width / 16; ++lane, to += 4) {
      std::memcpy(to, from + 16 * lane + 4 * v, 4 * sizeof(int32_t));
    }
  }
}

// Arrays of the epilogue are padded with zeros to whole blocks.
void make_constants(const Epilogue& e, const int32_t* start, const WindowKernels& kernels,
                    int32_t width, int32_t channel, WindowConstants* to) {
  const bool linear = e.outputs == 1 && e.output[0].form == ThresholdForm::kLinear;
  reorder(e.multiplier + channel, width, to->multiplier);
  reorder(e.addend + channel, width, to->addend);
  reorder(start + channel, width, to->start);
  kernels.fold_start(linear ? e.output[0].round : 0, width, to);
}

// Rows and columns of the strip that begins at output (y, x).
void aim(const ConvCall& call, const Plan& plan, const Place& p, int32_t y, int32_t x,
         int32_t channel, WindowStrip* strip) {
  const ConvShape& s = call.problem->shape;
  const int32_t column = x * s.stride_w - s.pad_left;
  // Read past the last column of an odd pixel, too.
  const uint8_t* pad = call.problem->pad_bytes;
  strip->pad = (pad != nullptr ? pad : call.input) + channel;
  strip->left = std::max(0, -column);
  strip->end = std::max(strip->left, s.in_w - column);
  const int32_t used = (strip->shifts - 1) * s.stride_h + s.kernel_h;
  for (int32_t i = 0; i < 4 * plan.layers; ++i) {
    // Rows past the last have zero weights: any row will do.
    const int32_t row = y * s.stride_h - s.pad_top + std::min(i, used - 1);
    const bool inside = row >= 0 && row < s.in_h && strip->left < strip->end;
    const int64_t at = (int64_t{p.image} * s.in_h + row) * s.in_w + column + strip->left;
    strip->rows[i] = inside ? call.input + at * s.in_c + channel : strip->pad;
    strip->steps[i] = inside ? s.in_c : 0;
  }
}

}  // namespace

const char* window_refuse(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (s.groups != s.in_c || s.out_c != s.in_c) return "not depthwise";
  if (s.kernel_h != s.kernel_w || (s.kernel_h != 3 && s.kernel_h != 5)) {
    return "not a window of 3x3 or 5x5";
  }
  if (s.stride_h != s.stride_w || s.stride_h > 2) return "not of stride 1 or 2";
  if (s.dilation_h != 1 || s.dilation_w != 1) return "dilated";
  return problem.input->byte_is_level ? nullptr : "the input holds code bytes, not level bytes";
}

size_t window_packed_bytes(const ConvProblem& problem, int32_t block, WindowLayout layout) {
  const Plan plan(problem.shape, block);
  return plan.start_bytes() + size_t(plan.blocks - 1) * plan.block_bytes(block, layout) +
         plan.block_bytes(plan.last_width, layout);
}

void window_pack(const ConvProblem& problem, int32_t block, WindowLayout layout, void* packed) {
  const ConvShape& s = problem.shape;
  const Plan plan(s, block);
  int8_t* bytes = static_cast<int8_t*>(packed);
  std::fill(bytes, bytes + window_packed_bytes(problem, block, layout), int8_t{0});
  int32_t* start = static_cast<int32_t*>(packed);
  LevelReader levels(problem.weights, 0);
  for (int32_t c = 0; c < s.out_c; ++c) {
    const int32_t b = c / block, width = plan.width_of(b);
    int8_t* of_block = bytes + plan.start_bytes() + size_t(b) * plan.block_bytes(block, layout);
    int64_t sum = 0;
    for (int32_t tap = 0; tap < plan.size * plan.size; ++tap) {
      const int8_t level = levels.next();
      sum += level;
      for (int32_t shift = 0; shift < plan.shifts; ++shift) {
        const int32_t row = tap / plan.size + shift * plan.stride;
        put(layout, of_block, place(plan, layout, width, c % block, row, tap % plan.size, shift),
            level);
      }
    }
    start[c] = static_cast<int32_t>(-sum * problem.input->offset);
  }
}

int64_t window_items(const ConvProblem& problem, int32_t block) {
  const Plan plan(problem.shape, block);
  return int64_t{problem.shape.batch} * plan.groups * plan.blocks * plan.pieces;
}

size_t window_workspace_bytes(const ConvProblem& problem) {
  const Plan plan(problem.shape, kWindowBlock);
  const int32_t pixels = std::min(kWindowPixels, problem.shape.out_w);
  return sizeof(WindowConstants) +
         size_t(plan.columns_of(pixels)) * size_t(plan.layers) * 4 * kWindowBlock +
         size_t(plan.shifts) * size_t(pixels) * kWindowBlock * sizeof(int32_t);
}

void window_run(const ConvCall& call, const WindowKernels& kernels, WindowLayout layout,
                int64_t begin, int64_t end, void* workspace) {
  const ConvShape& s = call.problem->shape;
  const Plan plan(s, kernels.block);
  const Epilogue& e = *call.epilogue;
  const bool registers = in_registers(e);
  const WindowFn run = !registers                                   ? kernels.tile
                       : e.output[0].form == ThresholdForm::kLinear ? kernels.linear
                                                                    : kernels.grid;
  const int32_t* start = static_cast<const int32_t*>(call.packed);
  const int8_t* weights = static_cast<const int8_t*>(call.packed) + plan.start_bytes();
  WindowStrip strip;
  strip.size = plan.size;
  strip.stride = plan.stride;
  strip.constants = static_cast<WindowConstants*>(workspace);
  strip.acc = reinterpret_cast<int32_t*>(strip.constants + 1);
  strip.quads = reinterpret_cast<uint8_t*>(
      strip.acc + size_t(plan.shifts) * kWindowBlock * size_t(std::min(kWindowPixels, s.out_w)));
  strip.pixel = call.out_stride != 0 ? call.out_stride : s.out_c;
  strip.row = s.out_w * strip.pixel;
  int32_t prepared = -1;
  Place p(plan, begin);
  for (int64_t item = begin; item < end; ++item, p.advance()) {
    const int32_t channel = p.block * plan.block, y = p.group * plan.shifts;
    const int32_t x = static_cast<int32_t>(int64_t{s.out_w} * p.piece / plan.pieces);
    strip.pixels = static_cast<int32_t>(int64_t{s.out_w} * (p.piece + 1) / plan.pieces) - x;
    strip.shifts = std::min(plan.shifts, s.out_h - y);
    strip.channels = std::min(plan.block, s.out_c - channel);
    strip.width = plan.width_of(p.block);
    strip.weights = weights + size_t(p.block) * plan.block_bytes(plan.block, layout);
    if (p.block != prepared) {
      make_constants(e, start, kernels, strip.width, channel, strip.constants);
      prepared = p.block;
    }
    aim(call, plan, p, y, x, channel, &strip);
    const int64_t pixel = (int64_t{p.image} * s.out_h + y) * s.out_w + x;
    if (registers) strip.bytes = conv_target(call, pixel, channel).bytes[0];
    run(strip, e.output[0]);
    for (int32_t i = 0; !registers && i < strip.shifts; ++i) {
      call.requantize->run(e, strip.acc + ptrdiff_t{i} * strip.pixels * strip.width, strip.width,
                           strip.pixels, channel, strip.channels,
                           conv_target(call, pixel + int64_t{i} * s.out_w, channel));
    }
  }
}

double window_cost(const ConvProblem& problem, int32_t block, double per_column, double per_product,
                   double per_output) {
  const ConvShape& s = problem.shape;
  const Plan plan(s, block);
  const double width =
      (double(plan.blocks - 1) * plan.block + plan.last_width) / double(kWindowBlock);
  const double rows = double(s.batch) * s.out_h * width, groups = double(s.batch) * plan.groups;
  // Two layers of quads go through memory.
  const double columns = groups * width * plan.columns_of(s.out_w) * (plan.layers == 2 ? 4 : 1);
  const double products = double(plan.size) * plan.layers;
  return columns * per_column + rows * s.out_w * (4 * products * per_product + per_output) +
         100.0 * double(window_items(problem, block));
}

}  // namespace weq::kernels
