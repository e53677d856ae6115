// Runs a graph in float, node by node, on one thread: calibration, comparison, `weq run
// model.onnx`. Parallelism is over images: one executor per thread, so results never depend on the
// thread count.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::convert {

class FloatExecutor {
 public:
  // Infers shapes at `batch` (batched inputs only). Takes a copy of the graph's structure and
  // shares its constants. Throws ConvertError where the graph does not run at that batch.
  explicit FloatExecutor(const Graph& graph, int64_t batch = 1);
  ~FloatExecutor();
  FloatExecutor(FloatExecutor&&) noexcept;

  // Runs all nodes. `inputs` in the order of graph.inputs. `observe`, where set, sees every value
  // (graph inputs too) right after it is written, before memory is reused.
  using Observer = std::function<void(ValueId, const Tensor&)>;
  void run(const std::vector<const Tensor*>& inputs, const Observer& observe = nullptr);
  // Valid until the next run, for graph outputs.
  const Tensor& output(size_t index) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Runs one node alone on given inputs (which must match its arity; null where left out). `state`
// caches primitives between calls with the same node and shapes on one thread; may be null.
void run_node(const Graph& graph, const Node& node, const std::vector<const Tensor*>& inputs,
              std::vector<Tensor>* outputs, std::shared_ptr<void>* state = nullptr);

}  // namespace weq::convert
