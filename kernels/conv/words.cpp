#include "kernels/conv/words.h"

#include "kernels/conv/window_copy.h"

namespace weq::kernels {

size_t word_bytes(const ConvProblem& problem) {
  const ConvShape& s = problem.shape;
  return size_t(word_items(problem)) * size_t(window_cols(s)) * size_t(s.in_c) * sizeof(uint16_t);
}

int64_t word_items(const ConvProblem& problem) {
  return int64_t{problem.shape.batch} * window_rows(problem.shape);
}

void word_gather(const ConvCall& call, int64_t begin, int64_t end) {
  copy_windows(call, begin, end, reinterpret_cast<uint16_t*>(call.gathered));
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
