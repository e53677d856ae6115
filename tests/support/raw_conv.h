// A convolution on random codes, its exact sums by a plain 64-bit loop, and a kernel's sums: the
// epilogue is the identity (M = 1, C = 0, raw units), so that `units` are the accumulators.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/conv/conv.h"

namespace weq::test {

// Level bytes when every level + offset is a byte, else code bytes.
inline kernels::LevelMap level_map(const std::vector<int32_t>& levels, int32_t offset,
                                   bool code_bytes = false) {
  kernels::LevelMap map;
  map.codes = static_cast<int32_t>(levels.size());
  map.byte_is_level = !code_bytes;
  map.offset = code_bytes ? 0 : offset;
  map.min_level = levels.front();
  map.max_level = levels.back();
  for (int32_t k = 0; k < map.codes; ++k) {
    const auto byte = static_cast<uint8_t>(code_bytes ? k : levels[size_t(k)] + offset);
    map.byte_of_code[k] = byte;
    map.level[byte] = levels[size_t(k)];
    if (levels[size_t(k)] == 0) map.zero_byte = byte;
  }
  return map;
}

// Memory as the contract promises it: aligned, with slack.
class Buffer {
 public:
  explicit Buffer(size_t bytes)
      : data_(static_cast<uint8_t*>(
            std::aligned_alloc(kernels::kAlignment,
                               kernels::round_up(bytes + kernels::kSlack, kernels::kAlignment)))) {
    std::memset(data_.get(), 0xA5, bytes + kernels::kSlack);
  }
  uint8_t* get() const { return data_.get(); }

 private:
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<uint8_t, Free> data_;
};

struct RawConv {
  kernels::ConvShape shape;
  kernels::LevelMap map;
  std::vector<int8_t> levels;  // of weight codes
  int32_t bits = 2;
  std::vector<int32_t> weight_codes;  // canonical order
  std::vector<int32_t> input_codes;   // channels last
  std::vector<int32_t> pad_codes;     // one per input channel
  kernels::ConvBounds bounds;

  int64_t weights_per_channel() const {
    return int64_t{shape.kernel_h} * shape.kernel_w * (shape.in_c / shape.groups);
  }
  int64_t outputs() const { return int64_t{shape.batch} * shape.out_h * shape.out_w * shape.out_c; }

  void fill(std::mt19937* random) {
    const auto below = [&](size_t n) { return static_cast<int32_t>((*random)() % n); };
    weight_codes.resize(size_t(shape.out_c * weights_per_channel()));
    for (int32_t& code : weight_codes) code = below(levels.size());
    input_codes.resize(size_t(shape.batch) * shape.in_h * shape.in_w * shape.in_c);
    for (int32_t& code : input_codes) code = below(size_t(map.codes));
    pad_codes.resize(size_t(shape.in_c));
    for (int32_t& code : pad_codes) code = below(size_t(map.codes));
  }

  int32_t level(int32_t code) const { return map.level[map.byte_of_code[code]]; }

  std::vector<int32_t> expected() const {
    const kernels::ConvShape& s = shape;
    const int32_t channels = s.in_c / s.groups, per_group = s.out_c / s.groups;
    std::vector<int32_t> acc;
    for (int64_t pixel = 0; pixel < int64_t{s.batch} * s.out_h * s.out_w; ++pixel) {
      const int64_t ox = pixel % s.out_w, oy = pixel / s.out_w % s.out_h,
                    n = pixel / s.out_w / s.out_h;
      for (int32_t o = 0; o < s.out_c; ++o) {
        int64_t sum = 0;
        int64_t k = o * weights_per_channel();
        for (int32_t ky = 0; ky < s.kernel_h; ++ky) {
          for (int32_t kx = 0; kx < s.kernel_w; ++kx) {
            const int64_t y = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
            const int64_t x = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
            const bool inside = y >= 0 && y < s.in_h && x >= 0 && x < s.in_w;
            for (int32_t c = 0; c < channels; ++c, ++k) {
              const int64_t channel = int64_t{o / per_group} * channels + c;
              const int32_t code =
                  inside ? input_codes[size_t(((n * s.in_h + y) * s.in_w + x) * s.in_c + channel)]
                         : pad_codes[size_t(channel)];
              sum += int64_t{levels[size_t(weight_codes[size_t(k)])]} * level(code);
            }
          }
        }
        acc.push_back(static_cast<int32_t>(sum));
      }
    }
    return acc;
  }

  std::vector<uint8_t> packed_codes() const {
    std::vector<uint8_t> bytes((weight_codes.size() * size_t(bits) + 7) / 8);
    for (size_t i = 0; i < weight_codes.size(); ++i) {
      for (int32_t b = 0; b < bits; ++b) {
        const size_t at = i * size_t(bits) + size_t(b);
        if (weight_codes[i] >> b & 1) bytes[at / 8] |= uint8_t(1 << at % 8);
      }
    }
    return bytes;
  }

  kernels::ConvWeights weights(const std::vector<uint8_t>& packed) const {
    return {packed.data(), bits, levels.data(), static_cast<int32_t>(levels.size())};
  }
};

// Why the kernel does not take the problem; empty when it does.
inline std::string refusal(const kernels::ConvKernel& kernel, const RawConv& conv) {
  const std::vector<uint8_t> codes = conv.packed_codes();
  kernels::ConvProblem problem = {conv.shape, conv.weights(codes), &conv.map, nullptr, conv.bounds};
  const char* reason = kernel.refuse(problem);
  return reason == nullptr ? "" : reason;
}

// The kernel's sums, its work items run in `parts` pieces, last piece first.
inline std::vector<int32_t> run_raw(const kernels::ConvKernel& kernel, const RawConv& conv,
                                    int64_t parts) {
  using namespace kernels;
  const std::vector<uint8_t> codes = conv.packed_codes();
  Buffer input(conv.input_codes.size()), pad(conv.pad_codes.size());
  for (size_t i = 0; i < conv.input_codes.size(); ++i) {
    input.get()[i] = conv.map.byte_of_code[conv.input_codes[i]];
  }
  for (size_t i = 0; i < conv.pad_codes.size(); ++i) {
    pad.get()[i] = conv.map.byte_of_code[conv.pad_codes[i]];
  }
  const ConvProblem problem = {conv.shape, conv.weights(codes), &conv.map, pad.get(), conv.bounds};
  const Buffer packed(kernel.packed_bytes(problem));
  kernel.pack(problem, packed.get());
  const Buffer gathered(kernel.gather_bytes(problem)), workspace(kernel.workspace_bytes(problem));

  const size_t channels = round_up(size_t(conv.shape.out_c), kChannelPad);
  std::vector<int32_t> ones(channels, 1), zeros(channels, 0);
  Epilogue epilogue;
  epilogue.multiplier = ones.data();
  epilogue.addend = zeros.data();
  std::vector<int32_t> units(size_t(conv.outputs()), INT32_MIN);
  ConvCall call;
  call.problem = &problem;
  call.packed = packed.get();
  call.input = input.get();
  call.gathered = gathered.get();
  call.requantize = &select_requantize(Isa::kScalar);
  call.epilogue = &epilogue;
  call.units = units.data();
  const auto pieces = [parts](int64_t items, const auto& work) {
    for (int64_t p = parts - 1; p >= 0; --p) work(items * p / parts, items * (p + 1) / parts);
  };
  pieces(kernel.gather_items(problem),
         [&](int64_t begin, int64_t end) { kernel.gather(call, begin, end); });
  pieces(kernel.items(problem),
         [&](int64_t begin, int64_t end) { kernel.run(call, begin, end, workspace.get()); });
  return units;
}

// The kernels of a family that this machine runs.
inline std::vector<const kernels::ConvKernel*> family(const std::string& name) {
  std::vector<const kernels::ConvKernel*> found;
  for (int i = 0; i < kernels::kConvKernelCount; ++i) {
    const kernels::ConvKernel* kernel = kernels::kConvKernels[i];
    if (name == kernel->family && kernels::isa_available(kernel->isa)) found.push_back(kernel);
  }
  return found;
}

// A shape with all its fields drawn; out_h and out_w at least 1.
inline kernels::ConvShape random_shape(std::mt19937* random, int32_t in_c, int32_t out_c) {
  const auto between = [&](int32_t low, int32_t high) {
    return low + static_cast<int32_t>((*random)() % uint32_t(high - low + 1));
  };
  kernels::ConvShape s;
  s.batch = between(1, 2);
  s.in_c = in_c;
  s.out_c = out_c;
  s.kernel_h = between(1, 3);
  s.kernel_w = between(1, 3);
  s.stride_h = between(1, 3);
  s.stride_w = between(1, 3);
  s.dilation_h = between(1, 2);
  s.dilation_w = between(1, 2);
  s.pad_top = between(0, 2);
  s.pad_left = between(0, 2);
  const int32_t reach_h = (s.kernel_h - 1) * s.dilation_h + 1;
  const int32_t reach_w = (s.kernel_w - 1) * s.dilation_w + 1;
  s.in_h = between(std::max(1, reach_h - s.pad_top), 9);
  s.in_w = between(std::max(1, reach_w - s.pad_left), 9);
  s.out_h = (s.in_h + s.pad_top + between(0, 2) - reach_h) / s.stride_h + 1;
  s.out_w = (s.in_w + s.pad_left + between(0, 2) - reach_w) / s.stride_w + 1;
  return s;
}

}  // namespace weq::test
