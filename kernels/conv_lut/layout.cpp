#include "kernels/conv_lut/layout.h"

#include <algorithm>
#include <cstring>

#include "kernels/conv/border.h"
#include "kernels/conv/codes.h"
#include "kernels/conv_lut/flush.h"
#include "kernels/conv_lut/runs.h"

namespace weq::kernels {
namespace {

int32_t ceil_div(int32_t a, int32_t b) { return (a + b - 1) / b; }

// min over the activation codes of La * level.
int32_t least_product(const LevelMap& map, int32_t level) {
  return std::min(map.min_level * level, map.max_level * level);
}

int32_t level_of_code(const LevelMap& map, int32_t code) {
  return map.level[map.byte_of_code[code]];
}

}  // namespace

LutLayout lut_layout(const ConvShape& shape, int32_t group) {
  LutLayout l;
  l.lookups = ceil_div(shape.in_c, group);
  if (shape.kernel_h == 1) l.step_h = shape.stride_h;
  if (shape.kernel_w == 1) l.step_w = shape.stride_w;
  l.rows = ceil_div(window_rows(shape), l.step_h);
  l.cols = ceil_div(window_cols(shape), l.step_w);
  l.stride_h = shape.stride_h / l.step_h;
  l.stride_w = shape.stride_w / l.step_w;
  const bool whole_rows = shape.dilation_w == 1 || shape.kernel_w == 1;
  l.segments_h = shape.kernel_h;
  l.segments_w = whole_rows ? 1 : shape.kernel_w;
  l.segment = whole_rows ? shape.kernel_w * l.lookups : l.lookups;
  l.segment_step_h = shape.dilation_h;
  l.segment_step_w = shape.dilation_w;
  return l;
}

const char* lut_refuse(const ConvProblem& problem, int32_t weight_codes, int32_t activation_codes,
                       int32_t flush) {
  if (problem.shape.groups != 1) return "grouped convolution";
  if (problem.weights.level_count > weight_codes) {
    return weight_codes == 2   ? "more than 2 weight codes"
           : weight_codes == 3 ? "more than 3 weight codes"
                               : "more than 4 weight codes";
  }
  if (problem.input->codes > activation_codes) {
    return activation_codes == 2   ? "more than 2 activation codes"
           : activation_codes == 4 ? "more than 4 activation codes"
                                   : "more than 16 activation codes";
  }
  if (flush < 1) return "one lookup overflows a byte";
  return nullptr;
}

LutPacked lut_packed(const ConvShape& shape, const LutForm& form) {
  const size_t channels = round_up(size_t(shape.out_c), size_t(form.lanes));
  LutPacked p;
  p.start = size_t(form.table_bytes);
  p.panels = p.start + round_up(channels * sizeof(int32_t), kAlignment);
  const auto lookups = size_t(lut_layout(shape, form.group).total_lookups());
  p.runs = p.panels + channels * lookups;
  p.block_runs = round_up(lookups, kAlignment);  // the shortest runs are single lookups
  p.bytes = p.runs + p.block_runs * ((channels / size_t(form.lanes) + 1) / 2);
  return p;
}

int32_t lut_term(const ConvProblem& problem, int32_t activation, int32_t weight) {
  if (activation >= problem.input->codes || weight >= problem.weights.level_count) return 0;
  const int32_t level = problem.weights.levels[weight];
  return level_of_code(*problem.input, activation) * level - least_product(*problem.input, level);
}

void lut_fill_tables(const ConvProblem& problem, const LutForm& form, uint8_t* tables) {
  for (int32_t a = 0; a < 1 << 2 * form.group; ++a) {
    for (int32_t lane = 0; lane < form.lanes; ++lane) {
      int32_t sum = 0;
      for (int32_t i = 0; i < form.group; ++i) {
        sum += lut_term(problem, a >> 2 * i & 3, lane >> 2 * i & 3);
      }
      tables[a * form.lanes + lane] = static_cast<uint8_t>(sum);
    }
  }
}

void lut_pack_weights(const ConvProblem& problem, const LutForm& form, uint8_t* packed) {
  const ConvShape& shape = problem.shape;
  const LutPacked offsets = lut_packed(shape, form);
  const LutLayout layout = lut_layout(shape, form.group);
  const int32_t lanes = form.lanes;
  std::memset(packed, 0, offsets.bytes);
  auto* start = reinterpret_cast<int32_t*>(packed + offsets.start);
  const int32_t filler = lut_filler_code(problem.weights);
  const int32_t missing_level = problem.input->level[lut_missing_byte(*problem.input)];
  const int64_t channel_weights = int64_t{shape.kernel_h} * shape.kernel_w * shape.in_c;
  const int32_t vectors = ceil_div(shape.out_c, lanes);
  int32_t place[8] = {1};  // of the code of channel i in an index
  for (int32_t i = 1; i < form.group; ++i) place[i] = place[i - 1] * form.weight_codes;
  for (int32_t o = 0; o < shape.out_c; ++o) {
    const int32_t vector = o / lanes, in_vector = o % lanes;
    const int32_t width = std::min(2, vectors - vector / 2 * 2) * lanes;  // of the block
    const int32_t lane = in_vector * 2 < lanes ? in_vector * 2 : in_vector * 2 - lanes + 1;
    uint8_t* index = packed + offsets.panels +
                     int64_t{vector / 2} * 2 * lanes * layout.total_lookups() + vector % 2 * lanes +
                     lane;
    for (int64_t tap = 0; tap < channel_weights; tap += shape.in_c) {
      LevelReader reader(problem.weights, o * channel_weights + tap);
      for (int32_t i = 0; i < form.group; ++i) {
        for (int32_t j = 0; j < layout.lookups; ++j) {
          const bool missing = i * layout.lookups + j >= shape.in_c;
          const int32_t code = missing ? filler : reader.next_code();
          if (missing) start[o] -= missing_level * problem.weights.levels[code];
          uint8_t& at = index[int64_t{j} * width];
          at = static_cast<uint8_t>(at + code * place[i]);
          start[o] += least_product(*problem.input, problem.weights.levels[code]);
        }
      }
      index += int64_t{layout.lookups} * width;
    }
  }
  lut_find_runs(problem, form, packed);
}

uint8_t lut_missing_byte(const LevelMap& map) {
  return map.zero_byte >= 0 ? static_cast<uint8_t>(map.zero_byte) : map.byte_of_code[0];
}

void lut_codes_of_bytes(const LevelMap& map, uint8_t codes[256]) {
  std::memset(codes, 0, 256);
  for (int32_t code = 0; code < map.codes; ++code) {
    codes[map.byte_of_code[code]] = static_cast<uint8_t>(code);
  }
}

}  // namespace weq::kernels
