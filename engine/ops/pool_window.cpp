#include "engine/ops/pool_window.h"

namespace weq {
namespace {

kernels::WindowAxis make_axis(const PoolWindow& window, int i, int64_t in) {
  kernels::WindowAxis axis;
  axis.in = in;
  axis.kernel = window.global ? in : window.kernel[i];
  if (window.global) return axis;
  axis.stride = window.stride[i];
  axis.dilation = window.dilation[i];
  axis.pad_before = window.pad_before[i];
  axis.pad_after = window.pad_after[i];
  return axis;
}

bool read_pair(const NodeContext& c, const char* field, const Pair* from, int64_t* to) {
  if (from == nullptr) return true;
  if (from->size() != 2 || from->Get(0) < 1 || from->Get(1) < 1)
    return c.fail(field, "not two positive numbers");
  to[0] = from->Get(0);
  to[1] = from->Get(1);
  return true;
}

// Padding that swallows a window swallows the first or the last; only a window that can step over
// a small image must be looked at everywhere.
bool all_windows_inside(const kernels::WindowAxis& axis, int64_t out) {
  if (axis.dilation <= axis.in)
    return kernels::window_span(axis, 0).inside > 0 &&
           kernels::window_span(axis, out - 1).inside > 0;
  for (int64_t o = 0; o < out; ++o)
    if (kernels::window_span(axis, o).inside < 1) return false;
  return true;
}

}  // namespace

bool read_window(const NodeContext& c, bool global, bool ceil, const Pair* kernel,
                 const Pair* stride, const Pair* pads, const Pair* dilation, PoolWindow* window) {
  *window = {};
  window->global = global;
  window->ceil = ceil;
  if (c.input_shapes[0].rank < 3) return c.fail("inputs", "the input has less than three axes");
  if (global) return true;
  if (kernel == nullptr) return c.fail("kernel", "missing");
  if (!read_pair(c, "kernel", kernel, window->kernel) ||
      !read_pair(c, "stride", stride, window->stride) ||
      !read_pair(c, "dilation", dilation, window->dilation))
    return false;
  if (pads != nullptr) {
    if (pads->size() != 4) return c.fail("pads", "not four numbers");
    for (int i = 0; i < 2; ++i) {
      window->pad_before[i] = pads->Get(static_cast<uint32_t>(i));
      window->pad_after[i] = pads->Get(static_cast<uint32_t>(i + 2));
    }
  }
  if (c.input_shapes[0].rank == 3 && (window->kernel[0] != 1 || window->stride[0] != 1 ||
                                      window->pad_before[0] != 0 || window->pad_after[0] != 0))
    return c.fail("kernel", "windows of height on an input of three axes");
  return true;
}

bool infer_window(const NodeContext& c, const PoolWindow& window, Dims* output) {
  const Dims& in = c.input_shapes[0];
  const Image image = as_image(in);
  const int64_t size[2] = {image.h, image.w};
  *output = in;
  for (int i = 0; i < 2; ++i) {
    const kernels::WindowAxis axis = make_axis(window, i, size[i]);
    const int64_t out = kernels::window_outputs(axis, window.ceil);
    if (out < 1) return c.fail("kernel", "larger than the padded input");
    if (!all_windows_inside(axis, out))
      return c.fail("pads", "a window would lie in the padding alone");
    const int position = in.rank - 3 + i;
    if (position > 0) (*output)[position] = out;
  }
  return true;
}

void PoolLayout::set(const PoolWindow& window, const Dims& shape, int64_t in_pitch) {
  in = as_image(shape);
  pitch = in_pitch;
  vertical = make_axis(window, 0, in.h);
  horizontal = make_axis(window, 1, in.w);
  out_h = kernels::window_outputs(vertical, window.ceil);
  out_w = kernels::window_outputs(horizontal, window.ceil);
  columns.clear();
  for (int64_t ow = 0; ow < out_w; ++ow) {
    const kernels::WindowSpan span = kernels::window_span(horizontal, ow);
    ColumnRun* last = columns.empty() ? nullptr : &columns.back();
    if (last != nullptr && span.inside == last->span.inside && span.counted == last->span.counted &&
        span.first == last->span.first + last->count * horizontal.stride) {
      ++last->count;
    } else {
      columns.push_back({ow, 1, span});
    }
  }
}

kernels::WindowRun PoolLayout::windows(const uint8_t* x, int64_t n, int64_t oh,
                                       const ColumnRun& run, int64_t channel,
                                       int64_t channels) const {
  const kernels::WindowSpan row = rows(oh);
  kernels::WindowRun windows;
  windows.x = x + ((n * in.h + row.first) * in.w + run.span.first) * pitch + channel;
  windows.rows = static_cast<int32_t>(row.inside);
  windows.columns = static_cast<int32_t>(run.span.inside);
  windows.row_stride = vertical.dilation * in.w * pitch;
  windows.column_stride = horizontal.dilation * pitch;
  windows.channels = static_cast<int32_t>(channels);
  windows.windows = static_cast<int32_t>(run.count);
  windows.step = horizontal.stride * pitch;
  return windows;
}

}  // namespace weq
