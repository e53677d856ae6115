#include <algorithm>

#include "kernels/conv/target.h"
#include "kernels/conv_winograd/winograd4.h"

namespace weq::kernels {
namespace {

struct Tile {
  int64_t n;
  int32_t y, x;  // first output
};

Tile tile_at(const Winograd4Plan& plan, int64_t tile) {
  const int64_t line = tile / plan.tiles_w;
  return {line / plan.tiles_h, static_cast<int32_t>(line % plan.tiles_h) * 4,
          static_cast<int32_t>(tile % plan.tiles_w) * 4};
}

// The 36 pixels under a tile, from input channel `channel` on. Those beyond the last output's
// window do not matter: any will do.
void find_pixels(const ConvCall& call, const Tile& tile, int32_t channel, const uint8_t** pixels) {
  const ConvShape& s = call.problem->shape;
  for (int32_t i = 0; i < 6; ++i) {
    const int32_t y = tile.y + i - s.pad_top;
    for (int32_t j = 0; j < 6; ++j) {
      const int32_t x = tile.x + j - s.pad_left;
      const bool inside = y >= 0 && y < s.in_h && x >= 0 && x < s.in_w;
      const bool needed = tile.y + i < s.out_h + 2 && tile.x + j < s.out_w + 2;
      const uint8_t* other = needed ? call.problem->pad_bytes : call.input;
      const uint8_t* pixel = call.input + ((tile.n * s.in_h + y) * s.in_w + x) * s.in_c;
      *pixels++ = (inside ? pixel : other) + channel;
    }
  }
}

// Output channels that are made together.
struct Outputs {
  const int32_t* start;
  int32_t channel, channels;
};

struct Buffers {
  int16_t *v, *u;
  int32_t *sums, *acc;
};

// Outputs of tiles of one row of tiles, from the sums of tiles `first`... of the block: 4 rows of
// pixels in acc, requantized together.
void finish_run(const ConvCall& call, const Winograd4Steps& steps, const Winograd4Plan& plan,
                const Tile& tile, const int32_t* sums, ptrdiff_t step, int32_t count,
                const Outputs& outputs, const Buffers& buffers) {
  const ConvShape& s = call.problem->shape;
  const ptrdiff_t row = ptrdiff_t{4} * count * plan.group;
  for (ptrdiff_t t = 0; t < count; ++t)
    steps.output(sums + t * plan.group, step, outputs.start, buffers.acc + 4 * t * plan.group, row);
  const int32_t rows = std::min(4, s.out_h - tile.y);
  for (int32_t y = 0; y < rows; ++y) {
    const int64_t pixel = (tile.n * s.out_h + tile.y + y) * s.out_w + tile.x;
    call.requantize->run(*call.epilogue, buffers.acc + y * row, plan.group,
                         std::min(4 * count, s.out_w - tile.x), outputs.channel, outputs.channels,
                         conv_target(call, pixel, outputs.channel));
  }
}

void run_group(const ConvCall& call, const Winograd4Steps& steps, const Winograd4Plan& plan,
               int64_t first, int32_t tiles, int32_t part, int32_t group, const Buffers& buffers) {
  const auto* packed = static_cast<const uint8_t*>(call.packed) + size_t(part) * plan.part_bytes();
  const int32_t channel = group * plan.group;  // of the part
  const Outputs outputs = {reinterpret_cast<const int32_t*>(packed) + channel,
                           part * plan.out_c + channel, std::min(plan.group, plan.out_c - channel)};
  packed += plan.start_bytes() + size_t(group) * plan.group_bytes();
  Winograd4Products products;
  products.row = plan.row;
  products.tiles = tiles;
  products.sums = buffers.sums;
  for (int32_t chunk = 0; chunk < plan.chunks; ++chunk) {
    const int32_t first_pair = chunk * kWinograd4ChunkPairs;
    products.first = chunk == 0;
    products.v = buffers.v + 2 * first_pair;
    products.pairs = plan.chunk_pairs(chunk);
    products.u_step = plan.u_step(chunk);
    products.u = reinterpret_cast<const int16_t*>(packed);
    if (!plan.made_early) {
      steps.weights(reinterpret_cast<const int8_t*>(packed), products.pairs, buffers.u,
                    products.u_step);
      products.u = buffers.u;
    }
    packed += size_t(products.pairs) * plan.pair_bytes();
    steps.products(products);
  }
  for (int32_t t = 0; t < tiles;) {
    const auto left_in_row = static_cast<int32_t>(plan.tiles_w - (first + t) % plan.tiles_w);
    const int32_t count = std::min(left_in_row, tiles - t);
    finish_run(call, steps, plan, tile_at(plan, first + t),
               buffers.sums + ptrdiff_t{t} * plan.group, ptrdiff_t{tiles} * plan.group, count,
               outputs, buffers);
    t += count;
  }
}

}  // namespace

void winograd4_run(const ConvCall& call, const Winograd4Steps& steps, int64_t begin, int64_t end,
                   void* workspace) {
  const Winograd4Plan plan(call.problem->shape, steps.group);
  auto* bytes = static_cast<uint8_t*>(workspace);
  Buffers buffers;
  buffers.v = reinterpret_cast<int16_t*>(bytes);
  buffers.u = reinterpret_cast<int16_t*>(bytes += plan.v_bytes());
  buffers.sums = reinterpret_cast<int32_t*>(bytes += plan.u_bytes());
  buffers.acc = reinterpret_cast<int32_t*>(bytes + plan.sums_bytes());
  const int64_t columns = winograd4_items(*call.problem) / plan.blocks / plan.parts;
  const int32_t groups_of_item = kWinograd4Item / plan.group;
  int64_t made = -1;  // the block whose V is there, counted through all parts
  for (int64_t item = begin; item < end; ++item) {
    const int64_t block_of_all = item / columns, block = block_of_all % plan.blocks;
    const auto part = static_cast<int32_t>(block_of_all / plan.blocks);
    const int64_t first = plan.first_tile(block);
    const auto tiles = static_cast<int32_t>(plan.first_tile(block + 1) - first);
    for (int32_t t = 0; t < tiles && made != block_of_all; ++t) {
      const uint8_t* pixels[kWinograd4Positions];
      find_pixels(call, tile_at(plan, first + t), part * plan.in_c, pixels);
      steps.input(pixels, plan.channels, buffers.v + t * kWinograd4Positions * plan.row, plan.row);
    }
    made = block_of_all;
    const auto group = static_cast<int32_t>(item % columns) * groups_of_item;
    for (int32_t g = group; g < std::min(group + groups_of_item, plan.groups); ++g)
      run_group(call, steps, plan, first, tiles, part, g, buffers);
  }
}

}  // namespace weq::kernels
