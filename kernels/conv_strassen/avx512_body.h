// Strassen's product by vpdpbusd, for both AVX-512 files. The including file includes an
// avx512*_lookup.h first.
#include "kernels/conv/target.h"
#include "kernels/conv_strassen/strassen.h"
#include "kernels/conv_winograd/avx512_product.h"
#include "kernels/requantize/avx512_registers.h"

namespace weq::kernels {
namespace {

void input(const uint8_t* first, const uint8_t* second, int32_t half, const uint8_t* add,
           uint8_t* to, ptrdiff_t plane_step, ptrdiff_t chunk_step) {
  const auto constant = [add](int i) { return _mm512_set1_epi8(static_cast<char>(add[i])); };
  const __m512i add2 = constant(2), add4 = constant(4), add5 = constant(5), add6 = constant(6);
  for (int32_t c = 0; c < half; c += kWinogradChunk, to += chunk_step) {
    const uint64_t bits = half - c >= 64 ? ~uint64_t{0} : (uint64_t{1} << (half - c)) - 1;
    const __mmask64 mask = _cvtu64_mask64(bits);
    const __m512i a11 = _mm512_maskz_loadu_epi8(mask, first + c);
    const __m512i a12 = _mm512_maskz_loadu_epi8(mask, first + half + c);
    const __m512i a21 = _mm512_maskz_loadu_epi8(mask, second + c);
    const __m512i a22 = _mm512_maskz_loadu_epi8(mask, second + half + c);
    const __m512i s1 = _mm512_add_epi8(a21, a22), s2 = _mm512_sub_epi8(s1, a11);
    uint8_t* at = to;
    const auto store = [&](__m512i bytes) {
      _mm512_store_si512(at, bytes);
      at += plane_step;
    };
    store(a11);
    store(a12);
    store(_mm512_add_epi8(_mm512_sub_epi8(a12, s2), add2));
    store(a22);
    store(_mm512_add_epi8(s1, add4));
    store(_mm512_add_epi8(s2, add5));
    store(_mm512_add_epi8(_mm512_sub_epi8(a11, a21), add6));
  }
}

constexpr ptrdiff_t kProduct = ptrdiff_t{kWinogradTiles} * kWinogradGroup;

// Outputs of one tile and vector, by pixel half and channel half.
struct Quarters {
  __m512i c11, c12, c21, c22;
};
inline Quarters quarters(const int32_t* sums) {
  const auto m = [sums](ptrdiff_t i) { return _mm512_load_si512(sums + i * kProduct); };
  const __m512i m0 = m(0), m4 = m(4);
  const __m512i u2 = _mm512_add_epi32(m0, m(5)), u3 = _mm512_add_epi32(u2, m(6));
  return {_mm512_add_epi32(m0, m(1)), _mm512_add_epi32(_mm512_add_epi32(u2, m4), m(2)),
          _mm512_add_epi32(u3, m(3)), _mm512_add_epi32(u3, m4)};
}

void end_in_memory(const StrassenOutput& o) {
  for (ptrdiff_t i = 0; i < ptrdiff_t{o.count} * kWinogradGroup; i += 16) {
    const Quarters c = quarters(o.sums + i);
    _mm512_store_si512(o.acc + i, c.c11);
    _mm512_store_si512(o.acc + kProduct + i, c.c12);
    _mm512_store_si512(o.acc + 2 * kProduct + i, c.c21);
    _mm512_store_si512(o.acc + 3 * kProduct + i, c.c22);
  }
  strassen_requantize(o);
}

// A tile's pixel and its partner as rows of a tile of outputs.
template <class Form>
class Ends {
 public:
  Ends(const StrassenOutput& o, int32_t channel)
      : target_(at_tile(o, channel)),
        step_(target_.stride / o.partner),
        residual_step_(o.call->problem->shape.out_c),
        epilogue_(*o.call->epilogue, channel, kWinogradGroup, target_) {}
  // vectors[row][2]
  [[gnu::always_inline]] void put(const __m512i* vectors, bool partner) {
    if (partner) {
      epilogue_.template store<2, 2>(vectors, 0);
    } else {
      epilogue_.template store<1, 2>(vectors, 0);
    }
    target_.bytes[0] += step_;
    if (target_.residual != nullptr) target_.residual += residual_step_;
  }

 private:
  static EpilogueTarget at_tile(const StrassenOutput& o, int32_t channel) {
    EpilogueTarget target = conv_target(*o.call, o.tile, channel);
    target.stride *= o.partner;
    target.residual_stride *= o.partner;
    return target;
  }
  EpilogueTarget target_;
  ptrdiff_t step_, residual_step_;
  RegisterEpilogue<Form> epilogue_;
};

template <class Form>
[[gnu::noinline]] void end_in_registers(const StrassenOutput& o) {
  Ends<Form> left(o, o.channel), right(o, o.channel + o.half_out);
  const int32_t* sums = o.sums;
  for (int32_t t = 0; t < o.count; ++t, sums += kWinogradGroup) {
    const Quarters v0 = quarters(sums), v1 = quarters(sums + 16);
    const __m512i first_half[] = {v0.c11, v1.c11, v0.c21, v1.c21};
    const __m512i second_half[] = {v0.c12, v1.c12, v0.c22, v1.c22};
    left.put(first_half, t < o.partners);
    right.put(second_half, t < o.partners);
  }
}

void output(const StrassenOutput& o) {
  const Epilogue& epilogue = *o.call->epilogue;
  if (!fits_registers(epilogue)) {
    end_in_memory(o);
  } else if (epilogue.output[0].form == ThresholdForm::kLinear) {
    end_in_registers<LinearForm>(o);
  } else {
    end_in_registers<GridForm>(o);
  }
}

constexpr StrassenSteps kSteps = {input, product, output};

void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  strassen_run(call, kSteps, begin, end, workspace);
}

constexpr ConvKernel strassen_kernel(const char* name, Isa isa) {
  return {name,
          "strassen",
          isa,
          strassen_refuse,
          strassen_cost,
          strassen_packed_bytes,
          strassen_pack,
          no_gather_bytes,
          no_gather_items,
          no_gather,
          strassen_items,
          strassen_workspace_bytes,
          run};
}

}  // namespace
}  // namespace weq::kernels
