// The walk over the work items of a Winograd convolution.
#include <algorithm>

#include "kernels/conv/target.h"
#include "kernels/conv_winograd/plan.h"

namespace weq::kernels {
namespace {

constexpr ptrdiff_t kPositionSums = ptrdiff_t{kWinogradTiles} * kWinogradGroup;
constexpr ptrdiff_t kRowOutputs = ptrdiff_t{2} * kWinogradTiles * kWinogradGroup;
alignas(64) constexpr int32_t kNoStart[kWinogradGroup] = {};

// The work of one call: buffers of the thread and what they hold.
class Walk {
 public:
  Walk(const ConvCall& call, const WinogradSteps& steps, void* workspace)
      : call_(call),
        steps_(steps),
        shape_(call.problem->shape),
        plan_(shape_, steps.form),
        doubled_(winograd_doubled(*call.problem, steps.form)),
        sorted_(plan_.extra_rows == 0),
        bytes_(static_cast<uint8_t*>(workspace)),
        sums_(reinterpret_cast<int32_t*>(bytes_ + plan_.band_bytes())),
        acc_(sums_ + plan_.positions * kPositionSums),
        tiles_(reinterpret_cast<WinogradTile*>(acc_ + 2 * kRowOutputs)),
        line_(ptrdiff_t{shape_.in_w} * shape_.in_c) {
    const LevelMap& map = *call.problem->input;
    least_ = static_cast<uint8_t>((map.min_level + map.offset) * (plan_.square ? 4 : 2));
    int32_t corner = 0;
    for (int32_t p = 0; p < plan_.positions; ++p) {
      positions_[p] = {{},
                       plan_.runs(p),
                       plan_.is_corner(p) ? corner++ * kWinogradGroup : -1,
                       (plan_.in_last_row(p) ? 2 : 0) + (plan_.in_last_col(p) ? 1 : 0),
                       {}};
      plan_.list_terms(p, positions_[p].terms);
      plan_.list_weights(p, positions_[p].planes);
    }
  }

  void run(int64_t item) {
    const int64_t band = item / plan_.groups;  // of all parts
    if (band != held_) load_band(band);
    const auto group = static_cast<int32_t>(item % plan_.groups);
    if (!plan_.in_strips()) {
      multiply_all(group, 0, rows_ * plan_.cols);
      return;
    }
    for (int32_t row = 0; row < rows_; ++row) multiply_all(group, row * plan_.v_cols, plan_.cols);
  }

 private:
  void load_band(int64_t band) {
    held_ = band;
    part_ = static_cast<int32_t>(band / plan_.bands / plan_.regions);
    const auto region = static_cast<int32_t>(band / plan_.bands % plan_.regions);
    const auto in_region = static_cast<int32_t>(band % plan_.bands);
    const int32_t first = plan_.first_row(in_region), end = plan_.first_row(in_region + 1);
    place_kinds(first, end);
    rows_ = end - first;
    for (int32_t row = first; row < end + plan_.extra_rows; ++row) {
      const int32_t n = sorted_ ? row / plan_.tile_rows : region;
      const int32_t in_image = sorted_ ? row % plan_.tile_rows : row;
      load_row(n, in_image * plan_.tile_height(), row < end);
    }
  }

  // Where the next tile goes, by rows and columns of outputs. Tiles at odd ends need fewer
  // positions: in this order those that need one are neighbours.
  void place_kinds(int32_t first, int32_t end) {
    next_ = 0;
    if (!sorted_) return;
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
    const uint8_t* const image =
        call_.input + ptrdiff_t{n} * shape_.in_h * line_ + ptrdiff_t{part_} * plan_.in_c;
    const int32_t in_y = y * shape_.stride_h - shape_.pad_top;
    const bool rows_inside = in_y >= 0 && in_y + plan_.lines_y <= shape_.in_h;
    for (int32_t x = 0; x < 2 * plan_.v_cols; x += 2) {
      const int32_t cols = std::min(shape_.out_w - x, 2);
      const int32_t place = (sorted_ ? kinds_[rows - 1][cols - 1] : next_)++;
      if (listed && cols > 0) tiles_[place] = {pixel + x, rows, cols};
      transform(image, in_y, x * shape_.stride_w - shape_.pad_left, rows_inside,
                bytes_ + ptrdiff_t{place} * kWinogradChunk);
    }
  }

  // The tile whose input starts at (y, x).
  void transform(const uint8_t* image, int32_t y, int32_t x, bool rows_inside, uint8_t* to) {
    const int32_t rows = plan_.lines_y, cols = plan_.lines_x;
    const uint8_t* pixels[25];
    const uint8_t** next = pixels;
    if (rows_inside && x >= 0 && x + cols <= shape_.in_w) {
      const ptrdiff_t step = shape_.in_c;
      const uint8_t* first = image + y * line_ + x * step;
      for (int32_t i = 0; i < rows; ++i, first += line_, next += cols) {
        next[0] = first;
        next[1] = first + step;
        next[2] = first + 2 * step;
        next[3] = first + 3 * step;
        if (cols == 5) next[4] = first + 4 * step;
      }
    } else {
      for (int32_t i = 0; i < rows; ++i) {
        for (int32_t j = 0; j < cols; ++j) *next++ = pixel(image, y + i, x + j);
      }
    }
    steps_.input(pixels, plan_.in_c, least_, to, plan_.plane_step(), plan_.chunk_step());
  }

  // Outside the image the padding. Without padding such a pixel serves no output.
  const uint8_t* pixel(const uint8_t* image, int32_t y, int32_t x) const {
    if (y >= 0 && y < shape_.in_h && x >= 0 && x < shape_.in_w)
      return image + (ptrdiff_t{y} * shape_.in_w + x) * shape_.in_c;
    const uint8_t* const pad = call_.problem->pad_bytes;
    return (pad != nullptr ? pad : call_.input) + ptrdiff_t{part_} * plan_.in_c;
  }

  struct Position {
    ptrdiff_t terms[kWinogradMostRuns];
    int32_t runs;
    int32_t corner;  // to its start values in those of a group, or -1
    int32_t range;   // of tiles that need it: 1 in the last column, 2 in the last row, 3 in both
    uint8_t planes[kWinogradMostRuns];
  };
  struct Range {
    int32_t first, end;
  };

  // The tiles that need the last row (or column) of positions. Rows never do without.
  Range narrowed(Range range, bool last_row, bool last_col) const {
    const auto needs = [&](int32_t t) {
      return !plan_.square ||
             ((!last_row || tiles_[t].rows == 2) && (!last_col || tiles_[t].cols == 2));
    };
    while (range.first < range.end && !needs(range.first)) ++range.first;
    while (range.first < range.end && !needs(range.end - 1)) --range.end;
    return range;
  }

  // `count` tiles in passes of about the same size.
  void multiply_all(int32_t group, int32_t first, int32_t count) {
    const int32_t passes = (count + kWinogradTiles - 1) / kWinogradTiles;
    for (int32_t i = 0; i < passes; ++i) {
      const int32_t begin = count * i / passes;
      multiply(group, first + begin, count * (i + 1) / passes - begin);
    }
  }

  void multiply(int32_t group, int32_t first, int32_t count) {
    const Range all = {first, first + count};
    const Range ranges[4] = {all, narrowed(all, false, true), narrowed(all, true, false),
                             narrowed(all, true, true)};
    const uint8_t* const packed =
        static_cast<const uint8_t*>(call_.packed) + size_t(part_) * plan_.part_bytes();
    const int32_t* const corners =
        reinterpret_cast<const int32_t*>(packed) + group * plan_.corners() * kWinogradGroup;
    WinogradProduct product;
    product.chunk_step = plan_.chunk_step();
    product.quads = plan_.quads;
    product.vectors = std::min(plan_.vectors - 2 * group, 2);
    const int8_t* const weights = reinterpret_cast<const int8_t*>(packed + plan_.start_bytes()) +
                                  size_t(2 * group) * plan_.vector_bytes();
    product.plane_bytes = ptrdiff_t{plan_.quads} * product.vectors * 64;
    int32_t* sums = sums_ - first * kWinogradGroup;
    for (const Position *p = positions_, *end = p + plan_.positions; p != end; ++p) {
      const Range& range = ranges[p->range];
      product.start = p->corner < 0 ? kNoStart : corners + p->corner;
      product.runs = p->runs;
      product.terms = p->terms;
      product.planes = p->planes;
      product.weights = weights + p->planes[0] * product.plane_bytes;
      product.tiles = range.end - range.first;
      product.bytes = bytes_ + ptrdiff_t{range.first} * kWinogradChunk;
      product.sums = sums + range.first * kWinogradGroup;
      if (product.tiles > 0) steps_.product(product);
      sums += kPositionSums;
    }
    const int32_t channel = group * kWinogradGroup;  // of the part
    steps_.output({sums_, tiles_ + first, count, part_ * plan_.out_c + channel,
                   std::min(plan_.out_c - channel, kWinogradGroup), doubled_, &call_, acc_});
  }

  const ConvCall& call_;
  const WinogradSteps& steps_;
  const ConvShape& shape_;
  const WinogradPlan plan_;
  const bool doubled_;
  const bool sorted_;    // tiles by kinds, of all images
  uint8_t* bytes_;       // V of the band
  int32_t* sums_;        // M of up to kWinogradTiles tiles and a group
  int32_t* acc_;         // their outputs
  WinogradTile* tiles_;  // of the band, where they lie in V
  ptrdiff_t line_;       // bytes of an input row
  uint8_t least_ = 0;
  Position positions_[16];
  int64_t held_ = -1;    // the band in bytes_
  int32_t part_ = 0;     // its group of the convolution
  int32_t rows_ = 0;     // tile rows of that band
  int32_t next_ = 0;     // place of the next tile
  int32_t kinds_[2][2];  // the same by rows - 1 and columns - 1, if sorted
};

}  // namespace

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
      call.requantize->run(
          *call.epilogue, output.acc + row * kRowOutputs + ptrdiff_t{2} * t * kWinogradGroup,
          kWinogradGroup, pixels, output.channel, output.channels,
          conv_target(call, tile.pixel + ptrdiff_t{row} * s.out_w, output.channel));
    }
    t = next;
  }
}

}  // namespace weq::kernels
