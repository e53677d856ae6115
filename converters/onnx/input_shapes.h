// What shape each graph input has, and which of them carry the batch on their first axis.
//
// - A free first axis is the batch. Where no input has one, inputs whose first axis is 1 are tried
//   as batched (symbolic_batch says whether the graph allows it).
// - A fixed first axis above 1 is taken as it is: the network runs on exactly that shape. Giving 1
//   or 0 for it by --input-shape makes it the batch.
// - Every other free dimension must be given by --input-shape.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converters/onnx/build_graph.h"

namespace weq::convert {

struct InputShapes {
  std::vector<Shape> shapes;        // at batch 1, in the order of graph.inputs
  std::vector<bool> batched;        // candidates: first axis carries the batch
  std::vector<int64_t> file_batch;  // what the file says there: 1 where it is free
};

// `given`: --input-shape. Throws ConvertError naming every dimension that is still free, names that
// are no inputs, and shapes that contradict the file.
InputShapes resolve_input_shapes(const BuiltGraph& built,
                                 const std::map<std::string, Shape>& given);

}  // namespace weq::convert
