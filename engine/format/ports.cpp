#include <cmath>
#include <unordered_set>

#include "engine/format/load.h"

namespace weq::format {
namespace {

using Floats = flatbuffers::Vector<float>;

std::string find_fault(const Port& port, const Graph& graph) {
  if (port.tensor() < 0 || static_cast<size_t>(port.tensor()) >= graph.tensors.size())
    return "tensor: index " + std::to_string(port.tensor()) + "; there are " +
           std::to_string(graph.tensors.size());
  if (port.axes() == nullptr) return "";
  const int rank = graph.tensors[static_cast<size_t>(port.tensor())].shape.rank;
  unsigned seen = 0;
  for (uint8_t axis : *port.axes()) {
    if (axis >= rank || (seen >> axis & 1u) != 0) return "axes: not a permutation";
    seen |= 1u << axis;
  }
  if (static_cast<int>(port.axes()->size()) != rank)
    return "axes: " + std::to_string(port.axes()->size()) + " of them; the tensor has " +
           std::to_string(rank);
  return "";
}

// Statistics per channel: none, one for all, or one each; finite and, for divisors, not 0.
bool is_valid_statistic(const Floats* values, int64_t channels, bool divisor) {
  if (values == nullptr) return true;
  if (values->size() > 1 && values->size() != channels) return false;
  for (float value : *values)
    if (!std::isfinite(value) || (divisor && !(value > 0))) return false;
  return true;
}

Status check_preprocess(const Report& report, const Graph& graph) {
  const Preprocess* p = graph.file->preprocess();
  if (p == nullptr) return {};
  const auto bad = [&](const char* field, const char* reason) {
    return report.bad("preprocess", field, reason);
  };
  if (graph.file->inputs()->size() == 0) return bad("", "the graph has no input");
  const auto first = static_cast<size_t>(graph.file->inputs()->Get(0)->tensor());
  const TensorInfo& tensor = graph.tensors[first];
  const int64_t channels = tensor.shape.rank > 0 ? tensor.shape[tensor.shape.rank - 1] : 1;
  if (p->resize_to() != nullptr && p->resize_to()->size() != 0 && p->resize_to()->size() != 2)
    return bad("resize_to", "not height and width");
  if (!(p->scale() > 0) || !std::isfinite(p->scale()))
    return bad("scale", "not positive and finite");
  if (!is_valid_statistic(p->mean(), channels, false))
    return bad("mean", "not one finite number per channel");
  if (!is_valid_statistic(p->std(), channels, true))
    return bad("std", "not one positive finite number per channel");
  if (!p->image()) return {};
  if (tensor.shape.rank != 4 || !tensor.is_bytes())
    return bad("image", "the first input is not a rank 4 tensor of bytes");
  const kernels::LevelMap& map = tensor.quantizer->map;
  if (map.codes != 256 || map.min_level != 0 || map.max_level != 255 || !map.byte_is_level ||
      map.offset != 0)
    return bad("image", "the first input's levels are not the pixels 0 to 255");
  return {};
}

}  // namespace

Status check_ports(const Report& report, const Graph& graph) {
  std::unordered_set<int> fed;
  if (graph.file->outputs()->size() == 0) return report.bad("", "outputs", "there is none");
  for (const Port* port : *graph.file->inputs()) {
    const std::string place = "input " + port->name()->str();
    const std::string fault = find_fault(*port, graph);
    if (!fault.empty()) return report.bad(place, "", fault);
    const TensorInfo& tensor = graph.tensors[static_cast<size_t>(port->tensor())];
    if (tensor.constant != nullptr) return report.bad(place, "tensor", "is a constant");
    if (tensor.type == TensorType::Units) return report.bad(place, "tensor", "holds units");
    if (!fed.insert(port->tensor()).second) return report.bad(place, "tensor", "fed twice");
  }
  for (const Port* port : *graph.file->outputs()) {
    const std::string fault = find_fault(*port, graph);
    if (!fault.empty()) return report.bad("output " + port->name()->str(), "", fault);
  }
  return check_preprocess(report, graph);
}

}  // namespace weq::format
