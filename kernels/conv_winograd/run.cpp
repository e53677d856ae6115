// Which problems a Winograd convolution takes, and the walk over its work items.
#include <algorithm>
#include <cstdlib>

#include "kernels/conv_winograd/plan.h"
#include "kernels/conv_winograd/range.h"

namespace weq::kernels {
namespace {

constexpr ptrdiff_t kPositionSums = ptrdiff_t{kWinogradTiles} * kWinogradGroup;
constexpr ptrdiff_t kRowOutputs = ptrdiff_t{2} * kWinogradTiles * kWinogradGroup;
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
        acc_(sums_ + plan_.positions * kPositionSums),
        tiles_(reinterpret_cast<WinogradTile*>(acc_ + 2 * kRowOutputs)) {}

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
    const auto region = static_cast<int32_t>(band / plan_.bands);
    const auto in_region = static_cast<int32_t>(band % plan_.bands);
    const int32_t first = plan_.first_row(in_region), end = plan_.first_row(in_region + 1);
    place_kinds(first, end);
    count_ = (end - first) * plan_.cols;
    for (int32_t row = first; row < end + plan_.extra_rows; ++row) {
      const int32_t n = plan_.square ? row / plan_.tile_rows : region;
      const int32_t y = plan_.square ? row % plan_.tile_rows * 2 : row;
      load_row(n, y, row < end);
    }
  }

  // Where the next tile goes, by rows and columns of outputs. Tiles at odd ends need fewer
  // positions: in this order those that need one are neighbours.
  void place_kinds(int32_t first, int32_t end) {
    if (!plan_.square) {
      next_ = 0;
      return;
    }
    int32_t low = 0;  // tile rows of one row
    for (int32_t row = first; row < end; ++row)
      low += row % plan_.tile_rows * 2 + 1 == shape_.out_h;
    const int32_t whole = shape_.out_w / 2, odd = shape_.out_w % 2;
    kinds_[0][0] = 0;
    kinds_[0][1] = low * odd;
    kinds_[1][1] = low * plan_.cols;
    kinds_[1][0] = kinds_[1][1] + (end - first - low) * whole;
  }

  // The tiles of one V row; those without outputs of their own are not listed.
  void load_row(int32_t n, int32_t y, bool listed) {
    const ptrdiff_t pixel = (ptrdiff_t{n} * shape_.out_h + y) * shape_.out_w;
    const int32_t rows = std::min(shape_.out_h - y, plan_.tile_height());
    for (int32_t x = 0; x < shape_.out_w; x += 2) {
      const int32_t cols = std::min(shape_.out_w - x, 2);
      const int32_t place = (plan_.square ? kinds_[rows - 1][cols - 1] : next_)++;
      if (listed) tiles_[place] = {pixel + x, rows, cols};
      transform(n, y - shape_.pad_top, x - shape_.pad_left,
                bytes_ + ptrdiff_t{place} * kWinogradChunk);
    }
  }

  // The tile whose input starts at (y, x) of image n.
  void transform(int32_t n, int32_t y, int32_t x, uint8_t* to) {
    const LevelMap& map = *call_.problem->input;
    const int32_t lines = plan_.positions / 4;
    const auto least = static_cast<uint8_t>((map.min_level + map.offset) * (plan_.square ? 4 : 2));
    const ptrdiff_t line = ptrdiff_t{shape_.in_w} * shape_.in_c;
    const uint8_t* const image = call_.input + ptrdiff_t{n} * shape_.in_h * line;
    const uint8_t* pixels[16];
    if (y >= 0 && y + lines <= shape_.in_h && x >= 0 && x + 4 <= shape_.in_w) {
      const uint8_t* first = image + y * line + ptrdiff_t{x} * shape_.in_c;
      for (int32_t i = 0; i < lines; ++i, first += line) {
        for (int32_t j = 0; j < 4; ++j) pixels[4 * i + j] = first + ptrdiff_t{j} * shape_.in_c;
      }
    } else {
      for (int32_t i = 0; i < 4 * lines; ++i) pixels[i] = pixel(image, y + i / 4, x + i % 4);
    }
    steps_.input(pixels, shape_.in_c, least, to, plan_.position_step(), plan_.chunk_step());
  }

  // Outside the image the padding. Without padding such a pixel serves no output.
  const uint8_t* pixel(const uint8_t* image, int32_t y, int32_t x) const {
    if (y >= 0 && y < shape_.in_h && x >= 0 && x < shape_.in_w)
      return image + (ptrdiff_t{y} * shape_.in_w + x) * shape_.in_c;
    return call_.problem->pad_bytes != nullptr ? call_.problem->pad_bytes : call_.input;
  }

  // The tiles of [first, end) that need the last row (or column) of positions.
  struct Range {
    int32_t first, end;
  };
  Range narrowed(Range range, bool last_row, bool last_col) const {
    const auto needs = [&](int32_t t) {
      return (!last_row || tiles_[t].rows == 2) && (!last_col || tiles_[t].cols == 2);
    };
    while (range.first < range.end && !needs(range.first)) ++range.first;
    while (range.first < range.end && !needs(range.end - 1)) --range.end;
    return range;
  }

  void multiply(int32_t group, int32_t first, int32_t count) {
    const Range all = {first, first + count};
    Range ranges[2][2] = {{all, all}, {all, all}};  // by last row, last column
    if (plan_.square) {
      for (int32_t i = 1; i < 4; ++i) ranges[i / 2][i % 2] = narrowed(all, i / 2 > 0, i % 2 > 0);
    }
    WinogradProduct product;
    product.run_step = plan_.square ? 0 : ptrdiff_t{plan_.cols} * kWinogradChunk;
    product.chunk_step = plan_.chunk_step();
    product.quads = plan_.quads;
    product.vectors = std::min(plan_.vectors - 2 * group, 2);
    product.weights = static_cast<const int8_t*>(call_.packed) + plan_.start_bytes() +
                      size_t(2 * group) * plan_.vector_bytes();
    const int32_t* corner =
        static_cast<const int32_t*>(call_.packed) + group * plan_.corners() * kWinogradGroup;
    const size_t run_bytes = size_t(plan_.quads) * size_t(product.vectors) * 64;
    for (int32_t p = 0; p < plan_.positions; ++p) {
      const bool outer = p % 4 % 3 == 0 && p / 4 % 3 == 0;
      product.start = outer ? corner : kNoStart;
      if (outer) corner += kWinogradGroup;
      product.runs = plan_.runs(p);
      const Range range = ranges[p / 4 == 3][p % 4 == 3];
      product.tiles = range.end - range.first;
      product.bytes = bytes_ + p * plan_.position_step() + ptrdiff_t{range.first} * kWinogradChunk;
      product.sums = sums_ + p * kPositionSums + (range.first - first) * kWinogradGroup;
      if (product.tiles > 0) steps_.product(product);
      product.weights += size_t(product.runs) * run_bytes;
    }
    const int32_t channel = group * kWinogradGroup;
    steps_.output({sums_, tiles_ + first, count, channel,
                   std::min(shape_.out_c - channel, kWinogradGroup), &call_, acc_});
  }

  const ConvCall& call_;
  const WinogradSteps& steps_;
  const ConvShape& shape_;
  const WinogradPlan plan_;
  uint8_t* bytes_;       // V of the band
  int32_t* sums_;        // M of up to kWinogradTiles tiles and a group
  int32_t* acc_;         // their outputs
  WinogradTile* tiles_;  // of the band, count_
  int64_t held_ = -1;
  int32_t count_ = 0;
  int32_t next_ = 0;     // place of the next tile
  int32_t kinds_[2][2];  // the same by rows - 1 and columns - 1, for squares
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
         size_t(plan.positions * kPositionSums + 2 * kRowOutputs) * sizeof(int32_t) +
         size_t(plan.band_tiles()) * sizeof(WinogradTile);
}

void winograd_run(const ConvCall& call, const WinogradSteps& steps, int64_t begin, int64_t end,
                  void* workspace) {
  Walk walk(call, steps, workspace);
  for (int64_t item = begin; item < end; ++item) walk.run(item);
}

EpilogueTarget winograd_target(const ConvCall& call, int32_t channel) {
  const int32_t stride = call.problem->shape.out_c;
  EpilogueTarget target;
  target.stride = target.residual_stride = stride;
  if (call.residual != nullptr) target.residual = call.residual + channel;
  for (int i = 0; i < 2; ++i) {
    if (call.bytes[i] != nullptr) target.bytes[i] = call.bytes[i] + channel;
  }
  if (call.units != nullptr) target.units = call.units + channel;
  return target;
}

void winograd_requantize(const WinogradOutput& output) {
  const ConvCall& call = *output.call;
  const ConvShape& s = call.problem->shape;
  for (int32_t t = 0; t < output.count;) {
    const WinogradTile& tile = output.tiles[t];
    int32_t pixels = tile.cols, next = t + 1;  // a run of neighbours
    for (; next < output.count; ++next) {
      const WinogradTile& other = output.tiles[next];
      if (other.pixel != tile.pixel + pixels || other.rows != tile.rows || pixels % 2 != 0) break;
      pixels += other.cols;
    }
    for (int32_t row = 0; row < tile.rows; ++row) {
      const ptrdiff_t at = (tile.pixel + ptrdiff_t{row} * s.out_w) * s.out_c;
      EpilogueTarget target = winograd_target(call, output.channel);
      if (target.residual != nullptr) target.residual += at;
      for (uint8_t*& bytes : target.bytes) {
        if (bytes != nullptr) bytes += at;
      }
      if (target.units != nullptr) target.units += at;
      call.requantize->run(*call.epilogue,
                           output.acc + row * kRowOutputs + ptrdiff_t{2} * t * kWinogradGroup,
                           kWinogradGroup, pixels, output.channel, output.channels, target);
    }
    t = next;
  }
}

}  // namespace weq::kernels
