#include "kernels/conv/border.h"

#include "kernels/conv/window_copy.h"

namespace weq::kernels {

int32_t window_rows(const ConvShape& s) {
  return (s.out_h - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1;
}

int32_t window_cols(const ConvShape& s) {
  return (s.out_w - 1) * s.stride_w + (s.kernel_w - 1) * s.dilation_w + 1;
}

bool needs_border(const ConvShape& s) {
  return s.pad_top > 0 || s.pad_left > 0 || window_rows(s) > s.in_h || window_cols(s) > s.in_w;
}

size_t border_bytes(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  if (!needs_border(s)) return 0;
  return size_t(s.batch) * size_t(window_rows(s)) * size_t(window_cols(s)) * size_t(s.in_c);
}

int64_t border_items(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  return needs_border(s) ? int64_t{s.batch} * window_rows(s) : 0;
}

void border_gather(const ConvCall& call, int64_t begin, int64_t end) {
  copy_windows(call, begin, end, call.gathered);
}

WindowedInput windowed_input(const ConvCall& call) {
  const ConvShape& s = call.problem->shape;
  const bool copied = needs_border(s);
  WindowedInput view;
  view.data = copied ? call.gathered : call.input;
  view.row = ptrdiff_t{copied ? window_cols(s) : s.in_w} * s.in_c;
  view.image = view.row * (copied ? window_rows(s) : s.in_h);
  return view;
}

}  // namespace weq::kernels
