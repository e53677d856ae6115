#include <CLI/CLI.hpp>

#include "cli/bench_tune.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/layer_table.h"
#include "cli/options.h"
#include "cli/table.h"
#include "converters/ir/errors.h"
#include "converters/report/latency.h"

namespace weq::cli {
namespace {

struct Arguments {
  std::string model, against, tune;
  PreprocessFlags preprocess;
  RunFlags run;
  int batch = 1;
  double seconds = 2;
  bool layers = false, json = false;
};

int bench(const Arguments& arguments) {
  convert::cap_float_isa(arguments.run.isa);
  const convert::Network network = open_with(arguments.model, arguments.preprocess, arguments.run);
  std::optional<convert::Network> other;
  if (!arguments.against.empty()) {
    other = open_with(arguments.against, arguments.preprocess, arguments.run);
  }
  convert::LatencyOptions options;
  options.runner.batch = arguments.batch;
  options.runner.threads = arguments.run.threads > 0 ? arguments.run.threads : 1;
  options.runner.isa = arguments.run.isa;
  options.runner.tuning = arguments.run.tuning_text(network);
  options.seconds = arguments.seconds;
  if (!arguments.tune.empty()) {
    if (!network.model) throw convert::UsageError("--tune needs a .weq file");
    return bench_tune(network, options, arguments.tune, arguments.json);
  }
  std::vector<LayerTrace> layers;
  if (arguments.layers) {
    if (!network.model) throw convert::UsageError("--layers needs a .weq file");
    layers = convert::trace_layers(network, options);
  }
  const convert::Latency result =
      convert::measure_latency(network, other ? &*other : nullptr, options);
  const int threads = network.model ? options.runner.threads : 1;
  if (threads > 1 && other && other->graph) {
    print_error(
        "the float path runs on one thread, so this ratio flatters the .weq file; compare "
        "with --threads 1");
  }
  if (arguments.json) {
    Json out{{"threads", threads},      {"batch", arguments.batch},
             {"isa", result.isa},       {"median_ms", result.ms.median},
             {"p10_ms", result.ms.p10}, {"p90_ms", result.ms.p90},
             {"runs", result.runs}};
    if (other) {
      out["float_median_ms"] = number(result.other_median_ms);
      out["ratio"] = number(result.ratio);
      out["float_threads"] = other->graph ? 1 : threads;
      out["float_isa"] = result.other_isa;
    }
    if (arguments.layers) out["layers"] = layers_json(layers);
    print(out);
    return kDone;
  }
  if (arguments.layers) print_layers(layers);
  Table table({"network", "isa", "threads", "batch", "median ms", "p10", "p90", "runs"});
  table.add({arguments.model, result.isa, std::to_string(threads), std::to_string(arguments.batch),
             fixed(result.ms.median, 3), fixed(result.ms.p10, 3), fixed(result.ms.p90, 3),
             std::to_string(result.runs)});
  if (other) {
    table.add({arguments.against, result.other_isa, std::to_string(other->graph ? 1 : threads),
               std::to_string(arguments.batch), fixed(*result.other_median_ms, 3), "-", "-",
               std::to_string(result.runs)});
  }
  table.print();
  if (other) std::printf("%s times faster (median of pairs)\n", fixed(*result.ratio, 2).c_str());
  return kDone;
}

}  // namespace

void add_bench(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("bench", "Time a network, alone or beside its float network");
  sub->add_option("MODEL", arguments->model, "The network")
      ->type_name("MODEL.(weq|onnx)")
      ->required();
  sub->add_option("--against", arguments->against, "Run this one in between, in the same process")
      ->type_name("FLOAT.onnx");
  arguments->run.add_to(*sub, "Threads in one run (default: 1)");
  sub->add_option("--batch", arguments->batch, "Inputs in one run (default: 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 65536));
  sub->add_option("--seconds", arguments->seconds, "How long to measure each (default: 2)")
      ->type_name("S")
      ->check(CLI::Range(0.0, 3600.0));
  CLI::Option* layers =
      sub->add_flag("--layers", arguments->layers, "Time, kernel and reason of every layer");
  sub->add_option("--tune", arguments->tune,
                  "Time every layer's kernels and write the fastest to FILE, for --tuning")
      ->type_name("FILE")
      ->excludes(layers)
      ->excludes("--against")
      ->excludes("--tuning");
  sub->add_flag("--json", arguments->json,
                "One JSON object on stdout: threads, batch, isa, median_ms, p10_ms, p90_ms; with "
                "--against float_median_ms, ratio");
  arguments->preprocess.add_to(*sub);
  sub->footer(
      "Example:\n  weq bench net.weq --against net.onnx\n"
      "WEQ_FORCE_ISA and WEQ_FORCE_KERNEL choose lower instruction sets and kernels.");
  sub->callback([=] {
    *command = [arguments] { return guarded(arguments->model, [&] { return bench(*arguments); }); };
  });
}

}  // namespace weq::cli
