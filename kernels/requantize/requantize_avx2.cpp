// 16 channels of two rows at a time, row after row through blocks of channels.
#include <cstring>

#include "kernels/requantize/avx2_forms.h"

namespace weq::kernels {
namespace {

constexpr int32_t kChannels = 16, kBlock = 64;

inline __m256i load(const int32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline void store(int32_t* to, __m256i v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v);
}

// At most kBlock channels of the tile.
struct Block {
  const Epilogue& epilogue;
  const int32_t* acc;
  ptrdiff_t acc_stride;
  int32_t rows, channel, channels;  // channel: index into M and C
  const uint8_t* residual;
  ptrdiff_t residual_stride, stride;
};

enum class ResidualKind { kNone, kLevelBytes, kCodeBytes };

ResidualKind residual_kind(const Block& block) {
  if (block.residual == nullptr) return ResidualKind::kNone;
  const LevelMap* map = block.epilogue.residual_map;
  return map->byte_is_level ? ResidualKind::kLevelBytes : ResidualKind::kCodeBytes;
}

// A sink takes 16 channels of two rows, or fewer, at two places.
class UnitsSink {
 public:
  explicit UnitsSink(int32_t* to) : to_(to) {}
  static int32_t addend() { return 0; }
  void put(ptrdiff_t first, ptrdiff_t second, const Quads& v) const {
    store(to_ + second, v.c);
    store(to_ + second + 8, v.d);
    store(to_ + first, v.a);
    store(to_ + first + 8, v.b);
  }
  void put_some(ptrdiff_t first, ptrdiff_t second, int32_t channels, const Quads& v) const {
    alignas(32) int32_t buffer[2 * kChannels];
    UnitsSink(buffer).put(0, kChannels, v);
    const size_t bytes = size_t(channels) * sizeof(int32_t);
    std::memcpy(to_ + second, buffer + kChannels, bytes);
    std::memcpy(to_ + first, buffer, bytes);
  }

 private:
  int32_t* to_;
};

template <class Form>
class ByteSink {
 public:
  ByteSink(const Form& form, const Thresholds& t, uint8_t* to)
      : form_(form), to_(to), store_(Form::kGivesCodes && !t.store_is_code ? t.store : nullptr) {}
  int32_t addend() const { return form_.addend(); }
  void put(ptrdiff_t first, ptrdiff_t second, const Quads& v) const {
    if (store_ != nullptr) return put_some(first, second, kChannels, v);
    const __m256i bytes = form_.bytes(v);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to_ + second), _mm256_extracti128_si256(bytes, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to_ + first), _mm256_castsi256_si128(bytes));
  }
  void put_some(ptrdiff_t first, ptrdiff_t second, int32_t channels, const Quads& v) const {
    alignas(32) uint8_t buffer[2 * kChannels];
    _mm256_store_si256(reinterpret_cast<__m256i*>(buffer), form_.bytes(v));
    for (int32_t c = 0; c < channels; ++c) to_[second + c] = stored(buffer[kChannels + c]);
    for (int32_t c = 0; c < channels; ++c) to_[first + c] = stored(buffer[c]);
  }

 private:
  uint8_t stored(uint8_t found) const { return store_ != nullptr ? store_[found] : found; }
  Form form_;
  uint8_t* to_;
  const uint8_t* store_;
};

// v of 16 channels of a row, all constants folded into one addend. Constant arrays are padded, and
// every buffer may be read past its end: what narrow columns read there is not stored.
template <bool kPreShift, ResidualKind kResidual>
class Scale {
 public:
  Scale(const Block& block, int32_t sink_addend)
      : multiplier_(block.epilogue.multiplier + block.channel),
        factor_(_mm256_set1_epi32(block.epilogue.residual_factor)) {
    const Epilogue& e = block.epilogue;
    auto constant = static_cast<uint32_t>(sink_addend);  // wraps like the sums it is part of
    if (kResidual == ResidualKind::kLevelBytes)
      constant -= static_cast<uint32_t>(e.residual_factor * e.residual_map->offset);
    if (kResidual == ResidualKind::kCodeBytes) levels_ = e.residual_map->level;
    const __m256i more = _mm256_set1_epi32(static_cast<int32_t>(constant));
    for (int32_t c = 0; c < block.channels; c += 8)
      store(addend_ + c, _mm256_add_epi32(load(e.addend + block.channel + c), more));
    if (!kPreShift) return;
    round_ = _mm256_set1_epi32(1 << (e.pre_shift - 1));
    shift_ = _mm_cvtsi32_si128(e.pre_shift);
  }

  // Channels c..c+15 of two rows.
  Quads operator()(const int32_t* acc0, const int32_t* acc1, const uint8_t* residual0,
                   const uint8_t* residual1, ptrdiff_t c) const {
    __m256i m0 = load(multiplier_ + c), m1 = load(multiplier_ + c + 8);
    __m256i c0 = load(addend_ + c), c1 = load(addend_ + c + 8);
    asm("" : "+x"(m0), "+x"(m1), "+x"(c0), "+x"(c1));  // the compiler would load them twice
    Quads v = {scaled(acc0 + c, m0, c0), scaled(acc0 + c + 8, m1, c1), scaled(acc1 + c, m0, c0),
               scaled(acc1 + c + 8, m1, c1)};
    if (kResidual == ResidualKind::kNone) return v;
    v.a = plus_residual(v.a, residual0 + c);
    v.b = plus_residual(v.b, residual0 + c + 8);
    v.c = plus_residual(v.c, residual1 + c);
    v.d = plus_residual(v.d, residual1 + c + 8);
    return v;
  }

 private:
  __m256i scaled(const int32_t* from, __m256i m, __m256i c) const {
    __m256i acc = load(from);
    if (kPreShift) acc = _mm256_sra_epi32(_mm256_add_epi32(acc, round_), shift_);
    return _mm256_add_epi32(_mm256_mullo_epi32(acc, m), c);
  }
  __m256i plus_residual(__m256i v, const uint8_t* from) const {
    __m256i level = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
    if (kResidual == ResidualKind::kCodeBytes) level = _mm256_i32gather_epi32(levels_, level, 4);
    return _mm256_add_epi32(v, _mm256_mullo_epi32(level, factor_));
  }
  alignas(32) int32_t addend_[kBlock];
  const int32_t* multiplier_;
  __m256i factor_, round_;
  __m128i shift_;
  const int32_t* levels_ = nullptr;
};

// Two rows at a time; the last of an odd number is paired with itself. Bytes written might be
// anything to the compiler: what the loop reads is copied first.
template <bool kPreShift, ResidualKind kResidual, class Sink>
__attribute__((noinline)) void run_block(const Block& block, Sink sink) {
  const Scale<kPreShift, kResidual> scale(block, sink.addend());
  const int32_t* acc = block.acc;
  const uint8_t* residual = block.residual;
  const ptrdiff_t whole = block.channels / kChannels * kChannels;
  const int32_t rest = block.channels % kChannels;
  ptrdiff_t acc_step = block.acc_stride, step = block.stride;
  ptrdiff_t residual_step = kResidual != ResidualKind::kNone ? block.residual_stride : 0;
  ptrdiff_t at = 0;
  for (int32_t left = block.rows; left > 0; left -= 2) {
    if (left == 1) acc_step = residual_step = step = 0;
    const int32_t* acc1 = acc + acc_step;
    const uint8_t* residual1 = residual + residual_step;
    ptrdiff_t c = 0;
    for (; c < whole; c += kChannels)
      sink.put(at + c, at + step + c, scale(acc, acc1, residual, residual1, c));
    if (rest > 0)
      sink.put_some(at + c, at + step + c, rest, scale(acc, acc1, residual, residual1, c));
    acc += 2 * acc_step;
    residual += 2 * residual_step;
    at += 2 * step;
  }
}

template <ResidualKind kResidual, class Sink>
void run_residual(const Block& block, const Sink& sink) {
  if (block.epilogue.pre_shift > 0) return run_block<true, kResidual>(block, sink);
  run_block<false, kResidual>(block, sink);
}

// sink(c): where channels from c on go.
template <class SinkAt>
void run_blocks(Block block, int32_t channels, const SinkAt& sink) {
  for (int32_t c = 0; c < channels; c += kBlock) {
    block.channels = channels - c < kBlock ? channels - c : kBlock;
    switch (residual_kind(block)) {
      case ResidualKind::kNone:
        run_residual<ResidualKind::kNone>(block, sink(c));
        break;
      case ResidualKind::kLevelBytes:
        run_residual<ResidualKind::kLevelBytes>(block, sink(c));
        break;
      case ResidualKind::kCodeBytes:
        run_residual<ResidualKind::kCodeBytes>(block, sink(c));
        break;
    }
    block.acc += kBlock;
    block.channel += kBlock;
    block.residual += block.residual != nullptr ? kBlock : 0;
  }
}

template <class Form>
void run_form(const Block& block, int32_t channels, const Thresholds& t, uint8_t* to) {
  const Form form(t);
  run_blocks(block, channels, [&](int32_t c) { return ByteSink<Form>(form, t, to + c); });
}

void run_output(const Block& block, int32_t channels, const Thresholds& t, uint8_t* to) {
  switch (t.form) {
    case ThresholdForm::kLinear:
      return run_form<LinearForm>(block, channels, t, to);
    case ThresholdForm::kGrid:
      return run_form<GridForm>(block, channels, t, to);
    case ThresholdForm::kSignedGrid:
      return run_form<SignedGridForm>(block, channels, t, to);
    case ThresholdForm::kSearch:
      return run_form<SearchForm>(block, channels, t, to);
  }
}

void run(const Epilogue& e, const int32_t* acc, ptrdiff_t acc_stride, int32_t rows,
         int32_t channel0, int32_t channels, const EpilogueTarget& target) {
  const uint8_t* residual = e.residual_factor != 0 ? target.residual : nullptr;
  const Block block = {
      e, acc, acc_stride, rows, channel0, 0, residual, target.residual_stride, target.stride};
  if (e.outputs == 0)
    run_blocks(block, channels, [&](int32_t c) { return UnitsSink(target.units + c); });
  for (int32_t i = 0; i < e.outputs; ++i) run_output(block, channels, e.output[i], target.bytes[i]);
}

}  // namespace

extern const RequantizeKernel requantize_avx2;
const RequantizeKernel requantize_avx2 = {"requantize_avx2", Isa::kAvx2, run};

}  // namespace weq::kernels
