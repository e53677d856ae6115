// The walk over the work items of Strassen's product.
#include <algorithm>

#include "kernels/conv/target.h"
#include "kernels/conv_strassen/strassen.h"

namespace weq::kernels {
namespace {

constexpr ptrdiff_t kProductSums = ptrdiff_t{kWinogradTiles} * kWinogradGroup;

// The work of one call: buffers of the thread and what they hold.
class Walk {
 public:
  Walk(const ConvCall& call, const StrassenSteps& steps, void* workspace)
      : call_(call),
        steps_(steps),
        shape_(call.problem->shape),
        plan_(shape_),
        bytes_(static_cast<uint8_t*>(workspace)),
        sums_(reinterpret_cast<int32_t*>(bytes_ + plan_.band_bytes())),
        acc_(sums_ + kStrassenProducts * kProductSums) {
    const LevelMap& map = *call.problem->input;
    const StrassenOffsets offsets(map);
    // Bytes hold level + offset; S adds that once for each pixel it adds, less those it subtracts.
    const int32_t held[kStrassenProducts] = {1, 1, 0, 1, 2, 1, 0};
    for (int32_t p = 0; p < kStrassenProducts; ++p)
      add_[p] = static_cast<uint8_t>(offsets.of[p] - held[p] * map.offset);
  }

  void run(int64_t item) {
    const int64_t band = item / plan_.groups;
    if (band != held_) load_band(band);
    const auto group = static_cast<int32_t>(item % plan_.groups);
    const int32_t passes = (count_ + kWinogradTiles - 1) / kWinogradTiles;
    for (int32_t i = 0; i < passes; ++i) {
      const int32_t first = count_ * i / passes;
      multiply(group, first, count_ * (i + 1) / passes - first);
    }
  }

 private:
  void load_band(int64_t band) {
    held_ = band;
    first_ = plan_.first_tile(band);
    count_ = static_cast<int32_t>(plan_.first_tile(band + 1) - first_);
    uint8_t* to = bytes_;
    for (int64_t t = first_; t < first_ + count_; ++t, to += kWinogradChunk) {
      const int64_t partner = std::min(t + plan_.tiles, plan_.pixels - 1);
      steps_.input(pixel(t), pixel(partner), plan_.half_in, add_, to, plan_.plane_step(),
                   plan_.chunk_step());
    }
  }

  const uint8_t* pixel(int64_t number) const {
    const bool in_order = shape_.stride_h == 1 && shape_.stride_w == 1 &&
                          shape_.out_h == shape_.in_h && shape_.out_w == shape_.in_w;
    if (in_order) return call_.input + number * shape_.in_c;
    const int64_t x = number % shape_.out_w, row = number / shape_.out_w;
    const int64_t y = row % shape_.out_h, n = row / shape_.out_h;
    return call_.input +
           ((n * shape_.in_h + y * shape_.stride_h) * shape_.in_w + x * shape_.stride_w) *
               shape_.in_c;
  }

  void multiply(int32_t group, int32_t first, int32_t count) {
    const uint8_t* const packed = static_cast<const uint8_t*>(call_.packed);
    WinogradProduct product;
    product.chunk_step = plan_.chunk_step();
    product.runs = 1;
    product.quads = plan_.quads;
    product.tiles = count;
    product.vectors = 2;
    product.bytes = bytes_ + ptrdiff_t{first} * kWinogradChunk;
    product.start =
        reinterpret_cast<const int32_t*>(packed) + group * kStrassenProducts * kWinogradGroup;
    product.weights = reinterpret_cast<const int8_t*>(packed + plan_.start_bytes()) +
                      size_t(group) * kStrassenProducts * plan_.product_bytes();
    product.sums = sums_;
    for (int32_t p = 0; p < kStrassenProducts; ++p) {
      steps_.product(product);
      product.bytes += plan_.plane_step();
      product.start += kWinogradGroup;
      product.weights += plan_.product_bytes();
      product.sums += kProductSums;
    }
    StrassenOutput output;
    output.sums = sums_;
    output.tile = first_ + first;
    output.partner = plan_.tiles;
    output.count = count;
    output.partners =
        static_cast<int32_t>(std::min<int64_t>(count, plan_.pixels - plan_.tiles - output.tile));
    output.channel = group * kWinogradGroup;
    output.half_out = plan_.half_out;
    output.call = &call_;
    output.acc = acc_;
    steps_.output(output);
  }

  const ConvCall& call_;
  const StrassenSteps& steps_;
  const ConvShape& shape_;
  const StrassenPlan plan_;
  uint8_t* bytes_;  // S of the band
  int32_t* sums_;   // products of up to kWinogradTiles tiles and a group
  int32_t* acc_;    // their outputs
  uint8_t add_[kStrassenProducts];
  int64_t held_ = -1, first_ = 0;
  int32_t count_ = 0;
};

}  // namespace

size_t strassen_workspace_bytes(const ConvProblem& problem) {
  return StrassenPlan(problem.shape).band_bytes() +
         size_t((kStrassenProducts + 4) * kProductSums) * sizeof(int32_t);
}

void strassen_run(const ConvCall& call, const StrassenSteps& steps, int64_t begin, int64_t end,
                  void* workspace) {
  Walk walk(call, steps, workspace);
  for (int64_t item = begin; item < end; ++item) walk.run(item);
}

void strassen_requantize(const StrassenOutput& o) {
  const ConvCall& call = *o.call;
  for (int32_t quarter = 0; quarter < 4; ++quarter) {
    const int32_t channel = o.channel + (quarter % 2) * o.half_out;
    const int32_t rows = quarter < 2 ? o.count : o.partners;
    if (rows <= 0) continue;
    const int64_t row = o.tile + (quarter < 2 ? 0 : o.partner);
    call.requantize->run(*call.epilogue, o.acc + quarter * kProductSums, kWinogradGroup, rows,
                         channel, kWinogradGroup, conv_target(call, row, channel));
  }
}

}  // namespace weq::kernels
