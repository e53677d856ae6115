// Winograd by vpdpbusd, for both AVX-512 files, all forms. The including file includes an
// avx512*_lookup.h first.
#include <utility>

#include "kernels/conv/target.h"
#include "kernels/conv_winograd/avx512_product.h"
#include "kernels/requantize/avx512_registers.h"

namespace weq::kernels {
namespace {

// B^T of four lines, modulo 256.
struct Four {
  __m512i a, b, c, d;
};
inline Four differences(const Four& x) {
  return {_mm512_sub_epi8(x.a, x.c), _mm512_add_epi8(x.b, x.c), _mm512_sub_epi8(x.c, x.b),
          _mm512_sub_epi8(x.b, x.d)};
}

inline __mmask64 first_channels(int32_t count) {
  return _cvtu64_mask64(count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1);
}

inline Four load_row(const uint8_t* const* pixels, ptrdiff_t at, __mmask64 mask) {
  return {
      _mm512_maskz_loadu_epi8(mask, pixels[0] + at), _mm512_maskz_loadu_epi8(mask, pixels[1] + at),
      _mm512_maskz_loadu_epi8(mask, pixels[2] + at), _mm512_maskz_loadu_epi8(mask, pixels[3] + at)};
}

void input_square(const uint8_t* const* pixels, int32_t channels, uint8_t least, uint8_t* to,
                  ptrdiff_t plane_step, ptrdiff_t chunk_step) {
  const __m512i half = _mm512_set1_epi8(static_cast<char>(128));
  const __m512i sum = _mm512_set1_epi8(static_cast<char>(-least));
  for (int32_t c = 0; c < channels; c += kWinogradChunk, to += chunk_step) {
    const __mmask64 mask = first_channels(channels - c);
    const Four r0 = differences(load_row(pixels, c, mask));
    const Four r1 = differences(load_row(pixels + 4, c, mask));
    const Four r2 = differences(load_row(pixels + 8, c, mask));
    const Four r3 = differences(load_row(pixels + 12, c, mask));
    const Four v[4] = {differences({r0.a, r1.a, r2.a, r3.a}), differences({r0.b, r1.b, r2.b, r3.b}),
                       differences({r0.c, r1.c, r2.c, r3.c}),
                       differences({r0.d, r1.d, r2.d, r3.d})};
    uint8_t* at = to;
#pragma GCC unroll 4
    for (int32_t j = 0; j < 4; ++j, at += plane_step) {
      _mm512_store_si512(at, _mm512_add_epi8(v[j].a, half));
      _mm512_store_si512(at + 4 * plane_step, _mm512_add_epi8(v[j].b, j == 1 ? sum : half));
      _mm512_store_si512(at + 8 * plane_step, _mm512_add_epi8(v[j].c, half));
      _mm512_store_si512(at + 12 * plane_step, _mm512_add_epi8(v[j].d, half));
    }
  }
}

void input_row(const uint8_t* const* pixels, int32_t channels, uint8_t least, uint8_t* to,
               ptrdiff_t plane_step, ptrdiff_t chunk_step) {
  const __m512i half = _mm512_set1_epi8(static_cast<char>(128));
  const __m512i sum = _mm512_set1_epi8(static_cast<char>(-least));
  for (int32_t c = 0; c < channels; c += kWinogradChunk, to += chunk_step) {
    const Four v = differences(load_row(pixels, c, first_channels(channels - c)));
    _mm512_store_si512(to, _mm512_add_epi8(v.a, half));
    _mm512_store_si512(to + plane_step, _mm512_add_epi8(v.b, sum));
    _mm512_store_si512(to + 2 * plane_step, _mm512_add_epi8(v.c, half));
    _mm512_store_si512(to + 3 * plane_step, _mm512_add_epi8(v.d, half));
  }
}

// Lines of a strided tile become those of its planes.
struct Five {
  __m512i v[5];
};
inline Five terms(const __m512i& a, const __m512i& b, const __m512i& c, const __m512i& d,
                  const __m512i& e) {
  return {{_mm512_sub_epi8(a, c), b, c, _mm512_sub_epi8(e, c), d}};
}

void input_strided(const uint8_t* const* pixels, int32_t channels, uint8_t, uint8_t* to,
                   ptrdiff_t plane_step, ptrdiff_t chunk_step) {
  const __m512i half = _mm512_set1_epi8(static_cast<char>(128));
  for (int32_t c = 0; c < channels; c += kWinogradChunk, to += chunk_step) {
    const __mmask64 mask = first_channels(channels - c);
    const auto load = [&](int32_t i) { return _mm512_maskz_loadu_epi8(mask, pixels[i] + c); };
    Five rows[5];
#pragma GCC unroll 5
    for (int32_t i = 0; i < 5; ++i)
      rows[i] =
          terms(load(5 * i), load(5 * i + 1), load(5 * i + 2), load(5 * i + 3), load(5 * i + 4));
#pragma GCC unroll 5
    for (int32_t j = 0; j < 5; ++j) {
      const Five v = terms(rows[0].v[j], rows[1].v[j], rows[2].v[j], rows[3].v[j], rows[4].v[j]);
#pragma GCC unroll 5
      for (int32_t i = 0; i < 5; ++i) {
        const bool plain = i % 3 != 0 && j % 3 != 0;
        _mm512_store_si512(to + kWinogradStridedPlane[i][j] * plane_step,
                           plain ? v.v[i] : _mm512_add_epi8(v.v[i], half));
      }
    }
  }
}

// A^T of four lines.
struct Two {
  __m512i a, b;
};
template <bool kDoubled>
inline Two outputs_of(const Four& m) {
  const __m512i a = kDoubled ? m.a : _mm512_add_epi32(m.a, m.a);
  const __m512i d = kDoubled ? m.d : _mm512_add_epi32(m.d, m.d);
  return {_mm512_add_epi32(a, _mm512_add_epi32(m.b, m.c)),
          _mm512_sub_epi32(_mm512_sub_epi32(m.b, m.c), d)};
}

constexpr ptrdiff_t kPosition = ptrdiff_t{kWinogradTiles} * kWinogradGroup;

// Positions first, first + 1 ... of one vector.
inline Four load_sums(const int32_t* from) {
  return {_mm512_load_si512(from), _mm512_load_si512(from + kPosition),
          _mm512_load_si512(from + 2 * kPosition), _mm512_load_si512(from + 3 * kPosition)};
}

// outputs[row][column * kVectors] of one tile and vector.
template <bool kDoubled, size_t kVectors>
inline void square_outputs(const int32_t* sums, __m512i* upper, __m512i* lower) {
  const Two r0 = outputs_of<kDoubled>(load_sums(sums));
  const Two r1 = outputs_of<kDoubled>(load_sums(sums + 4 * kPosition));
  const Two r2 = outputs_of<kDoubled>(load_sums(sums + 8 * kPosition));
  const Two r3 = outputs_of<kDoubled>(load_sums(sums + 12 * kPosition));
  const Two left = outputs_of<kDoubled>({r0.a, r1.a, r2.a, r3.a});
  const Two right = outputs_of<kDoubled>({r0.b, r1.b, r2.b, r3.b});
  upper[0] = _mm512_srai_epi32(left.a, 2);
  upper[kVectors] = _mm512_srai_epi32(right.a, 2);
  lower[0] = _mm512_srai_epi32(left.b, 2);
  lower[kVectors] = _mm512_srai_epi32(right.b, 2);
}

template <bool kDoubled, size_t kVectors>
inline void row_outputs(const int32_t* sums, __m512i* outputs) {
  const Two y = outputs_of<kDoubled>(load_sums(sums));
  outputs[0] = _mm512_srai_epi32(y.a, 1);
  outputs[kVectors] = _mm512_srai_epi32(y.b, 1);
}

template <size_t kVectors>
inline void strided_outputs(const int32_t* sums, __m512i* upper, __m512i* lower) {
  Two rows[3];
#pragma GCC unroll 3
  for (int32_t i = 0; i < 3; ++i, sums += 3 * kPosition) {
    const __m512i middle = _mm512_load_si512(sums + kPosition);
    rows[i] = {_mm512_add_epi32(_mm512_load_si512(sums), middle),
               _mm512_add_epi32(_mm512_load_si512(sums + 2 * kPosition), middle)};
  }
  upper[0] = _mm512_add_epi32(rows[0].a, rows[1].a);
  upper[kVectors] = _mm512_add_epi32(rows[0].b, rows[1].b);
  lower[0] = _mm512_add_epi32(rows[2].a, rows[1].a);
  lower[kVectors] = _mm512_add_epi32(rows[2].b, rows[1].b);
}

// What becomes of the 2 * kVectors outputs of a tile's row: left pixel, right pixel.
class ToMemory {
 public:
  explicit ToMemory(const WinogradOutput& o) : acc_(o.acc) {}
  template <size_t kVectors>
  [[gnu::always_inline]] void put(int32_t tile, int32_t row, const __m512i* outputs) const {
    int32_t* to = acc_ + (ptrdiff_t{row} * kWinogradTiles + tile) * 2 * kWinogradGroup;
    for (size_t v = 0; v < kVectors; ++v) {
      _mm512_store_si512(to + 16 * v, outputs[v]);
      _mm512_store_si512(to + kWinogradGroup + 16 * v, outputs[kVectors + v]);
    }
  }

 private:
  int32_t* acc_;
};

template <class Form>
class Requantized {
 public:
  explicit Requantized(const WinogradOutput& o)
      : target_(conv_target(*o.call, 0, o.channel)),
        epilogue_(*o.call->epilogue, o.channel, o.channels, target_),
        tiles_(o.tiles),
        width_(o.call->problem->shape.out_w) {}
  template <size_t kVectors>
  [[gnu::always_inline]] void put(int32_t tile, int32_t row, const __m512i* outputs) const {
    const ptrdiff_t pixel = tiles_[tile].pixel + row * width_;
    if (tiles_[tile].cols == 2) {
      epilogue_.template store<2, kVectors>(outputs, pixel);
    } else {
      epilogue_.template store<1, kVectors>(outputs, pixel);
    }
  }

 private:
  EpilogueTarget target_;
  RegisterEpilogue<Form> epilogue_;
  const WinogradTile* tiles_;
  ptrdiff_t width_;
};

template <WinogradForm kForm, bool kDoubled, class Result, size_t kVectors, size_t... kV>
[[gnu::noinline]] void end_tiles(const WinogradOutput& o, std::index_sequence<kV...>) {
  const Result result(o);
  const int32_t* sums = o.sums;
  for (int32_t t = 0; t < o.count; ++t, sums += kWinogradGroup) {
    __m512i upper[2 * kVectors];
    if constexpr (kForm == WinogradForm::kRow) {
      (row_outputs<kDoubled, kVectors>(sums + 16 * kV, upper + kV), ...);
      result.template put<kVectors>(t, 0, upper);
    } else {
      __m512i lower[2 * kVectors];
      if constexpr (kForm == WinogradForm::kStrided) {
        (strided_outputs<kVectors>(sums + 16 * kV, upper + kV, lower + kV), ...);
      } else {
        (square_outputs<kDoubled, kVectors>(sums + 16 * kV, upper + kV, lower + kV), ...);
      }
      result.template put<kVectors>(t, 0, upper);
      if (o.tiles[t].rows == 2) result.template put<kVectors>(t, 1, lower);
    }
  }
}

template <WinogradForm kForm, bool kDoubled, class Result>
void end_vectors(const WinogradOutput& o) {
  if (o.channels > 16) {
    end_tiles<kForm, kDoubled, Result, 2>(o, std::make_index_sequence<2>());
  } else {
    end_tiles<kForm, kDoubled, Result, 1>(o, std::make_index_sequence<1>());
  }
}

template <WinogradForm kForm, class Result>
void end_with(const WinogradOutput& o) {
  if (o.doubled) {
    end_vectors<kForm, true, Result>(o);
  } else {
    end_vectors<kForm, false, Result>(o);
  }
}

template <WinogradForm kForm>
void output(const WinogradOutput& o) {
  const Epilogue& epilogue = *o.call->epilogue;
  if (!fits_registers(epilogue)) {
    end_with<kForm, ToMemory>(o);
    winograd_requantize(o);
  } else if (epilogue.output[0].form == ThresholdForm::kLinear) {
    end_with<kForm, Requantized<LinearForm>>(o);
  } else {
    end_with<kForm, Requantized<GridForm>>(o);
  }
}

constexpr WinogradSteps kSquare = {WinogradForm::kSquare, input_square, product,
                                   output<WinogradForm::kSquare>};
constexpr WinogradSteps kSplit = {WinogradForm::kSquareSplit, input_square, product,
                                  output<WinogradForm::kSquare>};
constexpr WinogradSteps kRow = {WinogradForm::kRow, input_row, product, output<WinogradForm::kRow>};
constexpr WinogradSteps kStrided = {WinogradForm::kStrided, input_strided, product,
                                    output<WinogradForm::kStrided>};
constexpr WinogradSteps kFive = {WinogradForm::kFive, input_square, product,
                                 output<WinogradForm::kSquare>};

// The entries of the kernel list that a form needs.
template <const WinogradSteps& kSteps>
struct Entry {
  static constexpr WinogradForm kForm = kSteps.form;
  static const char* refuse(const ConvProblem& p) { return winograd_refuse(p, kForm); }
  static double cost(const ConvProblem& p) { return winograd_cost(p, kForm); }
  static size_t packed_bytes(const ConvProblem& p) { return winograd_packed_bytes(p, kForm); }
  static void pack(const ConvProblem& p, void* packed) { winograd_pack(p, kForm, packed); }
  static int64_t items(const ConvProblem& p) { return winograd_items(p, kForm); }
  static size_t workspace_bytes(const ConvProblem& p) { return winograd_workspace_bytes(p, kForm); }
  static void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
    winograd_run(call, kSteps, begin, end, workspace);
  }
  static constexpr ConvKernel kernel(const char* name, Isa isa) {
    return {name,
            "winograd",
            isa,
            refuse,
            cost,
            packed_bytes,
            pack,
            no_gather_bytes,
            no_gather_items,
            no_gather,
            items,
            workspace_bytes,
            run};
  }
};

}  // namespace
}  // namespace weq::kernels
