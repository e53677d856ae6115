// ONNX file -> Graph: read, preflight, normalize, infer shapes, fold constants. The only public door
// of this folder; protobuf stays behind it.
#pragma once

#include <map>
#include <string>

#include "converters/ir/graph.h"

namespace weq::convert {

struct ImportOptions {
  // --input-shape NAME=DIMS: overrides for free dimensions; the batch may be given as 1 or 0.
  std::map<std::string, Shape> input_shapes;
  bool allow_float = true;  // false: float-only operators are preflight refusals, too (convert)
};

// Throws ConvertError. Operators that cannot be taken are listed all at once: node, reason, advice.
Graph import_onnx(const std::string& path, const ImportOptions& options = {});

}  // namespace weq::convert
