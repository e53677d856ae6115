#include "engine/format/load.h"

namespace weq::format {

Status load(const uint8_t* data, size_t size, const std::string& name, Graph* graph) {
  const Report report(name);
  Status status = check_structure(report, data, size);
  if (!status.ok()) return status;
  graph->file = GetModel(data);
  status = load_quantizers(report, graph);
  if (status.ok()) status = load_tensors(report, data, size, graph);
  if (status.ok()) status = check_ports(report, *graph);
  if (status.ok()) status = load_nodes(report, size, graph);
  return status;
}

}  // namespace weq::format
