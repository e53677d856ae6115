#include "converters/passes/passes.h"

namespace weq::convert {

void simplify(Graph& graph) {
  fold_constants(graph);
  remove_dead_code(graph);
  fold_batchnorm(graph);
  fold_pad(graph);
  fuse_bias(graph);
  remove_dead_code(graph);
}

void prepare_for_quantization(Graph& graph) {
  fold_constants(graph);
  remove_dead_code(graph);
  split_to_slices(graph);
  lower_variadic(graph);
  lower_reshapes(graph);
  matmul_to_conv(graph);
  fold_batchnorm(graph);
  fold_pad(graph);
  fuse_bias(graph);
  scale_to_conv(graph);
  lower_conv_transpose(graph);
  fuse_activation(graph);
  fuse_residual(graph);
  fuse_activation(graph);  // behind what became a residual only now
  remove_dead_code(graph);
}

}  // namespace weq::convert
