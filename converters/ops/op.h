// One operator of ONNX on the converter's side: what its file in this folder provides. The list is
// ops.inc; adding an operator is one file here, one line there (and one file in lower/ if it runs
// quantized).
#pragma once

#include <string>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

struct OpDef {
  const char* name;  // ONNX op_type
  // Opset differences and constant inputs become attributes in one canonical spelling (documented
  // at the top of the operator's file). Runs once, on import, with `graph.opset` known; constants
  // that only folding reveals are read by a second call after folding. Must be idempotent.
  void (*normalize)(Graph& graph, Node& node);
  // Why this node cannot be converted at all (nothing: ""), in words that end in advice.
  std::string (*check)(const Graph& graph, const Node& node);
  // Shapes and types of the outputs from those of the inputs. Throws ConvertError.
  void (*infer)(Graph& graph, Node& node);
  // The operator in float, single-threaded: the float path, and constant folding. Inputs are null
  // where left out. Outputs arrive with dtype and shape set (from `infer` at the actual batch) and
  // storage allocated. May cache a primitive in `*state`, which belongs to one (node, thread).
  void (*run)(const Node& node, const std::vector<const Tensor*>& inputs,
              const std::vector<Tensor*>& outputs, std::shared_ptr<void>* state);
  // Empty: runs quantized. Else why this node is float only (shown by the preflight; --allow-float
  // admits it).
  std::string (*float_only)(const Graph& graph, const Node& node);
};

// The operator called `name`, or nullptr.
const OpDef* find_op(const std::string& name);
// All of them, in the order of ops.inc.
const std::vector<const OpDef*>& all_ops();

}  // namespace weq::convert
