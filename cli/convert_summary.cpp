#include "cli/convert_summary.h"

#include <algorithm>
#include <cstdio>

#include "cli/table.h"

namespace weq::cli {
namespace {

bool at_other_bits(const convert::LayerBits& asked, const convert::ConvertedLayer& layer) {
  if (layer.is_float || !layer.note.empty()) return true;
  if (layer.weight_levels > 0) {
    if (asked.weight_levels > 0 && layer.weight_levels != asked.weight_levels) return true;
    if (asked.weight_levels == 0 && asked.weight_bits > 0 &&
        layer.weight_bits != asked.weight_bits) {
      return true;
    }
  }
  return layer.weight_levels > 0 && asked.activation_bits > 0 && layer.activation_bits > 0 &&
         layer.activation_bits != asked.activation_bits;
}

}  // namespace

void print_summary(const convert::ConvertOptions& options, const convert::ConvertSummary& summary,
                   double seconds) {
  Table table({"layer", "op", "weights", "levels", "activations", "kind", "note"});
  size_t weighted = 0;
  for (const convert::ConvertedLayer& layer : summary.layers) {
    if (layer.weight_levels > 0) ++weighted;
    if (!at_other_bits(options.bits, layer)) continue;
    table.add({layer.name, layer.op,
               layer.weight_levels > 0 ? std::to_string(layer.weight_bits) : "-",
               layer.weight_levels > 0 ? std::to_string(layer.weight_levels) : "-",
               layer.is_float              ? "float"
               : layer.activation_bits > 0 ? std::to_string(layer.activation_bits)
                                           : "-",
               layer.activation_kind, layer.note});
  }
  if (table.size() > 0) {
    std::printf("Layers at other bits than asked, or with a note:\n");
    table.print();
    std::printf("\n");
  }
  for (const std::string& warning : summary.warnings) std::printf("Note: %s\n", warning.c_str());
  const auto floats = std::count_if(summary.layers.begin(), summary.layers.end(),
                                    [](const auto& layer) { return layer.is_float; });
  std::printf("%s: %s, %.1f times smaller than %s; %zu layers with weights, %lld in float; ",
              options.output.c_str(), bytes_text(static_cast<double>(summary.file_bytes)).c_str(),
              static_cast<double>(summary.model_bytes) /
                  static_cast<double>(std::max<uint64_t>(summary.file_bytes, 1)),
              options.model.c_str(), weighted, static_cast<long long>(floats));
  std::printf("calibrated on %lld %sinputs; %.1f s\n",
              static_cast<long long>(summary.calibration_inputs),
              summary.random_calibration ? "random " : "", seconds);
  if (summary.random_calibration) {
    std::printf(
        "Random calibration serves size and speed only: outputs mean nothing.\n"
        "Next: weq bench %s --against %s\n",
        options.output.c_str(), options.model.c_str());
  } else {
    std::printf("Next: weq compare %s %s --data HELD_OUT_INPUTS\n", options.model.c_str(),
                options.output.c_str());
  }
}

}  // namespace weq::cli
