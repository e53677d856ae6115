// ONNX file -> Graph: read, preflight, normalize, infer shapes, fold constants. The only public
// door of this folder; protobuf stays behind it.
#pragma once

#include <map>
#include <string>

#include "converters/ir/graph.h"

namespace weq::convert {

struct ImportOptions {
  // --input-shape NAME=DIMS: values of free dimensions; the first may be 0 or 1: the batch, free.
  std::map<std::string, Shape> input_shapes;
  bool require_batch = false;  // an input whose first axis is fixed above 1 is an error (convert)
  bool allow_float = true;     // false: float-only operators are preflight refusals, too (convert)
};

// Throws ConvertError; messages begin with `path`. Operators and data types that cannot be taken
// are listed all at once: node, reason, advice.
//
// The batch: a free first axis of an input is the batch, which stays symbolic through shape
// arithmetic (Value::batched). A first axis fixed at 1 is freed, too, where the graph allows it;
// one fixed above 1 is kept as it is unless `input_shapes` frees it. A graph that computes with the
// batch in a way that no attribute can spell is kept at batch 1 (nothing is `batched`).
Graph import_onnx(const std::string& path, const ImportOptions& options = {});

}  // namespace weq::convert
