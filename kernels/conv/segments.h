// The reduction of one output, cut into segments: runs of input bytes that are contiguous in
// memory. Without groups and horizontal dilation a whole kernel row is one run, else a tap is. In
// canonical weight order the segments of a channel follow each other, so weight k of a channel
// belongs to segment k / length. Kernels read segments in quads of 4 bytes; weights past the length
// are 0.
#pragma once

#include "kernels/conv/border.h"

namespace weq::kernels {

struct Segments {
  int32_t rows = 1, cols = 1;  // segments per kernel column and per kernel row
  int32_t length = 0;          // bytes of one segment
  int32_t quads = 0;           // ceil(length / 4)

  int32_t count() const { return rows * cols; }
  int64_t total_quads() const { return int64_t{count()} * quads; }
};

inline Segments segments_of(const ConvShape& shape) {
  Segments s;
  const bool whole_rows = shape.groups == 1 && (shape.dilation_w == 1 || shape.kernel_w == 1);
  s.rows = shape.kernel_h;
  s.cols = whole_rows ? 1 : shape.kernel_w;
  s.length = shape.in_c / shape.groups * (whole_rows ? shape.kernel_w : 1);
  s.quads = (s.length + 3) / 4;
  return s;
}

}  // namespace weq::kernels
