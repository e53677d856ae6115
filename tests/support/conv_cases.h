// Random convolutions with everything a call needs, in guarded buffers, and the run of one kernel.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kernels/conv/bounds.h"
#include "kernels/conv/conv.h"
#include "tests/support/guard_buffer.h"
#include "tests/support/level_maps.h"
#include "tests/support/random.h"

namespace weq::test {

struct ConvCase {
  kernels::LevelMap input_map, residual_map, output_map[2];
  std::vector<int8_t> weight_levels;
  GuardBuffer<uint8_t> codes, input, pad_bytes, residual;
  GuardBuffer<int32_t> multiplier, addend;
  std::vector<int32_t> thresholds[2];
  kernels::ConvProblem problem;
  kernels::Epilogue epilogue;
  size_t outputs = 0;  // elements of the output tensor

  std::string describe() const {
    const kernels::ConvShape& s = problem.shape;
    std::string text = "batch " + std::to_string(s.batch);
    const auto add = [&](const char* name, int32_t a, int32_t b) {
      text += std::string(" ") + name + " " + std::to_string(a) + "x" + std::to_string(b);
    };
    add("in", s.in_h, s.in_w);
    add("out", s.out_h, s.out_w);
    add("channels", s.in_c, s.out_c);
    add("kernel", s.kernel_h, s.kernel_w);
    add("stride", s.stride_h, s.stride_w);
    add("dilation", s.dilation_h, s.dilation_w);
    add("pads", s.pad_top, s.pad_left);
    text += " groups " + std::to_string(s.groups) + " weight bits " +
            std::to_string(problem.weights.bits) + " sum16_flush " +
            std::to_string(problem.bounds.sum16_flush) + " outputs " +
            std::to_string(epilogue.outputs);
    return text;
  }
};

inline int32_t random_channels(Random& random) {
  return random.of<int32_t>({1, 2, 3, 4, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 127, 130});
}

inline void draw_axis(Random& random, int32_t* in, int32_t* out, int32_t* kernel, int32_t* stride,
                      int32_t* dilation, int32_t* pad) {
  *kernel = random.of<int32_t>({1, 1, 2, 3, 3, 3, 5, 7});
  *stride = random.of<int32_t>({1, 1, 2, 3});
  *dilation = random.of<int32_t>({1, 1, 1, 2, 3});
  const int32_t extent = (*kernel - 1) * *dilation + 1;
  *pad = random.chance(0.4) ? 0 : random.int32(0, extent);
  const int32_t end_pad = random.chance(0.4) ? 0 : random.int32(0, extent);
  const int32_t least = std::max(1, extent - *pad - end_pad);
  *in = least + random.int32(0, 10);
  *out = (*in + *pad + end_pad - extent) / *stride + 1;
}

// 3x3 with stride 1 or 2, or 5x5, on an input that is large enough.
inline void make_winograd_shape(Random& random, kernels::ConvShape* s) {
  const int32_t size = random.of<int32_t>({3, 3, 5});
  s->kernel_h = s->kernel_w = size;
  s->stride_h = s->stride_w = size == 5 ? 1 : random.int32(1, 2);
  s->dilation_h = s->dilation_w = s->groups = 1;
  s->in_c = random_channels(random);
  s->out_c = random_channels(random);
  s->in_h = random.int32(size, 12);
  s->in_w = random.int32(size, 12);
  s->pad_top = random.int32(0, 2);
  s->pad_left = random.int32(0, 2);
  s->out_h = (s->in_h + s->pad_top + random.int32(0, 2) - size) / s->stride_h + 1;
  s->out_w = (s->in_w + s->pad_left + random.int32(0, 2) - size) / s->stride_w + 1;
}

// 1x1 without padding, of channels that halve well.
inline void make_product_shape(Random& random, kernels::ConvShape* s) {
  s->kernel_h = s->kernel_w = s->dilation_h = s->dilation_w = s->groups = 1;
  s->pad_top = s->pad_left = 0;
  s->stride_h = s->stride_w = random.int32(1, 2);
  s->in_c = 8 * random.int32(1, 20);
  s->out_c = 64 * random.int32(1, 3);
  s->out_h = (s->in_h - 1) / s->stride_h + 1;
  s->out_w = (s->in_w - 1) / s->stride_w + 1;
}

inline kernels::ConvShape random_conv_shape(Random& random) {
  kernels::ConvShape s;
  do {
    s.batch = random.of<int32_t>({1, 1, 1, 2, 3});
    draw_axis(random, &s.in_h, &s.out_h, &s.kernel_h, &s.stride_h, &s.dilation_h, &s.pad_top);
    draw_axis(random, &s.in_w, &s.out_w, &s.kernel_w, &s.stride_w, &s.dilation_w, &s.pad_left);
    const int32_t kind = random.int32(0, 4);
    if (kind == 0) {  // depthwise
      s.groups = s.in_c = s.out_c = random_channels(random);
    } else if (kind == 1) {  // grouped
      s.groups = random.of<int32_t>({2, 3, 4});
      s.in_c = s.groups * random.of<int32_t>({1, 2, 5, 8, 17});
      s.out_c = s.groups * random.of<int32_t>({1, 3, 16, 20, 70});
    } else {
      s.groups = 1;
      s.in_c = random_channels(random);
      s.out_c = random_channels(random);
    }
    if (random.chance(0.2)) make_winograd_shape(random, &s);
    if (random.chance(0.1)) make_product_shape(random, &s);
  } while (s.macs() > 2000000);
  return s;
}

// Products of few rows: pixels of a 1x1 convolution, or one window as large as the input.
inline kernels::ConvShape random_product_shape(Random& random) {
  kernels::ConvShape s;
  s.out_c = random.of<int32_t>({1, 10, 63, 64, 65, 100, 130, 192});
  if (random.chance(0.7)) {
    s.in_c = random.of<int32_t>({1, 3, 7, 8, 9, 16, 60, 64, 100, 257, 512});
    s.batch = random.of<int32_t>({1, 1, 2});
    s.in_w = s.out_w = s.batch == 1 ? random.of<int32_t>({1, 1, 2, 3, 4}) : random.int32(1, 2);
  } else {
    s.in_c = random.of<int32_t>({1, 3, 8, 20, 33});
    s.kernel_h = s.in_h = random.int32(1, 7);
    s.kernel_w = s.in_w = random.int32(1, 7);
    s.batch = random.int32(1, 4);
  }
  return s;
}

inline int32_t padded_output(Random& random, int32_t in, int32_t kernel, int32_t stride,
                             int32_t* pad) {
  *pad = random.int32(0, kernel);
  const int32_t end_pad = random.int32(0, kernel);
  return (in + *pad + end_pad - kernel) / stride + 1;
}

// Depthwise, 3x3 or 5x5, stride 1 or 2, rows of several strips.
inline kernels::ConvShape random_window_shape(Random& random) {
  kernels::ConvShape s;
  s.batch = random.of<int32_t>({1, 1, 2});
  s.kernel_h = s.kernel_w = random.of<int32_t>({3, 3, 5});
  s.stride_h = s.stride_w = random.int32(1, 2);
  s.in_h = random.int32(s.kernel_h, 19);
  s.in_w = random.chance(0.3) ? random.int32(60, 90) : random.int32(s.kernel_w, 30);
  s.out_h = padded_output(random, s.in_h, s.kernel_h, s.stride_h, &s.pad_top);
  s.out_w = padded_output(random, s.in_w, s.kernel_w, s.stride_w, &s.pad_left);
  s.groups = s.in_c = s.out_c =
      random.of<int32_t>({1, 3, 16, 24, 31, 32, 33, 63, 64, 65, 96, 100, 144, 192});
  return s;
}

inline void draw_weights(Random& random, ConvCase* c, bool few_codes) {
  const int32_t bits = few_codes ? random.int32(1, 2) : random.int32(1, 8);
  const int32_t most = 1 << bits, count = random.chance(0.5) ? most : random.int32(2, most);
  const int32_t limit =
      few_codes ? random.of<int32_t>({1, 2, 3}) : random.of<int32_t>({1, 3, 14, 56, 127, 128});
  const int32_t low = -limit, high = std::min(limit, 127);
  for (int32_t i = 0; i < count; ++i) {  // duplicates do no harm
    c->weight_levels.push_back(static_cast<int8_t>(random.int32(low, high)));
  }
  std::sort(c->weight_levels.begin(), c->weight_levels.end());
  if (random.chance(0.3)) {
    c->weight_levels.front() = static_cast<int8_t>(low);
    c->weight_levels.back() = static_cast<int8_t>(high);
  }
  const kernels::ConvShape& s = c->problem.shape;
  const size_t weights =
      size_t(s.out_c) * size_t(s.kernel_h) * size_t(s.kernel_w) * size_t(s.in_c / s.groups);
  c->codes = GuardBuffer<uint8_t>((weights * size_t(bits) + 7) / 8);
  std::fill(c->codes.begin(), c->codes.end(), uint8_t{0});
  const bool extreme = random.chance(0.1);  // all sums as large as they can be
  for (size_t i = 0; i < weights; ++i) {
    const int32_t code = extreme ? count - 1 : random.int32(0, count - 1);
    const size_t at = i * size_t(bits);
    for (size_t b = 0; b < size_t(bits); ++b) {
      if (code >> b & 1) c->codes[(at + b) / 8] |= uint8_t(1 << (at + b) % 8);
    }
  }
  c->problem.weights = {c->codes.data(), bits, c->weight_levels.data(),
                        static_cast<int32_t>(c->weight_levels.size())};
}

inline void draw_input(Random& random, ConvCase* c, bool few_codes) {
  const kernels::ConvShape& s = c->problem.shape;
  if (few_codes) {
    const bool signed_levels = random.chance(0.3);
    c->input_map =
        make_level_map(random_levels(random, random.int32(2, random.of<int32_t>({2, 4, 10})),
                                     signed_levels ? -4 : 0, 10),
                       random.chance(0.8), signed_levels ? 128 : 0);
  } else {
    c->input_map = random_level_map(random);
  }
  const kernels::LevelMap& map = c->input_map;
  c->problem.input = &map;
  c->input =
      GuardBuffer<uint8_t>(size_t(s.batch) * size_t(s.in_h) * size_t(s.in_w) * size_t(s.in_c));
  const bool extreme = random.chance(0.1);
  for (uint8_t& byte : c->input) {
    byte = map.byte_of_code[extreme ? map.codes - 1 : random.in(0, map.codes - 1)];
  }
  c->pad_bytes = GuardBuffer<uint8_t>(size_t(s.in_c));
  const bool image = random.chance(0.2) || map.zero_byte < 0;  // a byte per channel of its own
  for (uint8_t& byte : c->pad_bytes) {
    byte = image ? map.byte_of_code[random.in(0, map.codes - 1)] : uint8_t(map.zero_byte);
  }
  c->problem.pad_bytes = c->pad_bytes.data();
}

// M, C, F and thresholds such that v stays inside int32 and its codes spread.
inline void draw_epilogue(Random& random, ConvCase* c) {
  const kernels::ConvShape& s = c->problem.shape;
  kernels::Epilogue& e = c->epilogue;
  e.outputs = random.int32(0, 2);
  e.pre_shift = random.of<int32_t>({0, 0, 0, 2});
  const int64_t acc =
      (kernels::max_abs_acc(s, c->problem.weights, c->input_map, nullptr) >> e.pre_shift) + 1;
  const int64_t largest = std::min<int64_t>(4000, (int64_t{1} << 29) / acc);
  const size_t padded = kernels::round_up(size_t(s.out_c), kernels::kChannelPad);
  c->multiplier = GuardBuffer<int32_t>(padded);
  c->addend = GuardBuffer<int32_t>(padded);
  std::fill(c->multiplier.begin(), c->multiplier.end(), 0);
  std::fill(c->addend.begin(), c->addend.end(), 0);
  for (size_t o = 0; o < size_t(s.out_c); ++o) {
    c->multiplier[o] = random.int32(-largest, largest);
    c->addend[o] = random.int32(-acc, acc);
  }
  e.multiplier = c->multiplier.data();
  e.addend = c->addend.data();
  if (random.chance(0.4)) {
    c->residual_map = random_level_map(random);
    e.residual_map = &c->residual_map;
    e.residual_factor = random.int32(1, 5000);
    c->residual = GuardBuffer<uint8_t>(c->outputs);
    for (uint8_t& byte : c->residual) {
      byte = c->residual_map.byte_of_code[random.in(0, c->residual_map.codes - 1)];
    }
  }
  for (int32_t i = 0; i < e.outputs; ++i) {
    const int32_t count = random.of<int32_t>({1, 3, 14, 15, 100, 255});
    for (int32_t k = 0; k < count; ++k) {
      const int64_t reach = std::max<int64_t>(2, acc * largest >> random.int32(0, 4));
      c->thresholds[i].push_back(random.int32(-reach, reach));
    }
    std::sort(c->thresholds[i].begin(), c->thresholds[i].end());
    c->output_map[i] = make_level_map(random_levels(random, count + 1, -100, 155), true, 100);
    kernels::prepare_thresholds(c->thresholds[i].data(), count, c->output_map[i], INT32_MAX,
                                &e.output[i]);
  }
}

// On the heap, because its parts point at each other.
inline std::unique_ptr<ConvCase> random_conv_case(Random& random, const kernels::ConvShape& shape) {
  auto c = std::make_unique<ConvCase>();
  c->problem.shape = shape;
  c->outputs =
      size_t(shape.batch) * size_t(shape.out_h) * size_t(shape.out_w) * size_t(shape.out_c);
  const bool few_codes = random.chance(0.3);
  draw_weights(random, c.get(), few_codes);
  draw_input(random, c.get(), few_codes);
  c->problem.bounds = kernels::compute_bounds(shape, c->problem.weights, c->input_map);
  draw_epilogue(random, c.get());
  return c;
}

struct ConvResult {
  GuardBuffer<uint8_t> bytes[2];  // without gaps
  GuardBuffer<int32_t> units;
  bool intact = true;
};

// A whole output tensor whose rows lie `gap` elements apart, filled so that a write between them
// shows.
template <class T>
class SpreadRows {
 public:
  SpreadRows(size_t rows, size_t width, size_t gap)
      : rows_(rows), width_(width), pitch_(width + gap), buffer_(rows * pitch_ - gap) {
    std::fill(buffer_.begin(), buffer_.end(), kGap);
  }
  T* data() { return buffer_.data(); }
  // The rows side by side; `intact` becomes false where a gap was written.
  GuardBuffer<T> gather(bool* intact) const {
    GuardBuffer<T> dense(rows_ * width_);
    for (size_t i = 0; i < buffer_.size(); ++i) {
      const size_t row = i / pitch_, column = i % pitch_;
      if (column < width_) {
        dense[row * width_ + column] = buffer_[i];
      } else if (buffer_[i] != kGap) {
        *intact = false;
      }
    }
    if (!buffer_.intact()) *intact = false;
    return dense;
  }

 private:
  static constexpr T kGap = 0x5c;
  size_t rows_, width_, pitch_;
  GuardBuffer<T> buffer_;
};

// Runs both stages in `parts` ranges of random length, in random order; output rows lie `gap`
// elements apart.
inline ConvResult run_conv(const kernels::ConvKernel& kernel, const ConvCase& c,
                           const kernels::RequantizeKernel& requantize, int32_t parts,
                           Random& random, int32_t gap = 0) {
  const kernels::ConvProblem& problem = c.problem;
  GuardBuffer<uint8_t> packed(kernel.packed_bytes(problem));
  GuardBuffer<uint8_t> gathered(kernel.gather_bytes(problem));
  GuardBuffer<uint8_t> workspace(kernel.workspace_bytes(problem));
  kernel.pack(problem, packed.data());
  ConvResult result;
  const auto width = static_cast<size_t>(problem.shape.out_c);
  std::vector<SpreadRows<uint8_t>> bytes;
  std::vector<SpreadRows<int32_t>> units;
  bytes.reserve(2);
  kernels::ConvCall call;
  call.problem = &problem;
  call.packed = packed.data();
  call.input = c.input.data();
  call.gathered = gathered.data();
  call.requantize = &requantize;
  call.epilogue = &c.epilogue;
  call.residual = c.epilogue.residual_factor != 0 ? c.residual.data() : nullptr;
  for (int32_t i = 0; i < c.epilogue.outputs; ++i) {
    bytes.emplace_back(c.outputs / width, width, size_t(gap));
    call.bytes[i] = bytes.back().data();
  }
  if (c.epilogue.outputs == 0) {
    units.emplace_back(c.outputs / width, width, size_t(gap));
    call.units = units.back().data();
  }
  if (gap != 0) call.out_stride = problem.shape.out_c + gap;
  const auto in_ranges = [&](int64_t items, const auto& work) {
    std::vector<int64_t> cuts = {0, items};
    for (int32_t i = 1; i < parts; ++i) cuts.push_back(random.in(0, items));
    std::sort(cuts.begin(), cuts.end());
    for (size_t i = cuts.size() - 1; i > 0; --i) work(cuts[i - 1], cuts[i]);
  };
  if (kernel.gather_bytes(problem) > 0) {
    in_ranges(kernel.gather_items(problem),
              [&](int64_t begin, int64_t end) { kernel.gather(call, begin, end); });
  }
  in_ranges(kernel.items(problem),
            [&](int64_t begin, int64_t end) { kernel.run(call, begin, end, workspace.data()); });
  result.intact = packed.intact() && gathered.intact() && workspace.intact();
  for (size_t i = 0; i < bytes.size(); ++i) result.bytes[i] = bytes[i].gather(&result.intact);
  if (!units.empty()) result.units = units[0].gather(&result.intact);
  return result;
}

}  // namespace weq::test
