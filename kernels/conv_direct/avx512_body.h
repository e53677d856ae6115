// Direct convolution by vpdpbusd, for both AVX-512 files: unsigned bytes times signed weights,
// summed in 32 bits without saturation. A tile of up to 6 pixels by 4 vectors keeps all its sums in
// registers, where they are requantized too unless the epilogue is a rare one; neither side is
// packed for it, a pointer per pixel is enough.
#include <array>
#include <utility>

#include "kernels/conv/avx512_dot.h"
#include "kernels/conv_direct/direct.h"
#include "kernels/requantize/avx512_registers.h"

namespace weq::kernels {
namespace {

constexpr DirectLayout kLayout = DirectLayout::kBlockBytes;

template <size_t kVectors, size_t... kV>
inline void pixel(__m512i* sums, const uint8_t* from, const __m512i* weights,
                  std::index_sequence<kV...>) {
  const __m512i bytes = four_bytes(from);
  (dot(sums[kV], bytes, weights[kV]), ...);
}

// What becomes of the sums of pixels `row`, row + 1... of a tile.
class ToMemory {
 public:
  explicit ToMemory(const DirectTile& tile) : acc_(tile.acc) {}
  template <size_t kRows, size_t kVectors>
  [[gnu::always_inline]] void store(const __m512i* sums, ptrdiff_t row) const {
    store_all(sums, acc_ + row * ptrdiff_t{16 * kVectors},
              std::make_index_sequence<kRows * kVectors>());
  }

 private:
  template <size_t... kSum>
  [[gnu::always_inline]] static void store_all(const __m512i* sums, int32_t* to,
                                               std::index_sequence<kSum...>) {
    (_mm512_storeu_si512(to + 16 * kSum, sums[kSum]), ...);
  }
  int32_t* acc_;
};

template <class Form>
class Requantized : public RegisterEpilogue<Form> {
 public:
  explicit Requantized(const DirectTile& tile)
      : RegisterEpilogue<Form>(*tile.call->epilogue, tile.channel, tile.channels, tile.target) {}
};

template <class Result, size_t kVectors, size_t... kR, size_t... kV, size_t... kSum>
inline void sum_pixels(const DirectTile& tile, int32_t row, std::index_sequence<kR...>,
                       std::index_sequence<kV...> vectors, std::index_sequence<kSum...>) {
  __m512i sums[] = {_mm512_loadu_si512(tile.start + 16 * (kSum % kVectors))...};
  const uint8_t* const* pixels = tile.pixels + row;
  const int8_t* weights = tile.weights;
  const Segments& segments = tile.segments;
  const uint8_t* segment = pixels[0];
  int32_t x = 0;
  for (int32_t i = 0; i < segments.count(); ++i) {
    // The first pixel's pointer runs, the others keep their distance: few registers in the loop.
    const uint8_t* from = segment;
    const uint8_t* const end = from + ptrdiff_t{segments.quads} * 4;
    const ptrdiff_t distance[] = {(pixels[kR] - pixels[0])...};
    for (; from != end; from += 4) {
      const __m512i quad[] = {_mm512_load_si512(weights + 64 * kV)...};
      (pixel<kVectors>(sums + kR * kVectors, from + distance[kR], quad, vectors), ...);
      weights += 64 * kVectors;
    }
    segment += tile.col_step;
    if (++x == segments.cols) {
      x = 0;
      segment += tile.row_step - segments.cols * tile.col_step;
    }
  }
  Result(tile).template store<sizeof...(kR), kVectors>(sums, row);
}

template <class Result, size_t kRows, size_t kVectors>
__attribute__((noinline)) void sum_rows(const DirectTile& tile, int32_t row) {
  sum_pixels<Result, kVectors>(tile, row, std::make_index_sequence<kRows>(),
                               std::make_index_sequence<kVectors>(),
                               std::make_index_sequence<kRows * kVectors>());
}

using SumRows = void (*)(const DirectTile&, int32_t row);

// Most pixels that leave registers for the weights and one broadcast.
constexpr int32_t kMaxRows[4] = {8, 8, 8, 6};
using RowCounts = std::array<SumRows, 8>;

template <class Result, size_t kVectors, size_t... kR>
constexpr RowCounts row_counts(std::index_sequence<kR...>) {
  return {sum_rows<Result, kR + 1, kVectors>...};
}

template <class Result>
constexpr RowCounts kSumRows[4] = {row_counts<Result, 1>(std::make_index_sequence<8>()),
                                   row_counts<Result, 2>(std::make_index_sequence<8>()),
                                   row_counts<Result, 3>(std::make_index_sequence<8>()),
                                   row_counts<Result, 4>(std::make_index_sequence<6>())};

// Splits the rows into passes as equal as can be.
template <class Result>
void run_passes(const DirectTile& tile) {
  const int32_t most = kMaxRows[tile.vectors - 1];
  const int32_t passes = (tile.rows + most - 1) / most;
  const int32_t least = tile.rows / passes, longer = tile.rows % passes;
  const RowCounts& sums = kSumRows<Result>[tile.vectors - 1];
  int32_t row = 0;
  for (int32_t i = 0; i < passes; ++i) {
    const int32_t count = least + (i < longer);
    sums[static_cast<size_t>(count - 1)](tile, row);
    row += count;
  }
}

void run_tile(const DirectTile& tile, int32_t) {
  const Epilogue& epilogue = *tile.call->epilogue;
  if (!fits_registers(epilogue)) {
    run_passes<ToMemory>(tile);
    direct_requantize(tile);
  } else if (epilogue.output[0].form == ThresholdForm::kLinear) {
    run_passes<Requantized<LinearForm>>(tile);
  } else {
    run_passes<Requantized<GridForm>>(tile);
  }
}

double cost(const ConvProblem& problem) { return direct_cost(problem, kLayout, 62.5, 0.2); }
size_t packed_bytes(const ConvProblem& problem) { return direct_packed_bytes(problem, kLayout); }
void pack(const ConvProblem& problem, void* packed) { direct_pack(problem, kLayout, packed); }
int64_t items(const ConvProblem& problem) { return direct_items(problem, kLayout); }
void run(const ConvCall& call, int64_t begin, int64_t end, void* workspace) {
  direct_run(call, kLayout, begin, end, workspace, run_tile, 0);
}

}  // namespace
}  // namespace weq::kernels
