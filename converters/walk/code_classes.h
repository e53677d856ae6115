// Which values of the graph share one activation quantizer, and how each value is held at run time.
//
// Operators that move stored bytes without arithmetic (pools, slices, concat...) must read and
// write one code, so their values are united before calibration ends (quantization.md, section 4).
#pragma once

#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

enum class Storage {
  kNone,   // a constant parameter, or a value of a float-only layer's inside
  kBytes,  // codes of an activation quantizer
  kUnits,  // raw int32 v: values that only the graph's outputs (or a closing softmax) read
  kFloat,  // the result of a closing softmax, or of a layer that stays in float
};

// True for operators that act on stored bytes as they are; every input and output is then of one
// class. (Average, Add and the like end in requantization and are not.)
bool moves_bytes(const Graph& graph, const Node& node);

// True for operators whose result is v (an exact sum, multiplied and added): they can write Units.
bool is_arithmetic(const Node& node);

struct CodeClasses {
  std::vector<int> class_of;     // by ValueId; -1: no code
  std::vector<Storage> storage;  // by ValueId
  std::vector<bool> float_node;  // by node: runs through the float plug-in
  int classes = 0;
};

// `stays_float[node]` marks layers that the user or the operator keeps in float.
CodeClasses find_code_classes(const Graph& graph, const std::vector<bool>& stays_float);

// Where a byte-moving operator would unite a graph input with results of arithmetic, an Identity (a
// table at run time) is put behind the input, so that the input keeps its own code. Returns how
// many.
int separate_inputs(Graph& graph);

}  // namespace weq::convert
