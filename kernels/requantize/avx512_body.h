// The requantization loop of the AVX-512 files, 64 channels at a time, or several rows of fewer.
#include "kernels/requantize/avx512_forms.h"

namespace weq::kernels {
namespace {

// How the 64 lanes map to a column of the tile: which rows are taken at once and which channels
// exist. `stride` is the distance of two rows in elements, 0 for what all rows share.
struct AllLanes {  // 64 channels of a row
  static constexpr int32_t kRows = 1;
  static __m512i load(const int32_t* from, int i, ptrdiff_t) {
    return _mm512_loadu_si512(from + 16 * i);
  }
  static void store(int32_t* to, int i, ptrdiff_t, __m512i v) {
    _mm512_storeu_si512(to + 16 * i, v);
  }
  static __m512i load(const uint8_t* from, ptrdiff_t) { return _mm512_loadu_si512(from); }
  static void store(uint8_t* to, ptrdiff_t, __m512i v) { _mm512_storeu_si512(to, v); }
};

// Narrow columns take several rows at once: 4 of up to 16 channels, 2 of up to 32, else 1.
template <int32_t kRowCount>
class SomeLanes {
 public:
  static constexpr int32_t kRows = kRowCount;
  explicit SomeLanes(int32_t channels) : bits_((uint64_t{1} << channels) - 1) {}
  void keep_rows(int32_t rows) { rows_ = rows < kRows ? rows : kRows; }

  __m512i load(const int32_t* from, int i, ptrdiff_t stride) const {
    return _mm512_maskz_loadu_epi32(mask(i), from + offset(i, stride));
  }
  void store(int32_t* to, int i, ptrdiff_t stride, __m512i v) const {
    _mm512_mask_storeu_epi32(to + offset(i, stride), mask(i), v);
  }
  __m512i load(const uint8_t* from, ptrdiff_t stride) const {
    if constexpr (kRows == 1) return _mm512_maskz_loadu_epi8(_cvtu64_mask64(bits_), from);
    alignas(64) uint8_t rows[64];
    for (int32_t r = 0; r < kRows; ++r) {
      const __m256i row = _mm256_maskz_loadu_epi8(_cvtu32_mask32(row_bits(r)), from + r * stride);
      if constexpr (kRows == 2) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(rows + 32 * r), row);
      } else {
        _mm_store_si128(reinterpret_cast<__m128i*>(rows + 16 * r), _mm256_castsi256_si128(row));
      }
    }
    return _mm512_load_si512(rows);
  }
  void store(uint8_t* to, ptrdiff_t stride, __m512i v) const {
    if constexpr (kRows == 1) {
      _mm512_mask_storeu_epi8(to, _cvtu64_mask64(bits_), v);
    } else if constexpr (kRows == 2) {
      store_row(to, 0, stride, _mm512_castsi512_si256(v));
      store_row(to, 1, stride, _mm512_extracti64x4_epi64(v, 1));
    } else {
      store_row(to, 0, stride, _mm512_castsi512_si256(v));
      store_row(to, 1, stride, _mm256_castsi128_si256(_mm512_extracti32x4_epi32(v, 1)));
      store_row(to, 2, stride, _mm512_extracti64x4_epi64(v, 1));
      store_row(to, 3, stride, _mm256_castsi128_si256(_mm512_extracti32x4_epi32(v, 3)));
    }
  }

 private:
  static constexpr int kVectors = 4 / kRows;  // of a row
  __mmask16 mask(int i) const {
    return i / kVectors < rows_ ? static_cast<__mmask16>(bits_ >> (16 * (i % kVectors)))
                                : __mmask16{0};
  }
  uint32_t row_bits(int32_t r) const { return r < rows_ ? static_cast<uint32_t>(bits_) : 0; }
  static ptrdiff_t offset(int i, ptrdiff_t stride) {
    return i / kVectors * stride + i % kVectors * 16;
  }
  void store_row(uint8_t* to, int32_t r, ptrdiff_t stride, __m256i v) const {
    _mm256_mask_storeu_epi8(to + r * stride, _cvtu32_mask32(row_bits(r)), v);
  }
  uint64_t bits_;
  int32_t rows_ = kRows;
};

template <class Lanes>
Quads load_quads(const int32_t* from, const Lanes& lanes, ptrdiff_t stride) {
  return {lanes.load(from, 0, stride), lanes.load(from, 1, stride), lanes.load(from, 2, stride),
          lanes.load(from, 3, stride)};
}

class UnitsSink {
 public:
  explicit UnitsSink(int32_t* to) : to_(to) {}
  template <class Lanes>
  void put(ptrdiff_t at, ptrdiff_t stride, const Lanes& lanes, const Quads& v) const {
    lanes.store(to_ + at, 0, stride, v.a);
    lanes.store(to_ + at, 1, stride, v.b);
    lanes.store(to_ + at, 2, stride, v.c);
    lanes.store(to_ + at, 3, stride, v.d);
  }

 private:
  int32_t* to_;
};

template <class Form>
class ByteSink {
 public:
  ByteSink(const Thresholds& t, uint8_t* to) : form_(t), to_(to) {}
  template <class Lanes>
  void put(ptrdiff_t at, ptrdiff_t stride, const Lanes& lanes, const Quads& v) const {
    lanes.store(to_ + at, stride, form_.bytes(v));
  }

 private:
  Form form_;
  uint8_t* to_;
};

// A residual adds `constant` once per channel and `add` per row.
struct NoResidual {
  static constexpr bool kPresent = false;
  explicit NoResidual(const Epilogue&) {}
  static __m512i constant() { return _mm512_setzero_si512(); }
};

// level = byte - offset: the offset's share is constant.
class LevelResidual {
 public:
  static constexpr bool kPresent = true;
  explicit LevelResidual(const Epilogue& e)
      : factor_(_mm512_set1_epi32(e.residual_factor)),
        constant_(_mm512_set1_epi32(static_cast<int32_t>(
            0U - uint32_t(e.residual_factor) * uint32_t(e.residual_map->offset)))) {}
  __m512i constant() const { return constant_; }
  void add(__m512i bytes, Quads* v) const {
    v->a = plus(v->a, _mm512_castsi512_si128(bytes));
    v->b = plus(v->b, _mm512_extracti32x4_epi32(bytes, 1));
    v->c = plus(v->c, _mm512_extracti32x4_epi32(bytes, 2));
    v->d = plus(v->d, _mm512_extracti32x4_epi32(bytes, 3));
  }

 private:
  __m512i plus(__m512i v, __m128i bytes) const {
    return _mm512_add_epi32(v, _mm512_mullo_epi32(_mm512_cvtepu8_epi32(bytes), factor_));
  }
  __m512i factor_, constant_;
};

class CodeResidual {
 public:
  static constexpr bool kPresent = true;
  explicit CodeResidual(const Epilogue& e)
      : factor_(_mm512_set1_epi32(e.residual_factor)), levels_(e.residual_map->level) {}
  static __m512i constant() { return _mm512_setzero_si512(); }
  void add(__m512i bytes, Quads* v) const {
    v->a = plus(v->a, _mm512_castsi512_si128(bytes));
    v->b = plus(v->b, _mm512_extracti32x4_epi32(bytes, 1));
    v->c = plus(v->c, _mm512_extracti32x4_epi32(bytes, 2));
    v->d = plus(v->d, _mm512_extracti32x4_epi32(bytes, 3));
  }

 private:
  __m512i plus(__m512i v, __m128i bytes) const {
    const __m512i level = _mm512_i32gather_epi32(_mm512_cvtepu8_epi32(bytes), levels_, 4);
    return _mm512_add_epi32(v, _mm512_mullo_epi32(level, factor_));
  }
  __m512i factor_;
  const int32_t* levels_;
};

// A column of at most 64 channels of the tile.
struct Column {
  const Epilogue& epilogue;
  const int32_t* acc;
  ptrdiff_t acc_stride;
  int32_t rows, channel, channels;  // channel: index into M and C
  const uint8_t* residual;
  ptrdiff_t residual_stride, stride;
};

template <class Residual, class Sink, class Lanes>
void run_lanes(const Column& column, const Sink& sink, Lanes lanes) {
  const Epilogue& e = column.epilogue;
  const Residual residual(e);
  const Quads m = load_quads(e.multiplier + column.channel, lanes, 0);
  Quads c = load_quads(e.addend + column.channel, lanes, 0);
  c.a = _mm512_add_epi32(c.a, residual.constant());
  c.b = _mm512_add_epi32(c.b, residual.constant());
  c.c = _mm512_add_epi32(c.c, residual.constant());
  c.d = _mm512_add_epi32(c.d, residual.constant());
  const __m512i round = _mm512_set1_epi32(e.pre_shift > 0 ? 1 << (e.pre_shift - 1) : 0);
  const __m512i shift = _mm512_set1_epi32(e.pre_shift);
  const bool shifted = e.pre_shift > 0;
  // Copies, because stores of bytes might alias the column.
  const int32_t* acc = column.acc;
  const uint8_t* other = column.residual;
  const ptrdiff_t acc_stride = column.acc_stride, other_stride = column.residual_stride;
  const ptrdiff_t stride = column.stride;
  const int32_t rows = column.rows;
  for (int32_t r = 0; r < rows; r += Lanes::kRows) {
    if constexpr (Lanes::kRows > 1) lanes.keep_rows(rows - r);
    Quads v = load_quads(acc + r * acc_stride, lanes, acc_stride);
    if (shifted) {
      v.a = _mm512_srav_epi32(_mm512_add_epi32(v.a, round), shift);
      v.b = _mm512_srav_epi32(_mm512_add_epi32(v.b, round), shift);
      v.c = _mm512_srav_epi32(_mm512_add_epi32(v.c, round), shift);
      v.d = _mm512_srav_epi32(_mm512_add_epi32(v.d, round), shift);
    }
    v.a = _mm512_add_epi32(_mm512_mullo_epi32(v.a, m.a), c.a);
    v.b = _mm512_add_epi32(_mm512_mullo_epi32(v.b, m.b), c.b);
    v.c = _mm512_add_epi32(_mm512_mullo_epi32(v.c, m.c), c.c);
    v.d = _mm512_add_epi32(_mm512_mullo_epi32(v.d, m.d), c.d);
    if constexpr (Residual::kPresent)
      residual.add(lanes.load(other + r * other_stride, other_stride), &v);
    sink.put(r * stride, stride, lanes, v);
  }
}

template <class Residual, class Sink>
void run_column(const Column& column, const Sink& sink) {
  const int32_t channels = column.channels;
  if (channels == 64) {
    run_lanes<Residual>(column, sink, AllLanes());
  } else if (channels > 32) {
    run_lanes<Residual>(column, sink, SomeLanes<1>(channels));
  } else if (channels > 16) {
    run_lanes<Residual>(column, sink, SomeLanes<2>(channels));
  } else {
    run_lanes<Residual>(column, sink, SomeLanes<4>(channels));
  }
}

template <class Sink>
void run_residual(const Column& column, const Sink& sink) {
  if (column.residual == nullptr) {
    run_column<NoResidual>(column, sink);
  } else if (column.epilogue.residual_map->byte_is_level) {
    run_column<LevelResidual>(column, sink);
  } else {
    run_column<CodeResidual>(column, sink);
  }
}

void run_output(const Column& column, const Thresholds& t, uint8_t* to) {
  switch (t.form) {
    case ThresholdForm::kLinear:
      return run_residual(column, ByteSink<LinearForm>(t, to));
    case ThresholdForm::kGrid:
      return run_residual(column, ByteSink<GridForm>(t, to));
    case ThresholdForm::kSignedGrid:
      return run_residual(column, ByteSink<SignedGridForm>(t, to));
    case ThresholdForm::kSearch:
      return run_residual(column, ByteSink<SearchForm>(t, to));
  }
}

void run(const Epilogue& e, const int32_t* acc, ptrdiff_t acc_stride, int32_t rows,
         int32_t channel0, int32_t channels, const EpilogueTarget& target) {
  for (int32_t c = 0; c < channels; c += 64) {
    const uint8_t* residual = e.residual_factor != 0 ? target.residual + c : nullptr;
    const int32_t here = channels - c < 64 ? channels - c : 64;
    const Column column = {e,
                           acc + c,
                           acc_stride,
                           rows,
                           channel0 + c,
                           here,
                           residual,
                           target.residual_stride,
                           target.stride};
    if (e.outputs == 0) run_residual(column, UnitsSink(target.units + c));
    for (int32_t i = 0; i < e.outputs; ++i) run_output(column, e.output[i], target.bytes[i] + c);
  }
}

}  // namespace
}  // namespace weq::kernels
