#include "cli/bench_tune.h"

#include "cli/commands.h"
#include "cli/json.h"
#include "cli/table.h"
#include "converters/data/file_bytes.h"
#include "converters/report/tune.h"

namespace weq::cli {
namespace {

void print_json(const convert::Tuning& tuning, const convert::LatencyOptions& options,
                const convert::Latency& latency, const std::string& path) {
  Json out{{"tuning", path},
           {"threads", options.runner.threads},
           {"batch", options.runner.batch},
           {"isa", tuning.isa},
           {"rounds", tuning.rounds},
           {"median_ms", latency.ms.median},
           {"selected_median_ms", number(latency.other_median_ms)},
           {"ratio", number(latency.ratio)}};
  out["layers"] = Json::array();
  for (const convert::TunedLayer& layer : tuning.layers) {
    out["layers"].push_back(Json{{"name", layer.name},
                                 {"kernel", layer.kernel},
                                 {"ms", layer.ms},
                                 {"selected", layer.selected},
                                 {"selected_ms", layer.selected_ms}});
  }
  print(out);
}

void print_text(const convert::Tuning& tuning, const convert::Latency& latency,
                const std::string& path) {
  Table table({"layer", "selected", "ms", "faster", "ms"});
  for (const convert::TunedLayer& layer : tuning.layers) {
    if (layer.kernel == layer.selected) continue;
    table.add({layer.name, layer.selected, fixed(layer.selected_ms, 3), layer.kernel,
               fixed(layer.ms, 3)});
  }
  if (table.size() > 0) {
    table.print();
    std::printf("\n");
  }
  std::printf("%zu of %zu layers run another kernel than by selection; %s ms instead of %s\n",
              table.size(), tuning.layers.size(), fixed(latency.ms.median, 3).c_str(),
              fixed(*latency.other_median_ms, 3).c_str());
  std::printf("Wrote %s; use it with --tuning %s\n", path.c_str(), path.c_str());
}

}  // namespace

int bench_tune(const convert::Network& network, const convert::LatencyOptions& options,
               const std::string& path, bool json) {
  const convert::Tuning tuning = convert::tune(network, options);
  convert::write_file(path, {{tuning.text.data(), tuning.text.size()}});
  convert::LatencyOptions tuned = options;
  tuned.runner.tuning = tuning.text;
  const convert::Latency latency = convert::measure_latency(network, &network, tuned);
  if (json) {
    print_json(tuning, options, latency, path);
  } else {
    print_text(tuning, latency, path);
  }
  return kDone;
}

}  // namespace weq::cli
