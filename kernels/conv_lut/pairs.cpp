#include "kernels/conv_lut/pairs.h"

#include <algorithm>
#include <cstring>

#include "kernels/conv/border.h"
#include "kernels/conv/codes.h"
#include "kernels/conv/target.h"
#include "kernels/conv_lut/flush.h"

namespace weq::kernels {
namespace {

constexpr size_t kStripBytes = size_t{320} << 10;  // of tables: they stay in L2

int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

int32_t span_of(const LevelMap& map) {
  return map.byte_of_code[map.codes - 1] - map.byte_of_code[0];
}

struct Plan {
  explicit Plan(const ConvShape& s)
      : image(lut_layout(s, kPairChannels)),
        row_bytes(size_t(image.row_indices()) * kPairTableBytes),
        blocks(ceil_div(s.out_c, kPairBlock)),
        reach((s.kernel_h - 1) * s.dilation_h + 1) {
    // As many output rows as fit; an even number of strips, so that two threads share evenly.
    int32_t rows = 1;
    while (rows < s.out_h && size_t(table_rows(rows + 1)) * row_bytes <= kStripBytes) ++rows;
    strips = ceil_div(s.out_h, rows);
    if (strips % 2 != 0 && s.out_h > 1) ++strips;
    strip_rows = ceil_div(s.out_h, strips);
    strips = ceil_div(s.out_h, strip_rows);
  }
  // Image rows that `rows` output rows read.
  int32_t table_rows(int32_t rows) const { return (rows - 1) * image.stride_h + reach; }

  LutLayout image;  // one "index" per lookup stands for its table
  size_t row_bytes;
  int32_t blocks, reach;
  int32_t strips = 1, strip_rows = 1;  // of one batch entry
};

struct Offsets {
  Offsets(const ConvShape& s, const Plan& plan, int32_t lanes) {
    const size_t padded = size_t(plan.blocks) * kPairBlock;
    const size_t channels = round_up(size_t(s.out_c), size_t(lanes));
    start = round_up(sizeof(PairConstants), kAlignment);
    panels = start + padded * sizeof(int32_t);
    bytes = panels + channels * size_t(plan.image.total_lookups()) * kPairChannels / 2;
  }
  size_t start, panels, bytes;
};

// min over the activation of level * weight.
int32_t least_product(const LevelMap& map, int32_t weight) {
  return std::min(map.min_level * weight, map.max_level * weight);
}

void fill_constants(const ConvProblem& problem, PairConstants* constants) {
  std::memset(constants, 0, sizeof(*constants));
  const ConvWeights& weights = problem.weights;
  const LevelMap& map = *problem.input;
  // What is taken off a product of the stored byte: its value at the least level.
  const auto least = [&](int32_t w) { return least_product(map, w) + w * map.offset; };
  for (int32_t w1 = 0; w1 < weights.level_count; ++w1) {
    for (int32_t w0 = 0; w0 < weights.level_count; ++w0) {
      const int8_t l0 = weights.levels[w0], l1 = weights.levels[w1];
      const int32_t at = pair_position(w0, w1);
      for (int32_t pair = 0; pair < kPairTableBytes; pair += 16) {
        int8_t* words = at % 2 == 0 ? constants->low : constants->high;
        words[pair + at / 2 * 2] = l0;
        words[pair + at / 2 * 2 + 1] = l1;
        constants->bias[pair + at] = static_cast<uint8_t>(-least(l0) - least(l1));
      }
    }
  }
}

// Weight indices of one channel, and its start value.
int32_t pack_channel(const ConvProblem& problem, const PairOps& ops, int32_t o, int32_t width,
                     uint8_t* panel) {
  const ConvShape& s = problem.shape;
  const int32_t lookups = ceil_div(s.in_c, kPairChannels);
  const int32_t filler = lut_filler_code(problem.weights);
  const int64_t taps = int64_t{s.kernel_h} * s.kernel_w;
  LevelReader reader(problem.weights, o * taps * s.in_c);
  int32_t start = 0;
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int32_t pair = 0; pair < lookups * 4; ++pair) {
      int32_t codes[2];
      for (int32_t i = 0; i < 2; ++i) {
        codes[i] = 2 * pair + i < s.in_c ? reader.next_code() : filler;
        start += least_product(*problem.input, problem.weights.levels[codes[i]]);
      }
      panel[int64_t{pair / 4} * width * 4 + int64_t(ops.place(width, o % kPairBlock, pair % 4))] =
          static_cast<uint8_t>(ops.base(pair % 4) + pair_position(codes[0], codes[1]));
    }
    panel += int64_t{lookups} * width * 4;
  }
  return start;
}

// Makes the tables of image rows [first, first + rows) of batch entry n.
void make_strip(const ConvCall& call, const PairOps& ops, const Plan& plan, int64_t n,
                int32_t first, int32_t rows, uint8_t* tables) {
  const ConvProblem& problem = *call.problem;
  const ConvShape& s = problem.shape;
  const LutLayout& l = plan.image;
  const auto& constants = *static_cast<const PairConstants*>(call.packed);
  const size_t pixel_bytes = size_t(l.lookups) * kPairTableBytes;
  const uint8_t missing = static_cast<uint8_t>(std::max(problem.input->zero_byte, 0));
  const ptrdiff_t step = ptrdiff_t{l.step_w} * s.in_c;
  // Columns [left, right) lie inside the input.
  const int32_t left = std::min(ceil_div(s.pad_left, l.step_w), l.cols);
  const int32_t right = std::max(std::min((s.in_w - 1 + s.pad_left) / l.step_w + 1, l.cols), left);
  const uint8_t* border = nullptr;
  for (int32_t row = 0; row < rows; ++row, tables += plan.row_bytes) {
    const int64_t y = int64_t{first + row} * l.step_h - s.pad_top;
    const bool inside = y >= 0 && y < s.in_h;
    const int32_t from_x = inside ? left : l.cols, to_x = inside ? right : l.cols;
    for (int32_t x = 0; x < l.cols; ++x) {
      if (x == from_x) x = to_x;
      if (x == l.cols) break;
      uint8_t* pixel = tables + size_t(x) * pixel_bytes;
      if (border == nullptr) {
        ops.make_tables(constants, problem.pad_bytes, 0, s.in_c, missing, 1, pixel);
        border = pixel;
      } else {
        std::memcpy(pixel, border, pixel_bytes);
      }
    }
    if (from_x < to_x) {
      const int64_t x = int64_t{from_x} * l.step_w - s.pad_left;
      ops.make_tables(constants, call.input + ((n * s.in_h + y) * s.in_w + x) * s.in_c, step,
                      s.in_c, missing, to_x - from_x, tables + size_t(from_x) * pixel_bytes);
    }
  }
}

struct Workspace {
  Workspace(const Plan& plan, void* memory) {
    auto* bytes = static_cast<uint8_t*>(memory);
    sums = reinterpret_cast<int32_t*>(bytes);
    segments = reinterpret_cast<ptrdiff_t*>(bytes + sums_bytes());
    tables = bytes + sums_bytes() + segment_bytes(plan);
  }
  static size_t sums_bytes() { return size_t{kPairPixels} * kPairBlock * sizeof(int32_t); }
  static size_t segment_bytes(const Plan& plan) {
    const size_t count = size_t(plan.image.segments_h) * size_t(plan.image.segments_w);
    return round_up(count * sizeof(ptrdiff_t), kAlignment);
  }
  int32_t* sums;
  ptrdiff_t* segments;
  uint8_t* tables;
};

// Calls work(first segment, segments, begin, end) for parts of about kPairSlice lookups.
template <class Work>
void for_each_slice(const LutLayout& l, const Work& work) {
  const int32_t segments = l.segments_h * l.segments_w;
  const int32_t at_once = std::max(kPairSlice / l.segment, 1);
  for (int32_t s = 0; s < segments; s += at_once) {
    for (int32_t begin = 0; begin < l.segment; begin += kPairSlice) {
      work(s, std::min(at_once, segments - s), begin, std::min(begin + kPairSlice, l.segment));
    }
  }
}

void requantize(const ConvCall& call, const int32_t* sums, int64_t row, int32_t rows,
                int32_t channel, int32_t channels) {
  call.requantize->run(*call.epilogue, sums, kPairBlock, rows, channel, channels,
                       conv_target(call, row, channel));
}

// One strip: output rows [first, end) of batch entry n.
void run_strip(const ConvCall& call, const PairOps& ops, const Plan& plan, int64_t n, int32_t first,
               int32_t end, const Workspace& work) {
  const ConvShape& s = call.problem->shape;
  const LutLayout& l = plan.image;
  make_strip(call, ops, plan, n, first * l.stride_h, plan.table_rows(end - first), work.tables);
  const Offsets offsets(s, plan, ops.lanes);
  const auto* packed = static_cast<const uint8_t*>(call.packed);
  const int32_t pixels = (end - first) * s.out_w;
  PairPass pass;
  pass.together = pair_together(*call.problem);
  for (int32_t channel = 0; channel < s.out_c; channel += kPairBlock) {
    pass.channels = std::min(s.out_c - channel, kPairBlock);
    const size_t width = round_up(size_t(pass.channels), size_t(ops.lanes));
    for (int32_t pixel = 0; pixel < pixels; pixel += kPairPixels) {
      const int32_t count = std::min(pixels - pixel, kPairPixels);
      const uint8_t* windows[kPairPixels];
      for (int32_t i = 0; i < count; ++i) {
        const int32_t y = (pixel + i) / s.out_w, x = (pixel + i) % s.out_w;
        windows[i] = work.tables + size_t(y * l.stride_h) * plan.row_bytes +
                     size_t(x) * size_t(l.stride_w * l.lookups) * kPairTableBytes;
      }
      pass.panel = packed + offsets.panels + size_t(channel) * size_t(l.total_lookups()) * 4;
      pass.start = reinterpret_cast<const int32_t*>(packed + offsets.start) + channel;
      for_each_slice(l, [&](int32_t segment, int32_t segments, int32_t from, int32_t to) {
        pass.segments = work.segments + segment;
        pass.segment_count = segments;
        pass.begin = from;
        pass.end = to;
        ops.sum(pass, windows, count, work.sums);
        pass.panel += size_t(to - from) * size_t(segments) * width * 4;
        pass.start = nullptr;
      });
      const int64_t row = (n * s.out_h + first) * s.out_w + pixel;
      requantize(call, work.sums, row, count, channel, pass.channels);
    }
  }
}

}  // namespace

const char* pair_refuse(const ConvProblem& problem) {
  if (problem.shape.groups != 1) return "grouped convolution";
  if (problem.weights.level_count > 4) return "more than 4 weight codes";
  if (!problem.input->byte_is_level) return "the input holds code bytes, not level bytes";
  if (problem.shape.in_c % kPairChannels != 0 && problem.input->zero_byte < 0) {
    return "no zero level for the channels missing in the last group";
  }
  if (pair_together(problem) < 1) return "the products of a pair overflow a byte";
  // The products of whole stored bytes must not saturate 16 bits.
  for (int32_t k = 0; k < problem.weights.level_count; ++k) {
    if (std::abs(int32_t{problem.weights.levels[k]}) > 64) return "weight levels above 64";
  }
  return nullptr;
}

int32_t pair_together(const ConvProblem& problem) {
  const int32_t filler = problem.weights.levels[lut_filler_code(problem.weights)];
  const int32_t most = std::max({problem.bounds.max_abs_weight, filler, -filler});
  const int32_t largest = span_of(*problem.input) * 2 * most;
  return largest == 0 ? 255 : 255 / largest;
}

size_t pair_packed_bytes(const ConvProblem& problem, const PairOps& ops) {
  return Offsets(problem.shape, Plan(problem.shape), ops.lanes).bytes;
}

void pair_pack(const ConvProblem& problem, const PairOps& ops, void* packed) {
  const ConvShape& s = problem.shape;
  const Plan plan(s);
  const Offsets offsets(s, plan, ops.lanes);
  auto* bytes = static_cast<uint8_t*>(packed);
  std::memset(bytes, 0, offsets.bytes);
  fill_constants(problem, static_cast<PairConstants*>(packed));
  auto* start = reinterpret_cast<int32_t*>(bytes + offsets.start);
  for (int32_t o = 0; o < s.out_c; ++o) {
    const int32_t block = o / kPairBlock * kPairBlock;
    const auto width = static_cast<int32_t>(
        round_up(size_t(std::min(s.out_c - block, kPairBlock)), size_t(ops.lanes)));
    start[o] = pack_channel(
        problem, ops, o, width,
        bytes + offsets.panels + size_t(block) * size_t(plan.image.total_lookups()) * 4);
  }
}

int64_t pair_items(const ConvProblem& problem) {
  return int64_t{problem.shape.batch} * Plan(problem.shape).strips;
}

size_t pair_workspace_bytes(const ConvProblem& problem) {
  const Plan plan(problem.shape);
  return Workspace::sums_bytes() + Workspace::segment_bytes(plan) +
         size_t(plan.table_rows(plan.strip_rows)) * plan.row_bytes;
}

void pair_run(const ConvCall& call, const PairOps& ops, int64_t begin, int64_t end,
              void* workspace) {
  const ConvShape& s = call.problem->shape;
  const Plan plan(s);
  const LutLayout& l = plan.image;
  const Workspace work(plan, workspace);
  for (int32_t y = 0; y < l.segments_h; ++y) {
    for (int32_t x = 0; x < l.segments_w; ++x) {
      work.segments[y * l.segments_w + x] =
          (ptrdiff_t{y} * l.segment_step_h * l.cols + x * l.segment_step_w) * l.lookups *
          kPairTableBytes;
    }
  }
  for (int64_t item = begin; item < end; ++item) {
    const auto first = static_cast<int32_t>(item % plan.strips) * plan.strip_rows;
    run_strip(call, ops, plan, item / plan.strips, first,
              std::min(first + plan.strip_rows, s.out_h), work);
  }
}

double pair_cost(const ConvProblem& problem, const PairOps& ops, const PairCycles& cycles) {
  const ConvShape& s = problem.shape;
  const Plan plan(s);
  const double pixels =
      double(s.batch) * plan.strips * plan.table_rows(plan.strip_rows) * plan.image.cols;
  const double rows = double(s.batch) * s.out_h * s.out_w;
  const double vectors = double(round_up(size_t(s.out_c), size_t(ops.lanes))) / 16;
  const int32_t together = pair_together(problem);
  const double lookup = rows == 1       ? cycles.lookup_of_lone_row
                        : together == 1 ? cycles.lookup[0]
                        : together < 4  ? cycles.lookup[1]
                                        : cycles.lookup[2];
  return pixels * plan.image.lookups * cycles.table +
         rows * vectors * double(plan.image.total_lookups()) * lookup +
         rows * s.out_c * cycles.output;
}

}  // namespace weq::kernels
