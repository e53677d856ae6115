// How a Winograd convolution is cut up.
//
// Tiles are numbered row by row through all images. A band is a run of tile rows whose V stays in
// cache; a work item is one band for one group of 32 output channels, groups of a band in a row, so
// that a thread transforms a band once. Inside an item up to 8 tiles at a time meet the weights.
// F(2,3) adds three rows of V to an output row: its bands hold two rows more and stay in an image.
// 5x5 adds neighbours below and on the right: one row and one column of V more; the tiles that meet
// the weights together are of one row.
// Groups of the convolution are convolutions of their own, one after the other: all else here is of
// one of them.
#pragma once

#include "kernels/conv_winograd/winograd.h"

namespace weq::kernels {

struct WinogradPlan {
  WinogradPlan(const ConvShape& shape, WinogradForm form);

  bool square;               // tiles of two output rows
  int32_t side_y, side_x;    // positions along the axes: products that are summed apart
  int32_t positions;         // side_y * side_x
  int32_t planes;            // of V
  int32_t lines_y, lines_x;  // pixels of a tile
  int32_t tile_rows, cols;   // of one image, in tiles
  int32_t regions;           // that bands may not cross: all images as one, or each
  int32_t region_rows;       // tile rows of a region
  int32_t extra_rows;        // of V, beyond the tile rows of a band; then a region is an image
  int32_t v_cols;            // tiles of a V row
  int32_t bands, band_rows;  // of a region; tile rows of a band, at most
  int32_t parts;             // groups of the convolution
  int32_t in_c, out_c;       // of a part
  int32_t quads, chunks;     // of the input channels
  int32_t vectors, groups;   // of 16 and of 32 output channels
  int32_t weight_planes;     // of U

  int32_t tile_height() const { return square ? 2 : 1; }
  int64_t items() const { return int64_t{parts} * regions * bands * groups; }
  // First tile row of a band, counted in its region.
  int32_t first_row(int32_t band) const {
    return static_cast<int32_t>(int64_t{region_rows} * band / bands);
  }

  // V of one band: [plane][chunk][V row][tile column][64].
  ptrdiff_t chunk_step() const {
    return ptrdiff_t{band_rows + extra_rows} * v_cols * kWinogradChunk;
  }
  // An odd number of lines: the planes of a tile fall into different cache sets.
  ptrdiff_t plane_step() const { return (chunks * chunk_step()) | kWinogradChunk; }
  size_t band_bytes() const { return size_t(planes * plane_step()); }
  int32_t band_tiles() const { return band_rows * v_cols; }
  // Tiles that follow each other without a gap: all of a band, or a row.
  bool in_strips() const { return v_cols > cols; }

  // How many terms of `quads` quads the sum of a position has, where in V each begins, and
  // its plane of U; both lists have room for kWinogradMostRuns.
  int32_t runs(int32_t position) const;
  void list_terms(int32_t position, ptrdiff_t* terms) const;
  void list_weights(int32_t position, uint8_t* planes) const;
  // Corners reach one output each and hold start values. Tiles at odd ends do without the last row
  // or column of positions.
  bool is_corner(int32_t position) const;
  bool in_last_row(int32_t position) const { return square && position / side_x == side_y - 1; }
  bool in_last_col(int32_t position) const { return square && position % side_x == side_x - 1; }
  // Packed, part by part: start values [32-channel group][corner][32], then weights by groups of
  // two vectors and planes.
  int32_t corners() const { return square ? 4 : 2; }
  size_t start_bytes() const;
  size_t vector_bytes() const { return size_t(weight_planes) * size_t(quads) * 64; }
  size_t part_bytes() const { return start_bytes() + size_t(vectors) * vector_bytes(); }
  size_t packed_bytes() const { return size_t(parts) * part_bytes(); }

 private:
  WinogradForm form_;
};

}  // namespace weq::kernels
