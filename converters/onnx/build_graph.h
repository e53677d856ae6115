// Protobuf's classes -> Graph: values, nodes as the file has them (not normalized), weights.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

// A graph input as the file declares it.
struct DeclaredInput {
  ValueId value;
  bool has_shape = false;
  Shape shape;                     // -1: free
  std::vector<std::string> names;  // of free dimensions, where they have one
};

struct BuiltGraph {
  Graph graph;
  std::vector<DeclaredInput> inputs;  // in the order of graph.inputs
};

// Consumes the weights of `model` as it goes, so that they are held once. Throws ConvertError:
// faults of structure one at a time; unknown operators and data types all at once, before any
// weight is read.
BuiltGraph build_graph(onnx::ModelProto& model, const std::string& folder);

}  // namespace weq::convert
