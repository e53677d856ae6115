// 32 channels at a time; the last few of a tile go through a buffer.
#include <immintrin.h>

#include <cstring>

#include "kernels/requantize/requantize.h"

namespace weq::kernels {
namespace {

struct Quads {
  __m256i a, b, c, d;  // 8 channels each
};

Quads load_quads(const int32_t* from) {
  const auto* p = reinterpret_cast<const __m256i*>(from);
  return {_mm256_loadu_si256(p), _mm256_loadu_si256(p + 1), _mm256_loadu_si256(p + 2),
          _mm256_loadu_si256(p + 3)};
}

__m256i in_order(__m256i packed) {
  return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

// A table of up to 128 bytes by 16-byte shuffles: an index outside a part gets its top bit set,
// which shuffles to 0. Only as many parts as the table has different bytes at its start.
class ByteTable {
 public:
  explicit ByteTable(const uint8_t* table) {
    int32_t last = 127;
    while (last > 0 && table[last - 1] == table[127]) --last;
    last_ = _mm256_set1_epi8(static_cast<char>(last));
    parts_ = last / 16 + 1;
    for (int32_t i = 0; i < parts_; ++i) {
      part_[i] = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * i)));
    }
  }

  // `index`: bytes 0..255, clamped here to the table.
  __m256i operator()(__m256i index) const {
    const __m256i outside = _mm256_set1_epi8(0x70);
    __m256i left = _mm256_min_epu8(index, last_);
    __m256i found = _mm256_shuffle_epi8(part_[0], _mm256_adds_epu8(left, outside));
    for (int32_t i = 1; i < parts_; ++i) {
      left = _mm256_sub_epi8(left, _mm256_set1_epi8(16));
      const __m256i here = _mm256_shuffle_epi8(part_[i], _mm256_adds_epu8(left, outside));
      found = _mm256_or_si256(found, here);
    }
    return found;
  }

 private:
  __m256i part_[8], last_;
  int32_t parts_ = 1;
};

class LinearForm {
 public:
  explicit LinearForm(const Thresholds& t)
      : round_(_mm256_set1_epi32(t.round)),
        low_(_mm256_set1_epi8(static_cast<char>(t.low))),
        high_(_mm256_set1_epi8(static_cast<char>(t.high))),
        shift_(_mm_cvtsi32_si128(t.shift)) {}

  static constexpr bool kGivesCodes = true;
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_packs_epi32(shifted(v.a), shifted(v.b));
    const __m256i cd = _mm256_packs_epi32(shifted(v.c), shifted(v.d));
    const __m256i codes = _mm256_packus_epi16(ab, cd);
    return in_order(_mm256_min_epu8(_mm256_max_epu8(codes, low_), high_));
  }

 private:
  __m256i shifted(__m256i v) const { return _mm256_sra_epi32(_mm256_add_epi32(v, round_), shift_); }
  __m256i round_, low_, high_;
  __m128i shift_;
};

class GridForm {
 public:
  explicit GridForm(const Thresholds& t)
      : table_(t.table),
        base_(_mm256_set1_epi16(static_cast<short>(t.base))),
        shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  static constexpr bool kGivesCodes = false;
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_sub_epi16(_mm256_packs_epi32(cell(v.a), cell(v.b)), base_);
    const __m256i cd = _mm256_sub_epi16(_mm256_packs_epi32(cell(v.c), cell(v.d)), base_);
    return in_order(table_(_mm256_packus_epi16(ab, cd)));
  }

 private:
  __m256i cell(__m256i v) const {
    return _mm256_sra_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(v)), shift_);
  }
  ByteTable table_;
  __m256i base_;
  __m128i shift_;
};

class SignedGridForm {
 public:
  explicit SignedGridForm(const Thresholds& t)
      : table_(t.table),
        table_negative_(t.table_negative),
        base_(_mm256_set1_epi16(static_cast<short>(t.base))),
        base_negative_(_mm256_set1_epi16(static_cast<short>(t.base_negative))),
        shift_(_mm_cvtsi32_si128(t.grid_shift)) {}

  static constexpr bool kGivesCodes = false;
  __m256i bytes(const Quads& v) const {
    const __m256i ab = _mm256_packs_epi32(cell(v.a), cell(v.b));
    const __m256i cd = _mm256_packs_epi32(cell(v.c), cell(v.d));
    // Saturating packs keep the sign.
    const __m256i negative =
        _mm256_packs_epi16(_mm256_packs_epi32(v.a, v.b), _mm256_packs_epi32(v.c, v.d));
    const __m256i above =
        table_(_mm256_packus_epi16(_mm256_sub_epi16(ab, base_), _mm256_sub_epi16(cd, base_)));
    const __m256i below = table_negative_(_mm256_packus_epi16(
        _mm256_sub_epi16(ab, base_negative_), _mm256_sub_epi16(cd, base_negative_)));
    return in_order(_mm256_blendv_epi8(above, below, negative));
  }

 private:
  __m256i cell(__m256i v) const {
    const __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(v));
    return _mm256_srl_epi32(_mm256_and_si256(bits, _mm256_set1_epi32(0x7fffffff)), shift_);
  }
  ByteTable table_, table_negative_;
  __m256i base_, base_negative_;
  __m128i shift_;
};

// Few thresholds: count comparisons. Many: binary search in a list filled up with INT32_MAX; who
// passes the filling passes all thresholds.
class SearchForm {
 public:
  explicit SearchForm(const Thresholds& t) : count_(t.count) {
    for (int32_t k = 0; k < 256; ++k) padded_[k] = k < t.count ? t.values[k] : INT32_MAX;
    while (first_step_ <= t.count / 2) first_step_ *= 2;
  }

  static constexpr bool kGivesCodes = true;
  __m256i bytes(const Quads& v) const {
    const Quads p =
        count_ <= kFew ? counted(v) : Quads{found(v.a), found(v.b), found(v.c), found(v.d)};
    return in_order(
        _mm256_packus_epi16(_mm256_packs_epi32(p.a, p.b), _mm256_packs_epi32(p.c, p.d)));
  }

 private:
  static constexpr int32_t kFew = 40;
  Quads counted(const Quads& v) const {
    const __m256i all = _mm256_set1_epi32(count_);
    Quads p = {all, all, all, all};
    for (int32_t k = 0; k < count_; ++k) {
      const __m256i threshold = _mm256_set1_epi32(padded_[k]);
      p.a = _mm256_add_epi32(p.a, _mm256_cmpgt_epi32(threshold, v.a));
      p.b = _mm256_add_epi32(p.b, _mm256_cmpgt_epi32(threshold, v.b));
      p.c = _mm256_add_epi32(p.c, _mm256_cmpgt_epi32(threshold, v.c));
      p.d = _mm256_add_epi32(p.d, _mm256_cmpgt_epi32(threshold, v.d));
    }
    return p;
  }
  __m256i found(__m256i v) const {
    __m256i position = _mm256_setzero_si256();
    for (int32_t step = first_step_; step > 0; step /= 2) {
      const __m256i at = _mm256_add_epi32(position, _mm256_set1_epi32(step - 1));
      const __m256i below = _mm256_cmpgt_epi32(_mm256_i32gather_epi32(padded_, at, 4), v);
      position = _mm256_add_epi32(position, _mm256_andnot_si256(below, _mm256_set1_epi32(step)));
    }
    return _mm256_min_epi32(position, _mm256_set1_epi32(count_));
  }
  alignas(32) int32_t padded_[256];
  int32_t count_, first_step_ = 1;
};

class Residual {
 public:
  explicit Residual(const Epilogue& e)
      : factor_(_mm256_set1_epi32(e.residual_factor)),
        levels_(e.residual_map != nullptr ? e.residual_map->level : nullptr) {
    const bool level = e.residual_map != nullptr && e.residual_map->byte_is_level;
    offset_ = _mm256_set1_epi32(level ? e.residual_map->offset : 0);
    if (level) levels_ = nullptr;
  }
  void add(const uint8_t* from, Quads* v) const {
    v->a = plus(v->a, from);
    v->b = plus(v->b, from + 8);
    v->c = plus(v->c, from + 16);
    v->d = plus(v->d, from + 24);
  }

 private:
  __m256i plus(__m256i v, const uint8_t* from) const {
    const __m256i bytes =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
    const __m256i level = levels_ != nullptr ? _mm256_i32gather_epi32(levels_, bytes, 4)
                                             : _mm256_sub_epi32(bytes, offset_);
    return _mm256_add_epi32(v, _mm256_mullo_epi32(level, factor_));
  }
  __m256i factor_, offset_;
  const int32_t* levels_;
};

// A column of at most 32 channels of the tile.
struct Column {
  const Epilogue& epilogue;
  const int32_t* acc;
  ptrdiff_t acc_stride;
  int32_t rows, channel, channels;  // channel: index into M and C
  const uint8_t* residual;
  ptrdiff_t residual_stride, stride;
};

class UnitsSink {
 public:
  explicit UnitsSink(int32_t* to) : to_(to) {}
  void put(ptrdiff_t at, int32_t channels, const Quads& v) const {
    alignas(32) int32_t buffer[32];
    auto* out = reinterpret_cast<__m256i*>(channels == 32 ? to_ + at : buffer);
    _mm256_storeu_si256(out, v.a);
    _mm256_storeu_si256(out + 1, v.b);
    _mm256_storeu_si256(out + 2, v.c);
    _mm256_storeu_si256(out + 3, v.d);
    if (channels < 32) std::memcpy(to_ + at, buffer, size_t(channels) * sizeof(int32_t));
  }

 private:
  int32_t* to_;
};

template <class Form>
class ByteSink {
 public:
  ByteSink(const Thresholds& t, uint8_t* to)
      : form_(t), to_(to), store_(Form::kGivesCodes && !t.store_is_code ? t.store : nullptr) {}
  void put(ptrdiff_t at, int32_t channels, const Quads& v) const {
    alignas(32) uint8_t buffer[32];
    const bool direct = channels == 32 && store_ == nullptr;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(direct ? to_ + at : buffer), form_.bytes(v));
    if (direct) return;
    if (store_ != nullptr) {
      for (int32_t c = 0; c < channels; ++c) to_[at + c] = store_[buffer[c]];
    } else {
      std::memcpy(to_ + at, buffer, size_t(channels));
    }
  }

 private:
  Form form_;
  uint8_t* to_;
  const uint8_t* store_;
};

template <class Sink>
void run_column(const Column& column, const Sink& sink) {
  const Epilogue& e = column.epilogue;
  alignas(32) int32_t tail[3][32] = {};  // acc, M and C of a tail
  const int32_t channels = column.channels;
  const bool whole = channels == 32;
  const size_t tail_bytes = size_t(channels) * sizeof(int32_t);
  const int32_t* multiplier = e.multiplier + column.channel;
  const int32_t* addend = e.addend + column.channel;
  if (!whole) {
    std::memcpy(tail[1], multiplier, tail_bytes);
    std::memcpy(tail[2], addend, tail_bytes);
    multiplier = tail[1];
    addend = tail[2];
  }
  const Quads m = load_quads(multiplier), c = load_quads(addend);
  const Residual residual(e);
  const __m256i round = _mm256_set1_epi32(e.pre_shift > 0 ? 1 << (e.pre_shift - 1) : 0);
  const __m128i shift = _mm_cvtsi32_si128(e.pre_shift);
  for (int32_t r = 0; r < column.rows; ++r) {
    const int32_t* acc = column.acc + r * column.acc_stride;
    if (!whole) {
      std::memcpy(tail[0], acc, tail_bytes);
      acc = tail[0];
    }
    Quads v = load_quads(acc);
    const auto scale = [&](__m256i a, __m256i factor, __m256i constant) {
      const __m256i shifted = _mm256_sra_epi32(_mm256_add_epi32(a, round), shift);
      return _mm256_add_epi32(_mm256_mullo_epi32(shifted, factor), constant);
    };
    v = {scale(v.a, m.a, c.a), scale(v.b, m.b, c.b), scale(v.c, m.c, c.c), scale(v.d, m.d, c.d)};
    if (column.residual != nullptr) {
      const uint8_t* from = column.residual + r * column.residual_stride;
      alignas(32) uint8_t buffer[32] = {};
      if (!whole) std::memcpy(buffer, from, size_t(channels));
      residual.add(whole ? from : buffer, &v);
    }
    sink.put(r * column.stride, channels, v);
  }
}

void run_output(const Column& column, const Thresholds& t, uint8_t* to) {
  switch (t.form) {
    case ThresholdForm::kLinear:
      return run_column(column, ByteSink<LinearForm>(t, to));
    case ThresholdForm::kGrid:
      return run_column(column, ByteSink<GridForm>(t, to));
    case ThresholdForm::kSignedGrid:
      return run_column(column, ByteSink<SignedGridForm>(t, to));
    case ThresholdForm::kSearch:
      return run_column(column, ByteSink<SearchForm>(t, to));
  }
}

void run(const Epilogue& e, const int32_t* acc, ptrdiff_t acc_stride, int32_t rows,
         int32_t channel0, int32_t channels, const EpilogueTarget& target) {
  for (int32_t c = 0; c < channels; c += 32) {
    const int32_t here = channels - c < 32 ? channels - c : 32;
    const uint8_t* residual = e.residual_factor != 0 ? target.residual + c : nullptr;
    const Column column = {e,
                           acc + c,
                           acc_stride,
                           rows,
                           channel0 + c,
                           here,
                           residual,
                           target.residual_stride,
                           target.stride};
    if (e.outputs == 0) run_column(column, UnitsSink(target.units + c));
    for (int32_t i = 0; i < e.outputs; ++i) run_output(column, e.output[i], target.bytes[i] + c);
  }
}

}  // namespace

extern const RequantizeKernel requantize_avx2;
const RequantizeKernel requantize_avx2 = {"requantize_avx2", Isa::kAvx2, run};

}  // namespace weq::kernels
