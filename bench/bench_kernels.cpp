// Times every kernel of the lists on layers of real networks, one thread:
//   conv/<layer>/w<bits>a<bits>/<kernel>       MAC/cycle and share of the ISA's instruction peak
//   requantize/<kernel>/<form>                 cycles per output
// Cycles are core cycles by the clock measured around each run (core_clock.h).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bench/core_clock.h"
#include "bench/peak.h"
#include "kernels/conv/bounds.h"
#include "kernels/conv/conv.h"
#include "kernels/requantize/requantize.h"

namespace weq::bench {
namespace {

using namespace kernels;

template <class T>
class Aligned {
 public:
  explicit Aligned(size_t count)
      : data_(static_cast<T*>(
            std::aligned_alloc(kAlignment, round_up(count * sizeof(T) + kSlack, kAlignment)))) {
    std::fill_n(reinterpret_cast<uint8_t*>(data_), count * sizeof(T) + kSlack, uint8_t{0});
  }
  ~Aligned() { std::free(data_); }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  T* get() { return data_; }

 private:
  T* data_;
};

struct Layer {
  const char* name;
  ConvShape shape;
};

ConvShape square(int32_t size, int32_t in_c, int32_t out_c, int32_t kernel, int32_t stride = 1,
                 int32_t groups = 1) {
  ConvShape s;
  s.in_h = s.in_w = size;
  s.out_h = s.out_w = (size - 1) / stride + 1;
  s.in_c = in_c;
  s.out_c = out_c;
  s.kernel_h = s.kernel_w = kernel;
  s.stride_h = s.stride_w = stride;
  s.pad_top = s.pad_left = kernel / 2;
  s.groups = groups;
  return s;
}

std::vector<Layer> layers() {
  return {
      {"7x7s2_3-64@224", square(224, 3, 64, 7, 2)},
      {"1x1_64-64@56", square(56, 64, 64, 1)},
      {"1x1_64-256@56", square(56, 64, 256, 1)},
      {"1x1_256-64@56", square(56, 256, 64, 1)},
      {"3x3_64-64@56", square(56, 64, 64, 3)},
      {"1x1_256-256@28", square(28, 256, 256, 1)},
      {"3x3_128-128@28", square(28, 128, 128, 3)},
      {"1x1s2_256-512@56", square(56, 256, 512, 1, 2)},
      {"3x3_256-256@14", square(14, 256, 256, 3)},
      {"1x1_1024-256@14", square(14, 1024, 256, 1)},
      {"1x1_256-1024@14", square(14, 256, 1024, 1)},
      {"3x3_512-512@7", square(7, 512, 512, 3)},
      {"3x3s2_128-128@56", square(56, 128, 128, 3, 2)},
      {"1x1_2048-512@7", square(7, 2048, 512, 1)},
      {"fc_2048-1000", square(1, 2048, 1000, 1)},
      {"fc_4096-4096", square(1, 4096, 4096, 1)},
      {"3x3_16-16@112", square(112, 16, 16, 3)},
      {"1x1_32-16@112", square(112, 32, 16, 1)},
      {"1x1_96-24@56", square(56, 96, 24, 1)},
      {"3x3_128-128g32@28", square(28, 128, 128, 3, 1, 32)},
      {"dw3x3_96@112", square(112, 96, 96, 3, 1, 96)},
      {"dw3x3s2_96@112", square(112, 96, 96, 3, 2, 96)},
      {"dw3x3_192@28", square(28, 192, 192, 3, 1, 192)},
      {"dw5x5_240@28", square(28, 240, 240, 5, 1, 240)},
      {"dw3x3_960@7", square(7, 960, 960, 3, 1, 960)},
  };
}

// Bits and the largest levels that go with them.
struct Width {
  const char* name;
  int32_t weight_bits, weight_level, codes, max_level;
};
constexpr Width kWidths[] = {{"w8a8", 8, 127, 256, 255}, {"w4a4", 4, 14, 16, 63},
                             {"w2a2", 2, 2, 4, 3},       {"w1a4", 1, 1, 16, 15},
                             {"w1a2", 1, 1, 4, 3},       {"w1a1", 1, 1, 2, 1}};

LevelMap levels_up_to(int32_t codes, int32_t max_level) {
  LevelMap map;
  map.codes = codes;
  map.max_level = max_level;
  map.zero_byte = 0;
  for (int32_t k = 0; k < codes; ++k) {
    const int32_t level = max_level * k / (codes - 1);
    map.byte_of_code[k] = static_cast<uint8_t>(level);
    map.level[level] = level;
  }
  return map;
}

// 14 thresholds at half octaves that end at `top`: a 4-bit log code. On the grid up to 2^24.
std::vector<int32_t> log_thresholds(double top) {
  std::vector<int32_t> values;
  for (int k = 14; k > 0; --k) {
    const int e = static_cast<int>(std::log2(top)) - k / 2;
    values.push_back(static_cast<int32_t>(std::ldexp(k % 2 ? 1.25 : 1.75, e)));
  }
  std::sort(values.begin(), values.end());
  return values;
}

struct Work {
  Work(const Layer& layer, const Width& width)
      : input_map(levels_up_to(width.codes, width.max_level)),
        output_map(levels_up_to(16, 63)),
        codes(weight_count(layer.shape)),
        input(size_t(layer.shape.in_h) * size_t(layer.shape.in_w) * size_t(layer.shape.in_c)),
        pad(size_t(layer.shape.in_c)),
        multiplier(round_up(size_t(layer.shape.out_c), kChannelPad)),
        addend(round_up(size_t(layer.shape.out_c), kChannelPad)),
        output(size_t(layer.shape.out_h) * size_t(layer.shape.out_w) * size_t(layer.shape.out_c)) {
    std::mt19937 random(1);
    const int32_t weight_codes = 1 << width.weight_bits;
    for (int32_t k = 0; k < weight_codes; ++k) {
      const int32_t level = -width.weight_level + 2 * width.weight_level * k / (weight_codes - 1);
      weight_levels.push_back(static_cast<int8_t>(level));
    }
    for (size_t i = 0; i < weight_count(layer.shape); ++i) {
      codes.get()[i] = static_cast<uint8_t>(random());
    }
    for (size_t i = 0;
         i < size_t(layer.shape.in_h) * size_t(layer.shape.in_w) * size_t(layer.shape.in_c); ++i) {
      input.get()[i] = input_map.byte_of_code[random() % unsigned(width.codes)];
    }
    problem.shape = layer.shape;
    problem.weights = {codes.get(), width.weight_bits, weight_levels.data(),
                       static_cast<int32_t>(weight_levels.size())};
    problem.input = &input_map;
    problem.pad_bytes = pad.get();
    problem.bounds = compute_bounds(problem.shape, problem.weights, input_map);
    const int64_t acc = max_abs_acc(problem.shape, problem.weights, input_map, nullptr) + 1;
    const int32_t factor = int32_t(std::max<int64_t>(1, std::min<int64_t>(100, (1 << 25) / acc)));
    for (int32_t c = 0; c < layer.shape.out_c; ++c) multiplier.get()[c] = factor;
    thresholds = log_thresholds(0.5 * double(factor) * double(acc));
    epilogue.multiplier = multiplier.get();
    epilogue.addend = addend.get();
    epilogue.outputs = 1;
    prepare_thresholds(thresholds.data(), int32_t(thresholds.size()), output_map, INT32_MAX,
                       &epilogue.output[0]);
  }
  static size_t weight_count(const ConvShape& s) {
    return size_t(s.out_c) * size_t(s.kernel_h) * size_t(s.kernel_w) * size_t(s.in_c / s.groups);
  }

  LevelMap input_map, output_map;
  std::vector<int8_t> weight_levels;
  Aligned<uint8_t> codes, input, pad;
  Aligned<int32_t> multiplier, addend;
  Aligned<uint8_t> output;
  std::vector<int32_t> thresholds;
  ConvProblem problem;
  Epilogue epilogue;
};

// Runs `once` under the benchmark's loop; gives core cycles of the fastest tenth of the runs.
template <class Once>
double cycles_of(benchmark::State& state, const Once& once) {
  std::vector<double> cycles;
  once();
  double hertz = core_hertz(), clock_age = seconds();
  for (auto _ : state) {
    const double start = seconds();
    once();
    const double elapsed = seconds() - start;
    cycles.push_back(elapsed * hertz);
    if (seconds() - clock_age > 0.01) {
      hertz = core_hertz();
      clock_age = seconds();
    }
  }
  std::sort(cycles.begin(), cycles.end());
  return cycles[cycles.size() / 10];
}

void run_conv(benchmark::State& state, const ConvKernel* kernel, const Layer& layer,
              const Width& width) {
  Work work(layer, width);
  if (const char* reason = kernel->refuse(work.problem)) {
    state.SkipWithError(reason);
    return;
  }
  Aligned<uint8_t> packed(kernel->packed_bytes(work.problem));
  Aligned<uint8_t> gathered(kernel->gather_bytes(work.problem));
  Aligned<uint8_t> workspace(kernel->workspace_bytes(work.problem));
  kernel->pack(work.problem, packed.get());
  ConvCall call;
  call.problem = &work.problem;
  call.packed = packed.get();
  call.input = work.input.get();
  call.gathered = gathered.get();
  call.requantize = &select_requantize(kernel->isa);
  call.epilogue = &work.epilogue;
  call.bytes[0] = work.output.get();
  const int64_t gather_items = kernel->gather_items(work.problem);
  const int64_t items = kernel->items(work.problem);
  const double cycles = cycles_of(state, [&] {
    if (gather_items > 0) kernel->gather(call, 0, gather_items);
    kernel->run(call, 0, items, workspace.get());
  });
  const double rate = double(layer.shape.macs()) / cycles;
  state.counters["MAC/cycle"] = rate;
  state.counters["model"] = double(layer.shape.macs()) / kernel->cost(work.problem);
  const double peak = peak_macs_per_cycle(kernel->isa);
  if (peak > 0) state.counters["peak_share"] = rate / peak;
}

enum class Form { kLog4, kLinear8, kSignedGrid, kSearch15, kSearch255 };
constexpr const char* kFormNames[] = {"log4", "linear8", "signed_grid", "search15", "search255"};

std::vector<int32_t> thresholds_of(Form form) {
  std::vector<int32_t> values;
  if (form == Form::kLog4) return log_thresholds(1e6);
  if (form == Form::kLinear8) {
    for (int32_t k = 0; k < 255; ++k) values.push_back((k + 1) * 4096 - 2048);
    return values;
  }
  if (form == Form::kSignedGrid) {
    const std::vector<int32_t> positive = log_thresholds(1e6);
    for (auto it = positive.rbegin(); it != positive.rend(); ++it) values.push_back(1 - *it);
    values.insert(values.end(), positive.begin(), positive.end());
    return values;
  }
  const int32_t count = form == Form::kSearch15 ? 15 : 255;
  std::mt19937 random(3);
  for (int32_t k = 0; k < count; ++k) values.push_back(int32_t(random() % 1000000) + 7);
  std::sort(values.begin(), values.end());
  return values;
}

void run_requantize(benchmark::State& state, const RequantizeKernel* kernel, Form form,
                    bool residual) {
  constexpr int32_t kRows = 24, kChannels = 64;
  constexpr size_t kCount = size_t(kRows) * kChannels;
  const std::vector<int32_t> thresholds = thresholds_of(form);
  LevelMap map = levels_up_to(256, 255);
  Aligned<int32_t> acc(kCount), multiplier(kChannels), addend(kChannels);
  Aligned<uint8_t> out(kCount), other(kCount);
  std::mt19937 random(2);
  for (size_t i = 0; i < kCount; ++i) acc.get()[i] = int32_t(random() % 20000) - 10000;
  for (int32_t c = 0; c < kChannels; ++c) multiplier.get()[c] = 100;
  Epilogue e;
  e.multiplier = multiplier.get();
  e.addend = addend.get();
  e.outputs = 1;
  if (residual) {
    e.residual_factor = 1000;
    e.residual_map = &map;
  }
  prepare_thresholds(thresholds.data(), int32_t(thresholds.size()), map, INT32_MAX / 2,
                     &e.output[0]);
  EpilogueTarget target;
  target.bytes[0] = out.get();
  target.residual = residual ? other.get() : nullptr;
  target.stride = target.residual_stride = kChannels;
  const double cycles = cycles_of(state, [&] {
    for (int i = 0; i < 100; ++i) {
      kernel->run(e, acc.get(), kChannels, kRows, 0, kChannels, target);
      benchmark::ClobberMemory();
    }
  });
  state.counters["cycles/output"] = cycles / 100 / double(kCount);
  state.counters["form"] = int(e.output[0].form);
}

void register_conv(const Layer& layer, const Width& width) {
  const Work probe(layer, width);
  for (int k = 0; k < kConvKernelCount; ++k) {
    const ConvKernel* kernel = kConvKernels[k];
    if (!isa_available(kernel->isa) || kernel->refuse(probe.problem) != nullptr) continue;
    const std::string name =
        std::string("conv/") + layer.name + "/" + width.name + "/" + kernel->name;
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      run_conv(state, kernel, layer, width);
    })->Unit(benchmark::kMicrosecond);
  }
}

void register_all() {
  for (const Layer& layer : layers()) {
    for (const Width& width : kWidths) register_conv(layer, width);
  }
  for (int k = 0; k < kRequantizeKernelCount; ++k) {
    const RequantizeKernel* kernel = kRequantizeKernels[k];
    if (!isa_available(kernel->isa)) continue;
    for (int form = 0; form < 5; ++form) {
      for (bool residual : {false, true}) {
        const std::string name = std::string("requantize/") + kernel->name + "/" +
                                 kFormNames[form] + (residual ? "+residual" : "");
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
          run_requantize(state, kernel, Form(form), residual);
        })->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

}  // namespace
}  // namespace weq::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  weq::bench::register_all();
  std::printf("instruction peak, MAC/cycle: AVX-512 VNNI %.1f, AVX2 %.1f\n",
              weq::bench::peak_macs_per_cycle(weq::kernels::Isa::kAvx512Vnni),
              weq::bench::peak_macs_per_cycle(weq::kernels::Isa::kAvx2));
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
