// The requantization loop of the AVX-512 files, 64 channels at a time. The including file defines
//     __m512i lookup128(__m512i index, __m512i low, __m512i high)
// (bytes of a 128-entry table, bit 7 of an index ignored) in its anonymous namespace first.
#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

struct Quads {
  __m512i a, b, c, d;  // 16 channels each
};

// 64 int32 in the order of channels to 64 bytes, saturated to 0..255.
__m512i in_order(__m512i packed) {
  const __m512i transpose = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(transpose, packed);
}

__m512i lookup256(__m512i index, const uint8_t* table) {
  const __m512i below = lookup128(index, _mm512_loadu_si512(table), _mm512_loadu_si512(table + 64));
  const __m512i above =
      lookup128(index, _mm512_loadu_si512(table + 128), _mm512_loadu_si512(table + 192));
  return _mm512_mask_mov_epi8(below, _mm512_movepi8_mask(index), above);
}

__m512i codes_to_bytes(__m512i codes, const Thresholds& t) {
  return t.store_is_code ? codes : lookup256(codes, t.store);
}

class LinearForm {
 public:
  explicit LinearForm(const Thresholds& t)
      : t_(t),
        round_(_mm512_set1_epi32(t.round)),
        low_(_mm512_set1_epi8(static_cast<char>(t.low))),
        high_(_mm512_set1_epi8(static_cast<char>(t.high))),
        shift_(_mm_cvtsi32_si128(t.shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(shifted(v.a), shifted(v.b));
    const __m512i cd = _mm512_packs_epi32(shifted(v.c), shifted(v.d));
    const __m512i codes = in_order(_mm512_packus_epi16(ab, cd));
    return codes_to_bytes(_mm512_min_epu8(_mm512_max_epu8(codes, low_), high_), t_);
  }

 private:
  __m512i shifted(__m512i v) const { return _mm512_sra_epi32(_mm512_add_epi32(v, round_), shift_); }
  const Thresholds& t_;
  __m512i round_, low_, high_;
  __m128i shift_;
};

class GridForm {
 public:
  explicit GridForm(const Thresholds& t)
      : base_(_mm512_set1_epi16(static_cast<short>(t.base))),
        table_low_(_mm512_loadu_si512(t.table)),
        table_high_(_mm512_loadu_si512(t.table + 64)),
        shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_sub_epi16(_mm512_packs_epi32(cell(v.a), cell(v.b)), base_);
    const __m512i cd = _mm512_sub_epi16(_mm512_packs_epi32(cell(v.c), cell(v.d)), base_);
    const __m512i index = _mm512_min_epu8(_mm512_packus_epi16(ab, cd), _mm512_set1_epi8(127));
    return in_order(lookup128(index, table_low_, table_high_));
  }

 private:
  __m512i cell(__m512i v) const {
    return _mm512_sra_epi32(_mm512_castps_si512(_mm512_cvtepi32_ps(v)), shift_);
  }
  __m512i base_, table_low_, table_high_;
  __m128i shift_;
};

class SignedGridForm {
 public:
  explicit SignedGridForm(const Thresholds& t) : t_(t), shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(cell(v.a), cell(v.b));
    const __m512i cd = _mm512_packs_epi32(cell(v.c), cell(v.d));
    const __mmask64 negative =
        _cvtu64_mask64(signs(v.a) | signs(v.b) << 16 | signs(v.c) << 32 | signs(v.d) << 48);
    const __m512i above = in_order(look_up(ab, cd, t_.base, t_.table));
    const __m512i below = in_order(look_up(ab, cd, t_.base_negative, t_.table_negative));
    return _mm512_mask_mov_epi8(above, negative, below);
  }

 private:
  __m512i cell(__m512i v) const {
    const __m512i bits = _mm512_castps_si512(_mm512_cvtepi32_ps(v));
    return _mm512_srl_epi32(_mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff)), shift_);
  }
  static uint64_t signs(__m512i v) { return _cvtmask16_u32(_mm512_movepi32_mask(v)); }
  static __m512i look_up(__m512i ab, __m512i cd, int32_t base, const uint8_t* table) {
    const __m512i first = _mm512_set1_epi16(static_cast<short>(base));
    const __m512i index = _mm512_min_epu8(
        _mm512_packus_epi16(_mm512_sub_epi16(ab, first), _mm512_sub_epi16(cd, first)),
        _mm512_set1_epi8(127));
    return lookup128(index, _mm512_loadu_si512(table), _mm512_loadu_si512(table + 64));
  }
  const Thresholds& t_;
  __m128i shift_;
};

// Binary search: four steps over every sixteenth threshold, four within the sixteen. The list is
// filled up with INT32_MAX; who passes the filling passes all thresholds, so the minimum is right.
class SearchForm {
 public:
  explicit SearchForm(const Thresholds& t) : t_(t) {
    for (int32_t k = 0; k < 256; ++k) padded_[k] = k < t.count ? t.values[k] : INT32_MAX;
    alignas(64) int32_t every16[16];
    for (int32_t i = 0; i < 16; ++i) every16[i] = padded_[16 * i + 15];
    coarse_ = _mm512_load_si512(every16);
    fine_ = _mm512_load_si512(padded_);
  }

  __m512i bytes(const Quads& v) const {
    const __m512i ab = _mm512_packs_epi32(passed(v.a), passed(v.b));
    const __m512i cd = _mm512_packs_epi32(passed(v.c), passed(v.d));
    return codes_to_bytes(in_order(_mm512_packus_epi16(ab, cd)), t_);
  }

 private:
  __m512i passed(__m512i v) const {
    __m512i position = _mm512_setzero_si512();
    if (t_.count > 15) {
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_permutexvar_epi32(at, coarse_), step);
      }
      position = _mm512_slli_epi32(position, 4);
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_i32gather_epi32(at, padded_, 4), step);
      }
    } else {
      for (int32_t step = 8; step > 0; step /= 2) {
        const __m512i at = _mm512_add_epi32(position, _mm512_set1_epi32(step - 1));
        position = advance(v, position, _mm512_permutexvar_epi32(at, fine_), step);
      }
    }
    return _mm512_min_epi32(position, _mm512_set1_epi32(t_.count));
  }
  static __m512i advance(__m512i v, __m512i position, __m512i threshold, int32_t step) {
    return _mm512_mask_add_epi32(position, _mm512_cmpge_epi32_mask(v, threshold), position,
                                 _mm512_set1_epi32(step));
  }
  const Thresholds& t_;
  alignas(64) int32_t padded_[256];
  __m512i coarse_, fine_;
};

// Which of 64 lanes exist, for 16-channel vectors and for bytes.
struct SomeLanes {
  explicit SomeLanes(int32_t channels) : bits((uint64_t{1} << channels) - 1) {}
  __mmask16 quad(int i) const { return static_cast<__mmask16>(bits >> (16 * i)); }
  __m512i load(const int32_t* from, int i) const {
    return _mm512_maskz_loadu_epi32(quad(i), from + 16 * i);
  }
  void store(int32_t* to, int i, __m512i v) const {
    _mm512_mask_storeu_epi32(to + 16 * i, quad(i), v);
  }
  __m512i load(const uint8_t* from) const {
    return _mm512_maskz_loadu_epi8(_cvtu64_mask64(bits), from);
  }
  void store(uint8_t* to, __m512i v) const { _mm512_mask_storeu_epi8(to, _cvtu64_mask64(bits), v); }
  uint64_t bits;
};

struct AllLanes {
  static __m512i load(const int32_t* from, int i) { return _mm512_loadu_si512(from + 16 * i); }
  static void store(int32_t* to, int i, __m512i v) { _mm512_storeu_si512(to + 16 * i, v); }
  static __m512i load(const uint8_t* from) { return _mm512_loadu_si512(from); }
  static void store(uint8_t* to, __m512i v) { _mm512_storeu_si512(to, v); }
};

template <class Lanes>
Quads load_quads(const int32_t* from, Lanes lanes) {
  return {lanes.load(from, 0), lanes.load(from, 1), lanes.load(from, 2), lanes.load(from, 3)};
}

class UnitsSink {
 public:
  explicit UnitsSink(int32_t* to) : to_(to) {}
  template <class Lanes>
  void put(ptrdiff_t at, Lanes lanes, const Quads& v) const {
    lanes.store(to_ + at, 0, v.a);
    lanes.store(to_ + at, 1, v.b);
    lanes.store(to_ + at, 2, v.c);
    lanes.store(to_ + at, 3, v.d);
  }

 private:
  int32_t* to_;
};

template <class Form>
class ByteSink {
 public:
  ByteSink(const Thresholds& t, uint8_t* to) : form_(t), to_(to) {}
  template <class Lanes>
  void put(ptrdiff_t at, Lanes lanes, const Quads& v) const {
    lanes.store(to_ + at, form_.bytes(v));
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
  const Quads m = load_quads(e.multiplier + column.channel, lanes);
  Quads c = load_quads(e.addend + column.channel, lanes);
  c.a = _mm512_add_epi32(c.a, residual.constant());
  c.b = _mm512_add_epi32(c.b, residual.constant());
  c.c = _mm512_add_epi32(c.c, residual.constant());
  c.d = _mm512_add_epi32(c.d, residual.constant());
  const __m512i round = _mm512_set1_epi32(e.pre_shift > 0 ? 1 << (e.pre_shift - 1) : 0);
  const __m128i shift = _mm_cvtsi32_si128(e.pre_shift);
  const bool shifted = e.pre_shift > 0;
  // Copies, because stores of bytes might alias the column.
  const int32_t* acc = column.acc;
  const uint8_t* other = column.residual;
  const ptrdiff_t acc_stride = column.acc_stride, other_stride = column.residual_stride;
  const ptrdiff_t stride = column.stride;
  const int32_t rows = column.rows;
  for (ptrdiff_t r = 0; r < rows; ++r) {
    Quads v = load_quads(acc + r * acc_stride, lanes);
    if (shifted) {
      v.a = _mm512_sra_epi32(_mm512_add_epi32(v.a, round), shift);
      v.b = _mm512_sra_epi32(_mm512_add_epi32(v.b, round), shift);
      v.c = _mm512_sra_epi32(_mm512_add_epi32(v.c, round), shift);
      v.d = _mm512_sra_epi32(_mm512_add_epi32(v.d, round), shift);
    }
    v.a = _mm512_add_epi32(_mm512_mullo_epi32(v.a, m.a), c.a);
    v.b = _mm512_add_epi32(_mm512_mullo_epi32(v.b, m.b), c.b);
    v.c = _mm512_add_epi32(_mm512_mullo_epi32(v.c, m.c), c.c);
    v.d = _mm512_add_epi32(_mm512_mullo_epi32(v.d, m.d), c.d);
    if constexpr (Residual::kPresent) residual.add(lanes.load(other + r * other_stride), &v);
    sink.put(r * stride, lanes, v);
  }
}

template <class Residual, class Sink>
void run_column(const Column& column, const Sink& sink) {
  if (column.channels == 64) {
    run_lanes<Residual>(column, sink, AllLanes());
  } else {
    run_lanes<Residual>(column, sink, SomeLanes(column.channels));
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
