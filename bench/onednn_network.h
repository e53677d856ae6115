// The baseline: a float graph as oneDNN primitives executed one after the other, in f32 or int8.
// Fused like ours (bias, activation, residual in the convolution), layouts chosen by oneDNN,
// weights reordered beforehand, nothing reordered in between.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "converters/ir/graph.h"

namespace weq::bench {

// kInt8: unsigned activations, signed weights, one output scale a channel, 8-bit tensors in
// between. It does the work of an int8 network, not its function: scales only keep the values in
// range.
// kFloatWinograd: convolutions by oneDNN's Winograd, which refuses some (dnnl::error).
enum class Arithmetic { kFloat, kFloatWinograd, kInt8 };

class OnednnNetwork {
 public:
  // `graph` went through prepare_for_quantization. Threads: OpenMP's number at this moment and at
  // run(). Throws ConvertError for an operator that the baseline lacks.
  OnednnNetwork(const convert::Graph& graph, Arithmetic arithmetic);
  ~OnednnNetwork();

  // Dense input of the graph's shape, in its own axis order. Float only.
  void set_input(const std::vector<float>& values);
  void run();
  // The graph's output as a dense array, of the last run.
  std::vector<float> output() const;

  struct Step {
    std::string name;            // of the graph's node
    std::string implementation;  // as oneDNN calls it
    int64_t macs = 0;
  };
  const std::vector<Step>& steps() const;
  // One run with the clock read around each primitive: milliseconds by step.
  std::vector<double> run_timed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weq::bench
