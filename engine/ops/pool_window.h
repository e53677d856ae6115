// The sliding window of MaxPool and AveragePool: read from the file, checked, and laid out for one
// size of image.
#pragma once

#include "engine/ops/op.h"
#include "kernels/pool/pool.h"
#include "kernels/pool/window.h"

namespace weq {

// What the file says; h, then w. Ranks: [n, w, c] has no h, [n, h, w, c]; leading axes beyond join
// the batch.
struct PoolWindow {
  bool global = false, ceil = false;
  int64_t kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1};
  int64_t pad_before[2] = {0, 0}, pad_after[2] = {0, 0};
};

using Pair = flatbuffers::Vector<uint16_t>;

// Absent strides and dilations are 1, absent pads 0.
bool read_window(const NodeContext& c, bool global, bool ceil, const Pair* kernel,
                 const Pair* stride, const Pair* pads, const Pair* dilation, PoolWindow* window);

// The output's shape; every window holds at least one position of the image.
bool infer_window(const NodeContext& c, const PoolWindow& window, Dims* output);

// A run of output columns whose windows have the same size.
struct ColumnRun {
  int64_t out = 0, count = 0;  // first output column, how many
  kernels::WindowSpan span;    // of the first
};

// The windows of one image size.
struct PoolLayout {
  Image in;
  int64_t pitch = 1;  // elements between neighbouring columns of the input
  int64_t out_h = 1, out_w = 1;
  kernels::WindowAxis vertical, horizontal;
  std::vector<ColumnRun> columns;  // few: borders, and one for all between them

  void set(const PoolWindow& window, const Dims& shape, int64_t in_pitch);
  kernels::WindowSpan rows(int64_t oh) const { return kernels::window_span(vertical, oh); }
  // The windows of output row `oh` of image `n`, columns of `run`, channels from `channel` on; the
  // caller sets out_step.
  kernels::WindowRun windows(const uint8_t* x, int64_t n, int64_t oh, const ColumnRun& run,
                             int64_t channel, int64_t channels) const;
};

}  // namespace weq
