// Which problems a Winograd convolution takes, and the walk over its work items.
#include <algorithm>
#include <cstdlib>

#include "kernels/conv_winograd/plan.h"
#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

constexpr ptrdiff_t kPositionSums = ptrdiff_t{kWinogradTiles} * kWinogradGroup;
constexpr ptrdiff_t kRowOutputs = ptrdiff_t{2} * kWinogradTiles * kWinogradBlock;
alignas(64) constexpr int32_t kNoStart[kWinogradGroup] = {};

// Largest |acc| that the codes might reach, cheaply.
int64_t sum_bound(const ConvProblem& problem) {
  const int64_t level =
      std::max(std::abs(problem.input->min_level), std::abs(problem.input->max_level));
  return 9 * int64_t{problem.shape.in_c} * problem.bounds.max_abs_weight * level;
}

// The work of one call: buffers of the thread and what they hold.
class Walk {
 public:
  Walk(const ConvCall& call, const WinogradSteps& steps, void* workspace)
      : call_(call),
        steps_(steps),
        shape_(call.problem->shape),
        plan_(shape_, steps.form),
        bytes_(static_cast<uint8_t*>(workspace)),
        sums_(reinterpret_cast<int32_t*>(bytes_ + plan_.band_bytes())),
        outputs_(sums_ + plan_.positions * kPositionSums) {}

  void run(int64_t item) {
    const int64_t band = item / plan_.blocks;
    if (band != held_) load_band(band);
    const auto block = static_cast<int32_t>(item % plan_.blocks);
    const int32_t tiles = rows_ * plan_.cols;
    const int32_t passes = (tiles + kWinogradTiles - 1) / kWinogradTiles;
    for (int32_t i = 0; i < passes; ++i) {
      const int32_t first = tiles * i / passes, count = tiles * (i + 1) / passes - first;
      for (int32_t g = 2 * block; g < std::min(2 * block + 2, plan_.groups()); ++g)
        multiply(g, first, count);
      store(block, first, count);
    }
  }

 private:
  void load_band(int64_t band) {
    held_ = band;
    region_ = static_cast<int32_t>(band / plan_.bands);
    const auto in_region = static_cast<int32_t>(band % plan_.bands);
    first_row_ = plan_.first_row(in_region);
    rows_ = plan_.first_row(in_region + 1) - first_row_;
    uint8_t* to = bytes_;
    for (int32_t r = 0; r < rows_ + plan_.extra_rows; ++r) {
      for (int32_t x = 0; x < plan_.cols; ++x, to += kWinogradChunk) transform(r, x, to);
    }
  }

  // V row r of the band, tile x.
  void transform(int32_t r, int32_t x, uint8_t* to) {
    const int32_t row = first_row_ + r;
    const int32_t n = plan_.square ? row / plan_.tile_rows : region_;
    const int32_t y = (plan_.square ? row % plan_.tile_rows * 2 : row) - shape_.pad_top;
    const uint8_t* pixels[16];
    for (int32_t i = 0; i < plan_.positions / 4; ++i) {
      for (int32_t j = 0; j < 4; ++j)
        pixels[4 * i + j] = pixel(n, y + i, 2 * x - shape_.pad_left + j);
    }
    const LevelMap& map = *call_.problem->input;
    const int32_t least = (map.min_level + map.offset) * (plan_.square ? 4 : 2);
    steps_.input(pixels, shape_.in_c, static_cast<uint8_t>(least), to, plan_.position_step(),
                 plan_.chunk_step());
  }

  // Outside the image the padding. Without padding such a pixel serves no output.
  const uint8_t* pixel(int32_t n, int32_t y, int32_t x) const {
    if (y < 0 || y >= shape_.in_h || x < 0 || x >= shape_.in_w)
      return call_.problem->pad_bytes != nullptr ? call_.problem->pad_bytes : call_.input;
    return call_.input +
           ((size_t(n) * size_t(shape_.in_h) + size_t(y)) * size_t(shape_.in_w) + size_t(x)) *
               size_t(shape_.in_c);
  }

  void multiply(int32_t group, int32_t first, int32_t count) {
    WinogradProduct product;
    product.run_step = plan_.square ? 0 : ptrdiff_t{plan_.cols} * kWinogradChunk;
    product.chunk_step = plan_.chunk_step();
    product.quads = plan_.quads;
    product.tiles = count;
    product.vectors = std::min(plan_.vectors - 2 * group, 2);
    product.weights = static_cast<const int8_t*>(call_.packed) + plan_.start_bytes() +
                      size_t(2 * group) * plan_.vector_bytes();
    const int32_t* corner =
        static_cast<const int32_t*>(call_.packed) + group * plan_.corners() * kWinogradGroup;
    for (int32_t p = 0; p < plan_.positions; ++p) {
      const bool outer = p % 4 % 3 == 0 && p / 4 % 3 == 0;
      product.start = outer ? corner : kNoStart;
      if (outer) corner += kWinogradGroup;
      product.runs = plan_.runs(p);
      product.bytes = bytes_ + p * plan_.position_step() + ptrdiff_t{first} * kWinogradChunk;
      product.sums = sums_ + p * kPositionSums;
      steps_.product(product);
      product.weights += size_t(product.runs) * size_t(plan_.quads) * size_t(product.vectors) * 64;
    }
    steps_.output(sums_, count, product.vectors, outputs_ + group % 2 * kWinogradGroup);
  }

  // Requantizes the outputs of tiles first ... of the band, image row by image row.
  void store(int32_t block, int32_t first, int32_t count) {
    for (int32_t t = first; t < first + count;) {
      const int32_t x = t % plan_.cols, run = std::min(plan_.cols - x, first + count - t);
      const int32_t row = first_row_ + t / plan_.cols;
      const int32_t n = plan_.square ? row / plan_.tile_rows : region_;
      const int32_t y = plan_.square ? row % plan_.tile_rows * 2 : row;
      const int32_t pixels = std::min(2 * run, shape_.out_w - 2 * x);
      for (int32_t a = 0; a < plan_.tile_height() && y + a < shape_.out_h; ++a) {
        const int64_t pixel = (int64_t{n} * shape_.out_h + y + a) * shape_.out_w + 2 * x;
        requantize(outputs_ + a * kRowOutputs + ptrdiff_t{2} * (t - first) * kWinogradBlock, pixel,
                   pixels, block * kWinogradBlock);
      }
      t += run;
    }
  }

  void requantize(const int32_t* from, int64_t pixel, int32_t pixels, int32_t channel) {
    const int64_t at = pixel * shape_.out_c + channel;
    EpilogueTarget target;
    target.stride = target.residual_stride = shape_.out_c;
    if (call_.residual != nullptr) target.residual = call_.residual + at;
    for (int i = 0; i < 2; ++i) {
      if (call_.bytes[i] != nullptr) target.bytes[i] = call_.bytes[i] + at;
    }
    if (call_.units != nullptr) target.units = call_.units + at;
    call_.requantize->run(*call_.epilogue, from, kWinogradBlock, pixels, channel,
                          std::min(shape_.out_c - channel, kWinogradBlock), target);
  }

  const ConvCall& call_;
  const WinogradSteps& steps_;
  const ConvShape& shape_;
  const WinogradPlan plan_;
  uint8_t* bytes_;    // V of the band
  int32_t* sums_;     // M of up to kWinogradTiles tiles and a group
  int32_t* outputs_;  // their 4 y, of the whole block
  int64_t held_ = -1;
  int32_t region_ = 0, first_row_ = 0, rows_ = 0;
};

}  // namespace

const char* winograd_refuse(const ConvProblem& problem, WinogradForm form) {
  const bool square = form != WinogradForm::kRow;
  const LevelMap& map = *problem.input;
  const ConvBounds& bounds = problem.bounds;
  if (!is_winograd_shape(problem.shape)) return "not 3x3 with stride and dilation 1, one group";
  if (!map.byte_is_level) return "the input holds code bytes, not level bytes";
  if (map.max_level - map.min_level > (square ? 63 : 127))
    return square ? "the levels span more than 63" : "the levels span more than 127";
  if (bounds.max_abs_weight > 127) return "a weight is -128";
  if (bounds.winograd_line > 127) return "sums of a kernel line exceed 127";
  if (form == WinogradForm::kSquare && bounds.winograd_centre > 127)
    return "sums of a whole kernel exceed 127";
  if (form == WinogradForm::kSquareSplit && bounds.winograd_centre > 254)
    return "sums of a whole kernel exceed 254";
  if (sum_bound(problem) >= int64_t{1} << (square ? 29 : 30)) return "sums leave 29 bits";
  return nullptr;
}

double winograd_cost(const ConvProblem& problem, WinogradForm form) {
  const WinogradPlan plan(problem.shape, form);
  const double tiles = double(plan.regions) * plan.region_rows * plan.cols;
  return tiles * plan.vectors * 1.1 * plan.total_runs() * plan.quads;
}

int64_t winograd_items(const ConvProblem& problem, WinogradForm form) {
  return WinogradPlan(problem.shape, form).items();
}

size_t winograd_workspace_bytes(const ConvProblem& problem, WinogradForm form) {
  const WinogradPlan plan(problem.shape, form);
  return plan.band_bytes() +
         size_t(plan.positions * kPositionSums + plan.tile_height() * kRowOutputs) *
             sizeof(int32_t);
}

void winograd_run(const ConvCall& call, const WinogradSteps& steps, int64_t begin, int64_t end,
                  void* workspace) {
  Walk walk(call, steps, workspace);
  for (int64_t item = begin; item < end; ++item) walk.run(item);
}

}  // namespace weq::kernels
