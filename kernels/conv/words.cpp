#include "kernels/conv/words.h"

#include <algorithm>

namespace weq::kernels {
namespace {

uint16_t* widen(const uint8_t* from, ptrdiff_t count, uint16_t* to) {
  for (ptrdiff_t i = 0; i < count; ++i) to[i] = from[i];
  return to + count;
}

uint16_t* fill_pad(const ConvProblem& problem, int32_t pixels, uint16_t* to) {
  for (int32_t x = 0; x < pixels; ++x) to = widen(problem.pad_bytes, problem.shape.in_c, to);
  return to;
}

}  // namespace

size_t word_bytes(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  return size_t(word_items(problem)) * size_t(window_cols(s)) * size_t(s.in_c) * sizeof(uint16_t);
}

int64_t word_items(const ConvProblem& problem) {
  return int64_t{problem.shape.batch} * window_rows(problem.shape);
}

void word_gather(const ConvCall& call, int64_t begin, int64_t end) {
  const ConvShape& s = call.problem->shape;
  const int32_t rows = window_rows(s), cols = window_cols(s);
  const int32_t left = std::min(s.pad_left, cols), inside = std::min(s.in_w, cols - left);
  for (int64_t item = begin; item < end; ++item) {
    const int64_t n = item / rows, y = item % rows - s.pad_top;
    auto* to = reinterpret_cast<uint16_t*>(call.gathered) + item * cols * s.in_c;
    if (y < 0 || y >= s.in_h) {
      fill_pad(*call.problem, cols, to);
      continue;
    }
    to = fill_pad(*call.problem, left, to);
    to = widen(call.input + (n * s.in_h + y) * s.in_w * s.in_c, ptrdiff_t{inside} * s.in_c, to);
    fill_pad(*call.problem, cols - left - inside, to);
  }
}

WindowedInput word_input(const ConvCall& call) {
  const ConvShape& s = call.problem->shape;
  WindowedInput view;
  view.data = call.gathered;
  view.row = ptrdiff_t{window_cols(s)} * s.in_c * ptrdiff_t{sizeof(uint16_t)};
  view.image = view.row * window_rows(s);
  return view;
}

}  // namespace weq::kernels
