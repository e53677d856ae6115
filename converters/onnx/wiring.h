// Which node reads what of whom: the structure of an ONNX graph by names, before anything is read.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <string>
#include <vector>

namespace weq::convert {

struct Wiring {
  std::vector<int> order;               // indices of the nodes that outputs need, topological; file
                                        // order wherever the file is sorted, as ONNX demands
  std::vector<std::string> node_names;  // of every node of the file; unique, never empty
  std::map<std::string, int> initializers;  // name -> index
};

// Throws ConvertError: a value written twice, read but written by nobody, a cycle, no outputs.
Wiring wire(const onnx::GraphProto& graph);

}  // namespace weq::convert
