// What the two resizes share: h and w of [n, h, w, c] by scales or to sizes.
#pragma once

#include "engine/ops/op.h"
#include "kernels/resize/coordinates.h"

namespace weq {

using Scales = flatbuffers::Vector<float>;
using Sizes = flatbuffers::Vector<int32_t>;

// One of the two is given, h then w; a rank of 3, [n, w, c], has no h to change.
bool check_resize(const NodeContext& c, const Scales* scales, const Sizes* sizes,
                  format::Coordinates coordinates);

bool infer_resize(const NodeContext& c, const Scales* scales, const Sizes* sizes, Dims* output);

// Axis 0: h, axis 1: w, at the context's input shape.
kernels::ResizeAxis resize_axis(const NodeContext& c, const Scales* scales, const Sizes* sizes,
                                format::Coordinates coordinates, int axis);

}  // namespace weq
