// Whole networks, ours against oneDNN's f32 and int8, alternating in one process.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/generated_model.h"
#include "bench/network_report.h"
#include "bench/networks/list.h"
#include "bench/run_guarded.h"
#include "converters/convert.h"
#include "converters/data/file_bytes.h"
#include "converters/ir/errors.h"
#include "converters/report/latency.h"

namespace weq::bench {
namespace {

struct Arguments {
  std::vector<std::string> networks, bits{"4,4"};
  std::string model, against, json, tuning;
  bool layers = false;
  NetworkJob common;
};

void require_bits(const std::string& bits) {
  try {
    convert::parse_layer_bits(bits);
  } catch (const convert::ConvertError& error) {
    throw convert::UsageError("--bits " + std::string(error.what()));
  }
}

std::vector<NetworkJob> generated_jobs(const Arguments& arguments) {
  for (const std::string& bits : arguments.bits) require_bits(bits);
  const ModelCache cache;
  std::vector<NetworkJob> jobs;
  for (const std::string& network :
       arguments.networks.empty() ? all_networks() : arguments.networks) {
    for (const std::string& bits : arguments.bits) {
      NetworkJob job = arguments.common;
      job.network = network;
      job.weights = bits.substr(0, bits.find(','));
      job.activations = bits.substr(bits.find(',') + 1);
      job.onnx = cache.onnx(network);
      job.weq = cache.weq(network, bits);
      jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

std::vector<NetworkJob> jobs_of(const Arguments& arguments) {
  if (arguments.model.empty() != arguments.against.empty())
    throw convert::UsageError("--model and --against go together");
  if (arguments.model.empty() && !arguments.tuning.empty())
    throw convert::UsageError("--tuning goes with --model");
  if (arguments.model.empty()) return generated_jobs(arguments);
  NetworkJob job = arguments.common;
  job.network = std::filesystem::path(arguments.model).stem().string();
  job.weq = arguments.model;
  job.onnx = arguments.against;
  if (!arguments.tuning.empty()) {
    const std::vector<uint8_t> text = convert::read_file(arguments.tuning);
    job.tuning.assign(text.begin(), text.end());
  }
  return {job};
}

void write_json(const std::string& path, const std::vector<NetworkRow>& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const NetworkRow& row : rows) out.push_back(to_json(row));
  std::ofstream file(path);
  file << out.dump(1) << "\n";
  if (!file.flush()) throw convert::ResourceError(path + ": cannot be written");
}

void run(const Arguments& arguments) {
  std::vector<NetworkRow> rows;
  const std::vector<NetworkJob> jobs = jobs_of(arguments);
  convert::cap_float_isa(arguments.common.isa);
  for (const NetworkJob& job : jobs) rows.push_back(measure_network(job));
  print_table(rows);
  if (arguments.layers)
    for (const NetworkRow& row : rows) print_layers(row);
  if (!arguments.json.empty()) write_json(arguments.json, rows);
}

void add_options(CLI::App* app, Arguments* arguments) {
  app->add_option("--network", arguments->networks, "Generated networks (default: all)")
      ->allow_extra_args(false);
  app->add_option("--bits", arguments->bits,
                  "W,A of all layers but the first and last: 4,4 or 3L,2 (default: 4,4)")
      ->type_name("W,A")
      ->allow_extra_args(false);
  app->add_option("--model", arguments->model, "A converted network instead")->type_name("F.weq");
  app->add_option("--against", arguments->against, "Its float network")->type_name("F.onnx");
  app->add_option("--tuning", arguments->tuning,
                  "Kernels by layer, by weq bench --tune; of --model")
      ->type_name("FILE");
  app->add_option("--isa", arguments->common.isa, "Cap the instruction set of both sides")
      ->type_name("NAME");
  app->add_option("--threads", arguments->common.threads, "Threads on both sides (default: 1)")
      ->check(CLI::Range(1, 1024));
  app->add_option("--seconds", arguments->common.rounds.seconds,
                  "How long to measure each row (default: 6)")
      ->check(CLI::Range(0.0, 3600.0));
  app->add_flag("--cold", arguments->common.cold,
                "Measure with cold caches too, and report it apart");
  app->add_flag("--layers", arguments->layers, "Layer by layer as text; --json has them always");
  app->add_option("--json", arguments->json, "Write a list of all rows")->type_name("FILE");
}

}  // namespace
}  // namespace weq::bench

int main(int argc, char** argv) {
  using namespace weq::bench;
  CLI::App app("Whole networks against oneDNN, alternating in one process", "bench_networks");
  Arguments arguments;
  add_options(&app, &arguments);
  return run_guarded(&app, argc, argv, [&] { run(arguments); });
}
