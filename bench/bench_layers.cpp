// Layers by themselves: ours, with every kernel family that takes them, against oneDNN's f32, f32
// Winograd and int8, alternating in one process.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <dnnl.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/contenders.h"
#include "bench/generated_model.h"
#include "bench/layer_facts.h"
#include "bench/layer_list.h"
#include "bench/peak.h"
#include "bench/rounds.h"
#include "bench/run_guarded.h"
#include "converters/convert.h"
#include "converters/ir/errors.h"
#include "converters/onnx/import.h"
#include "converters/passes/passes.h"
#include "converters/report/latency.h"
#include "engine/runtime/select_conv.h"

namespace weq::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::vector<std::string> files, bits{"4,4"};
  std::string isa, json, only;
  RoundOptions rounds{1, false};
};

// One of our sessions of the layer, or one of oneDNN's networks.
struct Contender {
  std::string name, implementation;
  std::shared_ptr<Ours> ours;
  std::shared_ptr<OnednnNetwork> theirs;
  size_t step = 0;  // the layer among the network's

  double run() {
    return ours != nullptr ? ours->run_timed()[step].milliseconds : theirs->run_timed()[step];
  }
};

Contender own_contender(const std::string& weq, const std::string& isa, const std::string& family,
                        std::string* reason) {
  SessionOptions options;
  options.isa = isa;
  options.kernel = family;
  Contender c;
  c.ours = std::make_shared<Ours>(weq, options);
  const std::vector<LayerTrace> layers = c.ours->session().trace();
  while (layers[c.step].op != "Conv") ++c.step;
  c.name = family.empty() ? "ours" : family;
  c.implementation = layers[c.step].kernel;
  *reason = layers[c.step].reason;
  return c;
}

std::vector<std::string> families() {
  std::vector<std::string> names;
  std::istringstream list(kernel_families());
  for (std::string name; std::getline(list >> std::ws, name, ',');) names.push_back(name);
  return names;
}

// The chosen kernel first, then every family that takes the layer; the reference is too slow to
// wait for.
std::vector<Contender> own_contenders(const std::string& weq, const std::string& isa, Json* row) {
  std::string reason;
  std::vector<Contender> result{own_contender(weq, isa, "", &reason)};
  (*row)["kernel"] = result[0].implementation;
  (*row)["reason"] = reason;
  for (const std::string& family : families()) {
    if (family == "reference") continue;
    Contender c = own_contender(weq, isa, family, &reason);
    if (reason == "forced") result.push_back(std::move(c));
  }
  return result;
}

void add_theirs(const std::string& onnx, std::vector<Contender>* contenders) {
  convert::Graph graph = convert::import_onnx(onnx);
  convert::prepare_for_quantization(graph);
  const std::pair<const char*, Arithmetic> kinds[] = {
      {"onednn_f32", Arithmetic::kFloat},
      {"onednn_winograd", Arithmetic::kFloatWinograd},
      {"onednn_int8", Arithmetic::kInt8}};
  for (const auto& [name, arithmetic] : kinds) {
    Contender c;
    c.name = name;
    try {
      c.theirs = std::make_shared<OnednnNetwork>(graph, arithmetic);
    } catch (const dnnl::error&) {
      continue;  // not of a shape that its Winograd takes
    }
    while (c.theirs->steps()[c.step].macs == 0) ++c.step;
    c.implementation = c.theirs->steps()[c.step].implementation;
    contenders->push_back(std::move(c));
  }
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw convert::ResourceError(path + ": cannot be written");
}

Json describe(const LayerShape& shape, const std::string& bits, const std::string& weq) {
  Json row{{"layer", shape.name}, {"bits", bits}};
  row["shape"] = {{"inputs", shape.inputs},   {"height", shape.height}, {"width", shape.width},
                  {"outputs", shape.outputs}, {"kernel", shape.kernel}, {"stride", shape.stride},
                  {"pad", shape.pad},         {"groups", shape.groups}};
  const LayerFacts facts = layer_facts(weq)[0];
  row["weight_levels"] = {facts.weight_min, facts.weight_max};
  row["input_levels"] = {facts.input_min, facts.input_max};
  row["flush"] = facts.lut_flush3;
  row["flush2"] = facts.lut_flush2;
  row["sum16_flush"] = facts.sum16_flush;
  return row;
}

// `times` of `contenders`, the chosen kernel's first.
void add_times(const std::vector<Contender>& contenders,
               const std::vector<std::vector<double>>& times, Json* row) {
  const Session& session = contenders[0].ours->session();
  const int64_t macs = session.trace()[contenders[0].step].macs;
  const double own = convert::percentiles(times[0]).median;
  kernels::Isa isa = kernels::Isa::kScalar;
  kernels::isa_from_name(session.isa(), &isa);
  (*row)["isa"] = session.isa();
  (*row)["macs"] = macs;
  (*row)["ms"] = own;
  const double peak = peak_macs_per_second(isa);
  if (peak > 0) (*row)["peak_share"] = static_cast<double>(macs) / (own * 1e-3) / peak;
  for (size_t i = 1; i < contenders.size(); ++i) {
    const Ratio ratio = ratio_of(times[i], times[0]);
    (*row)[contenders[i].theirs ? "theirs" : "families"][contenders[i].name] = {
        {"implementation", contenders[i].implementation},
        {"ms", convert::percentiles(times[i]).median},
        {"ratio", ratio.median},
        {"spread", ratio.spread}};
  }
}

Json measure(const LayerShape& shape, const std::string& bits, const Arguments& arguments,
             const ModelCache& cache) {
  const std::string onnx = cache.file("layer.onnx"), weq = cache.file("layer.weq");
  write_file(onnx, layer_network(shape));
  convert_model(onnx, {bits, "", std::nullopt, noise()}, weq);
  Json row = describe(shape, bits, weq);
  std::vector<Contender> contenders = own_contenders(weq, arguments.isa, &row);
  write_file(onnx, bare_layer(shape));
  add_theirs(onnx, &contenders);
  std::vector<TimedRun> runs;
  for (Contender& c : contenders) runs.push_back([&c] { return c.run(); });
  add_times(contenders, run_rounds(runs, arguments.rounds), &row);
  return row;
}

void print_row(const Json& row) {
  const auto ratio = [&](const char* name) {
    const auto theirs = row.at("theirs").find(name);
    return theirs == row.at("theirs").end() ? 0.0 : theirs->at("ratio").get<double>();
  };
  std::printf("%-24s %5s %-26s %9.4f %6.1f%% %8.2f %8.2f %8.2f\n",
              row["layer"].get<std::string>().c_str(), row["bits"].get<std::string>().c_str(),
              row["kernel"].get<std::string>().c_str(), row["ms"].get<double>(),
              100 * row.value("peak_share", 0.0), ratio("onednn_int8"), ratio("onednn_f32"),
              ratio("onednn_winograd"));
  std::fflush(stdout);
}

void run(const Arguments& arguments) {
  for (const std::string& bits : arguments.bits) convert::parse_layer_bits(bits);
  convert::cap_float_isa(arguments.isa);
  omp_set_num_threads(1);
  const ModelCache cache;
  Json rows = Json::array();
  std::printf("%-24s %5s %-26s %9s %7s %8s %8s %8s\n", "layer", "W,A", "kernel", "ms", "of peak",
              "x int8", "x f32", "x wino");
  for (const std::string& file : arguments.files) {
    for (const LayerShape& shape : read_layers(file)) {
      if (shape.name.find(arguments.only) == std::string::npos) continue;
      for (const std::string& bits : arguments.bits) {
        rows.push_back(measure(shape, bits, arguments, cache));
        print_row(rows.back());
      }
    }
  }
  if (!arguments.json.empty()) write_file(arguments.json, rows.dump(1) + "\n");
}

void add_options(CLI::App* app, Arguments* arguments) {
  app->add_option("shapes", arguments->files, "Files of layer shapes, such as bench/shapes/*.txt")
      ->required();
  app->add_option("--bits", arguments->bits, "W,A: 4,4 or 3L,2 (default: 4,4)")
      ->type_name("W,A")
      ->allow_extra_args(false);
  app->add_option("--only", arguments->only, "Layers whose name holds this")->type_name("TEXT");
  app->add_option("--isa", arguments->isa, "Cap the instruction set of both sides")
      ->type_name("NAME");
  app->add_option("--seconds", arguments->rounds.seconds, "How long to measure a row (default: 1)")
      ->check(CLI::Range(0.0, 3600.0));
  app->add_flag("--cold", arguments->rounds.cold, "Displace the caches before every run");
  app->add_option("--json", arguments->json, "Write a list of all rows")->type_name("FILE");
}

}  // namespace
}  // namespace weq::bench

int main(int argc, char** argv) {
  using namespace weq::bench;
  CLI::App app("Layers against oneDNN, alternating in one process", "bench_layers");
  Arguments arguments;
  add_options(&app, &arguments);
  return run_guarded(&app, argc, argv, [&] { run(arguments); });
}
