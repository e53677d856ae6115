// Measured tuning: which kernel a layer runs, by name, as `weq bench --tune` found it.
//   # a comment
//   LAYER KERNEL
#pragma once

#include <map>
#include <string>

#include "engine/format/report.h"
#include "engine/runtime/graph.h"

namespace weq {

class Tuning {
 public:
  // Every line must name a convolution of `graph` and a kernel of this build; whether the kernel
  // takes the layer shows when it is planned. Errors name file, line and layer.
  Status parse(const std::string& text, const Graph& graph, const format::Report& report);
  // The kernel of `layer`, or "".
  const std::string& kernel(const std::string& layer) const;

 private:
  // "" or what is wrong with one line.
  std::string add(const std::string& line, const Graph& graph);

  std::map<std::string, std::string> kernels_;  // by layer
};

}  // namespace weq
