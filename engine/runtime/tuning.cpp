#include "engine/runtime/tuning.h"

#include <algorithm>

#include "engine/runtime/select_conv.h"

namespace weq {
namespace {

// Names of layers may hold spaces, those of kernels do not.
bool split(const std::string& line, std::string* layer, std::string* kernel) {
  const size_t space = line.find_last_of(" \t");
  if (space == std::string::npos) return false;
  *layer = line.substr(0, line.find_last_not_of(" \t", space) + 1);
  *kernel = line.substr(space + 1);
  return !layer->empty();
}

std::string fault(const std::string& layer, const Graph& graph) {
  bool known = false;
  for (size_t i = 0; i < graph.node_count(); ++i) {
    if (graph.node(i).name()->str() != layer) continue;
    if (graph.node(i).op_as_Conv() != nullptr) return "";
    known = true;
  }
  return known ? "has no choice of kernels" : "unknown";
}

}  // namespace

std::string Tuning::add(const std::string& line, const Graph& graph) {
  std::string layer, kernel;
  if (!split(line, &layer, &kernel)) return "not LAYER KERNEL";
  const std::string place = "layer " + layer + ": ";
  const std::string wrong = fault(layer, graph);
  if (!wrong.empty()) return place + wrong;
  if (find_conv_kernel(kernel) == nullptr)
    return place + "kernel \"" + kernel + "\": unknown; valid names: " + conv_kernel_names();
  return kernels_.emplace(layer, kernel).second ? "" : place + "named twice";
}

Status Tuning::parse(const std::string& text, const Graph& graph, const format::Report& report) {
  int number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    line.erase(line.find_last_not_of(" \t\r") + 1);
    at = end + 1;
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const std::string wrong = add(line, graph);
    if (!wrong.empty())
      return report.make(StatusCode::kInvalidArgument, "tuning line " + std::to_string(number), "",
                         wrong);
  }
  return {};
}

const std::string& Tuning::kernel(const std::string& layer) const {
  static const std::string kNone;
  const auto found = kernels_.find(layer);
  return found == kernels_.end() ? kNone : found->second;
}

}  // namespace weq
