// Activations of a set of calibration inputs during the walk: float and quantized side by side,
// freed at their last reader.
#pragma once

#include <memory>
#include <vector>

#include "converters/ir/graph.h"
#include "converters/walk/fast_encoder.h"
#include "converters/walk/plan.h"

namespace weq::convert {

class LiveValues {
 public:
  LiveValues(const Graph& graph, const QuantizationPlan& plan, size_t inputs);

  size_t inputs() const { return inputs_; }
  // What float inference computes. Constants are found too.
  const Tensor* reference(ValueId id, size_t input) const;
  // What the quantized network computes, as real numbers: decoded from codes, or as stored. The
  // result lives in `scratch` unless it exists as it is.
  const Tensor* quantized(ValueId id, size_t input, Tensor* scratch) const;

  // Makes room for a value; once, before it is set.
  void open(ValueId id);
  // Different inputs may be set by different threads at once.
  void set_reference(ValueId id, size_t input, Tensor tensor);
  // Encodes `tensor` where the value has a code, else keeps it.
  void set_quantized(ValueId id, size_t input, Tensor tensor);
  // Frees what no node after `node` reads.
  void release_after(size_t node);

  // Bytes of live activations per input at the worst moment of a walk over `graph`.
  static size_t peak_bytes(const Graph& graph);

 private:
  struct Entry {
    std::vector<Tensor> reference, quantized;
    std::vector<std::vector<uint8_t>> codes;
  };
  const FastEncoder& encoder(size_t klass);

  const Graph& graph_;
  const QuantizationPlan& plan_;
  size_t inputs_;
  std::vector<Entry> entries_;
  std::vector<size_t> last_reader_;
  std::vector<std::unique_ptr<FastEncoder>> encoders_;  // by class, made by open()
};

}  // namespace weq::convert
