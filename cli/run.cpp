#include <algorithm>
#include <numeric>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/tensors.h"
#include "converters/ir/errors.h"
#include "converters/report/latency.h"

namespace weq::cli {
namespace {

using convert::Tensor;

struct Arguments {
  std::string model, output_dir;
  std::vector<std::string> inputs, assignments;
  PreprocessFlags preprocess;
  RunFlags run;
  int top = 5;
  bool json = false;
};

// One score a class: a vector, whatever axes of length 1 stand around it.
bool is_scores(const Tensor& output) {
  const auto longer =
      std::count_if(output.shape.begin(), output.shape.end(), [](int64_t dim) { return dim > 1; });
  return longer == 1 && output.dtype == convert::DType::kFloat;
}

std::vector<size_t> best_classes(const Tensor& output, int count) {
  std::vector<size_t> order(output.f.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return output.f[a] > output.f[b]; });
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  return order;
}

Json output_json(const std::string& name, const Tensor& output, int top) {
  Json json{{"name", name}, {"shape", output.shape}};
  if (!is_scores(output)) return json;
  json["top"] = Json::array();
  for (const size_t index : best_classes(output, top)) {
    json["top"].push_back(Json{{"class", index}, {"score", number(output.f[index])}});
  }
  return json;
}

void print_output(const std::string& input, const std::string& name, const Tensor& output,
                  int top) {
  if (!is_scores(output)) {
    std::printf("%s: %s %s\n", input.c_str(), name.c_str(),
                convert::to_string(output.shape).c_str());
    return;
  }
  std::printf("%s\n", input.c_str());
  Table table({"  class", "score"});
  for (const size_t index : best_classes(output, top)) {
    table.add({std::to_string(index), fixed(output.f[index], 4)});
  }
  table.print();
}

// Images and arrays of records, one after another.
int run_records(const Arguments& arguments, const convert::Network& network) {
  convert::require_single_input(network);
  convert::RunnerOptions options;
  options.threads = std::max(arguments.run.threads, 1);
  options.isa = arguments.run.isa;
  options.tuning = arguments.run.tuning_text(network);
  const auto runner = convert::make_runner(network, options);
  Json results = Json::array();
  for (const std::string& path : arguments.inputs) {
    convert::SourceOptions source;
    source.path = path;
    const auto data = convert::open_source(source, network.preprocess, network.input_shape(0));
    for (int64_t record = 0; record < data->size(); ++record) {
      runner->run(data->read(record));
      const std::string label =
          data->size() == 1 ? path : path + " record " + std::to_string(record);
      Json outputs = Json::array();
      for (size_t o = 0; o < runner->output_count(); ++o) {
        if (arguments.json) {
          outputs.push_back(output_json(runner->output_name(o), runner->output(o), arguments.top));
        } else {
          print_output(label, runner->output_name(o), runner->output(o), arguments.top);
        }
      }
      if (!arguments.json) continue;
      results.push_back(Json{{"input", path}, {"record", record}, {"outputs", outputs}});
    }
  }
  if (arguments.json) print(Json{{"results", results}});
  return kDone;
}

int run_network(const Arguments& arguments) {
  const bool whole_tensors = !arguments.output_dir.empty();
  if (whole_tensors && !arguments.inputs.empty()) {
    throw convert::UsageError("--output-dir goes with --input NAME=X.npy, not with records");
  }
  if (!whole_tensors && !arguments.assignments.empty()) {
    throw convert::UsageError("--input needs --output-dir DIR, where outputs are written");
  }
  if (!whole_tensors && arguments.inputs.empty()) {
    throw convert::UsageError(
        "give images or .npy files to classify, or --input NAME=X.npy for "
        "each input with --output-dir DIR; see weq run --help");
  }
  convert::cap_float_isa(arguments.run.isa);
  const convert::Network network = open_with(arguments.model, arguments.preprocess, arguments.run);
  if (!whole_tensors) return run_records(arguments, network);
  convert::RunnerOptions options;
  options.threads = std::max(arguments.run.threads, 1);
  options.isa = arguments.run.isa;
  options.tuning = arguments.run.tuning_text(network);
  const std::vector<std::string> written =
      run_tensors(network, arguments.assignments, arguments.output_dir, options);
  if (arguments.json) {
    print(Json{{"written", written}});
  } else {
    for (const std::string& path : written) std::printf("%s\n", path.c_str());
  }
  return kDone;
}

}  // namespace

void add_run(CLI::App& app, Command* command) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* sub = app.add_subcommand("run", "Run a network on images or arrays");
  sub->add_option("MODEL", arguments->model, "The network")
      ->type_name("MODEL.(weq|onnx)")
      ->required();
  sub->add_option("INPUT", arguments->inputs, "Images or .npy files of records")
      ->type_name("INPUT...");
  sub->add_option("--top", arguments->top, "How many classes to print (default: 5)")
      ->type_name("K")
      ->check(CLI::Range(1, 1000000));
  sub->add_option("--input", arguments->assignments,
                  "A whole tensor for one graph input, batch included; may be repeated")
      ->type_name("NAME=X.npy")
      ->allow_extra_args(false);
  sub->add_option("--output-dir", arguments->output_dir, "Where NAME.npy of each output goes")
      ->type_name("DIR");
  arguments->run.add_to(*sub, "Threads in one run (default: 1)");
  sub->add_flag("--json", arguments->json, "One JSON object on stdout");
  arguments->preprocess.add_to(*sub);
  sub->footer(
      "Example:\n  weq run net.weq cat.jpg dog.png --top 3\n"
      "  weq run net.onnx --input x=x.npy --output-dir out/");
  sub->callback([=] {
    *command = [arguments] {
      return guarded(arguments->model, [&] { return run_network(*arguments); });
    };
  });
}

}  // namespace weq::cli
