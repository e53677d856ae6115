// One streaming pass of the float network over calibration inputs: a histogram per code class, and
// the mean square per channel of every value that weights meet. Memory does not grow with inputs.
#pragma once

#include <functional>
#include <vector>

#include "converters/data/source.h"
#include "converters/ir/graph.h"
#include "converters/quantize/histogram.h"
#include "converters/walk/code_classes.h"

namespace weq::convert {

struct Statistics {
  std::vector<Histogram> classes;  // by code class; results of byte movers not counted
  std::vector<std::vector<double>> mean_square;  // by ValueId: per channel (axis 1) of the value;
                                                 // empty where no weights read it
  int64_t inputs = 0;
};

// How one record becomes the graph's input (identity for most; see image_input.h).
using Feed = std::function<Tensor(int64_t index)>;

// `threads` executors, one input each; results are merged in input order, so they do not depend on
// the thread count. Throws ConvertError on values that are not finite, naming value and input.
Statistics measure(const Graph& graph, const CodeClasses& classes, const Feed& feed, int64_t inputs,
                   int threads, const std::function<void(int64_t done)>& progress);

}  // namespace weq::convert
