#include "kernels/conv_direct/direct.h"

#include <algorithm>
#include <cstring>

#include "kernels/conv/codes.h"
#include "kernels/conv/target.h"
#include "kernels/conv/words.h"

namespace weq::kernels {
namespace {

int32_t ceil_div(int32_t n, int32_t by) { return (n + by - 1) / by; }

// How many groups are computed as one, with zero weights between them: as many as share a vector
// of output channels. The products are the same in number, but runs and tiles get longer. Where
// sums in 16 bits are proven for quads of a group, its weights must keep their places in quads.
int32_t merged_groups(const ConvShape& s, DirectLayout layout) {
  if (layout == DirectLayout::kVectorBytes && s.in_c / s.groups % 4 != 0) return 1;
  int32_t merged = 1;
  while (s.groups % (2 * merged) == 0 && 2 * merged * (s.out_c / s.groups) <= kDirectVector) {
    merged *= 2;
  }
  return merged;
}

struct Plan {
  Plan(const ConvShape& s, DirectLayout layout)
      : segments(segments_of(s)),
        merged(merged_groups(s, layout)),
        groups(s.groups / merged),
        group_channels(s.out_c / groups),
        group_vectors(ceil_div(group_channels, kDirectVector)),
        group_blocks(ceil_div(group_channels, kDirectBlock)),
        blocks(int64_t{groups} * group_blocks),
        rows(int64_t{s.batch} * s.out_h * s.out_w),
        pixels(layout == DirectLayout::kBlockBytes ? 1 : 4) {
    segments.quads = (segments.length * merged + 3) / 4;
    const int32_t limit = kDirectTileRows / std::min(group_vectors, kDirectBlock / kDirectVector);
    row_blocks = (rows + limit - 1) / limit;
  }
  int32_t vectors_of(int32_t block) const {
    return std::min(group_vectors - 4 * block, kDirectBlock / kDirectVector);
  }
  int32_t channels_of(int32_t block) const {
    return std::min(group_channels - kDirectBlock * block, kDirectBlock);
  }
  // Where register tiles have 4 pixels, so have all runs but the last.
  int64_t first_row(int64_t row_block) const {
    const int64_t units = (rows + pixels - 1) / pixels;
    return std::min(rows, units * row_block / row_blocks * pixels);
  }
  // Bytes of one vector's weights, all quads.
  size_t vector_bytes(DirectLayout layout) const {
    return size_t(segments.total_quads()) * (layout == DirectLayout::kVectorWords ? 128 : 64);
  }
  size_t start_bytes() const { return size_t(blocks) * kDirectBlock * sizeof(int32_t); }

  Segments segments;  // length: of one group; quads: of the merged ones
  int32_t merged, groups, group_channels, group_vectors, group_blocks;
  int64_t blocks, rows, pixels, row_blocks = 0;
};

constexpr int32_t kChunk = 256;  // quads packed at a time

// Levels of up to 16 channels, one row of `kChunk` quads each.
using Chunk = int8_t[kDirectVector][4 * kChunk];

// Packs the chunk's first `quads` quads of a vector: `to` is its first, `step` bytes apart.
void put_chunk(DirectLayout layout, const Chunk& chunk, int32_t quads, int8_t* to, size_t step) {
  for (int32_t q = 0; q < quads; ++q, to += step) {
    for (int32_t c = 0; c < kDirectVector; ++c) {
      const int8_t* quad = chunk[c] + 4 * q;
      if (layout != DirectLayout::kVectorWords) {
        std::memcpy(to + 4 * c, quad, 4);
        continue;
      }
      const int16_t words[] = {quad[0], quad[1], quad[2], quad[3]};
      std::memcpy(to + 4 * c, words, 4);
      std::memcpy(to + 64 + 4 * c, words + 2, 4);
    }
  }
}

// Packs the 16 channels of a vector, `channels` of which exist, from number `channel` of the layer
// on; `sums` receives the sum of each one's levels.
class VectorPacker {
 public:
  VectorPacker(const ConvProblem& problem, const Plan& plan, DirectLayout layout)
      : unpacker_(problem.weights),
        plan_(plan),
        layout_(layout),
        of_one_(problem.shape.out_c / problem.shape.groups),
        length_(plan.segments.length) {}

  void pack(int32_t channel, int32_t channels, int8_t* to, size_t step, int32_t* sums) {
    std::fill(sums, sums + kDirectVector, 0);
    for (int32_t s = 0; s < plan_.segments.count(); ++s) {
      for (int32_t q = 0; q < plan_.segments.quads; q += kChunk) {
        const int32_t quads = std::min(kChunk, plan_.segments.quads - q);
        for (int32_t c = 0; c < kDirectVector; ++c) {
          int8_t* row = chunk_[c];
          std::fill(row, row + 4 * quads, int8_t{0});
          if (c < channels) sums[c] += unpack(channel + c, s, 4 * q, 4 * quads, row);
        }
        put_chunk(layout_, chunk_, quads, to, step);
        to += step * size_t(quads);
      }
    }
  }

 private:
  // Bytes [begin, begin + count) of segment `s` of the merged groups, as far as they belong to the
  // channel's own group.
  int32_t unpack(int32_t channel, int32_t s, int32_t begin, int32_t count, int8_t* row) const {
    const int32_t own = channel / of_one_ % plan_.merged * length_;
    const int32_t from = std::max(begin, own), end = std::min(begin + count, own + length_);
    if (from >= end) return 0;
    const int64_t first = (int64_t{channel} * plan_.segments.count() + s) * length_ + from - own;
    unpacker_.unpack(first, end - from, row + from - begin);
    int32_t sum = 0;
    for (int32_t i = 0; i < count; ++i) sum += row[i];
    return sum;
  }

  LevelUnpacker unpacker_;
  const Plan& plan_;
  DirectLayout layout_;
  int32_t of_one_, length_;
  Chunk chunk_;
};

// The pixels of the output, in order.
class PixelWalk {
 public:
  // `size`: bytes of a channel.
  PixelWalk(const ConvShape& s, const WindowedInput& input, ptrdiff_t size)
      : s_(s), input_(input), pixel_step_(size * s.stride_w * s.in_c) {}
  void go_to(int64_t row) {
    x_ = static_cast<int32_t>(row % s_.out_w);
    y_ = static_cast<int32_t>(row / s_.out_w % s_.out_h);
    n_ = row / s_.out_w / s_.out_h;
    start_line();
    pixel_ += x_ * pixel_step_;
  }
  const uint8_t* next() {
    const uint8_t* pixel = pixel_;
    pixel_ += pixel_step_;
    if (++x_ == s_.out_w) {
      x_ = 0;
      if (++y_ == s_.out_h) {
        y_ = 0;
        ++n_;
      }
      start_line();
    }
    return pixel;
  }

 private:
  void start_line() {
    pixel_ = input_.data + n_ * input_.image + int64_t{y_} * s_.stride_h * input_.row;
  }
  const ConvShape& s_;
  WindowedInput input_;
  ptrdiff_t pixel_step_;
  const uint8_t* pixel_ = nullptr;
  int64_t n_ = 0;
  int32_t y_ = 0, x_ = 0;
};

}  // namespace

const char* direct_refuse(const ConvProblem& problem) {
  return problem.input->byte_is_level ? nullptr : "the input holds code bytes, not level bytes";
}

size_t direct_packed_bytes(const ConvProblem& problem, DirectLayout layout) {
  const Plan plan(problem.shape, layout);
  return plan.start_bytes() +
         size_t(plan.groups) * size_t(plan.group_vectors) * plan.vector_bytes(layout);
}

void direct_pack(const ConvProblem& problem, DirectLayout layout, void* packed) {
  const Plan plan(problem.shape, layout);
  const bool side_by_side = layout == DirectLayout::kBlockBytes;
  const size_t quad_bytes = layout == DirectLayout::kVectorWords ? 128 : 64;
  int32_t* start = static_cast<int32_t*>(packed);
  int8_t* block = static_cast<int8_t*>(packed) + plan.start_bytes();
  std::fill(start, start + plan.blocks * kDirectBlock, 0);
  VectorPacker packer(problem, plan, layout);
  for (int32_t g = 0; g < plan.groups; ++g) {
    for (int32_t b = 0; b < plan.group_blocks; ++b, start += kDirectBlock) {
      const int32_t vectors = plan.vectors_of(b);
      for (int32_t v = 0; v < vectors; ++v) {
        const int32_t channel = kDirectBlock * b + kDirectVector * v;  // of the group
        int32_t* sums = start + kDirectVector * v;
        packer.pack(g * plan.group_channels + channel,
                    std::min(plan.group_channels - channel, kDirectVector),
                    block + size_t(v) * (side_by_side ? 64 : plan.vector_bytes(layout)),
                    side_by_side ? 64 * size_t(vectors) : quad_bytes, sums);
        for (int32_t c = 0; c < kDirectVector; ++c) {
          sums[c] = static_cast<int32_t>(-int64_t{sums[c]} * problem.input->offset);
        }
      }
      block += size_t(vectors) * plan.vector_bytes(layout);
    }
  }
}

int64_t direct_items(const ConvProblem& problem, DirectLayout layout) {
  const Plan plan(problem.shape, layout);
  return plan.blocks * plan.row_blocks;
}

size_t direct_workspace_bytes(const ConvProblem&) {
  return size_t(kDirectTileRows) * kDirectVector * sizeof(int32_t);
}

void direct_run(const ConvCall& call, DirectLayout layout, int64_t begin, int64_t end,
                void* workspace, DirectTileFn run_tile, int32_t most) {
  const ConvShape& s = call.problem->shape;
  const Plan plan(s, layout);
  const int8_t* weights = static_cast<const int8_t*>(call.packed) + plan.start_bytes();
  const bool words = layout == DirectLayout::kVectorWords;
  const WindowedInput input = words ? word_input(call) : windowed_input(call);
  const ptrdiff_t size = words ? 2 : 1;
  const uint8_t* pixels[kDirectTileRows];
  DirectTile tile;
  tile.pixels = pixels;
  tile.segments = plan.segments;
  tile.segments.length *= plan.merged;
  tile.row_step = s.dilation_h * input.row;
  tile.col_step = size * s.dilation_w * s.in_c;
  tile.acc = static_cast<int32_t*>(workspace);
  tile.call = &call;
  PixelWalk walk(s, input, size);
  for (int64_t item = begin; item < end; ++item) {
    const int64_t block = item / plan.row_blocks, row_block = item % plan.row_blocks;
    const int32_t group = static_cast<int32_t>(block / plan.group_blocks);
    const int32_t in_group = static_cast<int32_t>(block % plan.group_blocks);
    const int64_t row = plan.first_row(row_block);
    tile.rows = static_cast<int32_t>(plan.first_row(row_block + 1) - row);
    tile.vectors = plan.vectors_of(in_group);
    tile.weights = weights + (size_t(group) * size_t(plan.group_vectors) + 4 * size_t(in_group)) *
                                 plan.vector_bytes(layout);
    tile.start = static_cast<const int32_t*>(call.packed) + block * kDirectBlock;
    tile.channel = group * plan.group_channels + in_group * kDirectBlock;
    tile.channels = plan.channels_of(in_group);
    if (row_block == 0 || item == begin) walk.go_to(row);
    const ptrdiff_t first_channel = size * group * plan.merged * (s.in_c / s.groups);
    for (int32_t r = 0; r < tile.rows; ++r) pixels[r] = walk.next() + first_channel;

    tile.target = conv_target(call, row, tile.channel);
    run_tile(tile, most);
  }
}

void direct_requantize(const DirectTile& tile) {
  tile.call->requantize->run(*tile.call->epilogue, tile.acc, kDirectVector * tile.vectors,
                             tile.rows, tile.channel, tile.channels, tile.target);
}

double direct_cost(const ConvProblem& problem, DirectLayout layout, double macs_per_cycle,
                   double cycles_per_output) {
  const Plan plan(problem.shape, layout);
  const double rows = double(plan.rows);
  const double macs = rows * plan.groups * plan.group_vectors * kDirectVector * 4.0 *
                      double(plan.segments.total_quads());
  const double outputs = rows * double(problem.shape.out_c);
  return macs / macs_per_cycle + outputs * cycles_per_output +
         100.0 * double(plan.blocks * plan.row_blocks) + double(border_bytes(problem)) / 16.0;
}

}  // namespace weq::kernels
