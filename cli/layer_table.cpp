#include "cli/layer_table.h"

#include <map>
#include <string>

#include "cli/table.h"
#include "converters/report/candidates.h"

namespace weq::cli {
namespace {

// Tables keep to a screen; --json has everything.
std::string shortened(const std::string& text, size_t width) {
  return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

void append(const std::string& name, std::string* list) {
  *list += (list->empty() ? "" : ", ") + name;
}

// Kernels that refused the same layers for the same reason share a row.
void print_refusals(const std::vector<LayerTrace>& layers) {
  struct Row {
    std::string reason, layers;
    int count = 0;
  };
  std::map<std::string, std::map<std::string, Row>> by_kernel;  // kernel, reason
  for (const LayerTrace& layer : layers) {
    for (const KernelCandidate& candidate : layer.candidates) {
      if (candidate.refusal.empty()) continue;
      Row& row = by_kernel[candidate.name][candidate.refusal];
      row.reason = candidate.refusal;
      append(layer.name, &row.layers);
      ++row.count;
    }
  }
  std::map<std::pair<std::string, std::string>, std::pair<std::string, int>> merged;
  for (const auto& [kernel, rows] : by_kernel) {
    for (const auto& [reason, row] : rows) {
      auto& entry = merged[{reason, row.layers}];
      append(kernel, &entry.first);
      entry.second = row.count;
    }
  }
  Table table({"refused because", "layers", "which", "kernels"});
  for (const auto& [key, entry] : merged) {
    table.add({key.first, std::to_string(entry.second), shortened(key.second, 40), entry.first});
  }
  if (table.size() == 0) return;
  table.print();
  std::printf("\n");
}

}  // namespace

Json layers_json(const std::vector<LayerTrace>& layers) {
  Json out = Json::array();
  for (const LayerTrace& layer : layers) {
    Json entry{{"name", layer.name},     {"op", layer.op},           {"kernel", layer.kernel},
               {"reason", layer.reason}, {"ms", layer.milliseconds}, {"macs", layer.macs}};
    convert::add_candidates(layer.candidates, &entry);
    out.push_back(std::move(entry));
  }
  return out;
}

void print_layers(const std::vector<LayerTrace>& layers) {
  double total = 0;
  for (const LayerTrace& layer : layers) total += layer.milliseconds;
  Table table({"layer", "op", "kernel", "ms", "share", "GMAC/s", "why this kernel"});
  for (const LayerTrace& layer : layers) {
    const double ms = layer.milliseconds;
    const bool rated = layer.macs > 0 && ms > 0;
    table.add({layer.name, layer.op, layer.kernel, fixed(ms, 3),
               fixed(total > 0 ? 100 * ms / total : 0, 1) + "%",
               rated ? fixed(static_cast<double>(layer.macs) / ms * 1e-6, 1) : "-",
               shortened(layer.reason, 110)});
  }
  table.print();
  std::printf("\n");
  print_refusals(layers);
}

}  // namespace weq::cli
